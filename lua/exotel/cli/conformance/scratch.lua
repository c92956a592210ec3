--- The trunks that a run makes, and their end. What may be there stands in the journal before it is asked for, and
-- until it is known to be gone.
local names = require "exotel.cli.conformance.names"

local M = {}

local PAGE, PAGES = 100, 20

-- Counted like all requests of a run. Not cut short by an end of the run: what was made has to go.
local function call(run, operation, arguments)
  local data, info = run.client[operation](run.client, arguments, { retries = 2 })
  run.requests = run.requests + info.attempts
  return data, info
end

local function is_known(run, sid)
  for _, made in ipairs(run.made) do
    if made.sid == sid then return true end
  end
  return false
end

local function has_name(made, name) return name == made.name or (name ~= nil and name == made.other_name) end

-- Looks for a trunk in the whole list: that a list can be filtered is one of the facts that are tried. → the trunk; or
-- nil, whether the list has it not, and the error
local function look_for(run, fits)
  for page = 0, PAGES - 1 do
    local data, info = call(run, "list_trunks", { offset = page * PAGE, page_size = PAGE })
    if not data then return nil, false, info end
    for _, trunk in ipairs(data) do
      if fits(trunk) then return trunk end
    end
    if not info.next then return nil, true end
  end
  return nil, false
end

local function look_for_sid(run, sid)
  return look_for(run, function(trunk) return trunk.trunk_sid == sid end)
end

-- One whose creation was not answered.
local function look_for_name(run, made)
  return look_for(run, function(trunk)
    return has_name(made, trunk.trunk_name) and not is_known(run, trunk.trunk_sid)
  end)
end

local function forget(run, made)
  for i, other in ipairs(run.made) do
    if other == made then table.remove(run.made, i) end
  end
end

local function is_no(code) return type(code) == "number" and code >= 400 and code < 500 end

-- A fault of the service's own may come after the trunk was made.
local function says_no(seen)
  if is_no(seen.status) then return true end
  return seen.status ~= nil and seen.status < 400 and seen.shape == "envelope" and is_no(seen.code)
end

-- Reads its sid from the answer, else from the list, unless the answer is a plain no.
local function settle(run, made, seen)
  if says_no(seen) then return forget(run, made) end
  made.sid = type(seen.data) == "table" and seen.data.trunk_sid or nil
  if not made.sid and seen.status then made.sid = (look_for_name(run, made) or {}).trunk_sid end
  if made.sid then run.private[#run.private + 1] = made.sid end
end

--- Creates a trunk, which `delete_all` deletes. `fields`: others than its name. → what was seen; the trunk, { name,
-- sid }
function M.create(run, name, fields)
  local arguments = { trunk_name = name }
  for field, value in pairs(fields or {}) do arguments[field] = value end
  run:check_room()
  local made = { name = name }
  run.made[#run.made + 1] = made
  run.journal:write(run.made)
  local seen = run:send("create_trunk", arguments)
  settle(run, made, seen)
  run.journal:write(run.made)
  return run:note(seen), made
end

--- Has the journal know the other name that a trunk may get.
function M.expect_name(run, made, name)
  made.other_name = name
  run.journal:write(run.made)
end

local function is_refused_as_gone(err)
  return err.kind == "not_found" or (err.kind == "permission" and err.code == 1003)
end

-- One whose creation was not answered and that no list shows may still come to be: it is not known to be gone. Neither
-- is one of which the service only says that it is not there.
-- → whether it is gone; whether it was gone before; the error where it is not gone
local function delete(run, made)
  made.sid = made.sid or (look_for_name(run, made) or {}).trunk_sid
  if not made.sid then return false, false end
  local data, err = call(run, "delete_trunk", { trunk_sid = made.sid })
  if data then return true, false end
  local is_gone = is_refused_as_gone(err) and select(2, look_for_sid(run, made.sid)) == true
  return is_gone, is_gone, err
end

--- Deletes all that the run has made. → those that are left, an array of { name, other_name, sid, err }; whether the
-- first one was gone before
function M.delete_all(run)
  local left, first_was_gone = {}, false
  for i, made in ipairs(run.made) do
    local is_gone, was_gone, err = delete(run, made)
    if i == 1 then first_was_gone = was_gone end
    if not is_gone then
      left[#left + 1] = { name = made.name, other_name = made.other_name, sid = made.sid, err = err }
    end
  end
  run.journal:write(left)
  return left, first_was_gone
end

--- Deletes a trunk that an earlier run left, if it still has a name of that run's. → "deleted"; "gone", when it is not
-- there; "renamed", when it has another name now, and is left alone; or nil, err
function M.delete_left(client, made)
  local run = { client = client, requests = 0, made = {} }
  local look = made.sid and look_for_sid or look_for_name
  local trunk, is_missing, err = look(run, made.sid or made)
  if not trunk then return is_missing and "gone" or nil, err end
  if not (names.fits(trunk.trunk_name) and has_name(made, trunk.trunk_name)) then return "renamed" end
  local is_gone, _, failure = delete(run, { name = made.name, sid = trunk.trunk_sid })
  return is_gone and "deleted" or nil, failure
end

return M
