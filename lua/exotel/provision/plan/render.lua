--- How plans and reports look to people: as text, and as Markdown.
local drift_line = require "exotel.provision.plan.drift_line"
local line = require "exotel.provision.plan.line"
local markdown = require "exotel.provision.plan.markdown"
local plain = require "exotel.text.plain"
local sections = require "exotel.provision.plan.sections"
local wording = require "exotel.provision.plan.wording"

local M = {}

local LINES = { plan = line, drift = drift_line }

-- How it is told that a plan is not about all trunks of its specifications; nil when it is.
local function partial_line(self)
  local left_out = self.left_out or {}
  if #left_out == 0 then return nil end
  local names = {}
  for i, trunk in ipairs(self.trunks) do names[i] = plain(trunk.trunk_name, "?") end
  local rest = #left_out == 1 and "1 other trunk of the file is" or #left_out .. " other trunks of the file are"
  return ("partial: only %s; %s left out"):format(table.concat(names, ", "), rest)
end

local function origin_line(self)
  local date, time = self.made_at:match("^(%d+%-%d+%-%d+)T(%d+:%d+:%d+)Z$")
  local made_at = date and ("%s %s UTC"):format(date, time) or plain(self.made_at, "?")
  return ("plan made %s for account %s"):format(made_at, plain(self.account, "?"))
end

-- What is said of a plan or report as a whole, before its trunks.
local function remarks(self, options)
  local lines = { options.origin and origin_line(self) or nil }
  lines[#lines + 1] = partial_line(self)
  return lines
end

local function style_of(options)
  return {
    lines = LINES[options.words or "plan"], wording = options.command and wording.command or wording.library,
    fold = options.fold or false,
  }
end

--- render.text(self, changes, count, options) → a heading for each trunk of a plan or report, a line for each of its
-- changes, for what leaves it and what stays, for each extra and for what is refused; and the count. `options`: fold,
-- command, words, origin.
function M.text(self, changes, count, options)
  local lines = remarks(self, options)
  for _, section in ipairs(sections.of(self, changes, style_of(options))) do
    lines[#lines + 1] = "trunk " .. section.title
    for _, text in ipairs(section.lines) do lines[#lines + 1] = "  " .. text end
  end
  lines[#lines + 1] = count
  return table.concat(lines, "\n")
end

--- render.markdown(self, count, options) → the same as Markdown, with the count first.
function M.markdown(self, count, options)
  return markdown.document(count, remarks(self, options), sections.of(self, self.changes, style_of(options)))
end

return M
