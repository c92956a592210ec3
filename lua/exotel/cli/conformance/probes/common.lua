--- What several probes do.
local answer = require "exotel.cli.conformance.answer"

local M = {}

--- The data of an item, {} where it has none.
function M.data(item) return item and type(item.data) == "table" and item.data or {} end

--- The items of a list, {} where it is none.
function M.items(seen) return seen.is_list and seen.items or {} end

--- The data of the item of a list that has an id, or nil.
function M.item(seen, id)
  for _, one in ipairs(M.items(seen)) do
    if M.data(one).id == id then return one.data end
  end
end

--- The id of what a probe added, or the caller's probe ends. `what`: for the reason.
function M.id_of(run, name, what)
  local seen = run:see(name)
  local id = M.data(seen).id
  if not seen.ok or not id then run:skip("there is no %s: %s", what, run:describe(seen)) end
  return id
end

--- Ends the caller's probe unless what another one asked for was done.
function M.only_after(run, name, what)
  local seen = run:see(name)
  if not seen.ok then run:skip("%s: %s", what, run:describe(seen)) end
end

local function says_gone(seen)
  return not seen.ok and (seen.status == 404 or seen.status == 403 or seen.error == 1000)
end

--- Finds out whether what was removed is gone: by the answer to removing it again, else by a list. `names`: the probes
-- `first` and `again`, and the operation `list`. → the answer to the first one, with `has_it`: whether it is gone
function M.check_gone(run, names, id)
  local seen = run:see(names.first)
  if not seen.ok then return seen end
  seen.has_it = says_gone(run:see(names.again))
  if seen.has_it then return seen end
  local function is_gone(read) return read.ok and M.item(read, id) == nil end
  local read = run:read(names.list, nil, is_gone)
  if not read.ok and not answer.tells(read) then run:skip("what is left can't be read: %s", run:describe(read)) end
  seen.has_it = is_gone(read)
  return seen
end

return M
