--- exotel number: map, list, update, unmap, find, move, import.
local additions = require "exotel.cli.additions"
local arguments = require "exotel.cli.arguments"
local errors = require "exotel.cli.errors"
local import = require "exotel.cli.commands.number.import"
local move = require "exotel.cli.commands.number.move"
local resolve = require "exotel.cli.resolve"
local strands = require "exotel.cli.strands"
local trunk_items = require "exotel.cli.trunk_items"

local kind = {
  noun = "number", command = "number", verb = "unmap",
  -- A mode that was never set behaves as pstn.
  columns = {
    { field = "phone_number" }, { field = "mode", default = "pstn" }, { field = "id" }, { field = "date_created" },
  },
  items = function(trunk) return trunk:list_numbers() end,
  matches = function(item, text) return item.phone_number == text end,
  title = function(item) return item.phone_number end,
  remove = function(_, trunk, item) return trunk:unmap_number(item.id) end,
  strands = strands.of_number,
}

local function map(app, args)
  local items = {}
  for i, number in ipairs(args.number) do items[i] = { phone_number = number, mode = args.mode } end
  return additions.run(app, args.trunk, {
    resource = "phone_number", noun = "number", items = items, texts = args.number,
    formats = { done = "mapped %s to %s, mode %s, id %s", present = "already so: %s on %s, mode %s, id %s" },
    values = function(trunk, data)
      return { data.phone_number, resolve.name(trunk), data.mode or "pstn", data.id }
    end,
    unknown = "was mapped to " .. args.trunk,
    advice = { conflict = "`exotel number update` changes the mode, `exotel number find` tells where it is mapped" },
  })
end

local function list(app, args) trunk_items.list(app, args, kind) end

local function update(app, args)
  local trunk, item = trunk_items.find(app, args, args.number, kind)
  local data, info = app:write(("%s was set to %s"):format(item.phone_number, args.mode), function()
    return trunk:set_number_mode(item.id, item.phone_number, args.mode)
  end)
  app:done(info, data, "%s: mode %s", item.phone_number, data.mode or "pstn")
end

local function unmap(app, args) trunk_items.remove(app, args, args.number, kind) end

local function find(app, args)
  local maps, err = app:client():find_trunk_map { exophone = args.number }
  if not maps and err.kind ~= "not_found" then errors.assert(maps, err) end
  if not maps or #maps == 0 then errors.not_found("%s is mapped to no trunk of this account", args.number) end
  app.out:list({ { field = "exophone" }, { field = "trunk_sid" } }, maps)
end

local TRUNK = arguments.trunk
local NUMBER = arguments.number
local MAPPED = arguments.item("NUMBER", "The number, as +919876543210")
local MODES = { "pstn", "flow" }

return {
  name = "number",
  summary = "Map, list, update, unmap, find, move and import phone numbers.",
  verbs = {
    {
      name = "map", summary = "Map numbers to a trunk; one that is mapped so already is a success.", run = map,
      arguments = { TRUNK, arguments.several(NUMBER, "Numbers, each in E.164: +919876543210.") }, more = additions.more,
      options = {
        { name = "--mode", value = "MODE", choices = MODES, text = "pstn (as without it), or flow for voice bots." },
      },
      examples = {
        "exotel number map outbound_trunk +919876543210",
        "exotel number map bots +918040264208 +918040264209 --mode flow",
      },
    },
    {
      name = "list", summary = "List a trunk's numbers.", run = list, arguments = { TRUNK },
      more = "Columns, for scripts: phone_number, mode (pstn where it was never set), id, date_created.",
      examples = { "exotel number list outbound_trunk", "exotel number list outbound_trunk | cut -f1" },
    },
    {
      name = "update", summary = "Change how a mapped number is routed.", run = update, arguments = { TRUNK, MAPPED },
      options = { { name = "--mode", value = "MODE", choices = MODES, required = true, text = "pstn or flow." } },
      examples = { "exotel number update bots +918040264208 --mode pstn" },
    },
    {
      name = "unmap", summary = "Take a number off a trunk. Asks first.", run = unmap, arguments = { TRUNK, MAPPED },
      options = { arguments.yes }, examples = { "exotel number unmap outbound_trunk +919876543210" },
    },
    {
      name = "find", summary = "Find the trunk that a number is mapped to.", run = find, arguments = { NUMBER },
      more = "Columns, for scripts: exophone, trunk_sid.", examples = { "exotel number find +919876543210" },
    },
    move,
    import,
  },
}
