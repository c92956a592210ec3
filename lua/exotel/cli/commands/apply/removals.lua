--- The trunks that an apply removes: consent, and the specification that is kept of each, as with exotel trunk delete.
local backup = require "exotel.cli.backup"
local errors = require "exotel.cli.errors"
local prompt = require "exotel.cli.terminal.prompt"
local resolve = require "exotel.cli.resolve"

local M = {}

-- → an array of { trunk_name (nil where it has none: a plan calls it by its sid), trunk_sid }
local function trunks_of(plan)
  local list = {}
  for _, change in ipairs(plan.changes) do
    if change.action == "remove" and change.resource == "trunk" then
      local name = change.trunk_name ~= change.trunk_sid and change.trunk_name or nil
      list[#list + 1] = { trunk_name = name, trunk_sid = change.trunk_sid }
    end
  end
  return list
end

local function title_of(trunk) return resolve.title(trunk.trunk_name, trunk.trunk_sid) end

local function confirm(app, args, trunk)
  local word, what = resolve.word(trunk)
  local question = "This deletes the trunk %s of the account %s with all that it has.\n"
    .. (args.no_backup and "" or "Its specification is written to a file first.\n") .. "Its %s, to go on: "
  if prompt.confirm_word(word, question, title_of(trunk), app:account(), what) then return end
  errors.fail("that is not its %s: nothing was changed", what)
end

--- removals.confirm(app, args, plan): asks for the name of each trunk; raises when another word was typed.
function M.confirm(app, args, plan)
  for _, trunk in ipairs(trunks_of(plan)) do confirm(app, args, trunk) end
end

-- Keeping them --------------------------------------------------------------------------------------------------------

-- What the same plan gives to another trunk is not deleted with this one: numbers by their new trunk.
local function moved_numbers(plan)
  local moved = {}
  for _, change in ipairs(plan.changes) do
    if change.moved_from and change.resource == "phone_number" then moved[change.key] = change.trunk_name end
  end
  return moved
end

-- Takes out of a specification what is moved, so that making the trunk again doesn't ask for it. → an array of
-- sentences that say so
local function take_out(spec, moved)
  local left, remarks = {}, {}
  for _, one in ipairs(spec.phone_numbers or {}) do
    local number = type(one) == "table" and one.phone_number or one
    if moved[number] then remarks[#remarks + 1] = ("%s went to the trunk %s."):format(number, moved[number])
    else left[#left + 1] = one end
  end
  if #remarks > 0 then spec.phone_numbers = #left > 0 and left or nil end
  return remarks
end

local function entry_of(app, trunk, moved, taken)
  local spec, warnings = backup.read(app, trunk, taken)
  for _, warning in ipairs(warnings) do app.out:warn("%s: %s", title_of(trunk), warning) end
  return { trunk = trunk, spec = spec, warnings = warnings, remarks = take_out(spec, moved) }
end

local function tell(app, trunks, path)
  if #trunks > 1 then return app.out:note("the specifications of %d trunks are in %s", #trunks, path) end
  app.out:note("the specification of the trunk %s is in %s", title_of(trunks[1]), path)
end

--- removals.keep(app, args, plan) → the path of the file that holds the specifications of all trunks that the plan
-- removes; nil where it removes none, or --no-backup was given. Raises when it can't be written.
function M.keep(app, args, plan)
  local trunks, entries, moved, taken = trunks_of(plan), {}, moved_numbers(plan), {}
  if #trunks == 0 or args.no_backup then return nil end
  for i, trunk in ipairs(trunks) do entries[i] = entry_of(app, trunk, moved, taken) end
  local path = backup.write(app, args, entries)
  tell(app, trunks, path)
  return path
end

-- No others -----------------------------------------------------------------------------------------------------------

local function is_of(trunk, spec)
  return spec.trunk_sid == trunk.trunk_sid or spec.trunk_sid == nil and spec.trunk_name == trunk.trunk_name
end

local function find(trunks, spec)
  for _, trunk in ipairs(trunks) do
    if is_of(trunk, spec) then return trunk end
  end
end

local function is_left_out(plan, spec)
  for _, trunk in ipairs(plan.left_out) do
    if trunk.trunk_name == (spec.trunk_name or spec.trunk_sid) then return true end
  end
end

-- What names a trunk that was gone already names nothing now.
local function without(names, spec)
  local left = {}
  for _, name in ipairs(names or {}) do
    if name ~= spec.trunk_name and name ~= spec.trunk_sid then left[#left + 1] = name end
  end
  return names and left
end

--- removals.only_kept(plan, specifications, options) → the specifications, so that what they remove is what the plan
-- removes, and no trunk that somebody else has made under such a name meanwhile: nothing was kept of that.
-- `options.only` is made to fit.
function M.only_kept(plan, specifications, options)
  local list, trunks = {}, trunks_of(plan)
  for _, spec in ipairs(specifications) do
    local trunk = spec.absent and find(trunks, spec)
    if trunk then
      list[#list + 1] = { trunk_name = spec.trunk_name, trunk_sid = trunk.trunk_sid, absent = true }
    elseif spec.absent and not is_left_out(plan, spec) then
      options.only = without(options.only, spec)
    else
      list[#list + 1] = spec
    end
  end
  return list
end

return M
