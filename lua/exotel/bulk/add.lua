--- Several things added to one trunk, one after the other: checked as a whole first, each with its outcome.
local compare = require "exotel.resources.compare"
local engine = require("exotel.core").engine
local ensure = require "exotel.resources.ensure"
local errors = require "exotel.error"
local failures = require "exotel.bulk.failures"
local kinds = require "exotel.resources.kinds"
local request = require "exotel.calls.request"
local validation = require "exotel.resources.validation"

local M = {}

--- What can be added, by name: a setting has no list, and a credential a password.
M.kinds = {}
for _, name in ipairs { "phone_number", "whitelisted_ip", "destination" } do M.kinds[name] = kinds.by_name[name] end

-- Failures of network or service in a row, after which no other is tried.
local PATIENCE = 2

-- Checking ------------------------------------------------------------------------------------------------------------

-- What stands in the list at a fault's place, as it was given.
local function given_at(list, kind, index)
  local one = list[index]
  return type(one) == "table" and one[kind.short] or one
end

local function problem_of(kind, list, fault)
  local index = tonumber(fault.field:match("%[(%d+)%]"))
  local text = fault.rule == "twice" and "is given twice" or fault.text
  local name = fault.argument and fault.argument:match("[%w_]+$") or kind.short
  return {
    index = index, field = name, rule = fault.rule, text = text,
    message = ("%s: %s%s"):format(tostring(given_at(list, kind, index)), name ~= kind.short and name .. " " or "",
      text),
  }
end

local function refusal(kind, list, faults)
  local problems = {}
  for i, fault in ipairs(faults) do problems[i] = problem_of(kind, list, fault) end
  local first, others = problems[1], #problems - 1
  return errors.new {
    kind = "invalid_argument", operation = kind.add, field = ("items[%d].%s"):format(first.index or 0, first.field),
    message = ("%s%s"):format(first.message, others > 0 and (" (and %d more)"):format(others) or ""),
    problems = problems,
  }
end

--- add.read(client, kind, list) → items, as exotel.resources.items has them; or nil, err with `problems`. `list`: an
-- array, each a string or a table.
function M.read(client, kind, list)
  local reading = validation.reading(client)
  local items = kind:read_entries(reading, { [kind.spec_key] = list }, "")
  if #reading.faults > 0 then return nil, refusal(kind, list, reading.faults) end
  return items
end

-- Adding one ----------------------------------------------------------------------------------------------------------

-- What `add` takes: levels are set by an update.
local function without_levels(kind, entry)
  local rest = {}
  for name, value in pairs(entry) do rest[name] = value end
  for _, name in ipairs(kind.updated_after_add and kind.compared or {}) do rest[name] = nil end
  return rest
end

local function exists_otherwise(kind, info, text)
  return errors.new {
    kind = "conflict", operation = kind.add, message = text, attempts = info.attempts, elapsed = info.elapsed,
  }
end

-- After an addition that stays it is said what is missing, so that nobody adds it again.
local function set_levels(client, kind, trunk_sid, item, data)
  local arguments = kind.update_arguments(item, data)
  arguments.trunk_sid = trunk_sid
  local updated, info = request.make(client, kind.update, arguments)
  if updated then return updated, info end
  info.message = ("it is added (id %s), but not with %s: %s"):format(tostring(data.id),
    table.concat(kind.compared, " and "), info.message)
  return nil, info, data
end

-- → data, info; or nil, err, and what is there all the same
local function add(client, kind, trunk_sid, item)
  local data, info = ensure.item(client, kind, trunk_sid, without_levels(kind, item.entry))
  local difference = data and kind.updated_after_add and compare.conflict(kind, data, item.fields)
  if not difference then return data, info end
  if info.adopted and info.attempts == 0 then return nil, exists_otherwise(kind, info, difference) end
  local updated, update_info, there = set_levels(client, kind, trunk_sid, item, data)
  if not updated then return nil, update_info, there end
  for _, warning in ipairs(info.warnings) do table.insert(update_info.warnings, warning) end
  update_info.adopted = info.adopted
  return updated, update_info
end

-- All of them ---------------------------------------------------------------------------------------------------------

local OUTCOMES = { "done", "present", "failed", "unknown", "not_tried" }

local function outcome_of(data, info)
  if data then return info.adopted and "present" or "done" end
  return info.maybe_applied and "unknown" or "failed"
end

local function summary_of(results)
  local summary = { total = #results, items = results }
  for _, outcome in ipairs(OUTCOMES) do summary[outcome] = 0 end
  for _, one in ipairs(results) do summary[one.outcome] = summary[one.outcome] + 1 end
  return summary
end

-- A run. Fields: client, kind, trunk_sid, results, failed_in_row, err (that ended it)
local Run = {}
Run.__index = Run

-- What every further one would fail by ends the run; what is certain to have had no effect is as if it were not tried.
function Run:judge(result)
  local err = result.err
  self.failed_in_row = err and failures.is_transient(err.kind) and self.failed_in_row + 1 or 0
  local is_fatal = err and failures.is_fatal(err)
  if is_fatal and result.outcome == "failed" and not result.data then result.outcome = "not_tried" end
  if is_fatal or self.failed_in_row >= PATIENCE then self.err = err end
end

function Run:add(item, result)
  local data, info, there = add(self.client, self.kind, self.trunk_sid, item)
  result.outcome, result.data = outcome_of(data, info), data or there
  if data then result.info = info else result.err = info end
  self:judge(result)
end

local function cancelled(kind)
  return errors.new { kind = "cancelled", operation = kind.add, message = "it was stopped before all were tried" }
end

--- add.all(client, kind, trunk_sid, items, options) → summary; or nil, err, summary. `options`: progress, stop.
function M.all(client, kind, trunk_sid, items, options)
  local run = setmetatable({ client = client, kind = kind, trunk_sid = trunk_sid, failed_in_row = 0 }, Run)
  local results = {}
  for i, item in ipairs(items) do results[i] = { index = i, fields = item.entry, outcome = "not_tried" } end
  for i, item in ipairs(items) do
    if options.stop and options.stop() or engine.closed(client) then run.err = cancelled(kind) end
    if run.err then break end
    run:add(item, results[i])
    if options.progress then options.progress(i, #items) end
  end
  local summary = summary_of(results)
  if run.err then return nil, run.err, summary end
  return summary
end

return M
