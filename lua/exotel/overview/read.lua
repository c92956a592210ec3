--- Reads trunks with all that they have, many lists at once. A list that can't be read is missing, and said to be: it
-- is never taken for an empty one.
local compare = require "exotel.resources.compare"
local engine = require("exotel.core").engine
local errors = require "exotel.error"
local judge = require "exotel.overview.judge"
local kinds = require "exotel.resources.kinds"
local pages = require "exotel.calls.pages"
local request = require "exotel.calls.request"
local together = require "exotel.calls.together"

local M = {}

-- Failures that all further calls would have; and how many lists in a row may fail in other ways.
local HOPELESS = { config = true, authentication = true, cancelled = true }
local FAILURES = 20

-- Trunks --------------------------------------------------------------------------------------------------------------

--- The names of the lists, as a set.
M.lists = {}
for _, kind in ipairs(kinds.all) do M.lists[kind.spec_key] = true end

-- The service has paths under the names of some lists.
local function fields_of(trunk)
  local fields = { unread = {} }
  for name, value in pairs(trunk) do
    if not M.lists[name] then fields[name] = value end
  end
  return fields
end

local function sort_text(value) return type(value) == "string" and value or "" end

local function by_name(a, b)
  local one, other = sort_text(a.trunk_name), sort_text(b.trunk_name)
  if one ~= other then return one < other end
  return sort_text(a.trunk_sid) < sort_text(b.trunk_sid)
end

-- Lists ---------------------------------------------------------------------------------------------------------------

-- What can't be understood comes last. Destinations stand in the order in which they are tried.
local function sort_key(kind, item)
  local readable = compare.readable(kind, { item })[1]
  if not readable then return "~" .. tostring(item.id) end
  local fields = kind.fields(item)
  local rank = type(fields.priority) == "number" and ("%010.3f"):format(math.max(0, fields.priority) % 1000000) or ""
  return "!" .. rank .. tostring(kind.key(fields)) .. " " .. tostring(item.id)
end

local function sorted(kind, list)
  local keys, copy = {}, {}
  for i, item in ipairs(list) do copy[i], keys[item] = item, sort_key(kind, item) end
  table.sort(copy, function(a, b) return keys[a] < keys[b] end)
  return copy
end

local function note_unread(run, trunk, kind, err)
  trunk.unread[#trunk.unread + 1] = { list = kind.spec_key, err = err }
  run.failures = run.failures + 1
  if HOPELESS[err.kind] or run.failures >= FAILURES then run.given_up = run.given_up or err end
end

local function job_of(run, trunk, kind)
  return function(make)
    local list, err = pages.complete(run.client, kind.list, { trunk_sid = trunk.trunk_sid }, nil, make)
    if not list then return note_unread(run, trunk, kind, err) end
    trunk[kind.spec_key], run.failures = sorted(kind, list), 0
  end
end

local function jobs_of(run)
  local jobs = {}
  for _, trunk in ipairs(run.trunks) do
    for _, kind in ipairs(run.kinds) do jobs[#jobs + 1] = job_of(run, trunk, kind) end
  end
  return jobs
end

local function is_noted(trunk, kind)
  for _, one in ipairs(trunk.unread) do
    if one.list == kind.spec_key then return true end
  end
  return false
end

local function stopped(kind)
  return errors.new { kind = "cancelled", operation = kind.list, message = "stopped as asked" }
end

-- What was not tried any more has the reason for that.
local function note_untried(run)
  for _, trunk in ipairs(run.trunks) do
    for _, kind in ipairs(run.kinds) do
      if not trunk[kind.spec_key] and not is_noted(trunk, kind) then
        trunk.unread[#trunk.unread + 1] = { list = kind.spec_key, err = run.given_up or stopped(kind) }
      end
    end
  end
end

-- Those whose lists are wanted.
local function kinds_of(lists)
  if not lists then return kinds.as_written end
  local wanted, found = {}, {}
  for _, name in ipairs(lists) do wanted[name] = true end
  for _, kind in ipairs(kinds.as_written) do
    if wanted[kind.spec_key] then found[#found + 1] = kind end
  end
  return found
end

-- The whole -----------------------------------------------------------------------------------------------------------

local function read_lists(run, options)
  together.run(run.client, jobs_of(run), {
    progress = options.progress, wait = options.wait,
    stop = function() return run.given_up ~= nil or (options.stop ~= nil and options.stop()) end,
  })
  note_untried(run)
end

local function finish(run)
  local account_sid, host = engine.account(run.client)
  local account = { account_sid = account_sid, host = host, complete = true, trunks = run.trunks }
  for _, trunk in ipairs(run.trunks) do
    if #trunk.unread > 0 then account.complete = false end
    trunk.caller_id = judge.caller_id(trunk.settings)
    trunk.warnings = judge.warnings(trunk)
  end
  return account
end

--- read.read(client, options) → account, or nil, err; see exotel.overview.
function M.read(client, options)
  local given, err = options.trunks, nil
  if not given then given, err = pages.complete(client, "list_trunks", {}) end
  if not given then return nil, err end
  local run = { client = client, kinds = kinds_of(options.lists), trunks = {}, failures = 0 }
  for i, trunk in ipairs(given) do run.trunks[i] = fields_of(trunk) end
  table.sort(run.trunks, by_name)
  read_lists(run, options)
  if engine.closed(client) then return nil, request.cancelled("list_trunks") end
  if run.given_up and HOPELESS[run.given_up.kind] then return nil, run.given_up end
  return finish(run)
end

return M
