--- The columns of a file: which of them hold number, mode and trunk, by the names in its header or as it is told.
local encoding = require "exotel.bulk.encoding"
local phone = require "exotel.bulk.phone"

local M = {}

M.COLUMNS = { "phone_number", "mode", "trunk" }

-- Words that name a column of phone numbers, where the name has none of the others.
local PHONE_WORDS = " phone phones phonenumber phonenumbers phoneno mobile mobiles mobilenumber mobileno mobilephone"
  .. " mobil mobiltelefon did dids didnumber exophone exophones virtualnumber telephone telephonenumber telephoneno"
  .. " tel telefon telefonnummer telefono teléfono teléfonos téléphone telefone handy handynummer rufnummer"
  .. " rufnummern cell cellphone celular móvil movil msisdn e164 फोन फ़ोन मोबाइल "
local OTHER_WORDS = " type label country code verified status extension ext provider carrier operator model id date"
  .. " time note notes count calls last opt optin language valid is has typ land vorwahl email mail name "
-- Names that say it only as a whole.
local PHONE_NAMES = " number numbers nummer nummern virtual_number sip_number contact_number contact_no ph_no e_164"
  .. " e_164_number "
local NAMES = {
  mode = " mode call_mode routing_mode modus ", trunk = " trunk trunk_name trunk_sid trunkname trunksid sip_trunk ",
}

local function has(list, word) return list:find(" " .. word .. " ", 1, true) ~= nil end

-- Names -----------------------------------------------------------------------------------------------------------

--- header.name(cell) → the name of a column, in UTF-8, without what surrounds it.
function M.name(cell) return (encoding.utf8(cell):gsub("\194\160", " "):match("^%s*(.-)%s*$")) end

-- A name in lower case, its words separated by "_": "Phone-Number", "phoneNumber" and "PHONE NUMBER" are phone_number.
local function normal(name)
  local text = name:gsub("(%l)(%u)", "%1_%2"):lower():gsub("[%s%p]+", "_")
  return (text:gsub("^_", ""):gsub("_$", ""))
end

local function is_phone(name)
  local text, found = normal(name), false
  if has(PHONE_NAMES, text) then return true end
  for word in text:gmatch("[^_]+") do
    if has(OTHER_WORDS, word) then return false end
    found = found or has(PHONE_WORDS, word)
  end
  return found
end

local function fits(field, name)
  if field == "phone_number" then return is_phone(name) end
  return has(NAMES[field], normal(name))
end

--- header.has_number(fields): whether one of the fields of a record names a column of numbers.
function M.has_number(fields)
  for _, cell in ipairs(fields) do
    if is_phone(M.name(cell)) then return true end
  end
  return false
end

local function title(names, i)
  if names[i] == "" then return ("column %d"):format(i) end
  return ("'%s' (column %d)"):format(names[i], i)
end

local function titles(names, positions)
  local list = {}
  for i, position in ipairs(positions) do list[i] = title(names, position) end
  return table.concat(list, ", ")
end

local function all_titles(names)
  local positions = {}
  for i in ipairs(names) do positions[i] = i end
  return titles(names, positions)
end

-- Which column --------------------------------------------------------------------------------------------------------

local REMEDY = "the option columns says which, as %s=%s"

