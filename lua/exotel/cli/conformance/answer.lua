--- What the service answered, as far as a judgement looks at it: nothing of what the client makes uniform.
local json = require "exotel.json"
local redact = require "exotel.cli.conformance.redact"

local M = {}

local function is_table(value) return type(value) == "table" end

local function headers_of(text)
  local headers = {}
  for name, value in text:gmatch("\n([^:\r\n]+):%s*([^\r\n]*)") do headers[name:lower()] = value end
  return headers
end

-- The shapes that the vendor's pages have, besides the envelope.
local function shape_of(body, decoded)
  if body:find("^%s*$") then return "empty" end
  if not is_table(decoded) then return "no JSON" end
  if is_table(decoded.RestException) then return "RestException" end
  if is_table(decoded.response) and is_table(decoded.response.error) then return "response.error" end
  if is_table(decoded.response) then return "envelope" end
  if decoded.details then return "error and details" end
  return decoded.error and "flat error" or "other JSON"
end

local function item_of(object)
  local said = is_table(object.error_data) and object.error_data or {}
  return {
    code = object.code, data = object.data, error = said.code, message = said.message,
    ok = object.code == 200 and object.status == "success",
  }
end

-- By shape: what it says of a failure.
local failures = {
  RestException = function(decoded) return decoded.RestException.Code, decoded.RestException.Message end,
  ["response.error"] = function(decoded) return decoded.response.error.code, decoded.response.error.message end,
  ["error and details"] = function(decoded) return nil, decoded.error end,
  ["flat error"] = function(decoded) return decoded.code, decoded.message or decoded.error end,
}

local function read_failure(seen, decoded)
  local read = failures[seen.shape]
  if not read then return end
  local code, message = read(decoded)
  seen.error, seen.message = tonumber(code) or code, message
end

-- `response` is an object, or an array of them.
local function read_envelope(seen, decoded)
  local response = decoded.response
  seen.metadata, seen.items = decoded.metadata, {}
  if response.code == nil then
    for i, object in ipairs(response) do seen.items[i] = item_of(is_table(object) and object or {}) end
    seen.is_list = true
  else
    local item = item_of(response)
    seen.code, seen.data, seen.error, seen.message = item.code, item.data, item.error, item.message
    seen.items[1] = item
  end
end

local function all_good(seen)
  if not seen.status or seen.status >= 300 or seen.shape ~= "envelope" then return false end
  for _, item in ipairs(seen.items) do
    if not item.ok then return false end
  end
  return true
end

--- answer.read(operation, info) → what was seen. `info`: the call's info or error, with the answer as it came. Fields:
-- `operation`; without an answer only `failure`, why. `status` of HTTP, `headers` by lower-case name, `body`, `shape`,
-- `server_time`; of an envelope `code`, `error`, `message` and `data` of its item, or `items` (each with these) where
-- `is_list`; `ok`, whether it says that all was done.
function M.read(operation, info)
  local seen = { operation = operation, server_time = info.server_time }
  if not info.answer then
    seen.failure = info.kind
    return seen
  end
  local body = info.answer.body
  local decoded = json.decode(body)
  seen.status, seen.body, seen.headers = info.answer.status, body, headers_of(info.answer.headers)
  seen.shape = shape_of(body, decoded)
  if seen.shape == "envelope" then read_envelope(seen, decoded) else read_failure(seen, decoded) end
  seen.ok = all_good(seen)
  return seen
end

--- Whether it says anything about what was asked: a fault of the service, the rate limit and a refused key do not.
function M.tells(seen)
  return seen.status ~= nil and seen.status < 500 and seen.status ~= 429 and seen.status ~= 401 and seen.status ~= 402
end

-- One that is longer is a sentence.
local LONGEST_CODE = 40

-- ", error 1008 (Duplicate resource)", or as much of it as there is.
local function failure_text(item, private)
  local text = item.error ~= nil and ", error " .. redact.text(tostring(item.error), private):sub(1, LONGEST_CODE) or ""
  if item.message == nil then return text end
  return ("%s (%s)"):format(text, redact.text(tostring(item.message), private))
end

local function item_text(item, private)
  return "code " .. tostring(tonumber(item.code)) .. failure_text(item, private)
end

local function failed_items(seen, private)
  local parts = {}
  for i, item in ipairs(seen.items) do parts[i] = ("%d: %s"):format(i, item_text(item, private)) end
  return table.concat(parts, "; ")
end

--- In words, with nothing that identifies. `private`: what is to be left out, as redact has it.
function M.describe(seen, private)
  if not seen.status then return "no answer (" .. tostring(seen.failure) .. ")" end
  local http = "HTTP " .. seen.status
  if seen.shape ~= "envelope" then return ("%s, %s%s"):format(http, seen.shape, failure_text(seen, private)) end
  if not seen.is_list then return http .. ", " .. item_text(seen, private) end
  return seen.ok and ("%s, a list of %d"):format(http, #seen.items) or http .. ", " .. failed_items(seen, private)
end

return M
