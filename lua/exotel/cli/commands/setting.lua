--- exotel setting: set, list, remove.
local arguments = require "exotel.cli.arguments"
local trunk_items = require "exotel.cli.trunk_items"
local trunk_settings = require "exotel.cli.trunk_settings"

local function set(app, args) trunk_settings.set(app, args, args.name, args.value) end
local function list(app, args) return trunk_items.list(app, args, trunk_settings.kind) end
local function remove(app, args) trunk_items.remove(app, args, args.name, trunk_settings.kind) end

local TRUNK = arguments.trunk
local NAME = {
  name = "NAME", complete = { "trunk_external_alias" }, text = "The setting's name, such as trunk_external_alias.",
}

return {
  name = "setting",
  summary = "Settings of a trunk: set, list, remove.",
  verbs = {
    {
      name = "set", summary = "Set a setting.", run = set,
      arguments = { TRUNK, NAME, { name = "VALUE", text = "Its value." } },
      examples = { "exotel setting set outbound_trunk trunk_external_alias +919876543210" },
    },
    {
      name = "list", summary = "List a trunk's settings, or those of all trunks.", run = list,
      arguments = { trunk_items.optional_trunk }, options = trunk_items.list_options,
      columns = trunk_settings.kind.columns,
      more = "Columns, for scripts: name, value, date_updated; with --all name, trunk, value, date_updated.",
      examples = { "exotel setting list outbound_trunk" },
    },
    {
      name = "remove", summary = "Remove a setting. Asks first.", run = remove, arguments = { TRUNK, NAME },
      options = { arguments.yes }, examples = { "exotel setting remove outbound_trunk trunk_external_alias" },
    },
  },
}
