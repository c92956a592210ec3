--- What is a terminal, and what may be shown on it.
local environment = require "exotel.cli.environment"
local fcntl = require "posix.fcntl"
local unistd = require "posix.unistd"

local M = {}

local function is_terminal(descriptor) return unistd.isatty(descriptor) == 1 end

--- Whether questions can be asked: the answers come from standard input, the questions go to standard error.
function M.can_ask() return is_terminal(0) and is_terminal(2) end

--- Whether standard output, and standard error, is one.
function M.stdout_is_terminal() return is_terminal(1) end
function M.stderr_is_terminal() return is_terminal(2) end

--- Takes the places of standard input, output and error where they are closed, so that no connection gets them and is
-- written to. What is put there fails when it is used, but for standard error.
function M.reserve_descriptors()
  local modes = { [0] = fcntl.O_WRONLY, fcntl.O_RDONLY, fcntl.O_WRONLY }
  for descriptor = 0, 2 do
    if not fcntl.fcntl(descriptor, fcntl.F_GETFD) then fcntl.open("/dev/null", modes[descriptor]) end
  end
end

-- "dumb": one that knows no codes.
local function is_able() return os.getenv("TERM") ~= "dumb" end

--- Whether lines on standard error can be drawn over.
function M.can_redraw() return M.stderr_is_terminal() and is_able() end

local function may_colour() return is_able() and not environment.get("NO_COLOR") end

local CODES = { bold = "1", red = "31", green = "32", yellow = "33", dim = "2" }

--- A text in a colour ("bold", "red", "green", "yellow", "dim"), on standard output and only where it shows colours.
function M.paint(colour, text)
  if not (colour and M.stdout_is_terminal() and may_colour()) then return text end
  return "\27[" .. CODES[colour] .. "m" .. text .. "\27[0m"
end

--- How many columns a line has.
function M.width()
  local columns = tonumber(os.getenv("COLUMNS"))
  return columns and columns > 20 and columns or 80
end

--- A text without what would control a terminal: it may come from elsewhere.
function M.plain(text) return (tostring(text):gsub("%c+", " ")) end

return M
