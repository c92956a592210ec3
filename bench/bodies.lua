--- What the bench's server answers: texts of the service's shape, with its line ends.
local bodies = {}

local MAPPED = [[
{
"request_id": "13ab9319cf574486ba299c364f82cade",
"method": "POST",
"http_code": 200,
"response": {
"code": 200,
"error_data": null,
"status": "success",
"data": {
"id": "41512",
"phone_number": "+919876543210",
"trunk_sid": "trmum1f708622631150902801a1n",
"date_created": "2026-01-23T10:26:54Z",
"date_updated": "2026-01-23T10:26:54Z",
"mode": "pstn"
}
}
}
]]

local HEAD = [[
{
"request_id": "785471d288054cbf8c677b75e0b5f2f8",
"method": "GET",
"http_code": 200,
"metadata": {
"page_size": %d,
"first_page_uri": "/v2/accounts/bench/trunks/trlist/phone-numbers?offset=0&page_size=%d",
"prev_page_uri": null,
"next_page_uri": null
},
"response": [
]]

-- The id as a number: the costlier of the two ways in which it may come.
local ITEM = [[
{
"code": 200,
"error_data": null,
"status": "success",
"data": {
"id": %d,
"phone_number": "+9198765%05d",
"trunk_sid": "trmum1f708622631150902801a1n",
"date_created": "2026-01-23T13:28:11Z",
"date_updated": "2026-01-23T13:41:59Z",
"mode": "flow"
}
}]]

function bodies.mapped() return MAPPED end

--- → a page with this many phone numbers
function bodies.page(count)
  local items = {}
  for i = 1, count do items[i] = ITEM:format(41511 + i, i % 100000) end
  return HEAD:format(count, count) .. table.concat(items, ",\n") .. "\n]\n}\n"
end

return bodies
