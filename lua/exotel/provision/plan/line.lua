--- How what a plan or report tells looks to people: a line for each.
local kinds = require "exotel.resources.kinds"
local plain = require "exotel.text.plain"
local values = require "exotel.resources.values"

local M = {}

local signs = { create = "+", add = "+", update = "~", remove = "-" }
local trunk_key_fields = { trunk_name = true }

-- What comes from the service may hold anything: it must neither break the line nor control a terminal.
local function printable(value) return plain(value, "?") end

-- What the key doesn't say already.
local function field_texts(fields, key_fields)
  local parts = {}
  for _, name in ipairs(values.sorted_names(fields)) do
    if not key_fields[name] then parts[#parts + 1] = name .. "=" .. printable(fields[name]) end
  end
  return table.concat(parts, " ")
end

--- line.differing(change) → the names of the fields that an update changes, in the order of the alphabet.
function M.differing(change)
  local differing = {}
  for _, name in ipairs(values.sorted_names(change.to)) do
    if change.from[name] ~= change.to[name] then differing[#differing + 1] = name end
  end
  return differing
end

local function difference(change)
  local parts = {}
  for i, name in ipairs(M.differing(change)) do
    local before, after = change.from[name], change.to[name]
    parts[i] = ("%s: %s -> %s"):format(name, before == nil and "none" or printable(before), printable(after))
  end
  return table.concat(parts, ", ")
end

local function update_detail(change)
  local differing = difference(change)
  if not change.moved_from then return differing end
  return "moved from " .. printable(change.moved_from) .. (differing ~= "" and ", " .. differing or "")
end

-- What goes with a trunk: "2 phone numbers, 1 whitelisted IP".
local function contents_text(contents)
  local parts = {}
  for _, kind in ipairs(kinds.as_written) do
    local count = #(contents[kind.name] or {})
    if count > 0 then parts[#parts + 1] = ("%d %s%s"):format(count, kind.noun, count == 1 and "" or "s") end
  end
  return table.concat(parts, ", ")
end

local function detail(change)
  if change.contents then return "with " .. contents_text(change.contents) end
  if change.reason == "duplicate" then return "second copy, id " .. printable(change.id) end
  if change.action == "update" then return update_detail(change) end
  local kind = kinds.by_name[change.resource]
  return field_texts(change.to or change.from or {}, kind and kind.key_fields or trunk_key_fields)
end

--- line.change(change) → the line for a change of a plan or report.
function M.change(change)
  local sign = change.outcome == "present" and " " or signs[change.action] or "?"
  local line = ("%s %s %s"):format(sign, change.resource, printable(change.key))
  local more = detail(change)
  if more ~= "" then line = line .. " (" .. more .. ")" end
  if change.outcome then line = line .. ": " .. change.outcome end
  if change.err then line = line .. " - " .. plain(change.err) end
  for _, warning in ipairs(change.warnings or {}) do line = line .. " - " .. printable(warning) end
  return line
end

--- line.unmapped(key) → the line for a phone number that goes with its trunk.
function M.unmapped(key) return "  phone_number " .. printable(key) .. " is unmapped with it" end

--- line.fold(change, count, wording) → the line for so many more additions of one kind.
function M.fold(change, count, wording)
  local outcome = change.outcome and ": " .. change.outcome or ""
  return ("%s %d more of %s (%s)%s"):format(signs[change.action], count, change.resource, wording.full, outcome)
end

--- line.leaving(change) → the line for what a change moves to another trunk, of the trunk that it leaves.
function M.leaving(change)
  return ("  %s %s goes to %s"):format(change.resource, printable(change.key), printable(change.trunk_name))
end

--- line.kept(kept) → the line for what prune leaves.
function M.kept(kept)
  return ("  %s %s stays: %s needs it"):format(kept.resource, printable(kept.key), printable(kept.needed_by))
end

--- line.extra(extra, wording) → the line for what is there beside the specification.
function M.extra(extra, wording)
  local what = extra.resource .. " " .. printable(extra.key)
  if extra.wanted_by then
    return ("* %s: goes to %s, which is left out (kept)"):format(what, printable(extra.wanted_by))
  end
  return ("* %s: not in the file (kept; %s removes)"):format(what, wording.prune)
end

--- line.refused(refused, wording) → the line for what apply would refuse.
function M.refused(refused, wording) return "! " .. printable(wording.refusal(refused.message)) end

return M
