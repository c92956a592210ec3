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

local URI = '"/v2/accounts/bench/trunks/trlist/phone-numbers?offset=%d&page_size=%d"'

local HEAD = [[
{
"request_id": "785471d288054cbf8c677b75e0b5f2f8",
"method": "GET",
"http_code": 200,
"metadata": {
"page_size": %d,
"first_page_uri": %s,
"prev_page_uri": null,
"next_page_uri": %s
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

--- → a page of a list of phone numbers: `count` of them after the first `offset`. `last`: no other page follows
function bodies.page(offset, count, last)
  local items = {}
  for i = 1, count do items[i] = ITEM:format(41511 + offset + i, (offset + i) % 100000) end
  local next_uri = last and "null" or URI:format(offset + count, count)
  return HEAD:format(count, URI:format(0, count), next_uri) .. table.concat(items, ",\n") .. "\n]\n}\n"
end

--- → the page of a list of `total` phone numbers that begins at `offset`, with `page_size` at most
function bodies.part(total, offset, page_size)
  local left = total - offset
  return bodies.page(offset, math.min(page_size, left), page_size >= left)
end

return bodies
