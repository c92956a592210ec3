--- Commands that add one or several things to a trunk, each of them as with `ensure`. A description `what` has
--   resource           as bulk.add takes it
--   noun               for messages
--   items              what is to be added, as bulk.add takes it
--   texts              the same as it was typed
--   formats            sentences of an item that is done or present, as Output:ensured takes them
--   values(trunk, data)  what they are made with
--   unknown            what isn't known of one that is cut off: a clause after its text
--   advice             by the error's kind, or nil
local bulk = require "exotel.bulk"
local errors = require "exotel.cli.errors"
local json = require "exotel.json"
local progress = require "exotel.cli.terminal.progress"
local resolve = require "exotel.cli.resolve"
local screen = require "exotel.cli.terminal.screen"
local signals = require "exotel.cli.terminal.signals"

local M = {}

--- What help says of such a verb.
M.more = "Several are checked wholly before the first is sent, and each has its outcome; one that fails keeps no other "
  .. "from being tried. Exit status: 0 all are there, 3 some, 1 none."

local unpack = table.unpack or unpack

-- Before anything is sent ---------------------------------------------------------------------------------------------

local problem_text = { __tostring = function(self) return self.message end }

-- Each as it was typed. One alone needs no name.
local function problem_of(what, problem)
  local message = #what.items > 1 and ("%s: "):format(what.texts[problem.index]) or ""
  message = message .. (problem.rule == "twice" and "" or problem.field .. " ") .. problem.text
  return setmetatable({ message = message, field = problem.field, index = problem.index }, problem_text)
end

local function check(app, what)
  local good, err = bulk.check_items(app:client(), what.resource, what.items)
  if good then return end
  local problems = {}
  for i, problem in ipairs(err.problems) do problems[i] = problem_of(what, problem) end
  if #what.items > 1 then app.out.in_vain = "nothing was sent" end
  errors.arguments(problems)
end

-- Doing it ------------------------------------------------------------------------------------------------------------

-- → summary, err (that ended it, or nil)
local function run(app, what, trunk)
  local bar, over = progress.new("Adding", app:has_bar() and #what.items > 1), 0
  local function unknown()
    bar:clear()
    return ("%s %s"):format(what.texts[over + 1] or what.texts[over], what.unknown)
  end
  local summary, err, partly = app:during_write(unknown, function()
    return bulk.add(app:client(), trunk.trunk_sid, what.resource, what.items, {
      stop = #what.items > 1 and signals.stopped or nil,
      progress = function(done, total)
        over = done
        bar:update(done, total)
      end,
    })
  end)
  bar:clear()
  return summary or partly or errors.assert(nil, err), err
end

-- One alone -----------------------------------------------------------------------------------------------------------

local function show_one(app, what, trunk, item)
  if item.err then
    app.out.advice = (what.advice or {})[item.err.kind]
    errors.assert(nil, item.err)
  end
  app.out:ensured(item.info, item.data, what.formats, unpack(what.values(trunk, item.data)))
  app:remark(item.info)
end

-- Several -------------------------------------------------------------------------------------------------------------

local function item_value(what, item)
  local warnings = item.info and #item.info.warnings > 0 and item.info.warnings or nil
  return {
    argument = what.texts[item.index], outcome = item.outcome, data = item.data, warnings = warnings,
    error = item.err and { kind = item.err.kind, message = item.err.message, text = tostring(item.err),
      request_id = item.err.request_id, maybe_applied = item.err.maybe_applied },
  }
end

local COUNTS = { { "done", "done" }, { "present", "already so" }, { "failed", "failed" }, { "unknown", "unknown" },
  { "not_tried", "not tried" } }

local function show_json(app, what, summary)
  local value = { items = json.array {}, total = summary.total }
  for _, count in ipairs(COUNTS) do value[count[1]] = summary[count[1]] end
  for i, item in ipairs(summary.items) do value.items[i] = item_value(what, item) end
  app.out:value(value)
end

local function count_text(what, summary)
  local parts = {}
  for _, count in ipairs(COUNTS) do
    if summary[count[1]] > 0 then parts[#parts + 1] = ("%d %s"):format(summary[count[1]], count[2]) end
  end
  return ("%d %ss: %s\n"):format(summary.total, what.noun, table.concat(parts, ", "))
end

local function show_item(app, what, trunk, item)
  if item.outcome == "not_tried" then return end
  if item.err then
    local text = ("%s: %s"):format(what.texts[item.index], tostring(item.err))
    return io.stderr:write("exotel: ", screen.plain(text), "\n")
  end
  app.out:done(item.outcome, nil, what.formats[item.outcome], unpack(what.values(trunk, item.data)))
  app:remark(item.info)
end

local function show_not_tried(what, summary)
  local left = {}
  for _, item in ipairs(summary.items) do
    if item.outcome == "not_tried" then left[#left + 1] = what.texts[item.index] end
  end
  if #left > 0 then io.stderr:write("exotel: not tried: ", screen.plain(table.concat(left, ", ")), "\n") end
end

local function show_all(app, what, trunk, summary)
  if app.out.json then return show_json(app, what, summary) end
  for _, item in ipairs(summary.items) do show_item(app, what, trunk, item) end
  show_not_tried(what, summary)
  if not app.out.quiet then app.out:text(count_text(what, summary)) end
end

-- As of an import; what is half done is partly done.
local function status_of(summary, err)
  local good = summary.done + summary.present
  if good == summary.total and not err then return errors.status.done end
  local touched = good + summary.unknown
  for _, item in ipairs(summary.items) do
    if item.err and item.data then touched = touched + 1 end
  end
  return touched > 0 and errors.status.partly or errors.status.failed
end

--- additions.run(app, name, what) → the exit status. `name`: the trunk, as the command line has it.
function M.run(app, name, what)
  check(app, what)
  local trunk = resolve.trunk(app:client(), name)
  local summary, err = run(app, what, trunk)
  if #what.items == 1 then return show_one(app, what, trunk, summary.items[1]) end
  show_all(app, what, trunk, summary)
  if err then app.out:fail(err) end
  return status_of(summary, err)
end

return M
