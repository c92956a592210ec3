-- Prints where Lua files assign to a variable of a for loop, which Lua 5.5 makes constant, and fails if any does. Reads
-- them with luacheck's parser, which Debian has for 5.1:
--
--   lua5.1 spec/support/loop_variables.lua FILE ...
local check_state = require "luacheck.check_state"

local STAGES = {
  require "luacheck.stages.parse", require "luacheck.stages.unwrap_parens", require "luacheck.stages.linearize",
}
local IS_LOOP = { loop = true, loopi = true }

local function read(path)
  local file = assert(io.open(path))
  local text = file:read("*a")
  file:close()
  return (text:gsub("^#![^\n]*", ""))
end

-- → the functions of a file, each with its statements
local function functions_of(path)
  local state = check_state.new(read(path))
  for _, stage in ipairs(STAGES) do stage.run(state) end
  return state.lines
end

local function report(path, variable)
  print(("%s:%d: assigns to the loop variable %s, which is constant in Lua 5.5"):format(path, variable.line, variable[1]))
end

-- → how many there are
local function check_statement(path, statement)
  local count = 0
  if statement.tag ~= "Set" then return count end
  for _, target in ipairs(statement.lhs) do
    if target.var and IS_LOOP[target.var.type] then
      report(path, target)
      count = count + 1
    end
  end
  return count
end

local count = 0
for _, path in ipairs(arg) do
  for _, one in ipairs(functions_of(path)) do
    for _, statement in ipairs(one.items) do count = count + check_statement(path, statement) end
  end
end
os.exit(count == 0 and 0 or 1)
