-- Writes a page's source for ldoc of every operation, from the C core's table: lua operations.lua FOLDER
local core = require "exotel.core"

local folder = assert(arg[1], "usage: operations.lua FOLDER")

local ANSWERS = {
  ["trunks"] = "Trunk", ["phone-numbers"] = "PhoneNumber", ["whitelisted-ips"] = "WhitelistedIp",
  ["destination-uris"] = "Destination", ["settings"] = "Setting", ["credentials"] = "Credential",
  ["trunk-maps"] = "TrunkMap",
}

local TYPES = { string = "string", id = "string|integer", integer = "integer" }

local SOURCES = { S = "S, the vendor's reference.", V = "V, the vendor's samples; its reference does not have it." }

local FORMS = { item = "", list = "[]", batch = "[]" }
local MEANINGS = { item = "the item", list = "one page of items; `info.next` has the next page's arguments",
  batch = "an array in the order sent" }

local REPEATS = {
  [true] = "Repeated after a failure that may pass: doing it twice is as doing it once.",
  [false] = "Repeated only when it certainly had no effect.",
}

local lines

local function add(format, ...) lines[#lines + 1] = format:format(...) end

-- The resource is the last part of the path that is not an argument.
local function answer_of(operation)
  local resource
  for part in operation.path:gmatch("[^/]+") do
    if not part:find("{", 1, true) then resource = part end
  end
  return "exotel.answers." .. ANSWERS[resource]
end

-- A rule that lists the values makes them the type.
local function type_of(parameter)
  local first, second = (parameter.rule or ""):match('^("%w+") or ("%w+")$')
  if first then return first .. "|" .. second end
  return TYPES[parameter.type]
end

local function text_of(parameter)
  local parts = {}
  if parameter.rule then parts[1] = "`" .. parameter.rule .. "`" end
  if parameter.secret then parts[#parts + 1] = "never shown in an error or a log" end
  return table.concat(parts, "; ")
end

local function option_of(parameter)
  if parameter.required then return "" end
  return parameter.default and ('[opt="%s"]'):format(parameter.default) or "[opt]"
end

local function add_field(parameter)
  add("-- @tfield%s %s %s %s", option_of(parameter), type_of(parameter), parameter.name, text_of(parameter))
end

-- The items of a list are tables of their own.
local function add_records(operation)
  for _, parameter in ipairs(operation.parameters) do
    if parameter.fields then
      add("\n--- One of the %s.", parameter.name)
      add("-- @table %s", parameter.name)
      for _, field in ipairs(parameter.fields) do add_field(field) end
    end
  end
end

local function add_parameter(operation, parameter)
  if not parameter.fields then return add_field(parameter) end
  add("-- @tfield exotel.operation.%s.%s[] %s at least one", operation.name, parameter.name, parameter.name)
end

-- A Trunk's methods take the fields alone.
local FIELDS_APART = { update_trunk = true, create_credential = true }

local function add_arguments(operation)
  local apart = FIELDS_APART[operation.name]
  add(apart and "\n--- The arguments: `trunk_sid` and the fields." or "\n--- The arguments.")
  add("-- @table arguments")
  if apart then add("-- @extends exotel.operation.%s.fields", operation.name) end
  for _, parameter in ipairs(operation.parameters) do
    if not apart or parameter.name == "trunk_sid" then add_parameter(operation, parameter) end
  end
  if not apart then return end
  add("\n--- The fields.\n-- @table fields")
  for _, parameter in ipairs(operation.parameters) do
    if parameter.name ~= "trunk_sid" then add_parameter(operation, parameter) end
  end
end

local function add_function(operation)
  add("\n--- %s", operation.summary)
  add("-- @function client:%s", operation.name)
  add("-- @tparam exotel.operation.%s.arguments arguments", operation.name)
  add("-- @tparam[opt] exotel.client.CallOptions options")
  add("-- @treturn %s%s data %s", answer_of(operation), FORMS[operation.answer], MEANINGS[operation.answer])
  add("-- @treturn exotel.client.Info info")
  add("-- @fails%s", operation.answer == "batch" and " kind `partial` when a part of it failed" or "")
end

local function page(operation)
  lines = {}
  add("--- %s", operation.summary)
  add("-- `%s /v2/accounts/<account_sid>%s`.", operation.method, operation.path)
  add("-- %s", REPEATS[operation.repeatable])
  if operation.needs_change then add("-- At least one of the fields that change something has to be given.") end
  add("-- Known from: %s", SOURCES[operation.source])
  add("-- @operation exotel.operation.%s", operation.name)
  add_function(operation)
  add_arguments(operation)
  add_records(operation)
  return table.concat(lines, "\n") .. "\n"
end

for _, operation in ipairs(core.operations) do
  local file = assert(io.open(("%s/%s.ldoc"):format(folder, operation.name), "w"))
  file:write(page(operation))
  file:close()
end
