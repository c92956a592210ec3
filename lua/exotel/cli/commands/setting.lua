--- exotel setting: set, list, remove.
local errors = require "exotel.cli.errors"
local resolve = require "exotel.cli.resolve"
local trunk_items = require "exotel.cli.trunk_items"

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

-- → the trunk, and its setting of that name or nil
local function read(app, args, name)
  local trunk = resolve.trunk(app:client(), args.trunk)
  for _, item in ipairs(errors.assert(trunk:list_settings())) do
    if item.name == name then return trunk, item end
  end
  return trunk
end

M.read = read

--- Sets one setting, unless it is so already.
function M.put(app, args, name, value)
  local trunk, before = read(app, args, name)
  if before and before.value == value then
    return app.out:done("present", before, "already so: %s of %s is %s", name, trunk.trunk_name, value)
  end
  local data = app:write(("%s was set to %s"):format(name, value), function()
    return trunk:set_settings { [name] = value }
  end)
  app.out:done("done", data[1], "%s of %s is %s now", name, trunk.trunk_name, data[1].value)
end

local function set(app, args) M.put(app, args, args.name, args.value) end
local function list(app, args) trunk_items.list(app, args, M.kind) end
local function remove(app, args) trunk_items.remove(app, args, args.name, M.kind) end

local TRUNK = trunk_items.trunk
local NAME = { name = "NAME", text = "The setting's name, such as trunk_external_alias." }

M.name = "setting"
M.summary = "Settings of a trunk: set, list, remove."
M.verbs = {
  {
    name = "set", summary = "Set a setting.", run = set,
    arguments = { TRUNK, NAME, { name = "VALUE", text = "Its value." } },
    examples = { "exotel setting set outbound_trunk trunk_external_alias +919876543210" },
  },
  {
    name = "list", summary = "List a trunk's settings.", run = list, arguments = { TRUNK },
    more = "Columns, for scripts: name, value, date_updated.", examples = { "exotel setting list outbound_trunk" },
  },
  {
    name = "remove", summary = "Remove a setting. Asks first.", run = remove, arguments = { TRUNK, NAME },
    options = { trunk_items.yes }, examples = { "exotel setting remove outbound_trunk trunk_external_alias" },
  },
}

return M
