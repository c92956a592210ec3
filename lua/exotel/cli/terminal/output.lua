--- What the command prints: tables and sentences for people, tab-separated lines for scripts, JSON for programs.
local errors = require "exotel.cli.errors"
local json = require "exotel.json"
local screen = require "exotel.cli.terminal.screen"
local signals = require "exotel.cli.terminal.signals"
local wording = require "exotel.cli.wording"

local Output = {}
Output.__index = Output

local M = {}

--- output.new { json = } → an output. Fields: `json`, `quiet` (booleans), `advice` (what to do about a failure),
-- `in_vain` (what a failure means, as a clause; people are told it first).
function M.new(settings) return setmetatable({ json = settings.json }, Output) end

local EPIPE = 32

-- A reader that has gone is no failure. Anything else is one: a full disk.
local function check_written(good, reason, code)
  if good then return end
  if code == EPIPE then signals.die_of_pipe() end
  errors.fail("the output can't be written: %s", tostring(reason))
end

--- Writes a text to standard output, and flushes it.
function Output.text(_, text)
  screen.settle()
  check_written(io.stdout:write(text))
  check_written(io.stdout:flush())
end

-- JSON ----------------------------------------------------------------------------------------------------------------

-- Text that is no UTF-8 can't be JSON: its bytes above ASCII are replaced.
local function ascii(value)
  if type(value) == "string" then return (value:gsub("[\128-\255]", "?")) end
  if type(value) ~= "table" then return value end
  local copy = setmetatable({}, getmetatable(value))
  for key, item in pairs(value) do copy[ascii(key)] = ascii(item) end
  return copy
end

-- `layout`: as json.encode takes it, or nil for one line
local function encode(value, layout)
  local good, text = pcall(json.encode, value, layout)
  return (good and text or json.encode(ascii(value), layout)) .. "\n"
end

local LAYOUT = { indent = 2 }

--- output.line(value) → the value as JSON in one line.
function M.line(value) return encode(value) end

--- A value as JSON, a part of what `text` writes.
function Output.encode(value) return (encode(value, LAYOUT):gsub("\n$", "")) end

--- Writes a value as JSON.
function Output:value(value) self:text(encode(value, LAYOUT)) end

-- Tables --------------------------------------------------------------------------------------------------------------

local function cell(column, item)
  local value = item[column.field]
  if value == nil then value = column.default or "" end
  return screen.plain(value)
end

local function rows_of(columns, items)
  local rows = {}
  for i, item in ipairs(items) do
    rows[i] = {}
    for j, column in ipairs(columns) do rows[i][j] = cell(column, item) end
  end
  return rows
end

local width = screen.text_width

-- Spaces between two columns of a table.
local GAP = 2

local function widths_of(rows)
  local widths = {}
  for _, row in ipairs(rows) do
    for i, text in ipairs(row) do widths[i] = math.max(widths[i] or 0, width(text)) end
  end
  return widths
end

local function aligned(row, widths, colour)
  local parts = {}
  for i, text in ipairs(row) do
    local space = i < #row and (" "):rep(widths[i] - width(text) + GAP) or ""
    parts[i] = screen.paint(colour, text) .. space
  end
  return (table.concat(parts):gsub(" +$", ""))
end

-- How many columns from the left fit on the screen, at least one.
local function fitting(widths)
  local total = 0
  for i, one in ipairs(widths) do
    total = total + one + (i > 1 and GAP or 0)
    if total > screen.width() then return math.max(1, i - 1) end
  end
  return #widths
end

local function first_of(list, count)
  local first = {}
  for i = 1, count do first[i] = list[i] end
  return first
end

