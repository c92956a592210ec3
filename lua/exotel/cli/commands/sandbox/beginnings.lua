--- What `exotel sandbox --load` begins with: specifications, as plan and apply take them, or a state that --state kept.
local errors = require "exotel.cli.errors"
local environment = require "exotel.cli.environment"
local json = require "exotel.json"
local provisioning = require "exotel.cli.provisioning"
local suggest = require "exotel.text.suggest"

local M = {}

-- Specifications ------------------------------------------------------------------------------------------------------

local function copy(entry)
  local copied = {}
  for name, value in pairs(entry) do copied[name] = value end
  copied.as_is = nil
  return copied
end

-- By the list's name: what an entry that is no string is to the sandbox, which takes it as it is.
local ENTRIES = {
  whitelisted_ips = function(entry)
    local ip, mask = tostring(entry.ip):match("^(.*)/(%d+)$")
    if ip then entry.ip, entry.mask = ip, tonumber(mask) end
  end,
  destinations = function(entry)
    if not entry.destination:lower():find("^sips?:") then entry.destination = "sip:" .. entry.destination end
  end,
  credentials = function(entry)
    entry.password = entry.password or entry.password_env and environment.get(entry.password_env)
    entry.password_env = nil
  end,
  phone_numbers = function() end,
}

-- What a string stands for the sandbox knows.
local function entries(list, name)
  local read = {}
  for i, entry in ipairs(list) do
    read[i] = type(entry) == "table" and copy(entry) or entry
    if type(entry) == "table" then ENTRIES[name](read[i]) end
  end
  return read
end

local function trunk_of(specification)
  local trunk = copy(specification)
  for name in pairs(ENTRIES) do
    if trunk[name] then trunk[name] = entries(trunk[name], name) end
  end
  return trunk
end

local function add_specifications(trunks, path)
  for _, specification in ipairs(provisioning.load { path }) do
    if not specification.absent then trunks[#trunks + 1] = trunk_of(specification) end
  end
end

-- A state -------------------------------------------------------------------------------------------------------------

-- What JSON has as null is absent.
local function without_null(value)
  if type(value) ~= "table" then return value end
  local kept = {}
  for name, item in pairs(value) do
    if item ~= json.null then kept[name] = without_null(item) end
  end
  return kept
end

-- → the state, or nil where the file is another one, or none
local function state_in(path)
  local opened = path:find("%.lua$") == nil and path ~= "-" and io.open(path, "rb")
  local text = opened and opened:read("*a")
  if opened then opened:close() end
  local good, value = pcall(json.decode, text or "")
  return good and type(value) == "table" and type(value.trunks) == "table" and without_null(value) or nil
end

--- beginnings.trunks(paths) → the trunks in these files, as exotel.sandbox takes them. Raises what is wrong.
function M.trunks(paths)
  local trunks = {}
  for _, path in ipairs(paths) do
    local state = state_in(path)
    for _, trunk in ipairs(state and state.trunks or {}) do trunks[#trunks + 1] = trunk end
    if not state then add_specifications(trunks, path) end
  end
  return trunks
end

-- Faults --------------------------------------------------------------------------------------------------------------

--- beginnings.faults(sandbox, texts) → the faults, as exotel.sandbox takes them. Raises what is wrong with one.
-- `sandbox`: the module exotel.sandbox
function M.faults(sandbox, texts)
  local faults = {}
  for i, text in ipairs(texts) do
    local fault, message, word, known = sandbox.read_fault(text)
    local guess = word and suggest.nearest(word, known)
    if not fault then
      errors.usage("--fault %s: %s%s", text, message, guess and (": did you mean %s?"):format(guess) or "")
    end
    faults[i] = fault
  end
  return faults
end

return M
