--- What the commands for settings of a trunk share: `exotel setting` takes any, `exotel alias` one.
local errors = require "exotel.cli.errors"
local resolve = require "exotel.cli.resolve"
local strands = require "exotel.cli.strands"

local M = {}

--- The name of the setting that is the caller ID.
M.ALIAS = "trunk_external_alias"

M.kind = {
  noun = "setting", command = "setting", verb = "remove",
  columns = { { field = "name" }, { field = "value" }, { field = "date_updated" } },
  list = "settings", more = { "date_created" },
  items = function(trunk) return trunk:list_settings() end,
  matches = function(item, text) return item.name == text end,
  title = function(item) return item.name end,
  remove = function(client, trunk, item)
    return client:remove_setting { trunk_sid = trunk.trunk_sid, name = item.name }
  end,
}

--- → the trunk, and its setting of that name or nil
function M.find(app, args, name)
  local trunk = resolve.trunk(app:client(), args.trunk)
  for _, item in ipairs(errors.assert(trunk:list_settings())) do
    if item.name == name then return trunk, item end
  end
  return trunk
end

-- A caller ID that is not among the trunk's numbers.
local function warn(app, trunk, name, value)
  local is_number = value:find("^%+[1-9]%d+$") ~= nil -- anything else is refused
  local found = name == M.ALIAS and is_number and strands.of_alias(app:client(), trunk, value) or {}
  strands.tell(app, {}, found)
  return found
end

--- Sets a setting, unless it has that value already.
function M.set(app, args, name, value)
  local trunk, before = M.find(app, args, name)
  if before and before.value == value then
    return app.out:done("present", before, "already so: %s of %s is %s", name, resolve.name(trunk), value)
  end
  local found = warn(app, trunk, name, value)
  local data, info = app:write(("%s was set to %s"):format(name, value), function()
    return trunk:set_settings { [name] = value }
  end)
  if app.out.json then
    for _, sentence in ipairs(found) do table.insert(info.warnings, sentence) end
  end
  app:done(info, data[1], "%s of %s is %s now", name, resolve.name(trunk), data[1].value)
end

return M
