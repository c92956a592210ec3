-- Holds the reference against the library itself: lua check.lua ITEMS HTML-FOLDER
-- Every public function has a comment whose parameters are the real ones, no comment is about something that isn't
-- there, every type that is named exists, and every link leads somewhere.
local core = require "exotel.core"

local pages = dofile(assert(arg[1], "usage: check.lua ITEMS HTML-FOLDER"))
local folder = assert(arg[2])

local complaints = 0

local function complain(format, ...)
  complaints = complaints + 1
  io.stderr:write(format:format(...), "\n")
end

-- What is there -------------------------------------------------------------------------------------------------------

local function methods_of(object) return getmetatable(object).__index end

local function numbers()
  local file = io.tmpfile()
  file:write("phone_number\n")
  file:seek("set")
  return assert(require("exotel.bulk").read_numbers(file))
end

-- The methods of every class, by the page and the name of the class.
local function real_classes()
  local sandbox = assert(require("exotel.sandbox").start())
  local client, provision = assert(sandbox:client()), require "exotel.provision"
  local classes = {
    ["exotel.directory"] = { Directory = core.directory_methods },
    ["exotel.client"] = { Client = core.client_methods, Call = core.call_methods },
    ["exotel.trunk"] = { Trunk = methods_of(require("exotel.trunk").attach(client, "any")) },
    ["exotel.provision"] = {
      Plan = methods_of(provision.plan(client, { trunk_name = "any" })),
      Report = methods_of(provision.apply(client, { trunk_name = "any" })),
    },
    ["exotel.bulk"] = { Numbers = methods_of(numbers()) },
    ["exotel.sandbox"] = { Sandbox = methods_of(sandbox) },
    ["exotel.store"] = {
      Store = methods_of(require("exotel.store").redis { connect = print }),
      Lock = methods_of(require("exotel.store.lock").new("any", 1, 1, {})),
    },
  }
  sandbox:stop()
  return classes
end

local function add_methods(all, class, methods)
  for name, value in pairs(methods) do
    if type(value) == "function" and not name:find("^__") then all[class .. ":" .. name] = value end
  end
end

-- Everything public of a page's module: functions and other values by name, methods as "Class:name".
local function real_items(page, classes)
  local all, own = {}, classes[page.name] or {}
  if not own.Client then
    for name, value in pairs(require(page.name)) do all[name] = value end
  end
  for class, methods in pairs(own) do add_methods(all, class, methods) end
  return all
end

-- Operations have pages of their own.
local function leave_out_operations(all)
  for _, operation in ipairs(core.operations) do all["Client:" .. operation.name] = nil end
end

-- Functions -----------------------------------------------------------------------------------------------------------

local function real_parameters(f)
  local info, names = debug.getinfo(f, "u"), {}
  for i = 1, info.nparams do
    local name = debug.getlocal(f, i)
    if name ~= "self" then names[#names + 1] = name end
  end
  if info.isvararg then names[#names + 1] = "..." end
  return table.concat(names, ", ")
end

local function documented_parameters(item)
  local names = {}
  for i, parameter in ipairs(item.params) do names[i] = parameter.name end
  return table.concat(names, ", ")
end

local function check_function(where, item, f)
  if item.text == "" then complain("%s: says nothing", where) end
  if debug.getinfo(f, "S").what == "C" then return end
  local real, documented = real_parameters(f), documented_parameters(item)
  if real ~= documented then complain("%s: takes (%s), its comment says (%s)", where, real, documented) end
end

-- What ldoc takes for the first sentence is printed in one line.
local function check_example(where, item)
  if item.whole:match("^[^\n]*"):find("    ", 1, true) then
    complain("%s: a sentence has to end with a full stop before the example", where)
  end
end

local function check_items(page, real)
  for _, item in ipairs(page.items) do
    local where = ("%s:%d: %s"):format(page.file, item.line, item.name)
    local value = real[item.name]
    check_example(where, item)
    local described = item.type ~= "table" -- which is a description, no value
    if described and value == nil then complain("%s is documented, but not there", where) end
    if described and type(value) == "function" then check_function(where, item, value) end
    real[item.name] = nil
  end
  for name in pairs(real) do complain("%s: %s has no comment", page.file, name) end
end

-- Types ---------------------------------------------------------------------------------------------------------------

local function known_types()
  local known = { ["exotel.Operation"] = true, ["exotel.ListOperation"] = true }
  for _, page in ipairs(pages) do
    for _, item in ipairs(page.items) do
      if item.type == "table" then known[page.name .. "." .. item.name] = true end
    end
    for _, class in ipairs(page.classes) do known[page.name .. "." .. class.name] = true end
  end
  return known
end

local function check_type(where, type, known)
  if not type or type == "" then complain("%s has no type", where) end
  for name in (type or ""):gmatch("exotel%.[%w_.]+") do
    if not known[name] then complain("%s: there is no type %s", where, name) end
  end
end

-- A table whose fields have no types lists the values of a string.
local function is_enumeration(item)
  for _, field in ipairs(item.params) do
    if field.type then return false end
  end
  return item.type == "table"
end

local function check_types(page, known)
  for _, item in ipairs(page.items) do
    local where = ("%s:%d: %s"):format(page.file, item.line, item.name)
    if not is_enumeration(item) then
      for _, parameter in ipairs(item.params) do check_type(where .. ": " .. parameter.name, parameter.type, known) end
    end
    for _, group in ipairs(item.returns) do
      for _, value in ipairs(group) do check_type(where .. ": what it returns", value.type, known) end
    end
  end
end

-- Modules -------------------------------------------------------------------------------------------------------------

local function check_modules()
  local documented = {}
  for _, page in ipairs(pages) do documented[page.name] = true end
  for path in io.popen("ls lua/exotel/*.lua"):lines() do
    local name = path:match("([%w_]+)%.lua$")
    local module = name == "init" and "exotel" or "exotel." .. name
    if not documented[module] and name ~= "cli" then complain("%s: the module has no page", path) end
  end
end

-- Links ---------------------------------------------------------------------------------------------------------------

local function read(path)
  local file = io.open(path)
  if not file then return nil end
  local text = file:read("*a")
  file:close()
  return text
end

local function check_link(path, link)
  local target, anchor = link:match("^([^#]*)#?(.*)$")
  local text = read(target == "" and path or path:match("^(.*/)") .. target)
  if not text then return complain("%s: %s leads nowhere", path, link) end
  if anchor ~= "" and not text:find('name%s*=%s*"' .. anchor:gsub("%p", "%%%0") .. '"') then
    complain("%s: there is no place %s", path, link)
  end
end

local function check_links()
  for path in io.popen("find '" .. folder .. "' -name '*.html'"):lines() do
    for link in read(path):gmatch('href="([^"]+)"') do
      if not link:find("^https?:") then check_link(path, link) end
    end
  end
end

local classes, known = real_classes(), known_types()
for _, page in ipairs(pages) do
  if page.type == "module" then
    local real = real_items(page, classes)
    leave_out_operations(real)
    check_items(page, real)
  end
  check_types(page, known)
end
check_modules()
check_links()
if complaints > 0 then
  io.stderr:write(("the reference: %d complaints\n"):format(complaints))
  os.exit(1)
end
