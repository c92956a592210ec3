--- What stands in a file, as it stands there. A node has `type`, and the lines where it begins and ends (`line`,
-- `last_line`); types are
--
--   "table"      with `entries`, in the order of the text; `fields`, the entries by name or index; `twice`, an array of
--                { key, line, first_line }; `is_twice`, their keys as a set; `has_computed_keys`; `tail`, the comments
--                behind the last entry; `is_broken`: its first entry stands on another line than the opening bracket;
--                `is_array`, in JSON
--   "literal"    with `text`: a string, number, true, false, nil or null
--   "computed"   what has to be run to know it
--
-- An entry is { key (nil where it is computed), name (as it is to be written; nil: its place says it), node, line,
-- before, after (comments), blank (an empty line stands right before it) }, a comment { text, line, last_line, blank }.
local M = {}

--- tree.table(line) → a node without entries.
function M.table(line)
  return {
    type = "table", line = line, entries = {}, fields = {}, twice = {}, is_twice = {}, tail = {}, count = 0,
  }
end

--- tree.add(node, entry): adds an entry; one without a name gets the next index.
function M.add(node, entry)
  node.entries[#node.entries + 1] = entry
  if not entry.name then
    node.count = node.count + 1
    entry.key = node.count
  end
  if entry.key == nil then
    node.has_computed_keys = true
    return
  end
  local first = node.fields[entry.key]
  node.fields[entry.key] = first or entry
  if not first then return end
  node.is_twice[entry.key] = true
  table.insert(node.twice, { key = entry.key, line = entry.line, first_line = first.line })
end

--- tree.entry(node, key) → the entry of that key; nil where there is none, or where it isn't certain which it is.
function M.entry(node, key)
  if node.type ~= "table" or node.is_twice[key] or node.has_computed_keys then return nil end
  return node.fields[key]
end

return M
