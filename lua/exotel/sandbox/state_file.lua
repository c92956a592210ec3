--- The file in which a sandbox keeps what its service holds.

local ids = require "exotel.sandbox.ids"
local json = require "exotel.sandbox.json"
local put = require "exotel.sandbox.put"
local shapes = require "exotel.sandbox.shapes"

local state_file = {}

-- The form of the file. Another one is refused.
local FORM = 1

-- Writing -------------------------------------------------------------------------------------------------------------

local function with(fields, ...)
  local all = {}
  for _, field in ipairs(fields) do all[#all + 1] = field end
  for _, field in ipairs({ ... }) do all[#all + 1] = field end
  return all
end

local CREDENTIAL = with(shapes.fields.credential, "password")
local LISTS = {
  { "numbers", shapes.fields.phone_number }, { "ips", shapes.fields.whitelisted_ip },
  { "destinations", shapes.fields.destination }, { "settings", shapes.fields.setting }, { "credentials", CREDENTIAL },
}

-- The paths under the lists' names are made anew.
local FIELDS = {}
for _, field in ipairs(shapes.fields.trunk) do
  if field ~= "credentials" then FIELDS[#FIELDS + 1] = field end
end

local TRUNK = with(FIELDS, "numbers", "ips", "destinations", "settings", "credentials")

local function records(objects, fields)
  local list = {}
  for i, object in ipairs(objects) do list[i] = json.record(fields, object) end
  return json.array(list)
end

local function trunk_record(held)
  local values = {}
  for _, field in ipairs(FIELDS) do values[field] = held.fields[field] end
  for _, list in ipairs(LISTS) do values[list[1]] = records(held[list[1]], list[2]) end
  return json.record(TRUNK, values)
end

local IDS = { "digits", "phone_number", "whitelisted_ip", "destination", "credential" }

local function ids_record(state)
  local values = { digits = state.position() }
  for kind, number in pairs(state.counters) do values[kind] = number end
  return json.record(IDS, values)
end

--- → the text of the file. `mark`: of the sandbox that keeps it; it stands in the first line
function state_file.render(state, mark)
  local trunks = {}
  for i, held in ipairs(state.trunks) do trunks[i] = json.encode(trunk_record(held)) end
  return ('{"exotel_sandbox":%d,"kept_by":"%s",\n"ids":%s,\n"trunks":[%s],\n"orphaned_credentials":%s}\n'):format(FORM,
    mark, json.encode(ids_record(state)), table.concat(trunks, ",\n"),
    json.encode(records(state.orphaned_credentials, CREDENTIAL)))
end

-- Reading -------------------------------------------------------------------------------------------------------------

local function fail(message, ...) error({ message = message:format(...) }, 0) end

-- Null is absent.
local function without_null(value)
  if type(value) ~= "table" then return value end
  local copy = {}
  for key, item in pairs(value) do
    if item ~= json.null then copy[key] = without_null(item) end
  end
  return copy
end

local function read_trunk(value, what)
  local fine, read = pcall(put.read, value)
  if not fine then fail("%s: %s", what, (tostring(read):gsub("^put: ", ""))) end
  return read
end

local function list_of(document, name)
  if type(document[name]) ~= "table" then fail("%s is missing", name) end
  return document[name]
end

local function read_trunks(document)
  local list, known = {}, {}
  for i, value in ipairs(list_of(document, "trunks")) do
    list[i] = read_trunk(value, ("trunks[%d]"):format(i))
    local sid = list[i].fields.trunk_sid
    if not sid or known[sid] then fail("trunks[%d] has %s", i, sid and "the trunk_sid of another" or "no trunk_sid") end
    known[sid] = true
  end
  return list
end

local function read_ids(document)
  local read = list_of(document, "ids")
  if not ids.is_position(read.digits) then fail("ids.digits is none") end
  for _, name in ipairs(IDS) do
    local number = read[name]
    if type(number) ~= "number" or number ~= math.floor(number) or number < 0 then fail("ids.%s is no number", name) end
  end
  return read
end

local function read_document(text)
  if text == "" then fail("it is empty") end
  local document, message = json.decode(text)
  if json.kind(document) ~= "object" then fail("%s", message or "it is no object") end
  document = without_null(document)
  if document.exotel_sandbox ~= FORM then fail("its form is another one") end
  local orphans = read_trunk({ credentials = list_of(document, "orphaned_credentials") }, "orphaned_credentials")
  return { ids = read_ids(document), trunks = read_trunks(document), orphaned_credentials = orphans.credentials }
end

local NO_FILE = 2

--- → what stands in the file: { ids, trunks, orphaned_credentials }, the trunks as put.read returns them; nil where
-- there is no file; or nil and a message that names the file
function state_file.read(path)
  local file, message, code = io.open(path, "rb")
  if not file and code == NO_FILE then return nil end
  local text = file and file:read("*a")
  if file then file:close() end
  if not text then return nil, ("the state %s can't be read: %s"):format(path, message or "it is no file") end
  local fine, result = pcall(read_document, text)
  if fine then return result end
  if type(result) ~= "table" then error(result, 0) end
  return nil, ("%s is no state that a sandbox has kept, or it is damaged: %s"):format(path, result.message)
end

return state_file
