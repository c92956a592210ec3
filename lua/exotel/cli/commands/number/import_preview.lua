--- What an import would send: a line a row, written as they are read, however many there are.
local errors = require "exotel.cli.errors"
local json = require "exotel.json"
local report = require "exotel.cli.commands.number.import_report"
local screen = require "exotel.cli.terminal.screen"
local wording = require "exotel.cli.wording"

local M = {}

-- Rows that are written at a time.
local STEP = 500
-- Of the columns on a terminal. Those to the left fit on the narrowest, those beside them where there is room.
local WIDTHS, LEFT = { 6, 16, 4, 7, 20 }, 4
local TITLES = { "line", "phone_number", "mode", "action", "original", "reason" }

-- What the import would do: map it, or nothing, since it is done, present or failed.
local function action_of(row) return row.problem and "refused" or row.outcome or "map" end

local function cells_of(row)
  local reason = row.problem and row.problem.message or row.reason or ""
  return {
    ("%d"):format(row.line), row.phone_number or "", row.mode or "", action_of(row), row.original or "",
    wording.command(reason),
  }
end

local function columns(cells, count)
  local parts = {}
  for i = 1, count do
    parts[i] = cells[i] .. (" "):rep((WIDTHS[i] or 0) - screen.text_width(cells[i]))
  end
  return (table.concat(parts, "  "):gsub(" +$", ""))
end

-- What doesn't fit beside the columns to the left stands below them. The original is shown as it is, and not wrapped.
local function below(cells)
  local lines, indent = { columns(cells, LEFT) }, (" "):rep(WIDTHS[1] + 2)
  if cells[5] ~= "" then lines[2] = indent .. TITLES[5] .. ": " .. cells[5] end
  for _, line in ipairs(screen.wrap(indent .. cells[6], #indent)) do lines[#lines + 1] = line end
  return table.concat(lines, "\n")
end

local function fits(line) return screen.text_width(line) <= screen.width() end

local function text_line(cells)
  for i, cell in ipairs(cells) do cells[i] = screen.plain(cell) end
  if not screen.stdout_is_terminal() then return table.concat(cells, "\t") .. "\n" end
  local line = columns(cells, #cells)
  return (fits(line) and line or below(cells)) .. "\n"
end

-- The last two stand where each row says what it is itself, if there is no room for them.
local function title_line()
  local line = columns(TITLES, #TITLES)
  return (fits(line) and line or columns(TITLES, LEFT)) .. "\n"
end

local function json_row(row)
  local reason = row.problem and row.problem.message or row.reason
  return {
    line = row.line, phone_number = row.phone_number, mode = row.mode, trunk_sid = row.trunk_sid,
    action = action_of(row), original = row.original, reason = reason and wording.command(reason),
  }
end

-- Writes what `shown` makes of each row.
local function write_rows(out, numbers, shown)
  local texts = {}
  for row in numbers:each() do
    texts[#texts + 1] = shown(row)
    if #texts == STEP then
      out:text(table.concat(texts))
      texts = {}
    end
  end
  out:text(table.concat(texts))
end

local function write_json(out, numbers, summary)
  local separator = ""
  summary.reasons = json.array(wording.reasons(summary.reasons))
  out:text('{"rows": [')
  write_rows(out, numbers, function(row)
    local text = separator .. "\n" .. out.encode(json_row(row))
    separator = ","
    return text
  end)
  out:text(('],\n"summary": %s}\n'):format(out.encode(summary)))
end

local function write_text(out, numbers)
  if screen.stdout_is_terminal() then out:text(screen.paint("bold", title_line())) end
  write_rows(out, numbers, function(row) return text_line(cells_of(row)) end)
end

local function counts_text(summary)
  local parts = { summary.not_tried .. " to map" }
  local before = summary.earlier.done + summary.earlier.present
  if before > 0 then parts[#parts + 1] = before .. " mapped already" end
  if summary.cleaned > 0 then parts[#parts + 1] = summary.cleaned .. " cleaned" end
  if summary.completed > 0 then parts[#parts + 1] = summary.completed .. " completed" end
  if summary.failed > 0 then parts[#parts + 1] = summary.failed .. " refused" end
  return table.concat(parts, ", ")
end

--- import_preview.show(out, numbers, summary) → the exit status: that which the import would have if all went well.
function M.show(out, numbers, summary)
  if out.json then write_json(out, numbers, summary)
  elseif not out.quiet then write_text(out, numbers) end
  out:note("%s: %s; nothing was sent", report.counted(summary.total, "row"), counts_text(summary))
  if summary.failed == 0 then return errors.status.done end
  return summary.failed < summary.total and errors.status.partly or errors.status.failed
end

return M