local function matching(names, accepts)
  local found = {}
  for i, name in ipairs(names) do
    if accepts(name) then found[#found + 1] = i end
  end
  return found
end

local function several(field, names, found)
  return nil, ("several columns may be the %s: %s; %s"):format(field, titles(names, found),
    REMEDY:format(field, names[found[2]] ~= names[found[1]] and names[found[2]] or tostring(found[2])))
end

-- A column that the caller names, or whose number is given.
local function told(field, names, wanted)
  local found = matching(names, function(name) return name == wanted end)
  if #found == 0 then
    found = matching(names, function(name) return normal(name) == normal(tostring(wanted)) and normal(name) ~= "" end)
  end
  if #found > 1 then return several(field, names, found) end
  local position = found[1] or tonumber(wanted)
  if position and names[position] then return position end
  return nil, ("there is no column '%s' for the %s; there are %s"):format(tostring(wanted), field, all_titles(names))
end

-- Whether a name is a word with a letter missing, doubled or in its neighbour's place, or in the plural.
local function is_slip(name, word)
  if name == word .. "s" then return true end
  for i = 1, #word do
    local before, letter, following, after = word:sub(1, i - 1), word:sub(i, i), word:sub(i + 1, i + 1), word:sub(i + 2)
    if name == before .. following .. after or name == before .. letter .. letter .. following .. after
      or name == before .. following .. letter .. after then
      return true
    end
  end
  return false
end

local function is_slip_of(field, name)
  for word in NAMES[field]:gmatch("%S+") do
    if is_slip(name, word) then return true end
  end
  return false
end

-- What is misspelt must not be left alone: its numbers would be mapped otherwise than was meant.
local function check_slips(field, names)
  for _, name in ipairs(names) do
    if field ~= "phone_number" and is_slip_of(field, normal(name)) then
      return nil, ("unknown column '%s', is it the %s? The option columns says so, as %s=%s, or that none is, as %s=")
        :format(name, field, field, name, field)
    end
  end
  return false
end

-- → the position of a field's column; false when there is none; or nil, message
local function find(field, names, columns)
  local wanted = columns[field]
  if wanted == "" or wanted == false then return false end
  if wanted ~= nil then return told(field, names, wanted) end
  local found = matching(names, function(name) return fits(field, name) end)
  if #found > 1 then return several(field, names, found) end
  if found[1] then return found[1] end
  return check_slips(field, names)
end

-- Files without a header ----------------------------------------------------------------------------------------------

-- → the position of the numbers, when the first record is none of names; else nil
local function first_number(cells, columns)
  local wanted = columns.phone_number
  if wanted then
    local cell = cells[tonumber(wanted) or 0]
    return cell and phone.is_like(cell)
  end
  if M.has_number(cells) then return false end
  local found = matching(cells, #cells == 1 and phone.is_like or phone.is_international)
  return #found == 1
end

local function positions_without_header(cells, columns)
  local positions = {}
  for _, field in ipairs(M.COLUMNS) do
    local wanted = columns[field]
    if wanted and wanted ~= "" then
      if not cells[tonumber(wanted) or 0] then
        return nil, ("the file has no header: the option columns needs the number of the %s's column, as %s=%d")
          :format(field, field, 1)
      end
      positions[field] = tonumber(wanted)
    end
  end
  positions.phone_number = positions.phone_number
    or matching(cells, #cells == 1 and phone.is_like or phone.is_international)[1]
  return positions
end

local function no_number(names)
  return nil, ("a column 'phone_number' is missing: none of %s is known to hold the numbers; %s"):format(
    all_titles(names), REMEDY:format("phone_number", names[1] ~= "" and names[1] or "1"))
end

-- The whole -----------------------------------------------------------------------------------------------------------

--- header.is_reason(name): whether a column is the one that an import adds to rows that failed.
function M.is_reason(name) return name:find("^reason %(exotel %x+%)$") ~= nil end

local function trimmed(fields)
  local names = {}
  for i, cell in ipairs(fields) do names[i] = M.name(cell) end
  return names
end

--- header.read(fields, columns) → { positions = by field, names = of all columns, has_header }, or nil, message.
-- `fields`: of the first record. `columns`: the columns that are told, by field: a name, a number, or false or "" for
-- none.
function M.read(fields, columns)
  local names = trimmed(fields)
  if first_number(names, columns) then
    local positions, message = positions_without_header(names, columns)
    return positions and { positions = positions, names = names, has_header = false }, message
  end
  local header = { positions = {}, names = names, has_header = true }
  for _, field in ipairs(M.COLUMNS) do
    local position, message = find(field, names, columns)
    if position == nil then return nil, message end
    header.positions[field] = position or nil
  end
  if not header.positions.phone_number then return no_number(names) end
  return header
end

--- header.others(header) → the names of columns that are left alone, without empty ones and that of the reasons.
function M.others(header)
  local taken, others = {}, {}
  for _, position in pairs(header.positions) do taken[position] = true end
  for i, name in ipairs(header.has_header and header.names or {}) do
    if not taken[i] and name ~= "" and not M.is_reason(name) then others[#others + 1] = name end
  end
  return others
end

return M
