--- What an import tells people: how its file was read, what it did, and why rows failed.
local errors = require "exotel.cli.errors"
local json = require "exotel.json"
local screen = require "exotel.cli.terminal.screen"
local wording = require "exotel.cli.wording"

local M = {}

-- Rows that can't be sent, columns that are left alone, and reasons that are shown.
local ROWS, OTHERS, REASONS = 10, 8, 3
local OUTCOMES = { "done", "present", "failed", "unknown", "not_tried" }

--- import_report.counted(count, noun) → "1 row", "12 rows".
function M.counted(count, noun) return ("%d %s%s"):format(count, noun, count == 1 and "" or "s") end

-- How the file was read -----------------------------------------------------------------------------------------------

local function column_text(column) return type(column) == "number" and "column " .. column or "'" .. column .. "'" end

local function others_text(others)
  local shown = {}
  for i = 1, math.min(#others, OTHERS) do shown[i] = others[i] end
  local more = #others - #shown
  return table.concat(shown, ", ") .. (more > 0 and (" and %d more"):format(more) or "")
end

-- Nothing is said of a file that has the columns' own names, and no others.
local function columns_text(numbers)
  local parts, plain = {}, numbers.has_header and #numbers.others == 0
  for _, field in ipairs { "phone_number", "mode", "trunk" } do
    local column = numbers.columns[field]
    plain = plain and (column == nil or column == field)
    if column then parts[#parts + 1] = ("%s from %s"):format(field, column_text(column)) end
  end
  if plain then return nil end
  local others = #numbers.others > 0 and "; left alone: " .. others_text(numbers.others) or ""
  return table.concat(parts, ", ") .. others
end

local function changes_text(numbers)
  local parts = {}
  if numbers.cleaned > 0 then parts[1] = numbers.cleaned .. " cleaned" end
  if numbers.completed > 0 then parts[#parts + 1] = numbers.completed .. " completed" end
  return #parts > 0 and table.concat(parts, ", ") or nil
end

--- import_report.reading(out, numbers, is_dry): says which columns were taken, and what was done to numbers.
function M.reading(out, numbers, is_dry)
  local columns, changes = columns_text(numbers), changes_text(numbers)
  if columns then out:note("%s: %s", numbers.name, columns) end
  if changes then
    local total = M.counted(numbers.total, "number")
    out:note("%s: of %s %s; %s", numbers.name, total, changes,
      is_dry and "what stood in the file is in the column original" or "--dry-run shows them, and so do the results")
  end
end

-- Rows that can't be sent ---------------------------------------------------------------------------------------------

local function problem_text(row)
  local stood = row.original or row.phone_number
  return ("line %d: %s%s"):format(row.line, stood and stood .. ": " or "", wording.command(row.problem.message))
end

--- import_report.problems(out, numbers, failed): lists the first rows that can't be sent, and says where all are.
function M.problems(out, numbers, failed)
  local first, count = numbers:problems(ROWS)
  for _, row in ipairs(first) do out:note("%s", problem_text(row)) end
  if count > ROWS then
    local where = failed and "; all are in " .. failed or ""
    out:note("and %s that can't be sent%s", M.counted(count - ROWS, "more row"), where)
  end
end

-- The end -------------------------------------------------------------------------------------------------------------

local function outcome_text(summary, outcome)
  local count, earlier = summary[outcome], summary.earlier[outcome] or 0
  if count == 0 then return nil end
  local which = earlier == count and " (all in an earlier run)" or (" (%d in an earlier run)"):format(earlier)
  return ("%d %s%s"):format(count, (outcome:gsub("_", " ")), earlier > 0 and which or "")
end

local function summary_text(summary)
  local parts, earlier = {}, 0
  for _, outcome in ipairs(OUTCOMES) do
    parts[#parts + 1] = outcome_text(summary, outcome)
    earlier = earlier + (summary.earlier[outcome] or 0)
  end
  local nothing = summary.sent == 0 and earlier > 0 and "; nothing was sent" or ""
  local what = #parts > 0 and table.concat(parts, ", ") or "nothing to do"
  return ("%s: %s%s"):format(M.counted(summary.total, "row"), what, nothing)
end

local function reason_lines(summary)
  local lines = {}
  for i = 1, math.min(#summary.reasons, REASONS) do
    local reason = summary.reasons[i]
    lines[i] = screen.format("%6d  %s\n", reason.count, wording.command(reason.message))
  end
  local more = #summary.reasons - #lines
  if more > 0 then lines[#lines + 1] = ("        and %s\n"):format(M.counted(more, "more reason")) end
  return table.concat(lines)
end

--- import_report.finish(out, summary, err, results): says what became of the rows, why some failed, and where that is
-- written.
function M.finish(out, summary, err, results)
  if out.json then
    summary.reasons = json.array(wording.reasons(summary.reasons))
    return out:value(summary)
  end
  if out.quiet then return end
  local what = err and err.field == "results" and "what could be written" or "each row's outcome"
  local text = screen.format("%s; %s is in %s\n", summary_text(summary), what, results) .. reason_lines(summary)
  if summary.failed_rows then
    text = text .. screen.format("the rows that failed are in %s: correct them there, and import that file\n",
      summary.failed_rows)
  end
  out:text(text)
end

--- import_report.status(summary, err) → the exit status. Mapped and not written down is not done.
function M.status(summary, err)
  local good = summary.done + summary.present
  if good == summary.total and not err then return errors.status.done end
  return good > 0 and errors.status.partly or errors.status.failed
end

return M
