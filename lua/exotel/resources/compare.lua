--- What exists on the service, compared with what matters of a kind.
local M = {}

--- compare.key(kind, source) → what names an entry, or what exists.
function M.key(kind, source) return kind.key(kind.fields(source)) end

local function has_all(source, names)
  for _, name in ipairs(names) do
    if source[name] == nil then return false end
  end
  return true
end

--- compare.readable(kind, existing) → those that can be understood. The others are left alone.
function M.readable(kind, existing)
  local readable = {}
  for _, one in ipairs(existing) do
    if has_all(one, kind.required) and kind.is_readable(one) then readable[#readable + 1] = one end
  end
  return readable
end

--- compare.difference(kind, existing, fields) → the name of a compared field in which the existing one is not as
-- `fields` say, or nil. A field that they don't hold is no difference.
function M.difference(kind, existing, fields)
  local found = kind.fields(existing)
  for _, name in ipairs(kind.compared) do
    if fields[name] ~= nil and fields[name] ~= found[name] then return name end
  end
end

--- compare.describe(key, field, found, desired) → how something that exists differs, as a sentence.
function M.describe(key, field, found, desired)
  return string.format("%s exists with %s %s, not %s", key, field, tostring(found), tostring(desired))
end

--- compare.conflict(kind, existing, fields) → nil when the existing one is as `fields` say, else how it differs.
function M.conflict(kind, existing, fields)
  local name = M.difference(kind, existing, fields)
  if name then return M.describe(kind.key(fields), name, kind.fields(existing)[name], fields[name]) end
end

return M
