--- The addresses from which a trunk accepts calls.

local collection = require "exotel.sandbox.collection"
local ids = require "exotel.sandbox.ids"
local paging = require "exotel.sandbox.paging"
local problem = require "exotel.sandbox.problem"
local rules = require "exotel.sandbox.rules"
local shapes = require "exotel.sandbox.shapes"

local whitelisted_ips = {}

-- A trunk has one ip and mask at most once (V); another trunk may have it too.
local function check_new(call, ip, mask, except)
  if call.ways.duplicates == "made" then return nil end
  if collection.match(call.trunk.ips, { ip = ip, mask = mask }, except) then
    return problem.new(1008, ("Ip %s with Mask %d is whitelisted already"):format(ip, mask))
  end
end

function whitelisted_ips.whitelist_ip(state, call)
  local values, refusal = rules.read(call.body, call.ways, { "ip" }, { "mask" })
  local mask = values and values.mask or 32
  refusal = refusal or check_new(call, values.ip, mask)
  if refusal then return "problem", refusal end
  local entry = {
    id = ids.next(state.counters, "whitelisted_ip"), ip = values.ip, mask = mask,
    trunk_sid = call.trunk.fields.trunk_sid, date_created = call.now, date_updated = call.now,
  }
  call.trunk.ips[#call.trunk.ips + 1] = entry
  return "item", shapes.whitelisted_ip(entry)
end

function whitelisted_ips.list_whitelisted_ips(state, call)
  local page, refusal = paging.cut(call.trunk.ips, call.query, shapes.whitelisted_ip, state.page_size)
  if not page then return "problem", refusal end
  return "page", page
end

-- V. That the ip is mandatory and a mask left out stays as it was is this sandbox's reading.
function whitelisted_ips.update_whitelisted_ip(_, call)
  local entry, refusal = collection.find(call.trunk.ips, call.id)
  if not entry then return "problem", refusal end
  local values
  values, refusal = rules.read(call.body, call.ways, { "ip" }, { "mask" })
  refusal = refusal or check_new(call, values.ip, values.mask or entry.mask, entry)
  if refusal then return "problem", refusal end
  return "item", shapes.whitelisted_ip(collection.update(entry, values, call.now))
end

-- V
function whitelisted_ips.remove_whitelisted_ip(_, call)
  local entry, refusal = collection.remove(call.trunk.ips, call.query)
  if not entry then return "problem", refusal end
  return "item", shapes.whitelisted_ip(entry)
end

return whitelisted_ips
