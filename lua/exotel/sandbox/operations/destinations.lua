--- Where a trunk's incoming calls are sent.

local collection = require "exotel.sandbox.collection"
local ids = require "exotel.sandbox.ids"
local paging = require "exotel.sandbox.paging"
local problem = require "exotel.sandbox.problem"
local rules = require "exotel.sandbox.rules"
local shapes = require "exotel.sandbox.shapes"

local destinations = {}

local function is_whitelisted(trunk, address)
  for _, entry in ipairs(trunk.ips) do
    local block, whitelisted = 2 ^ (32 - entry.mask), rules.ipv4(entry.ip)
    if whitelisted and math.floor(address / block) == math.floor(whitelisted / block) then return true end
  end
  return false
end

-- An IP must be whitelisted on the trunk first; an FQDN need not be (V).
local function check_whitelist(trunk, text)
  local read = rules.read_destination(text) -- nil only where a test has this field not checked
  local address = read and read.ip
  if address and not is_whitelisted(trunk, address) then return problem.new(1002, "Destination not whitelisted") end
end

-- Unless a test has it otherwise, what is already there is appended again, and is no duplicate (L).
local function add_again(call, existing)
  if call.ways.repeated_destinations == "merged" then return { data = shapes.destination(existing) } end
  return { problem = problem.new(1008, "Destination exists already") }
end

-- The answer has `sip:` before what was sent (S).
local function add(state, call, text)
  local destination = {
    id = ids.next(state.counters, "destination"), destination = "sip:" .. text, type = "public", priority = 0,
    weight = 1, trunk_sid = call.trunk.fields.trunk_sid, date_created = call.now, date_updated = call.now,
  }
  call.trunk.destinations[#call.trunk.destinations + 1] = destination
  return { data = shapes.destination(destination) }
end

local function add_item(state, call, item)
  local values, refusal = rules.read(item, call.ways, { "destination" })
  refusal = refusal or call.ways.whitelist_first and check_whitelist(call.trunk, values.destination)
  if refusal then return { problem = refusal } end
  local existing = call.ways.repeated_destinations ~= "appended"
    and collection.match(call.trunk.destinations, { destination = "sip:" .. values.destination })
  if existing then return add_again(call, existing) end
  return add(state, call, values.destination)
end

function destinations.add_destinations(state, call)
  local items, refusal = rules.read_items(call.body, call.ways, "destinations", "Destinations", { "destination" })
  if not items then return "problem", refusal end
  local results = {}
  for i, item in ipairs(items) do results[i] = add_item(state, call, item) end
  return "batch", { results = results }
end

function destinations.list_destinations(state, call)
  local page, refusal = paging.cut(call.trunk.destinations, call.query, shapes.destination, state.page_size)
  if not page then return "problem", refusal end
  return "page", page
end

-- V
function destinations.update_destination(_, call)
  local destination, refusal = collection.find(call.trunk.destinations, call.id)
  if not destination then return "problem", refusal end
  local values
  values, refusal = rules.read_any(call.body, call.ways, { "priority", "weight" })
  if not values then return "problem", refusal end
  return "item", shapes.destination(collection.update(destination, values, call.now))
end

-- V
function destinations.remove_destination(_, call)
  local destination, refusal = collection.remove(call.trunk.destinations, call.query)
  if not destination then return "problem", refusal end
  return "item", shapes.destination(destination)
end

return destinations
