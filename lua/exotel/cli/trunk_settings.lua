--- What the commands for settings of a trunk share: `exotel setting` takes any, `exotel alias` one.
local errors = require "exotel.cli.errors"
local resolve = require "exotel.cli.resolve"

local M = {}

M.kind = {
  noun = "setting", command = "setting", verb = "remove",
  columns = { { field = "name" }, { field = "value" }, { field = "date_updated" } },
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

--- Sets a setting, unless it has that value already.
function M.set(app, args, name, value)
  local trunk, before = M.find(app, args, name)
  if before and before.value == value then
    return app.out:done("present", before, "already so: %s of %s is %s", name, trunk.trunk_name, value)
  end
  local data, info = app:write(("%s was set to %s"):format(name, value), function()
    return trunk:set_settings { [name] = value }
  end)
  app:done(info, data[1], "%s of %s is %s now", name, trunk.trunk_name, data[1].value)
end

return M
