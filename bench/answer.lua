--- What the bench's programs in Lua look at in an answer, as bench/plain.c does.
local cjson = require "cjson"

local function read_item(item)
  assert(item.code == 200 and item.status == "success")
  assert(item.data.phone_number:find("+", 1, true) == 1 and item.data.id and item.data.trunk_sid)
end

--- read_answer(text): of one phone number or of a list; raises when it is none.
return function(text)
  local answer = cjson.decode(text)
  assert(answer.http_code == 200 and answer.request_id)
  local response = answer.response
  if response.code then return read_item(response) end
  for _, item in ipairs(response) do read_item(item) end
end
