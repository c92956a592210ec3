--- Trunks. Every operation takes (state, call) and returns the form of its answer, "item", "page", "batch" or
-- "problem", and what the function of exotel.sandbox.envelope of that name takes.

local collection = require "exotel.sandbox.collection"
local paging = require "exotel.sandbox.paging"
local problem = require "exotel.sandbox.problem"
local routes = require "exotel.sandbox.routes"
local rules = require "exotel.sandbox.rules"
local shapes = require "exotel.sandbox.shapes"
local trunk = require "exotel.sandbox.trunk"

local trunks = {}

local MANDATORY = { "trunk_name", "nso_code", "domain_name" }

local function show(shown) return shapes.trunk(shown.fields) end

local function fields_of_all(state)
  local all = {}
  for i, other in ipairs(state.trunks) do all[i] = other.fields end
  return all
end

-- The name is unique in the account (S); a second trunk of that name is not created (L).
local function check_name(state, call, name, except)
  if call.ways.duplicates == "made" then return nil end
  if name and collection.match(fields_of_all(state), { trunk_name = name }, except) then
    return problem.new(1008, "TrunkName " .. name .. " is taken")
  end
end

function trunks.create_trunk(state, call)
  local values, refusal = rules.read(call.body, call.ways, MANDATORY)
  refusal = refusal or check_name(state, call, values.trunk_name)
  if refusal then return "problem", refusal end
  local created = trunk.new(state, values, call.now)
  trunk.add(state, created)
  return "item", show(created)
end

-- Numbers, IPs and destinations are deleted with the trunk (S), and its settings, which nothing could reach any more.
-- Credentials are not said to be deleted (V): they are kept where no operation finds them and no new trunk conflicts
-- with them, since a client can rely neither on their being gone nor on their being there.
function trunks.delete_trunk(state, call)
  local sid = call.query.trunk_sid or ""
  if sid == "" then return "problem", problem.new(1001, "TrunkSid is mandatory") end
  local deleted = state.by_sid[sid]
  if not deleted then return "problem", problem.of_unknown_trunk(call.ways.unknown_trunk) end
  trunk.remove(state, deleted)
  local orphaned = state.orphaned_credentials
  for _, credential in ipairs(deleted.credentials) do orphaned[#orphaned + 1] = credential end
  return "item", show(deleted)
end

local function only(state, sid)
  return state.by_sid[sid] and { state.by_sid[sid] } or {}
end

-- V, as are the two after it.
function trunks.list_trunks(state, call)
  local sid = call.query.trunk_sid
  local found = sid and only(state, sid) or state.trunks
  local page, refusal = paging.cut(found, call.query, show, state.page_size, sid and "trunk_sid=" .. routes.encode(sid))
  if not page then return "problem", refusal end
  return "page", page
end

function trunks.get_trunk(_, call)
  return "item", show(call.trunk)
end

-- Fields that the option ignored_fields names are accepted, whatever their value, and forgotten. Nothing says that the
-- service does so: it is for tests.
local function read_update(body, ways)
  local heeded, is_any_ignored = {}, false
  for _, name in ipairs(rules.updatable) do
    if ways.ignored_fields[name] then
      is_any_ignored = is_any_ignored or body[name] ~= nil
    else
      heeded[#heeded + 1] = name
    end
  end
  if is_any_ignored then return rules.read(body, ways, {}, heeded) end
  return rules.read_any(body, ways, heeded)
end

function trunks.update_trunk(state, call)
  local values, refusal = read_update(call.body, call.ways)
  refusal = refusal or check_name(state, call, values.trunk_name, call.trunk.fields)
  if refusal then return "problem", refusal end
  collection.update(call.trunk.fields, values, call.now)
  return "item", show(call.trunk)
end

return trunks
