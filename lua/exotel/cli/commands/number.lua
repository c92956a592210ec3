--- exotel number: map, list, update, unmap, find, move, import.
local additions = require "exotel.cli.additions"
local arguments = require "exotel.cli.arguments"
local errors = require "exotel.cli.errors"
local import = require "exotel.cli.commands.number.import"
local listing = require "exotel.cli.listing"
local move = require "exotel.cli.commands.number.move"
local resolve = require "exotel.cli.resolve"
local strands = require "exotel.cli.strands"
local trunk_items = require "exotel.cli.trunk_items"
local trunks = require "exotel.trunk"

local kind = {
  noun = "number", command = "number", verb = "unmap",
  -- A mode that was never set behaves as pstn.
  columns = {
    { field = "phone_number" }, { field = "mode", default = "pstn" }, { field = "id" }, { field = "date_created" },
  },
  list = "phone_numbers", more = { "date_updated" },
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

local function list(app, args)
  local fits = args.mode and function(item) return (item.mode or "pstn") == args.mode end
  return trunk_items.list(app, args, kind, fits)
end

local function update(app, args)
  local trunk, item = trunk_items.find(app, args, args.number, kind)
  local data, info = app:write(("%s was set to %s"):format(item.phone_number, args.mode), function()
    return trunk:set_number_mode(item.id, item.phone_number, args.mode)
  end)
  app:done(info, data, "%s: mode %s", item.phone_number, data.mode or "pstn")
end

local function unmap(app, args) trunk_items.remove(app, args, args.number, kind) end

-- The answer's form is not documented: what it lacks is filled in.
local FIND_COLUMNS = { { field = "exophone" }, { field = "trunk_sid" }, { field = "trunk_name" } }

local function names_by_sid(app)
  local names, all, err = {}, trunks.list(app:client())
  if not all then app.out:warn("the names of trunks could not be read: %s", tostring(err)) end
  for _, trunk in ipairs(all or {}) do names[trunk.trunk_sid] = trunk.trunk_name end
  return names
end

local function complete(app, maps, number)
  local names
  for _, found in ipairs(maps) do
    found.exophone = found.exophone or found.phone_number or number
    found.trunk_sid = found.trunk_sid or found.sid
    if not found.trunk_name then
      names = names or names_by_sid(app)
      found.trunk_name = names[found.trunk_sid or ""]
    end
  end
  return maps
end

local function find(app, args)
  local show = listing.new(app, args, FIND_COLUMNS, { "mode" })
  local maps, err = app:client():find_trunk_map { exophone = args.number }
  if not maps and err.kind ~= "not_found" then errors.assert(maps, err) end
  if not maps or #maps == 0 then errors.not_found("%s is mapped to no trunk of this account", args.number) end
  show(complete(app, maps, args.number))
end

local TRUNK = arguments.trunk
local NUMBER = arguments.number
local MAPPED = arguments.item("NUMBER", "The number, as +919876543210")
local MODES = { "pstn", "flow" }
local MODE_FILTER = { name = "--mode", value = "MODE", choices = MODES, text = "Only those of this mode." }

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
      name = "list", summary = "List a trunk's numbers, or those of all trunks.", run = list,
      arguments = { trunk_items.optional_trunk }, options = listing.with(trunk_items.list_options, MODE_FILTER),
      columns = kind.columns,
      more = "Columns, for scripts: phone_number, mode (pstn where it was never set), id, date_created; with --all "
        .. "phone_number, trunk, mode, id, date_created. Exit status 3 when some trunks could not be read.",
      examples = {
        "exotel number list outbound_trunk", "exotel number list outbound_trunk | cut -f1",
        "exotel number list --all --mode flow", "exotel number list --all --csv > numbers.csv",
      },
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
      options = listing.options, columns = FIND_COLUMNS,
      more = "Columns, for scripts: exophone, trunk_sid, trunk_name.",
      examples = { "exotel number find +919876543210" },
    },
    move,
    import,
  },
}
