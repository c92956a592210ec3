--- The editors' definition files, doc/luals/library, read as an editor would as far as the tests need it.
local annotations = {}

local function read(path)
  local file = assert(io.open(path))
  local text = file:read("*a")
  file:close()
  return text
end

local function paths()
  local list, pipe = {}, assert(io.popen("find doc/luals/library -name '*.lua' | sort"))
  for path in pipe:lines() do list[#list + 1] = path end
  pipe:close()
  return list
end

local function split_field(rest)
  local name, optional, others = rest:match("^%[?([%w_]+)%]?(%??) (.*)$")
  local type, text = others:match("^(fun%b()%S*) ?(.*)$")
  if not type then type, text = others:match("^(%S+) ?(.*)$") end
  return { name = name, optional = optional == "?", type = type, text = text }
end

local function class_of(found, rest)
  local name, parent = rest:match("^(%S+) : (%S+)$")
  name = name or rest
  found.classes[name] = found.classes[name] or { fields = {}, parent = parent }
  return name
end

-- A local variable stands for the class right before it.
local function read_file(found, text)
  local variables, class, alias = {}, nil, nil
  for line in text:gmatch("[^\n]+") do
    local tag, rest = line:match("^%-%-%-@(%l+) (.*)$")
    local value = line:match('^%-%-%-| "([%w_]+)"')
    local variable = line:match("^local (%w+) = {}$")
    local owner, called = line:match("^function (%w+)[:.]([%w_]+)")
    if tag == "class" then class = class_of(found, rest)
    elseif tag == "alias" then
      alias, found.aliases[rest] = rest, {}
    elseif value then found.aliases[alias][value] = true
    elseif tag == "field" then
      local field = split_field(rest)
      found.classes[class].fields[field.name] = field
    elseif variable then
      variables[variable] = class
      found.functions[class] = found.functions[class] or {}
    elseif called then found.functions[variables[owner]][called] = true
    end
  end
end

--- → { classes = { name = { fields = { name = { optional, type, text } }, parent } }, aliases = { name = set },
-- functions = { class = set } }
function annotations.read()
  local found = { classes = {}, aliases = {}, functions = {} }
  for _, path in ipairs(paths()) do read_file(found, read(path)) end
  return found
end

-- What stands before the type.
local BEFORE = { field = "^%S+ ", param = "^%S+ ", ["return"] = "^", type = "^" }

--- Calls `act` with the text that begins with a type, and its line, for every type.
function annotations.each_type(act)
  for _, path in ipairs(paths()) do
    for line in read(path):gmatch("[^\n]+") do
      local tag, rest = line:match("^%-%-%-@(%l+) (.*)$")
      if BEFORE[tag] then act((rest:gsub(BEFORE[tag], "", 1)), path .. ": " .. line) end
    end
  end
end

--- The fields of a class, with those of its parents.
function annotations.fields(found, name)
  local all, class = {}, found.classes[name]
  while class do
    for field, description in pairs(class.fields) do all[field] = description end
    class = found.classes[class.parent]
  end
  return all
end

return annotations
