--- Files of specifications.
local errors = require "exotel.error"
local json = require "exotel.json"
local json_source = require "exotel.provision.source.json_source"
local layout = require "exotel.provision.source.layout"
local lua_file = require "exotel.provision.source.lua_file"
local origin = require "exotel.provision.source.origin"
local text_source = require "exotel.provision.source.text"

local M = {}

-- Bytes: far more than a specification needs, and what is read at a time.
local SIZE_MAX, PIECE = 16 * 1024 * 1024, 64 * 1024

local function config(path, message, line)
  local err = { kind = "config", operation = "provision", message = message, file = path, line = line }
  return nil, errors.new(err)
end

-- → text, or nil, message
local function read_all(file)
  local pieces, size = {}, 0
  while true do
    local piece, reason = file:read(PIECE)
    if reason then return nil, reason end
    if not piece then return table.concat(pieces) end
    pieces[#pieces + 1], size = piece, size + #piece
    if size > SIZE_MAX then return nil, "too large for a file of specifications" end
  end
end

-- What stands for the path of standard input, and its name.
local STDIN, STDIN_NAME = "-", "<standard input>"

--- files.name(path) → what messages call it.
function M.name(path) return path == STDIN and STDIN_NAME or path end

local function read_stdin()
  local text, reason = read_all(io.stdin)
  if not text then return nil, STDIN_NAME .. ": " .. reason end
  return text
end

-- → text, or nil, message
local function read(path)
  if path == STDIN then return read_stdin() end
  local file, message = io.open(path, "rb")
  if not file then return nil, message end
  local text, reason = read_all(file)
  file:close()
  if not text then return nil, path .. ": " .. reason end
  return text
end

-- The line of a name that stands twice in an object: the text is JSON but for that.
local function line_of_twice(node)
  if node.type ~= "table" then return nil end
  if node.twice[1] then return node.twice[1].line end
  for _, entry in ipairs(node.entries) do
    local line = line_of_twice(entry.node)
    if line then return line end
  end
end

local function read_json(text, path)
  local value, message, line = json.decode(text)
  if not message then return value end
  if message:find(" stands twice in one object$") then
    line = line_of_twice(json_source.read(text).root)
    message = line and ("%s, at line %d"):format(message, line) or message
  end
  return nil, path .. ": " .. message, line
end

local readers = { lua = lua_file.run, json = read_json }

local function with_line(path, line) return line and ("%s:%d"):format(path, line) or path end

-- What isn't in the list would be lost. → nil, or a message
local function fault_of_list(list)
  local count = 0
  for key in pairs(list) do
    count = count + 1
    if type(key) ~= "number" then return ("the list of specifications has a name in it: %s"):format(tostring(key)) end
  end
  if count ~= #list then return "the list of specifications has holes" end
end

-- → those of a list that are tables, and an array of errors about the others
local function tables_of(list, path, file)
  local specs, wrong = {}, {}
  for i, spec in ipairs(list) do
    if type(spec) == "table" then specs[#specs + 1] = spec
    else
      local kind, line = file.form == "json" and "an object" or "a table", origin.entry_line(file, i)
      wrong[#wrong + 1] = select(2, config(path, ("%s: specification %d must be %s"):format(with_line(path, line), i,
        kind), line))
    end
  end
  return specs, wrong
end

local EXPECTED = {
  lua = "a table with a trunk_name, or a list of them", json = "an object with a trunk_name, or an array of them",
}

local A_PLAN = "holds a plan that was saved, and no specifications: `exotel apply --plan` applies it, "
  .. "`exotel plan show` shows it, and in Lua provision.restore reads it"

-- One specification, or an array of them. → an array, and errors about what is none; or nil, err
local function as_array(value, path, file)
  if type(value) == "table" and value.exotel_plan ~= nil then return config(path, path .. ": " .. A_PLAN) end
  if type(value) ~= "table" or next(value) == nil then
    return config(path, ("%s: holds no specification: %s, is expected"):format(path, EXPECTED[file.form]))
  end
  if value[1] == nil then
    origin.remember({ value }, false, file)
    return { value }, {}
  end
  local message = fault_of_list(value)
  if message then return config(path, ("%s: %s"):format(path, message)) end
  origin.remember(value, true, file)
  return tables_of(value, path, file)
