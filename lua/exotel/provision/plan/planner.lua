--- What an apply would do, worked out from what is there: the steps for all trunks, in an order that works.
local diff = require "exotel.provision.plan.diff"
local errors = require "exotel.error"
local guard = require "exotel.provision.plan.safety"
local survey = require "exotel.provision.plan.current"

local M = {}

-- The places: one for each specification, with what is wanted, what is there, and the steps between ----------------

local function read_place(client, wanted, trunk, options)
  local actual, err = survey.belongings(client, wanted, trunk, options.prune)
  if not actual then return nil, err end
  local place = {
    wanted = wanted, actual = actual, trunk_name = wanted.trunk.fields.trunk_name,
    trunk_sid = actual.trunk and actual.trunk.trunk_sid or nil,
  }
  local steps = diff.steps(wanted, actual, options)
  place.additions, place.removals, place.kept = steps.additions, steps.removals, steps.kept
  return place
end

local function read_places(client, wanteds, options)
  local trunks, err = survey.trunks(client, wanteds)
  if not trunks then return nil, err end
  local places = {}
  for i, wanted in ipairs(wanteds) do
    places[i], err = read_place(client, wanted, trunks[i], options)
    if err then return nil, err end
  end
  return places
end

-- The order ----------------------------------------------------------------------------------------------------------

local function add_steps(steps, place, list, fits)
  for _, step in ipairs(list) do
    if fits(step) then
      step.place = place
      steps[#steps + 1] = step
    end
  end
end

-- The removals of numbers by number: one that another trunk is to have is taken off here just before it is added there.
local function removed_numbers(places)
  local removed = {}
  for _, place in ipairs(places) do
    for _, removal in ipairs(place.removals) do
      if removal.resource == "phone_number" then
        removal.place = place
        removed[removal.key] = removal
      end
    end
  end
  return removed
end

local function add_moves(steps, removed, step)
  local removal = step.resource == "phone_number" and step.action == "add" and not step.present and removed[step.key]
  if not removal or removal.place == step.place then return end
  removal.moves, step.after = true, step.key
  table.insert(steps, #steps, removal)
end

local function is_rename(step) return step.resource == "trunk" and step.action == "update" end
local function is_trunk(step) return step.resource == "trunk" and not is_rename(step) end
local function is_belonging(step) return step.resource ~= "trunk" end

-- Trunks first (a name may have to become free), then all that is added, then all that is removed.
local function ordered(places)
  local steps, removed = {}, removed_numbers(places)
  for _, fits in ipairs { is_rename, is_trunk } do
    for _, place in ipairs(places) do add_steps(steps, place, place.additions, fits) end
  end
  for _, place in ipairs(places) do
    for _, step in ipairs(place.additions) do
      add_steps(steps, place, { step }, is_belonging)
      add_moves(steps, removed, step)
    end
  end
  for _, place in ipairs(places) do
    add_steps(steps, place, place.removals, function(step) return not step.moves end)
  end
  return steps
end

-- What can't be done -------------------------------------------------------------------------------------------------

-- A value that its rule refuses, and that is not what the service has.
local function first_refusal(steps)
  for _, step in ipairs(steps) do
    if not step.present and step.refusal then return step.refusal end
  end
end

local function unknown_user(wanteds, rotate)
  for name in pairs(rotate) do
    local known = false
    for _, wanted in ipairs(wanteds) do known = known or wanted.credential.by_key[name] ~= nil end
    if not known then
      return errors.new {
        kind = "invalid_argument", operation = "provision", field = "rotate",
        message = ("rotate names %s, which is no credential of the specification"):format(name),
      }
    end
  end
end

--- draft.make(client, wanteds, options) → { places, steps, refused }, or nil, err. Reads only. `options`: prune, allow
-- and rotate (sets).
function M.make(client, wanteds, options)
  local err = unknown_user(wanteds, options.rotate)
  if err then return nil, err end
  local places
  places, err = read_places(client, wanteds, options)
  if not places then return nil, err end
  local steps = ordered(places)
  err = first_refusal(steps)
  if err then return nil, err end
  return { places = places, steps = steps, refused = guard.refused(places, options) }
end

--- draft.again(client, draft, place, options) → one of the draft's places as it is now, with its steps; or nil, err.
function M.again(client, draft, place, options)
  local wanteds, only = {}, nil
  for i, other in ipairs(draft.places) do
    wanteds[i] = other.wanted
    if other == place then only = i end
  end
  local trunks, err = survey.trunks(client, wanteds, only)
  if not trunks then return nil, err end
  return read_place(client, place.wanted, trunks[only], options)
end

return M
