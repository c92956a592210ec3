--- A trunk with one number, a client that repeats twice without waiting, and a call of each HTTP method.
local world = require "spec.support.world"

local retries = { methods = { "GET", "POST", "PUT", "DELETE" } }

local E164 = "+919876543210"
local OPERATIONS = { GET = "get_trunk", POST = "whitelist_ip", PUT = "update_phone_number", DELETE = "unmap_phone_number" }

-- Each takes the options of its call.
local function new_calls(t)
  return {
    GET = function(...) return t.w.client:get_trunk({ trunk_sid = t.sid }, ...) end,
    POST = function(...) return t.w.client:whitelist_ip({ trunk_sid = t.sid, ip = "192.0.2.1" }, ...) end,
    PUT = function(...)
      return t.w.client:update_phone_number({ trunk_sid = t.sid, id = t.id, phone_number = E164, mode = "flow" }, ...)
    end,
    DELETE = function(...) return t.w.client:unmap_phone_number({ trunk_sid = t.sid, id = t.id }, ...) end,
  }
end

--- retries.new() → { w, sid and id (the trunk's and the number's), calls }. Close `w` after the test.
function retries.new()
  local w = world.new(nil, { retries = 2, backoff = 0 })
  local t = { w = w, sid = w:trunk() }
  t.id = assert(w.client:map_phone_number { trunk_sid = t.sid, phone_number = E164 }).id
  t.calls = new_calls(t)
  w.sb:reset_requests()
  return t
end

--- retries.spoil(w, method, how [, times]): the next `times` requests of a method fail in this way.
function retries.spoil(w, method, how, times)
  local fault = { before = OPERATIONS[method], times = times }
  for key, value in pairs(how) do fault[key] = value end
  if fault.cut or fault.delay then fault.before, fault.on = nil, fault.before end
  w.sb:fault(fault)
end

return retries
