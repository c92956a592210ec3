--- What exists as a specification.
local compare = require "exotel.resources.compare"
local engine = require("exotel.core").engine
local items = require "exotel.resources.items"
local kinds = require "exotel.resources.kinds"
local needs = require "exotel.resources.needs"
local pages = require "exotel.calls.pages"
local reader = require "exotel.provision.spec.reader"
local request = require "exotel.calls.request"
local together = require "exotel.calls.together"

local M = {}

local function warn(info, format, ...) table.insert(info.warnings, format:format(...)) end

-- What exists ---------------------------------------------------------------------------------------------------------

local function trunk_fields(trunk)
  local spec = {}
  for _, name in ipairs(reader.trunk_fields) do
    if type(trunk[name]) == "string" then spec[name] = trunk[name] end
  end
  return spec
end

local function plural(count, noun) return ("%d %s%s"):format(count, noun, count == 1 and "" or "s") end

local function warn_of_unreadable(info, kind, count)
  if count == 0 then return end
  warn(info, "%s can't be understood, and %s left out", plural(count, kind.noun), count == 1 and "is" or "are")
end

local function warn_of_copies(info, kind, existing)
  local keys, counts = {}, {}
  for _, one in ipairs(existing) do
    local key = compare.key(kind, one)
    if not counts[key] then keys[#keys + 1] = key end
    counts[key] = (counts[key] or 0) + 1
  end
  for _, key in ipairs(keys) do
    local count = counts[key]
    if count > 1 then warn(info, "%s is there %d times, and stands in the specification once", key, count) end
  end
end

-- → nil, or err
local function add_entries(client, spec, kind, trunk_sid, info, make)
  local existing, err = pages.complete(client, kind.list, { trunk_sid = trunk_sid }, nil, make)
  if not existing then return err end
  local readable = compare.readable(kind, existing)
  warn_of_unreadable(info, kind, #existing - #readable)
  warn_of_copies(info, kind, readable)
  spec[kind.spec_key] = kind:export_entries(readable)
end

-- What the service is left to judge: it held these values, though the rules forbid to send them -----------------------

local AS_IS = "; it is left to the service to judge (as_is)"

local function mark_fields(spec, trunk, info)
  for _, name in ipairs(reader.trunk_fields) do
    local invalid = trunk.invalid[name]
    if invalid then
      items.mark_value(spec, name)
      warn(info, "%s%s", invalid.message, AS_IS)
    end
  end
end

-- Why it would be refused if it had to be made again, or nil.
local function objection(kind, desired, item)
  if item.invalid then return item.invalid.message end
  return needs.unmet(kind, item, desired) and ("%s (%s) %s"):format(item.path, item.key, kind.needs.lack)
end

local function mark_items(spec, kind, desired, info)
  for i, item in ipairs(desired[kind.name]) do
    local message = objection(kind, desired, item)
    if message then
      kind:mark_as_is(spec, desired[kind.name], i)
      warn(info, "%s%s", message, AS_IS)
    end
  end
end

local function mark(client, spec, info)
  local desired_trunks, err = reader.read(client, spec)
  if not desired_trunks then return warn(info, "%s", err.message) end
  mark_fields(spec, desired_trunks[1].trunk, info)
  for _, kind in ipairs(kinds.all) do mark_items(spec, kind, desired_trunks[1], info) end
end

-- → specification, { warnings }; or nil, err. `make` makes the calls.
local function read(client, trunk_sid, make)
  local trunk, err = make("get_trunk", { trunk_sid = trunk_sid })
  if not trunk then return nil, err end
  local spec, info = trunk_fields(trunk), { warnings = {} }
  for _, kind in ipairs(kinds.all) do
    err = add_entries(client, spec, kind, trunk_sid, info, make)
    if err then return nil, err end
  end
  mark(client, spec, info)
  return spec, info
end

--- export.export(client, trunk_sid) → specification, { warnings }; or nil, err.
function M.export(client, trunk_sid)
  if engine.closed(client) then error("the client is closed", 0) end
  return read(client, trunk_sid, function(operation, arguments) return request.make(client, operation, arguments) end)
end

-- Once one has failed the others are of no use.
local function job_of(run, i, trunk_sid)
  return function(make)
    local spec, info = read(run.client, trunk_sid, make)
    if spec then run.specs[i], run.infos[i] = spec, info else run.err = run.err or info end
  end
end

--- export.all(client, trunk_sids, options) → specifications, infos; or nil, err. `options`: as of calls.together.
function M.all(client, trunk_sids, options)
  local run, jobs = { client = client, specs = {}, infos = {} }, {}
  for i, trunk_sid in ipairs(trunk_sids) do jobs[i] = job_of(run, i, trunk_sid) end
  together.run(client, jobs, {
    progress = options.progress, wait = options.wait, stop = function() return run.err ~= nil end,
  })
  if not run.err and engine.closed(client) then run.err = request.cancelled("get_trunk") end
  if run.err then return nil, run.err end
  return run.specs, run.infos
end

return M
