--- What the commands for the items of a trunk (numbers, IPs, destinations, settings, credentials) share. Each describes
-- its items in a table `kind`:
--   noun, command, verb      for messages: what an item is called, and the command line that removes one
--   lister                   the command that lists them, where it is another one
--   columns, more            of the list, as Output:list takes them; the names of other fields that it can show
--   list                     the name of their list in an exotel.overview.Trunk
--   items(trunk)             → array, or nil, err
--   matches(item, text)      whether the text on the command line means this item
--   title(item)              what the item is called in messages
--   remove(client, trunk, item)
--   strands(trunk, item)     what its removal leaves stranded, as exotel.cli.strands has it; nil: nothing ever
local errors = require "exotel.cli.errors"
local listing = require "exotel.cli.listing"
local overview = require "exotel.overview"
local prompt = require "exotel.cli.terminal.prompt"
local resolve = require "exotel.cli.resolve"
local strands = require "exotel.cli.strands"
local waits = require "exotel.cli.waits"

local M = {}

-- What is stranded is said, and then agreed to.
local function confirm(app, args, kind, trunk, item)
  local found = kind.strands and kind.strands(trunk, item) or {}
  if args.yes then
    strands.tell(app, args, found)
    return found
  end
  strands.show(found)
  local agreed = prompt.confirm("Remove the %s %s from the trunk %s of the account %s?", kind.noun, kind.title(item),
    resolve.name(trunk), app:account())
  if not agreed then errors.fail("nothing was removed") end
  return found
end

--- Removes the item that `text` names from its trunk, if the person at the terminal agrees.
function M.remove(app, args, text, kind)
  local command = ("exotel %s %s"):format(kind.command, kind.verb)
  if not args.yes then prompt.need_terminal(command) end
  local trunk, item = M.find(app, args, text, kind)
  local title, name = kind.title(item), resolve.name(trunk)
  local found = confirm(app, args, kind, trunk, item)
  local data = app:write(("the %s %s was removed"):format(kind.noun, title), function(client)
    return kind.remove(client, trunk, item)
  end)
  app:done({ warnings = app.out.json and found or {} }, data, "%s: removed the %s %s", name, kind.noun, title)
end

--- → the trunk, and its item that `text` names
function M.find(app, args, text, kind)
  local trunk = resolve.trunk(app:client(), args.trunk)
  return trunk, resolve.item(trunk, errors.assert(kind.items(trunk)), text, kind)
end

-- Lists ---------------------------------------------------------------------------------------------------------------

M.optional_trunk = { name = "TRUNK", args = "?", text = "The trunk: its name or its trunk_sid; or --all." }

--- Options of the lists.
M.list_options = listing.with(listing.options, { name = "--all", text = "Those of all trunks." })

-- The columns where items of several trunks stand together: the trunk comes second, as `number import` reads it.
local function with_trunk(columns)
  local all = {}
  for i, column in ipairs(columns) do
    all[#all + 1] = column
    if i == 1 then all[2] = { field = "trunk" } end
  end
  return all
end

local function add_trunk(item, trunk)
  local name = trunk.trunk_name
  item.trunk_name, item.trunk_sid = name, trunk.trunk_sid
  item.trunk = type(name) == "string" and name ~= "" and name or trunk.trunk_sid
  return item
end

-- → the items of all trunks, and whether all could be read
local function items_of_all(app, kind)
  local shown = waits.new(app, "Reading")
  local account, err = overview.read(app:client(), {
    lists = { kind.list }, progress = shown.progress, wait = shown.wait,
  })
  shown.clear()
  local items = {}
  for _, trunk in ipairs(errors.assert(account, err).trunks) do
    for _, item in ipairs(trunk[kind.list] or {}) do items[#items + 1] = add_trunk(item, trunk) end
    for _, one in ipairs(trunk.unread) do
      app.out:warn("%s could not be read: %s", trunk.trunk_name or trunk.trunk_sid, tostring(one.err))
    end
  end
  return items, account.complete
end

local function filtered(items, fits)
  local found = {}
  for _, item in ipairs(items) do
    if not fits or fits(item) then found[#found + 1] = item end
  end
  return found
end

local function more_of(kind, all)
  return listing.with(kind.more, "trunk_sid", all and "trunk_name" or nil)
end

--- Lists a trunk's items, or with --all those of all trunks. `fits(item)`: whether to show one; all when nil. → the
-- exit status
function M.list(app, args, kind, fits)
  if args.all and args.trunk then errors.usage("say --all or name a trunk, not both") end
  if not (args.all or args.trunk) then errors.usage("which trunk? name one, or say --all") end
  local show = listing.new(app, args, args.all and with_trunk(kind.columns) or kind.columns, more_of(kind, args.all))
  local items, complete
  if args.all then items, complete = items_of_all(app, kind)
  else items, complete = errors.assert(kind.items(resolve.trunk(app:client(), args.trunk))), true end
  local found = filtered(items, fits)
  show(found, ("%s has no %s%s"):format(args.trunk or "the account", kind.noun, fits and " that fits" or ""))
  return complete and errors.status.done or errors.status.partly
end

return M
