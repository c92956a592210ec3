--- Where something is that can be on one trunk only, when it could not be put where it should be: the error says so,
-- and what was taken off a trunk for it is put back.
local engine = require("exotel.core").engine
local ensure = require "exotel.resources.ensure"
local errors = require "exotel.error"

local M = {}

-- The same error, with what is known of the place before its message.
local function with_place(err, place, changes)
  local fields = {}
  for name, value in pairs(err) do fields[name] = value end
  for name, value in pairs(changes or {}) do fields[name] = value end
  fields.message = place .. ": " .. err.message
  return errors.new(fields)
end

-- Something of that name is there, but not on this trunk. → err that names the trunk, or nil
local function named_conflict(client, step, err)
  if err.kind ~= "conflict" or step.action ~= "add" then return nil end
  local place = step.kind.elsewhere(client, step.target.trunk_sid, step.item.fields)
  return place and with_place(err, place)
end

local function nowhere(removal)
  return ("%s is on no trunk now, since it was taken off %s"):format(removal.key, removal.target.trunk_name)
end

-- What the trunk had goes there again, whatever the rules say of it.
local function put_back(client, removal)
  local source = removal.target
  local done, err = ensure.item(client, removal.kind, source.trunk_sid, removal.existing, { validate = false })
  if done then return ("%s is on %s again"):format(removal.key, source.trunk_name) end
  if err.kind == "conflict" then return err.message end
  if err.maybe_applied then
    return ("whether %s is on %s again is not known"):format(removal.key, source.trunk_name), { maybe_applied = true }
  end
  return nowhere(removal)
end

-- It was not taken off: it is not known whether, or certainly not.
local function still_there(removal, err)
  local source, target = removal.target.trunk_name, removal.moves_to.target.trunk_name
  local place = "%s is on %s as before"
  if err.maybe_applied then place = "whether %s is on %s still is not known, and it is not on " .. target end
  return with_place(err, place:format(removal.key, source))
end

local function on_the_way(client, step, err)
  local removal = step.moved_from
  if err.maybe_applied then
    return with_place(err, ("%s was taken off %s, and whether it is on %s is not known"):format(step.key,
      removal.target.trunk_name, step.target.trunk_name))
  end
  if err.kind == "cancelled" or err.operation == "lock" or engine.closed(client) then
    return with_place(err, nowhere(removal))
  end
  return with_place(err, put_back(client, removal))
end

--- whereabouts.explain(client, step, err) → the error of a step that failed: the same, or one that says where it is
-- that the step should have put on its trunk. A step that moves something from another trunk is a removal first, with
-- `moves_to`, and then an addition, with `moved_from`.
function M.explain(client, step, err)
  if not (step.kind and step.kind.one_trunk) then return err end
  if step.moves_to then return still_there(step, err) end
  local named = named_conflict(client, step, err)
  if named or not step.moved_from then return named or err end
  return on_the_way(client, step, err)
end

return M
