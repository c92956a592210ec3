--- Telephone numbers mapped to a trunk, and the look-up of a number's trunk.

local collection = require "exotel.sandbox.collection"
local ids = require "exotel.sandbox.ids"
local number_index = require "exotel.sandbox.number_index"
local paging = require "exotel.sandbox.paging"
local problem = require "exotel.sandbox.problem"
local routes = require "exotel.sandbox.routes"
local rules = require "exotel.sandbox.rules"
local shapes = require "exotel.sandbox.shapes"

local phone_numbers = {}

-- A number is mapped once, be it to this trunk or to another (V). One that isn't the account's is not found.
local function check_number(state, call, number)
  if state.owned and not state.owned[number] then return problem.new(1000) end
  if call.ways.duplicates ~= "made" and number_index.find(state.mapped, number) then
    return problem.new(1008, "PhoneNumber " .. number .. " is mapped already")
  end
end

function phone_numbers.map_phone_number(state, call)
  local values, refusal = rules.read(call.body, call.ways, { "phone_number" }, { "mode" })
  refusal = refusal or check_number(state, call, values.phone_number)
  if refusal then return "problem", refusal end
  local number = {
    id = ids.next(state.counters, "phone_number"), phone_number = values.phone_number, mode = values.mode,
    trunk_sid = call.trunk.fields.trunk_sid, date_created = call.now, date_updated = call.now,
  }
  call.trunk.numbers[#call.trunk.numbers + 1] = number
  number_index.add(state.mapped, number)
  return "item", shapes.phone_number(number)
end

function phone_numbers.list_phone_numbers(state, call)
  local page, refusal = paging.cut(call.trunk.numbers, call.query, shapes.phone_number, state.page_size)
  if not page then return "problem", refusal end
  return "page", page
end

-- The number must be the one that has the id (S).
function phone_numbers.update_phone_number(_, call)
  local number, refusal = collection.find(call.trunk.numbers, call.id)
  if not number then return "problem", refusal end
  local values
  values, refusal = rules.read(call.body, call.ways, { "phone_number", "mode" })
  if values and values.phone_number ~= number.phone_number then
    refusal = problem.new(1002, "PhoneNumber does not match the id")
  end
  if refusal then return "problem", refusal end
  return "item", shapes.phone_number(collection.update(number, values, call.now))
end

-- V
function phone_numbers.unmap_phone_number(state, call)
  local number, refusal = collection.remove(call.trunk.numbers, call.query)
  if not number then return "problem", refusal end
  number_index.remove(state.mapped, number)
  return "item", shapes.phone_number(number)
end

local function show_map(number)
  return shapes.trunk_map({
    exophone = number.phone_number, trunk_sid = number.trunk_sid, mode = number.mode,
    date_created = number.date_created, date_updated = number.date_updated,
  })
end

local function maps_of(state, exophone, trunk_sid)
  local found = {}
  for _, number in ipairs(number_index.find(state.mapped, exophone) or {}) do
    if not trunk_sid or number.trunk_sid == trunk_sid then found[#found + 1] = number end
  end
  return found
end

-- V. Neither the fields of a map nor the answer for a number without one is documented: this sandbox shows the fields
-- of the mapping, and an empty list where there is none.
function phone_numbers.find_trunk_map(state, call)
  local exophone, trunk_sid = call.query.exophone, call.query.trunk_sid
  if (exophone or "") == "" then return "problem", problem.new(1001, "Exophone is mandatory") end
  if not rules.is_e164(exophone) then return "problem", problem.new(1002, "Invalid Exophone") end
  local filter = "exophone=" .. routes.encode(exophone)
  if trunk_sid then filter = filter .. "&trunk_sid=" .. routes.encode(trunk_sid) end
  local page, refusal = paging.cut(maps_of(state, exophone, trunk_sid), call.query, show_map, state.page_size, filter)
  if not page then return "problem", refusal end
  return "page", page
end

return phone_numbers
