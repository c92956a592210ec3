--- What the commands for the items of a trunk (numbers, IPs, destinations, settings, credentials) share. Each describes
-- its items in a table `kind`:
--   noun, command, verb      for messages: what an item is called, and the command line that removes one
--   lister                   the command that lists them, where it is another one
--   columns                  of the list, as Output:list takes them
--   items(trunk)             → array, or nil, err
--   matches(item, text)      whether the text on the command line means this item
--   title(item)              what the item is called in messages
--   remove(client, trunk, item)
--   strands(trunk, item)     what its removal leaves stranded, as exotel.cli.strands has it; nil: nothing ever
local errors = require "exotel.cli.errors"
local prompt = require "exotel.cli.terminal.prompt"
local resolve = require "exotel.cli.resolve"
local strands = require "exotel.cli.strands"

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

--- Lists a trunk's items.
function M.list(app, args, kind)
  local trunk = resolve.trunk(app:client(), args.trunk)
  app.out:list(kind.columns, errors.assert(kind.items(trunk)), ("%s has no %s"):format(args.trunk, kind.noun))
end

return M
