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

--- compare.find(kind, existing, source) → the one of those that exist with the key of `source`, or nil.
function M.find(kind, existing, source)
  local key = M.key(kind, source)
  for _, one in ipairs(M.readable(kind, existing)) do
    if M.key(kind, one) == key then return one end
  end
end

return M
