--- Files and programs, for the runner of mutants.
local M = {}

--- → the whole text, or nil when there is no such file
function M.read(path)
  local file = io.open(path, "rb")
  if not file then return nil end
  local text = file:read("a")
  file:close()
  return text
end

function M.write(path, text)
  local file = assert(io.open(path, "wb"))
  assert(file:write(text))
  assert(file:close())
end

--- → the lines that a command prints
function M.lines_of(command)
  local lines = {}
  local pipe = assert(io.popen(command))
  for line in pipe:lines() do lines[#lines + 1] = line end
  assert(pipe:close(), command)
  return lines
end

--- → whether the command succeeded, its status, and whether a signal ended it
function M.run(command)
  local good, how, status = os.execute(command)
  return good == true, status, how == "signal"
end

--- A word of a command, whatever is in it.
function M.quoted(text) return "'" .. text:gsub("'", "'\\''") .. "'" end

return M
