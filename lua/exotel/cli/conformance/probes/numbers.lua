--- Probes of numbers, where a spare one was given. It is touched only when it is known to be on no trunk.
local common = require "exotel.cli.conformance.probes.common"

local M = {}

local ALIAS = "trunk_external_alias"

-- More trunks than that are not searched for the number.
local SEARCHED = 8

local UNSEEN = "it can't be seen whether the number is on a trunk, so it is not touched"
local TAKEN = "the number is on a trunk: give a spare one"

-- A list of all there is of something, or the probe ends.
local function whole_list(run, operation, arguments)
  local seen = run:ask(operation, arguments)
  local has_more = type(seen.metadata) == "table" and seen.metadata.next_page_uri
  if not seen.ok or not seen.is_list or has_more then run:skip(UNSEEN) end
  return seen
end

local function search_trunk(run, trunk_sid)
  local seen = whole_list(run, "list_phone_numbers", { trunk_sid = trunk_sid, page_size = 200 })
  for _, one in ipairs(seen.items) do
    if common.data(one).phone_number == run.number then run:skip(TAKEN) end
  end
end

-- Where the service does not say which trunk has a number.
local function search_all(run)
  local seen = whole_list(run, "list_trunks", { page_size = SEARCHED })
  for _, one in ipairs(seen.items) do
    if not common.data(one).trunk_sid then run:skip(UNSEEN) end
    search_trunk(run, one.data.trunk_sid)
  end
end

local function need_spare_number(run)
  if not run.number then run:skip("no spare number was given (--number)") end
  local seen = run:ask("find_trunk_map", { exophone = run.number })
  if seen.ok and seen.is_list and #seen.items == 0 then return end
  if seen.ok then run:skip(TAKEN) end
  search_all(run)
end

function M.number(run)
  need_spare_number(run)
  return run:ask_trunk("map_phone_number", { phone_number = run.number, mode = "pstn" })
end

-- Where the answer to mapping is no JSON, as in the vendor's example, the id is in the list.
local function id_in_list(run)
  local function fits(seen) return common.data(common.items(seen)[1]).phone_number == run.number end
  local seen = run:read("list_phone_numbers", nil, fits)
  if not fits(seen) then run:skip("no number was mapped: %s", run:describe(seen)) end
  return common.data(seen.items[1]).id
end

local function id_of(run)
  local seen = run:see("number")
  if seen.ok and common.data(seen).id then return seen.data.id end
  if seen.status ~= 200 or seen.shape ~= "no JSON" then run:skip("no number was mapped: %s", run:describe(seen)) end
  run.number_id = run.number_id or id_in_list(run)
  return run.number_id
end

function M.number_again(run)
  id_of(run)
  return run:ask_trunk("map_phone_number", { phone_number = run.number, mode = "pstn" })
end

local function find(run)
  local seen = run:ask("find_trunk_map", { exophone = run.number })
  local data = seen.is_list and common.data(seen.items[1]) or common.data(seen)
  seen.has_it = seen.ok and data.trunk_sid == run.sid
  return seen
end

function M.number_found(run)
  id_of(run)
  run:need_reads()
  local seen = find(run)
  if seen.has_it or run.lag == 0 then return seen end
  run.sleep(run.lag)
  return find(run)
end

function M.alias(run)
  id_of(run)
  return run:ask_trunk("set_settings", { settings = { { name = ALIAS, value = run.number } } })
end

local function has_alias(seen)
  for _, one in ipairs(common.items(seen)) do
    if common.data(one).name == ALIAS then return true end
  end
  return false
end

function M.setting_removed(run)
  common.only_after(run, "alias", "there is no setting")
  local seen = run:ask_trunk("remove_setting", { name = ALIAS })
  if not seen.ok then return seen end
  local read = run:read("list_settings", nil, function(read) return read.ok and not has_alias(read) end)
  run.settings = read
  if not read.ok then run:skip("what is left can't be read: %s", run:describe(read)) end
  seen.has_it = not has_alias(read)
  return seen
end

function M.number_removed(run) return run:ask_trunk("unmap_phone_number", { id = id_of(run) }) end

local REMOVAL = { first = "number_removed", again = "number_removed_again", list = "list_phone_numbers" }

function M.number_gone(run) return common.check_gone(run, REMOVAL, id_of(run)) end

function M.number_removed_again(run)
  common.only_after(run, "number_removed", "the number was not taken off")
  return run:ask_trunk("unmap_phone_number", { id = id_of(run) })
end

return M
