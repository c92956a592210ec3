--- What several commands have in common.
local prompt = require "exotel.cli.terminal.prompt"
local failure = require "exotel.cli.errors"
local pick = require "exotel.cli.resolve"

local M = {}

M.trunk = {
  name = "TRUNK",
  text = "The trunk: its name or its trunk_sid; name:NAME or sid:SID says which of the two.",
}
M.yes = { name = "-y --yes", text = "Don't ask." }

--- An argument for a thing on a trunk; `what` it is called by.
function M.thing(name, what)
  return { name = name, text = ("%s, or its id; id:ID says clearly that it is one."):format(what) }
end

--- Takes the one thing that is named off its trunk, when the person at the terminal agrees. `kind`: as for pick.item,
-- and `verb`, `items` (a function of trunk: array, or nil, err), `title` (of an item), `remove` (of client, trunk,
-- item).
function M.remove(app, args, text, kind)
  local command = ("exotel %s %s"):format(kind.command, kind.verb)
  if not args.yes then prompt.need_terminal(command) end
  local trunk, item = M.find(app, args, text, kind)
  local title, name = kind.title(item), trunk.trunk_name or trunk.trunk_sid
  if not args.yes and not prompt.confirm(("Remove the %s %s from the trunk %s?"):format(kind.noun, title, name)) then
    failure.fail("nothing was removed")
  end
  local data = app:write(("the %s %s was removed"):format(kind.noun, title), function(client)
    return kind.remove(client, trunk, item)
  end)
  app.out:done("done", data, "%s: removed the %s %s", name, kind.noun, title)
end

--- → the trunk, and the one of its things that `text` names
function M.find(app, args, text, kind)
  local trunk = pick.trunk(app:client(), args.trunk)
  return trunk, pick.item(trunk, failure.need(kind.items(trunk)), text, kind)
end

--- Lists a trunk's things.
function M.list(app, args, kind)
  local trunk = pick.trunk(app:client(), args.trunk)
  app.out:list(kind.columns, failure.need(kind.items(trunk)), ("%s has no %s"):format(args.trunk, kind.noun))
end

return M
