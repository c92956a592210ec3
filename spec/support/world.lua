--- A sandbox of its own and a client for a test: nothing that one test does can be seen by another.
local exotel = require "exotel"
local json = require "exotel.sandbox.json"
local sandbox = require "exotel.sandbox"

local World = {}
World.__index = World

local world = {}

--- world.new([sandbox options [, client options]]) → { sb, client }. The client never repeats a request unless told to,
-- and doesn't wait for what is not there yet.
function world.new(sandbox_options, client_options)
  local options = { retries = 0, settle_wait = 0 }
  for name, value in pairs(client_options or {}) do options[name] = value end
  local sb = assert(sandbox.start(sandbox_options))
  return setmetatable({ sb = sb, client = assert(sb:client(options)) }, World)
end

--- Stops it all; for after_each.
function World:close()
  self.client:close()
  self.sb:stop()
end

--- Makes a trunk that is not among the requests counted. → its trunk_sid
function World:trunk(trunk_name)
  local data = assert(self.client:create_trunk { trunk_name = trunk_name or "outbound_trunk" })
  self.sb:reset_requests()
  return data.trunk_sid
end

--- The one request received; fails when there was another number of them.
function World:request()
  local requests = self.sb:requests()
  if #requests ~= 1 then error("1 request expected, not " .. #requests, 2) end
  return requests[1]
end

--- The operations requested, oldest first, in one line: "list_trunks create_trunk".
function World:operations()
  local names = {}
  for i, request in ipairs(self.sb:requests()) do names[i] = request.operation or "?" end
  return table.concat(names, " ")
end

--- The requests that could have changed something, in one line.
function World:writes()
  local names = {}
  for _, request in ipairs(self.sb:requests()) do
    if request.method ~= "GET" then names[#names + 1] = request.operation or "?" end
  end
  return table.concat(names, " ")
end

--- Answers the next request for an operation with exactly these bytes.
function World:answer(operation, body, status, headers)
  self.sb:fault { on = operation, status = status or 200, body = body, headers = headers }
end

-- Plain tables and exotel.null, so that luassert tells {} from null.
local function plain(value)
  if value == json.null then return exotel.null end
  if type(value) ~= "table" then return value end
  local copy = {}
  for key, item in pairs(value) do copy[key] = plain(item) end
  return copy
end

--- The value that a JSON text stands for, null as exotel.null. Read by the sandbox's parser, not the client's.
function world.decode(text)
  local value, message = json.decode(text)
  if message then error("no JSON: " .. message .. ": " .. text, 2) end
  return plain(value)
end

return world
