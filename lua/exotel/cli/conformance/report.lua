--- What a run found: a table for people, lines for scripts, and a report to be sent to the project.
local exotel = require "exotel"
local json = require "exotel.json"
local redact = require "exotel.cli.conformance.redact"
local screen = require "exotel.cli.terminal.screen"

local M = {}

local VERDICTS = { "holds", "differs", "not tried" }
local COLOURS = { holds = "green", differs = "red", ["not tried"] = "yellow" }
local PHRASES = { holds = "%d hold", differs = "%d differ", ["not tried"] = "%d not tried" }

local function counts(results)
  local by = {}
  for _, verdict in ipairs(VERDICTS) do by[verdict] = 0 end
  for _, result in ipairs(results) do by[result.verdict] = by[result.verdict] + 1 end
  return by
end

--- The count of each verdict, as a clause.
function M.summary(found)
  local by, parts = counts(found.results), {}
  for i, verdict in ipairs(VERDICTS) do parts[i] = PHRASES[verdict]:format(by[verdict]) end
  return table.concat(parts, ", ")
end

-- For people ---------------------------------------------------------------------------------------------------------

local WIDTH = 11 -- of the column of verdicts
local INDENT = (" "):rep(WIDTH + 3)

local function pad(text, width) return text .. (" "):rep(width - #text) end

-- A line that may be wider than the terminal; what follows its first column is indented.
local function add_line(lines, first, text)
  for _, line in ipairs(screen.wrap(first .. screen.plain(text), #INDENT)) do lines[#lines + 1] = line .. "\n" end
end

local function add_result(lines, result)
  local fact = result.fact
  local at = #lines + 1
  add_line(lines, pad(result.verdict, WIDTH), pad(fact.from, 3) .. fact.says)
  lines[at] = screen.paint(COLOURS[result.verdict], result.verdict) .. lines[at]:sub(#result.verdict + 1)
  add_line(lines, INDENT, "expected " .. fact.expected)
  add_line(lines, INDENT, result.seen and "seen     " .. result.seen or result.reason)
end

-- What is worth a look stands last, where it is seen.
local ORDER = { "not tried", "holds", "differs" }

--- The table, as wide as the terminal.
function M.text(found)
  local lines = {}
  for _, verdict in ipairs(ORDER) do
    for _, result in ipairs(found.results) do
      if result.verdict == verdict then add_result(lines, result) end
    end
  end
  return table.concat(lines)
end

--- One line for each fact: verdict, id, source, the fact, expected, seen or why it was not tried; tabs between them.
function M.lines(found)
  local lines = {}
  for i, result in ipairs(found.results) do
    local fact = result.fact
    local cells = { result.verdict, fact.id, fact.from, fact.says, fact.expected, result.seen or result.reason }
    for j, cell in ipairs(cells) do cells[j] = screen.plain(cell) end
    lines[i] = table.concat(cells, "\t") .. "\n"
  end
  return table.concat(lines)
end

-- For the project ----------------------------------------------------------------------------------------------------

local function answers_of(result, private)
  local list = {}
  for i, seen in ipairs(result.answers) do
    list[i] = {
      operation = seen.operation, http_status = seen.status, no_answer = seen.failure, shape = seen.shape,
      body = seen.body and redact.body(seen.body, private) or nil,
    }
  end
  return #list > 0 and json.array(list) or nil
end

-- What holds needs no answers to be looked at.
local function entry(result, private)
  local fact = result.fact
  return {
    id = fact.id, from = fact.from, fact = fact.says, expected = fact.expected, verdict = result.verdict,
    seen = result.seen, reason = result.reason,
    answers = result.verdict ~= "holds" and answers_of(result, private) or nil,
  }
end

--- The report, made to be sent to the project: a table to be written as JSON. `region`: a word, or nil.
function M.report(found, region)
  local facts, by = {}, counts(found.results)
  for i, result in ipairs(found.results) do facts[i] = entry(result, found.private) end
  return {
    report = "exotel conformance", format = 1, exotel = exotel.version, lua = _VERSION, date = os.date("!%Y-%m-%d"),
    region = region or "another address", requests = found.requests, ended = found.ended,
    holds = by.holds, differs = by.differs, not_tried = by["not tried"], facts = facts,
  }
end

return M