-- A row whose last columns don't fit has them below itself, each with its title.
local function row_lines(row, titles, widths, count)
  local lines = { aligned(first_of(row, count), widths) }
  for i = count + 1, #row do
    local text = ("  %s: %s"):format(titles[i]:lower(), row[i])
    for _, line in ipairs(row[i] ~= "" and screen.wrap(text, 4) or {}) do lines[#lines + 1] = line end
  end
  return table.concat(lines, "\n")
end

local function table_text(columns, items)
  local rows, titles = rows_of(columns, items), {}
  for i, column in ipairs(columns) do titles[i] = column.field:upper() end
  table.insert(rows, 1, titles)
  local widths = widths_of(rows)
  local count = fitting(widths)
  local lines = { aligned(first_of(titles, count), widths, "bold") }
  for i = 2, #rows do lines[i] = row_lines(rows[i], titles, widths, count) end
  return table.concat(lines, "\n") .. "\n"
end

local function tab_text(columns, items)
  local lines = {}
  for i, row in ipairs(rows_of(columns, items)) do lines[i] = table.concat(row, "\t") .. "\n" end
  return table.concat(lines)
end

-- CSV -----------------------------------------------------------------------------------------------------------------

-- What a spreadsheet would take for a formula has an apostrophe before it, which is not shown there; numbers have none.
local function harmless(text)
  local is_formula = text:find("^[=+@-]") and not text:find("^[+-]?[%d.]+$")
  return is_formula and "'" .. text or text
end

local function csv_field(text)
  text = harmless(text)
  if not text:find('[",;\t]') then return text end
  return '"' .. text:gsub('"', '""') .. '"'
end

local function csv_line(texts)
  local fields = {}
  for i, text in ipairs(texts) do fields[i] = csv_field(text) end
  return table.concat(fields, ",") .. "\n"
end

local function csv_text(columns, items)
  local names, lines = {}, {}
  for i, column in ipairs(columns) do names[i] = column.field end
  lines[1] = csv_line(names)
  for i, row in ipairs(rows_of(columns, items)) do lines[i + 1] = csv_line(row) end
  return table.concat(lines)
end

--- A list: a table with titles on a terminal, else one line per item with tabs between the columns and no titles; or
-- CSV. `columns`: an array of { field =, default = }. `nothing`: what a person is told about an empty list.
function Output:list(columns, items, nothing, csv)
  if self.json then return self:value(json.array(items)) end
  if csv then return self:text(csv_text(columns, items)) end
  if not screen.stdout_is_terminal() then return self:text(tab_text(columns, items)) end
  if #items == 0 then return self:note("%s", nothing) end
  self:text(table_text(columns, items))
end

--- One item: one line per field, in the order of `fields`.
function Output:item(fields, item)
  if self.json then return self:value(item) end
  local rows = {}
  for _, field in ipairs(fields) do rows[#rows + 1] = { name = field, value = item[field] } end
  local columns = { { field = "name" }, { field = "value" } }
  if not screen.stdout_is_terminal() then return self:text(tab_text(columns, rows)) end
  local lines, cells = {}, rows_of(columns, rows)
  local widths = widths_of(cells)
  for i, row in ipairs(cells) do
    lines[i] = screen.paint("bold", row[1]) .. (" "):rep(widths[1] - width(row[1]) + 2) .. row[2] .. "\n"
  end
  self:text(table.concat(lines))
end

-- What was done -------------------------------------------------------------------------------------------------------

--- Says what was done: `outcome` "done", or "present" if it was so already; the service's `data`; a sentence.
function Output:done(outcome, data, format, ...)
  if self.json then return self:value { outcome = outcome, data = data } end
  if self.quiet then return end
  self:text(screen.format(format, ...) .. "\n")
end

--- Says that a write with `ensure` was done, or that it was so already, as its `info` tells. `formats`: of the
-- sentence, by outcome.
function Output:ensured(info, data, formats, ...)
  local outcome = info.adopted and "present" or "done"
  if not self.json then return self:done(outcome, data, formats[outcome], ...) end
  self:value { outcome = outcome, data = data, warnings = #info.warnings > 0 and info.warnings or nil }
end

--- A remark for people, on standard error.
function Output:note(format, ...)
  if self.quiet or self.json then return end
  screen.settle()
  io.stderr:write(screen.format(format, ...), "\n")
end

--- Something that may go wrong later, on standard error.
function Output:warn(format, ...)
  if self.quiet then return end
  screen.settle()
  io.stderr:write("exotel: warning: ", screen.format(format, ...), "\n")
end

-- Failures ------------------------------------------------------------------------------------------------------------

local fields = {
  "kind", "message", "description", "operation", "field", "http_status", "code", "request_id", "attempts", "elapsed",
  "retry_after", "retryable", "maybe_applied", "reason", "problems",
}

-- What to do, by the kind of an error whose text doesn't say it.
local advice = {
  network = "`exotel doctor` looks for the cause",
  timeout = "`exotel doctor` looks for the cause",
  tls = "`exotel doctor` looks for the cause",
  authentication = "`exotel doctor` looks for the cause",
  permission = "ask Exotel to enable SIP trunking for this account",
  rate_limited = "wait a minute and run it again",
}

-- When nothing was sent the reason is enough, without the argument's index in a list of one.
local function sentence(err)
  if err.kind == "config" then return wording.command(err.message) end
  if err.kind == "invalid_argument" then return (wording.command(err.message):gsub("^%w+%[%d+%]%.", "")) end
  return wording.command(tostring(err))
end

local function error_fields(err)
  local shown = { text = wording.command(tostring(err)) }
  for _, field in ipairs(fields) do shown[field] = err[field] end
  shown.message = err.message and wording.command(err.message)
  return shown
end

-- The problem as a line, without its level, which all have that keep from going on.
local function without_level(problem)
  local copy = {}
  for name, value in pairs(problem) do copy[name] = value end
  copy.level = nil
  return tostring(setmetatable(copy, getmetatable(problem)))
end

--- Shows what is wrong with files, a line each.
function Output:problems(problems)
  if self.in_vain then io.stderr:write("exotel: ", self.in_vain, ":\n") end
  for _, problem in ipairs(problems) do io.stderr:write("exotel: ", screen.plain(without_level(problem)), "\n") end
end

--- Shows a failure on standard error: a line for people, or { error = { kind, message, text, … } } as JSON.
function Output:fail(err)
  screen.settle()
  if self.json then return io.stderr:write(encode({ error = error_fields(err) }, LAYOUT)) end
  if err.problems then return self:problems(err.problems) end
  local more = self.advice or err.operation and advice[err.kind]
  local meaning = self.in_vain and err.kind ~= "usage" and self.in_vain .. ": " or ""
  io.stderr:write("exotel: ", meaning, screen.plain(sentence(err)), more and " -- " .. more or "", "\n")
end

return M
