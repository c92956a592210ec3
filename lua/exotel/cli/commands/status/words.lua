--- What the parts of an account are called, wherever `exotel status` shows them.
local M = {}

--- words.counted(count, noun) → "1 number", "12 numbers".
function M.counted(count, noun) return ("%d %s%s"):format(count, noun, count == 1 and "" or "s") end

--- The lists of a trunk, in the order in which they are shown, and what one of each is called.
M.lists = {
  { name = "phone_numbers", noun = "number" }, { name = "whitelisted_ips", noun = "IP" },
  { name = "destinations", noun = "destination" }, { name = "credentials", noun = "credential" },
}

local nouns = { settings = "setting" }
for _, list in ipairs(M.lists) do nouns[list.name] = list.noun end

--- words.trunk(trunk) → its name, or its sid where it has none
function M.trunk(trunk)
  local name = trunk.trunk_name
  return type(name) == "string" and name ~= "" and name or tostring(trunk.trunk_sid)
end

-- What an entry is called that lacks what names it.
local function or_id(value, item) return value == nil and "id " .. tostring(item.id) or tostring(value) end

local function destination_levels(item)
  local parts = {}
  for _, name in ipairs { "priority", "weight" } do
    if item[name] ~= nil then parts[#parts + 1] = ("%s %s"):format(name, tostring(item[name])) end
  end
  return table.concat(parts, ", ")
end

local function ip_text(item)
  local mask = tonumber(item.mask) or 32
  return or_id(item.ip, item) .. (mask == 32 and "" or ("/%d"):format(mask))
end

local describe = {
  -- A mode that was never set behaves as pstn.
  phone_numbers = function(item) return or_id(item.phone_number, item), tostring(item.mode or "pstn") end,
  whitelisted_ips = function(item) return ip_text(item), "" end,
  destinations = function(item) return or_id(item.destination, item), destination_levels(item) end,
  credentials = function(item) return or_id(item.user_name, item), tostring(item.friendly_name or "") end,
}

--- words.item(list_name, item) → what it is called; what else is said of it, or ""
function M.item(list_name, item) return describe[list_name](item) end

--- words.unread(one) → a sentence about a list that could not be read
function M.unread(one) return ("the %ss could not be read: %s"):format(nouns[one.list], tostring(one.err)) end

--- The same in a few words.
function M.unread_briefly(one)
  local status = one.err.http_status and (", HTTP %s"):format(tostring(one.err.http_status)) or ""
  return ("the %ss could not be read (%s%s)"):format(nouns[one.list], one.err.kind, status)
end

--- words.odd_ids(trunk) → the ids of the destinations that a warning is about, as a set
function M.odd_ids(trunk)
  local ids = {}
  for _, warning in ipairs(trunk.warnings) do
    for _, id in ipairs(warning.ids or {}) do ids[id] = true end
  end
  return ids
end

--- words.counts(account) → how many there are of each list, by its name, of `trunks`, `warnings`, and lists that are
-- `unread`; `unknown`: the names of the lists of which some are, as a set
function M.counts(account)
  local counts = { trunks = #account.trunks, warnings = 0, unread = 0, unknown = {} }
  for _, list in ipairs(M.lists) do counts[list.name] = 0 end
  for _, trunk in ipairs(account.trunks) do
    counts.warnings, counts.unread = counts.warnings + #trunk.warnings, counts.unread + #trunk.unread
    for _, list in ipairs(M.lists) do counts[list.name] = counts[list.name] + #(trunk[list.name] or {}) end
    for _, one in ipairs(trunk.unread) do counts.unknown[one.list] = true end
  end
  return counts
end

--- words.amount(counts, list, text) → the count of a list as a text, and what is counted. With "at least" where some
-- could not be read, and a question mark where nothing is known. `text(count)`: how numbers are written.
function M.amount(counts, list, text)
  local count = counts[list.name]
  local noun = list.noun .. (count == 1 and not counts.unknown[list.name] and "" or "s")
  if not counts.unknown[list.name] then return text(count), noun end
  return count == 0 and "?" or "at least " .. text(count), noun
end

--- words.summary(counts) → "2 trunks, 3 numbers, ..."
function M.summary(counts)
  local parts = { M.counted(counts.trunks, "trunk") }
  for _, list in ipairs(M.lists) do parts[#parts + 1] = ("%s %s"):format(M.amount(counts, list, tostring)) end
  return table.concat(parts, ", ")
end

return M
