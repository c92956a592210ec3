--- exotel alias: set, show, remove. The caller ID of outbound calls is a setting with a command of its own.
local arguments = require "exotel.cli.arguments"
local errors = require "exotel.cli.errors"
local resolve = require "exotel.cli.resolve"
local screen = require "exotel.cli.terminal.screen"
local trunk_items = require "exotel.cli.trunk_items"
local trunk_settings = require "exotel.cli.trunk_settings"

local ALIAS = trunk_settings.ALIAS

local function set(app, args) trunk_settings.set(app, args, ALIAS, args.number) end

local function show(app, args)
  local trunk, item = trunk_settings.find(app, args, ALIAS)
  if not item then
    errors.not_found("%s has no alias; `exotel alias set %s NUMBER` sets one", resolve.name(trunk), args.trunk)
  end
  if app.out.json then return app.out:value(item) end
  app.out:text(screen.format("%s\n", item.value))
end

-- Settings, with other words in messages.
local kind = setmetatable({
  noun = "alias", command = "alias", lister = "setting", title = function(item) return item.value end,
}, { __index = trunk_settings.kind })

local function remove(app, args) trunk_items.remove(app, args, ALIAS, kind) end

local TRUNK = arguments.trunk

return {
  name = "alias",
  summary = "The caller ID of outbound calls: set, show, remove.",
  verbs = {
    {
      name = "set", summary = "Set the caller ID.", run = set,
      arguments = { TRUNK, arguments.number },
      examples = { "exotel alias set outbound_trunk +919876543210" },
    },
    {
      name = "show", summary = "Show the caller ID.", run = show, arguments = { TRUNK },
      examples = { "exotel alias show outbound_trunk" },
    },
    {
      name = "remove", summary = "Remove the caller ID. Asks first.", run = remove, arguments = { TRUNK },
      options = { arguments.yes }, examples = { "exotel alias remove outbound_trunk" },
    },
  },
}