end

-- No chunk of Lua begins with a bracket, and no JSON of a specification without one.
local function form_of(text) return text:find("^%s*[{%[]") and "json" or "lua" end

-- → the specifications of a file, and errors about what is none; or nil, err
local function parse(bytes, name, form)
  local text, message = text_source.decode(bytes)
  if not text then return config(name, name .. ": " .. message) end
  form = form or form_of(text)
  local value, reason, line = readers[form](text, name)
  if reason then return config(name, reason, line) end
  return as_array(value, name, { name = name, form = form, text = text })
end

-- → the specifications, where all are; or nil, err
local function all_or_first(specs, wrong)
  if not specs then return nil, wrong end
  if wrong[1] then return nil, wrong[1] end
  return specs
end

--- files.parse(bytes, name, form) → an array of specifications, or nil, err of kind "config", with `file` (the name),
-- and `line` where it is known. `form`: nil to find it out.
function M.parse(bytes, name, form) return all_or_first(parse(bytes, name, form)) end

-- → "lua" or "json"; nil where it has to be found out; or nil, err
local function form_of_path(path)
  local form = path:match("%.(%a+)$")
  if path == STDIN or readers[form] then return form end
  return config(path, path .. ": the name of a file of specifications ends in .lua or .json")
end

-- What `exotel plan --out` has kept may have any name.
local function refuse_plan(path, err)
  local bytes = read(path)
  local is_plan = bytes and bytes:find("^%s*{") and bytes:find('\n  "exotel_plan": ', 1, true)
  if is_plan then return config(path, path .. ": " .. A_PLAN) end
  return nil, err
end

--- files.read(path) → bytes, form (nil: it has to be found out); or nil, err of kind "config".
function M.read(path)
  local form, err = form_of_path(path)
  if err then return refuse_plan(path, err) end
  local bytes, message = read(path)
  if not bytes then return config(M.name(path), message) end
  return bytes, form
end

--- files.load_some(path) → an array of those specifications that are tables, and an array of errors, of kind "config",
-- with `line` where it is known: about those that are not, or about the file.
function M.load_some(path)
  local bytes, form = M.read(path)
  if not bytes then return {}, { form } end
  local specs, wrong = parse(bytes, M.name(path), form)
  if not specs then return {}, { wrong } end
  return specs, wrong
end

--- files.load(path) → an array of specifications, or nil, err of kind "config", with `line` where it is known.
function M.load(path)
  if type(path) ~= "string" then error("provision.load takes a path, got " .. type(path), 2) end
  return all_or_first(M.load_some(path))
end

-- Layout --------------------------------------------------------------------------------------------------------------

-- Whether two values that were read from files are the same, all the way down. Those of a file in Lua that was laid out
-- hold no table twice.
local function is_equal(a, b)
  if type(a) ~= "table" or type(b) ~= "table" then return a == b end
  for key, value in pairs(a) do
    if not is_equal(value, b[key]) then return false end
  end
  for key in pairs(b) do
    if a[key] == nil then return false end
  end
  return true
end

local function reformat(bytes, name, form)
  local before, err = M.parse(bytes, name, form)
  if not before then return nil, err end
  local text = text_source.decode(bytes)
  local laid_out, message, line = layout.text(text, form or form_of(text))
  if not laid_out then return config(name, ("%s: %s"):format(with_line(name, line), message), line) end
  local after = M.parse(laid_out, name, form)
  if after and is_equal(before, after) then return laid_out end
  return config(name, name .. ": can't be laid out without changing what it says")
end

--- files.reformat(path) → the file in its canonical layout, and its bytes as they are; or nil, err of kind "config".
function M.reformat(path)
  if type(path) ~= "string" then error("provision.reformat takes a path, got " .. type(path), 2) end
  local bytes, form = M.read(path)
  if not bytes then return nil, form end
  local text, err = reformat(bytes, M.name(path), form)
  if not text then return nil, err end
  return text, bytes
end

return M
