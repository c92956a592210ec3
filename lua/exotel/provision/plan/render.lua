--- How plans and reports look to people: a line for each change, under the name of its trunk.
local kinds = require "exotel.resources.kinds"
local plain = require "exotel.text.plain"

local M = {}

local signs = { create = "+", add = "+", update = "~", remove = "-" }
local trunk_key_fields = { trunk_name = true }

-- What comes from the service may hold anything: it must neither break the line nor control a terminal.
local function printable(value) return plain(value, "?") end

local function sorted_names(fields, leave_out)
  local names = {}
  for name in pairs(fields) do
    if not leave_out[name] then names[#names + 1] = name end
  end
  table.sort(names)
  return names
end

-- What the key doesn't say already.
local function values(fields, key_fields)
  local parts = {}
  for i, name in ipairs(sorted_names(fields, key_fields)) do parts[i] = name .. "=" .. printable(fields[name]) end
  return table.concat(parts, " ")
end

local function difference(change)
  local parts = {}
  for _, name in ipairs(sorted_names(change.to, {})) do
    local before, after = change.from[name], change.to[name]
    if before ~= after then
      parts[#parts + 1] = ("%s: %s -> %s"):format(name, before == nil and "none" or printable(before), printable(after))
    end
  end
  return table.concat(parts, ", ")
end

local function update_detail(change)
  local differing = difference(change)
  if not change.moved_from then return differing end
  return "moved from " .. printable(change.moved_from) .. (differing ~= "" and ", " .. differing or "")
end

local function detail(change)
  if change.reason == "duplicate" then return "second copy, id " .. printable(change.id) end
  if change.action == "update" then return update_detail(change) end
  local kind = kinds.by_name[change.resource]
  return values(change.to or change.from or {}, kind and kind.key_fields or trunk_key_fields)
end

--- render.line(change) → one line for a change of a plan or report.
function M.line(change)
  local sign = change.outcome == "present" and " " or signs[change.action] or "?"
  local line = ("%s %s %s"):format(sign, change.resource, printable(change.key))
  local more = detail(change)
  if more ~= "" then line = line .. " (" .. more .. ")" end
  if change.outcome then line = line .. ": " .. change.outcome end
  if change.err then line = line .. " - " .. plain(change.err) end
  for _, warning in ipairs(change.warnings or {}) do line = line .. " - " .. printable(warning) end
  return line
end

local function of_trunk(list, trunk_name, field)
  local found = {}
  for _, item in ipairs(list or {}) do
    if item[field or "trunk_name"] == trunk_name then found[#found + 1] = item end
  end
  return found
end

local function add_lines(lines, list, line_of)
  for _, item in ipairs(list) do lines[#lines + 1] = line_of(item) end
end

local function change_line(change) return "  " .. M.line(change) end

local function leaving_line(change)
  return ("    %s %s goes to %s"):format(change.resource, printable(change.key), printable(change.trunk_name))
end

local function kept_line(kept)
  return ("    %s %s stays: %s needs it"):format(kept.resource, printable(kept.key), printable(kept.needed_by))
end

local function extra_line(extra) return ("  * %s %s is extra"):format(extra.resource, printable(extra.key)) end

local function refused_line(refused) return "  ! " .. printable(refused.message) end

local function add_section(lines, self, name, summary)
  local changes, extras = of_trunk(self.changes, name), of_trunk(self.extras, name)
  local leaving = of_trunk(self.changes, name, "moved_from")
  lines[#lines + 1] = ("trunk %s: %s"):format(printable(name), summary(changes, extras, leaving))
  add_lines(lines, changes, change_line)
  add_lines(lines, leaving, leaving_line)
  add_lines(lines, of_trunk(self.kept, name), kept_line)
  add_lines(lines, extras, extra_line)
  add_lines(lines, of_trunk(self.refused, name), refused_line)
end

--- render.sections(self, summary) → a heading for each trunk of a plan or report, "trunk <name>: " and what
-- `summary(changes, extras, leaving)` makes of its own, and a line for each change, for what leaves it for another
-- trunk and what stays, for each extra and for what is refused.
function M.sections(self, summary)
  local lines = {}
  for _, trunk in ipairs(self.trunks) do add_section(lines, self, trunk.trunk_name, summary) end
  return table.concat(lines, "\n")
end

return M
