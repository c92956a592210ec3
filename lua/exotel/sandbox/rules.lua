--- What a field may hold. Each rule has `label`, the field's name in the service's descriptions; `type`, its JSON type
-- (another one is 1007); and `check`, a function of the value that returns why it is refused (1002), or nil.

local json = require "exotel.sandbox.json"
local problem = require "exotel.sandbox.problem"

local rules = {}

--- Whether a text is a dotted IPv4 address. → the address as a number, or nil
function rules.ipv4(text)
  local parts = { text:match("^(%d+)%.(%d+)%.(%d+)%.(%d+)$") }
  local address = parts[1] and 0
  for _, part in ipairs(parts) do
    if #part > 3 or tonumber(part) > 255 or part:find("^0%d") then return nil end
    address = address * 256 + tonumber(part)
  end
  return address
end

local function is_label(label)
  return #label <= 63 and label:find("^[%w_-]+$") and not label:find("^%-") and not label:find("%-$")
end

-- A name of two labels or more. The last is no number: with one it would be a malformed IP address.
local function is_fqdn(host)
  local count, last = 0, nil
  for label in (host .. "."):gmatch("([^.]*)%.") do
    if not is_label(label) then return false end
    count, last = count + 1, label
  end
  return count >= 2 and #host <= 253 and not last:find("^%d+$")
end

-- udp, and no transport at all, are only in the vendor's samples (V); tls and tcp are the reference's.
local TRANSPORTS = { [""] = true, [";transport=tls"] = true, [";transport=tcp"] = true, [";transport=udp"] = true }

--- Reads a destination, `<ip or fqdn>:<port>;transport=<tls, tcp or udp>`.
-- → table of host and ip (the address as a number, nil for an FQDN), or nil
function rules.read_destination(text)
  local host, port, transport = text:match("^([^:;]+):(%d+)(.*)$")
  if not host or not TRANSPORTS[transport] then return nil end
  if #port > 5 or tonumber(port) < 1 or tonumber(port) > 65535 then return nil end
  local ip = rules.ipv4(host)
  if not ip and not is_fqdn(host) then return nil end
  return { host = host, ip = ip }
end

--- Whether a text is a telephone number in E.164 format.
function rules.is_e164(text)
  local digits = text:match("^%+([1-9]%d*)$")
  return digits ~= nil and #digits >= 7 and #digits <= 15
end

local function one_of(label, ...)
  local allowed = {}
  for _, value in ipairs({ ... }) do allowed[value] = true end
  return { label = label, type = "string", check = function(value)
    if not allowed[value] then return label .. " is invalid" end
  end }
end

local function word(label, longest)
  return { label = label, type = "string", check = function(value)
    if value == "" then return label .. " is empty" end
    if longest and #value > longest then return ("Maximum allowed length for %s is %d"):format(label, longest) end
    if not value:find("^[%w_]+$") then return "Allowed characters for " .. label .. " is alphanumeric and _" end
  end }
end

local function integer(label, least, most)
  return { label = label, type = "integer", check = function(value)
    if value < least or value > most then return ("%s should be from %d to %d"):format(label, least, most) end
  end }
end

-- S, unless said otherwise.
rules.fields = {
  trunk_name = word("TrunkName", 16),
  -- The hyphen and the capitals matter (L).
  nso_code = one_of("NsoCode", "ANY-ANY"),
  domain_name = { label = "DomainName", type = "string", check = function(value)
    if not value:find("^[%w_-]+%.pstn%.exotel%.com$") then return "DomainName should end with .pstn.exotel.com" end
  end },
  phone_number = { label = "PhoneNumber", type = "string", check = function(value)
    if not rules.is_e164(value) then return "Invalid PhoneNumber" end
  end },
  mode = one_of("Mode", "pstn", "flow"),
  ip = { label = "Ip", type = "string", check = function(value)
    if not rules.ipv4(value) then return "Invalid Ip" end
  end },
  mask = integer("Mask", 16, 32), -- the range: V
  destinations = { label = "Destinations", type = "array" },
  destination = { label = "Destination", type = "string", check = function(value)
    if not rules.read_destination(value) then return "Destination is not a valid Ip or Fqdn" end
  end },
  settings = { label = "Settings", type = "array" },
  name = one_of("Name", "trunk_external_alias"),
  value = { label = "Value", type = "string", check = function(value)
    if not rules.is_e164(value) then return "Value should be an E.164 number" end
  end },
  -- All below: V. The values that the reference gives a field of an answer are taken as those it may be set to.
  auth_type = one_of("AuthType", "IP-WHITELIST"),
  status = one_of("Status", "active", "inactive"),
  registration_enabled = one_of("RegistrationEnabled", "enabled", "disabled"),
  secure_trunking = one_of("SecureTrunking", "enabled", "disabled"),
  edge_preference = word("EdgePreference"),
  priority = integer("Priority", 0, 65535),
  weight = integer("Weight", 0, 65535),
  user_name = { label = "UserName", type = "string", check = function(value)
    if value == "" then return "UserName is empty" end
  end },
  password = word("Password"), -- the letters: L
  friendly_name = word("FriendlyName", 32), -- the letters: L
}

