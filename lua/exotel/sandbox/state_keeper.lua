--- Keeps the state of the service in a file, as it changes.

local ids = require "exotel.sandbox.ids"
local state_file = require "exotel.sandbox.state_file"

local state_keeper = {}

local function fail(path, message) error({ message = ("the state %s can't be kept: %s"):format(path, message) }, 0) end

-- Another sandbox that was started with the same file has written it since.
local function check_mark(path, mark)
  local file = io.open(path, "rb")
  local line = file and file:read("*l") or ""
  if file then file:close() end
  local other = line:match('"kept_by":"(%x*)"')
  if other and other ~= mark then fail(path, "another sandbox has taken it") end
end

-- The core is loaded only where something is kept.
local function writer(path)
  local write = require "exotel.files.write"
  return function(text)
    local good, message = write(path, text)
    if not good then fail(path, message) end
  end
end

-- Every answer has an id of its own; where they are matters only once something else has changed.
local function what_it_holds(text) return (text:gsub('"digits":%d+', "", 1)) end

--- Writes the state for the first time, and → a function that writes it where it has changed. Both raise a table with a
-- message where it can't be written. `options`: `state`, the path (nil: nothing is kept), and `random_seed`
function state_keeper.new(state, options)
  local path = options.state
  if not path then return function() end end
  local mark = ids.generator(options.random_seed)(16)
  local write, first = writer(path), state_file.render(state, mark)
  local kept = what_it_holds(first)
  write(first)
  return function()
    local text = state_file.render(state, mark)
    local held = what_it_holds(text)
    if held == kept then return end
    check_mark(path, mark)
    write(text)
    kept = held
  end
end

return state_keeper
