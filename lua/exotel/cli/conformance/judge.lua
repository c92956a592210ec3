--- Judges: each is { expected, a text; judge, a function of what was seen and the run → whether it is so (nil: it can't
-- be told), and what was seen where that is more than the answer }.
local M = {}

-- "HTTP 200, code 409, error 1008": the parts that are given, as answer.describe writes them.
local function words(want)
  local parts = { "HTTP " .. want.status }
  if want.code then parts[#parts + 1] = "code " .. want.code end
  if want.error then parts[#parts + 1] = "error " .. want.error end
  return table.concat(parts, ", ")
end

local function fits(seen, want)
  return seen.status == want.status and (want.code == nil or seen.code == want.code)
    and (want.error == nil or seen.error == want.error)
end

--- It is refused, with an HTTP status, an error code and, where given, the item's own code.
function M.refused(status, error, code)
  local want = { status = status, error = error, code = code }
  return { expected = words(want), judge = function(seen) return fits(seen, want) end }
end

--- A duplicate: a failure within a success.
M.duplicate = {
  expected = "HTTP 200, code 409, error 1008, data null",
  judge = function(seen)
    local good = fits(seen, { status = 200, code = 409, error = 1008 })
    if good and seen.data ~= nil then return false, "HTTP 200, code 409, error 1008, with data" end
    return good
  end,
}

--- It is done.
M.done = { expected = "done", judge = function(seen) return seen.ok end }

--- It is done, and a read shows it: `has_it`, which the probe sets.
M.shown = {
  expected = "done, and a read shows it",
  judge = function(seen)
    if not seen.ok then return false end
    if not seen.has_it then return false, "accepted, but a read does not show it" end
    return true, "done, and a read shows it"
  end,
}

--- It is removed: `has_it`, which the probe sets, says that it is gone.
M.removed = {
  expected = "done, and it is gone",
  judge = function(seen)
    if not seen.ok then return false end
    if not seen.has_it then return false, "accepted, but it is still there" end
    return true, "done, and it is gone"
  end,
}

--- An operation lists something.
M.lists = {
  expected = "HTTP 200, a list",
  judge = function(seen) return seen.ok and seen.is_list == true end,
}

-- A judge of one item of a batch. Where the batch is refused as a whole nobody knows for which of them.
local function of_item(index, what, is_so)
  return {
    expected = ("item %d: %s"):format(index, what),
    judge = function(seen)
      if seen.is_list and seen.items[index] then return is_so(seen.items[index]) end
      if seen.status < 400 then return false end
      return nil
    end,
  }
end

--- It is refused where it is an item of a batch. `index`: its place.
function M.item_refused(index, error)
  return of_item(index, "error " .. error, function(item) return item.error == error end)
end

--- It is done where it is an item of a batch.
function M.item_done(index) return of_item(index, "done", function(item) return item.ok end) end

return M