--- The fields that update_trunk takes (V).
rules.updatable = {
  "trunk_name", "nso_code", "domain_name", "auth_type", "status", "registration_enabled", "edge_preference",
  "secure_trunking",
}

local ARTICLES = { string = "a string", integer = "an integer", array = "an array" }

local function has_type(value, expected)
  local kind = json.kind(value)
  if expected == "integer" then return kind == "number" and value == math.floor(value) end
  return kind == expected
end

local function given(body, name)
  if body[name] ~= json.null then return body[name] end
end

--- Checks the types of the fields given. The service decodes the whole body first, so that one wrong type, even inside
-- an item of a batch, fails the whole request. → nil, or the problem
function rules.check_types(body, names)
  for _, name in ipairs(names) do
    local rule, value = rules.fields[name], given(body, name)
    if value ~= nil and not has_type(value, rule.type) then
      return problem.new(1007, rule.label .. " should be " .. ARTICLES[rule.type])
    end
  end
end

local function check_mandatory(body, names)
  for _, name in ipairs(names) do
    if given(body, name) == nil then return problem.new(1001, rules.fields[name].label .. " is mandatory") end
  end
end

local function check_value(name, value, ways)
  local rule, refused = rules.fields[name], ways.refused_values[name]
  if refused and tostring(value):find(refused) then return rule.label .. " is refused" end
  return rule.check and not ways.unchecked_fields[name] and rule.check(value)
end

local function check_values(body, names, values, ways)
  for _, name in ipairs(names) do
    local value = given(body, name)
    local refusal = value ~= nil and check_value(name, value, ways)
    if refusal then return problem.new(1002, refusal) end
    values[name] = value
  end
end

--- Reads the fields of an object: types first, then what is missing, then the values. Fields of other names are
-- ignored; a null counts as not given. `ways`: the call's. `optional` may be nil. → table of the values, or nil and the
-- problem
function rules.read(body, ways, mandatory, optional)
  local values = {}
  optional = optional or {}
  local refusal = rules.check_types(body, mandatory) or rules.check_types(body, optional)
    or check_mandatory(body, mandatory)
    or check_values(body, mandatory, values, ways) or check_values(body, optional, values, ways)
  if refusal then return nil, refusal end
  return values
end

--- As rules.read, for an update: of the fields, all optional, one must be there.
function rules.read_any(body, ways, names)
  local values, refusal = rules.read(body, ways, {}, names)
  if not values then return nil, refusal end
  if next(values) == nil then
    return nil, problem.new(1001, "one of " .. table.concat(names, ", ") .. " is mandatory")
  end
  return values
end

local function check_item_types(items, title, fields)
  for _, item in ipairs(items) do
    if json.kind(item) ~= "object" then return problem.new(1007, title .. " should hold objects") end
    local refusal = rules.check_types(item, fields)
    if refusal then return refusal end
  end
end

--- Reads the list of a batch: an array of at least one object, whose `fields` have the right types. `title` is what the
-- service calls it. → the items, or nil, problem
function rules.read_items(body, ways, name, title, fields)
  local values, refusal = rules.read(body, ways, { name })
  if not values then return nil, refusal end
  if #values[name] == 0 then return nil, problem.new(1001, title .. " is empty") end
  refusal = check_item_types(values[name], title, fields)
  if refusal then return nil, refusal end
  return values[name]
end

return rules
