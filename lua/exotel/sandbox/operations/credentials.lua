--- SIP digest credentials of a trunk. All of it: V.

local collection = require "exotel.sandbox.collection"
local ids = require "exotel.sandbox.ids"
local paging = require "exotel.sandbox.paging"
local problem = require "exotel.sandbox.problem"
local routes = require "exotel.sandbox.routes"
local rules = require "exotel.sandbox.rules"
local shapes = require "exotel.sandbox.shapes"

local credentials = {}

local function check_user(call, user_name, except)
  if call.ways.duplicates == "made" then return nil end
  if user_name and collection.match(call.trunk.credentials, { user_name = user_name }, except) then
    return problem.new(1008, "UserName " .. user_name .. " is taken")
  end
end

function credentials.create_credential(state, call)
  local values, refusal = rules.read(call.body, call.ways, { "user_name", "password" }, { "friendly_name" })
  refusal = refusal or check_user(call, values.user_name)
  if refusal then return "problem", refusal end
  values.id = ids.next(state.counters, "credential")
  values.trunk_sid = call.trunk.fields.trunk_sid
  values.date_created, values.date_updated = call.now, call.now
  call.trunk.credentials[#call.trunk.credentials + 1] = values
  return "item", shapes.credential(values)
end

local function only(trunk, id)
  return { (collection.find(trunk.credentials, id)) }
end

function credentials.list_credentials(state, call)
  local id = call.query.id
  local found = id and only(call.trunk, id) or call.trunk.credentials
  local filter = id and "id=" .. routes.encode(id)
  local page, refusal = paging.cut(found, call.query, shapes.credential, state.page_size, filter)
  if not page then return "problem", refusal end
  return "page", page
end

function credentials.update_credential(_, call)
  local credential, refusal = collection.find(call.trunk.credentials, call.id)
  if not credential then return "problem", refusal end
  local values
  values, refusal = rules.read_any(call.body, call.ways, { "user_name", "password", "friendly_name" })
  refusal = refusal or check_user(call, values.user_name, credential)
  if refusal then return "problem", refusal end
  return "item", shapes.credential(collection.update(credential, values, call.now))
end

function credentials.delete_credential(_, call)
  local credential, refusal = collection.remove(call.trunk.credentials, call.query)
  if not credential then return "problem", refusal end
  return "item", shapes.credential(credential)
end

return credentials
