--- What a plan or report tells of each trunk: its lines, in the order in which they are read.
local plain = require "exotel.text.plain"

local M = {}

-- More additions of one kind to one trunk than this are folded; so many are shown then.
local FOLD_ABOVE, SHOWN = 10, 3

-- Groups by trunk, in one pass over each list: there may be hundreds of trunks, and thousands of changes.
local function group(list, field)
  local by_name = {}
  for _, one in ipairs(list or {}) do
    local name = one[field]
    if name then
      by_name[name] = by_name[name] or {}
      table.insert(by_name[name], one)
    end
  end
  return by_name
end

-- What is folded together, or nil: only additions that have nothing to tell but that they are due, or were not tried.
local function fold_key(change)
  if change.action ~= "add" or change.err or change.warnings then return nil end
  if change.outcome and change.outcome ~= "not_tried" then return nil end
  return change.resource
end

local function count_foldable(changes)
  local counts = {}
  for _, change in ipairs(changes) do
    local key = fold_key(change)
    if key then counts[key] = (counts[key] or 0) + 1 end
  end
  return counts
end

local function add_change(lines, change, style)
  lines[#lines + 1] = style.lines.change(change)
  for _, key in ipairs(change.contents and change.contents.phone_number or {}) do
    lines[#lines + 1] = style.lines.unmapped(key)
  end
end

local function add_changes(lines, changes, style)
  local counts, seen = style.fold and count_foldable(changes) or {}, {}
  for _, change in ipairs(changes) do
    local key = fold_key(change)
    local count = key and counts[key] or 0
    if count <= FOLD_ABOVE then add_change(lines, change, style)
    else
      seen[key] = (seen[key] or 0) + 1
      if seen[key] <= SHOWN then add_change(lines, change, style) end
      if seen[key] == SHOWN then lines[#lines + 1] = style.lines.fold(change, count - SHOWN, style.wording) end
    end
  end
end

local function add_all(lines, list, line_of, wording)
  for _, one in ipairs(list or {}) do lines[#lines + 1] = line_of(one, wording) end
end

--- sections.of(self, changes, style) → an array of { title, lines }, without the trunks of which there is nothing to
-- tell. `self`: a plan or report; `changes`: those of its changes that are told; `style`: { lines (exotel.provision.
-- plan.line or drift_line), wording, fold (whether long runs of additions are a few lines and their number) }.
function M.of(self, changes, style)
  local lines_of, sections = style.lines, {}
  local by_trunk, leaving = group(changes, "trunk_name"), group(changes, "moved_from")
  local kept, extras = group(self.kept, "trunk_name"), group(self.extras, "trunk_name")
  local refused = group(self.refused, "trunk_name")
  for _, trunk in ipairs(self.trunks) do
    local name, lines = trunk.trunk_name, {}
    add_changes(lines, by_trunk[name] or {}, style)
    add_all(lines, leaving[name], lines_of.leaving)
    add_all(lines, kept[name], lines_of.kept)
    add_all(lines, extras[name], lines_of.extra, style.wording)
    add_all(lines, refused[name], lines_of.refused, style.wording)
    if #lines > 0 then sections[#sections + 1] = { title = plain(name, "?"), lines = lines } end
  end
  return sections
end

return M
