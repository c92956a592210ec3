--- Arguments and options that several commands take.
local M = {}

M.trunk = {
  name = "TRUNK",
  text = "The trunk: its name or its trunk_sid; name:NAME or sid:SID says which of the two.",
}

--- A phone number that need not be on a trunk yet.
M.number = { name = "NUMBER", text = "In E.164: +919876543210." }

--- An item of a trunk, as resolve.item finds it. `what`: how the help text describes it.
function M.item(name, what)
  return { name = name, text = ("%s, or its id; id:ID says clearly that it is one."):format(what) }
end

--- The same argument, of which there may be several.
function M.several(argument, text) return { name = argument.name, args = "+", text = text } end

M.yes = { name = "-y --yes", text = "Don't ask." }

return M
