--- What sandbox.start takes: reads and checks it.

local ways = require "exotel.sandbox.ways"

local options = {}

local function is_whole(value, least, most)
  return type(value) == "number" and value == math.floor(value) and value >= least and value <= most
end

local function is_word(value) return type(value) == "string" and value:find("^[%w_-]+$") ~= nil end

local function is_list(value, is_item)
  if type(value) ~= "table" then return false end
  for key, item in pairs(value) do
    if type(key) ~= "number" or not is_item(item) then return false end
  end
  return true
end

local function is_string(value) return type(value) == "string" end

local function is_boolean(value) return type(value) == "boolean" end

--- Whether a value is a number of seconds, from 0.
function options.is_seconds(value) return type(value) == "number" and value >= 0 and value < 1e9 end

-- By option: what its value should be, and a function that checks it.
local OPTIONS = {
  tls = { "a boolean or a table", function(value) return is_boolean(value) or type(value) == "table" end },
  port = { "a whole number from 0 to 65535", function(value) return is_whole(value, 0, 65535) end },
  account_sid = { "a string of letters, digits, - and _", is_word },
  api_key = { "a string without a colon", function(value) return is_string(value) and not value:find(":") end },
  api_token = { "a string", is_string },
  page_size = { "a whole number from 1", function(value) return is_whole(value, 1, 1e9) end },
  numbers = { "a list of strings", function(value) return is_list(value, is_string) end },
  bare_mode = { "a boolean", is_boolean },
  rate_limit = { "a whole number from 1", function(value) return is_whole(value, 1, 1e9) end },
  seed = { "a whole number from 0", function(value) return is_whole(value, 0, 2 ^ 53) end },
  keep_requests = { "a boolean", is_boolean },
  clock = { '"real" or "manual"', function(value) return value == "real" or value == "manual" end },
  lag = { "a number of seconds from 0", options.is_seconds },
  unknown_trunk = ways.unknown_trunk,
  ignored_fields = ways.ignored_fields,
  trunks = { "a list of trunks, as put takes them", function(value)
    return is_list(value, function(item) return type(item) == "table" end)
  end },
  faults = { "a list of faults", function(value)
    return is_list(value, function(item) return type(item) == "table" end)
  end },
  state = { "the path of a file", function(value) return is_string(value) and value ~= "" end },
  log = { "a boolean", is_boolean },
}

local TLS_OPTIONS = {
  expired = { "a boolean", is_boolean },
  name = { "a string", function(value) return is_string(value) and value ~= "" end },
}

local DEFAULTS = {
  port = 0, account_sid = "sandbox1", api_key = "sandbox_key", api_token = "sandbox_token", page_size = 50,
  keep_requests = true, clock = "real",
}

local function check(given, known, prefix)
  for name, value in pairs(given) do
    local rule = known[name]
    if not rule then error(("unknown option '%s%s'"):format(prefix, tostring(name)), 4) end
    if not rule[2](value) then error(("option '%s%s' should be %s"):format(prefix, name, rule[1]), 4) end
  end
end

--- → all options, those given and the defaults of the others. Raises at the caller's caller.
function options.read(given)
  if type(given) ~= "table" then error("options should be a table", 3) end
  check(given, OPTIONS, "")
  if type(given.tls) == "table" then check(given.tls, TLS_OPTIONS, "tls.") end
  local read = {}
  for name, value in pairs(DEFAULTS) do read[name] = value end
  for name, value in pairs(given) do read[name] = value end
  return read
end

local SERVERS = { tls = true, port = true, clock = true }

--- → of options that were read, those for the handler
function options.for_handler(read)
  local kept = { manual_clock = read.clock == "manual" }
  for name, value in pairs(read) do
    if not SERVERS[name] then kept[name] = value end
  end
  return kept
end

return options
