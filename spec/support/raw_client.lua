--- Requests to a sandbox by the curl command, without the client under test, and what is expected of the answers.
local assert = require "luassert"
local curl = require "spec.support.curl"
local sandbox = require "exotel.sandbox"

local raw_client = {}

raw_client.null = curl.null
raw_client.JSON = "Content-Type: application/json"

local sb

--- Starts the sandbox to which all requests go from then on, and stops the one before. → the sandbox
function raw_client.start(options)
  raw_client.stop()
  sb = assert(sandbox.start(options))
  return sb
end

--- For after_each.
function raw_client.stop()
  if sb then sb:stop() end
  sb = nil
end

--- The URL of a path, which may leave out /v2/accounts/<account_sid>.
function raw_client.url(path)
  if path:find("^/v2") then return sb.base_url .. path end
  return sb.base_url .. "/v2/accounts/" .. sb.account_sid .. path
end

--- Options of curl.request with the sandbox's credentials.
function raw_client.options_of(method, body)
  return {
    method = method, body = body, ca_file = sb.ca_file, user = sb.api_key .. ":" .. sb.api_token,
    headers = body and { raw_client.JSON } or nil,
  }
end

--- → as curl.request
function raw_client.request(method, path, body)
  return curl.request(raw_client.url(path), raw_client.options_of(method, body))
end

--- The data of an answer with one item, which has to be a success.
function raw_client.data_of(reply)
  assert.equal(200, reply.status, reply.body)
  assert.equal("success", reply.json.response.status, reply.body)
  return reply.json.response.data
end

--- → the data of a new trunk
function raw_client.create_trunk(name)
  local body = '{"trunk_name":"%s","nso_code":"ANY-ANY","domain_name":"sandbox1.pstn.exotel.com"}'
  return raw_client.data_of(raw_client.request("POST", "/trunks", body:format(name or "trunk_1")))
end

--- → the path of a new trunk, and its sid
function raw_client.new_trunk(name)
  local sid = raw_client.create_trunk(name).trunk_sid
  return "/trunks/" .. sid, sid
end

--- Fails unless an answer refuses its request with this HTTP status and code, and these words in the description.
function raw_client.assert_refused(reply, status, code, words)
  assert.equal(status, reply.status, reply.body)
  assert.equal(status, reply.json.http_code)
  local item = reply.json.response
  assert.equal(code == 1008 and 409 or status, item.code)
  assert.equal("failure", item.status)
  assert.equal(curl.null, item.data)
  assert.equal(code, item.error_data.code)
  assert.is_string(item.error_data.message)
  if words then assert.truthy(item.error_data.description:find(words, 1, true), item.error_data.description) end
end

--- Fails unless the keys are there, in this order.
function raw_client.keys_in_order(body, keys)
  local position = 1
  for _, key in ipairs(keys) do
    position = body:find('"' .. key .. '":', position, true)
    assert.truthy(position, key .. " is missing or out of order in " .. body)
  end
end

return raw_client
