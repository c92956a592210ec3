--- What is a terminal, and what may be shown on it. The rest of this folder is built on it and on signals: output
-- (results and failures), prompt (questions), progress (a bar).
local columns = require "exotel.text.columns"
local environment = require "exotel.cli.environment"
local fcntl = require "posix.fcntl"
local plain = require "exotel.text.plain"
local text_width = require "exotel.text.width"
local unistd = require "posix.unistd"

local M = {}

-- What is a terminal --------------------------------------------------------------------------------------------------

local function is_terminal(descriptor) return unistd.isatty(descriptor) == 1 end

--- Whether questions can be asked: the answers come from standard input, the questions go to standard error.
function M.can_ask() return is_terminal(0) and is_terminal(2) end

function M.stdout_is_terminal() return is_terminal(1) end
function M.stderr_is_terminal() return is_terminal(2) end

--- Puts /dev/null in the place of standard input, output or error where they are closed, so that no connection gets
-- their descriptors and is written to. Reading and writing there still fail, except on standard error.
function M.reserve_descriptors()
  local modes = { [0] = fcntl.O_WRONLY, fcntl.O_RDONLY, fcntl.O_WRONLY }
  for descriptor = 0, 2 do
    if not fcntl.fcntl(descriptor, fcntl.F_GETFD) then fcntl.open("/dev/null", modes[descriptor]) end
  end
end

-- A narrower terminal is taken for one that doesn't know its width.
local NARROWEST = 20

--- How many columns a line has: as COLUMNS says, else as the terminal does.
function M.width()
  for _, known in ipairs { tonumber(os.getenv("COLUMNS")) or 0, columns(1), columns(2) } do
    if known > NARROWEST then return known end
  end
  return 80
end

--- Columns that a text takes.
M.text_width = text_width

--- A line that is wider than the screen as several, broken between words; all but the first are indented by `hanging`.
-- A word that is wider stays whole. `width`: another one than the screen's, or nil. → an array of lines
function M.wrap(line, hanging, width)
  local lines = {}
  width = width or M.width()
  for gap, word in line:gmatch("(%s*)(%S+)") do
    local last = lines[#lines]
    local fits = last and M.text_width(last) + #gap + M.text_width(word) <= width
    if fits then lines[#lines] = last .. gap .. word
    else lines[#lines + 1] = (last and (" "):rep(hanging) or gap) .. word end
  end
  return lines
end

-- Text from elsewhere -------------------------------------------------------------------------------------------------

--- A text as it may be shown. Whatever came from the service, a file or an argument passes through here, or through
-- `format`, on its way to a terminal.
M.plain = plain

local unpack = table.unpack or unpack

--- As string.format, with the arguments made plain.
function M.format(format, ...)
  local arguments = { n = select("#", ...), ... }
  for i = 1, arguments.n do
    if type(arguments[i]) ~= "number" then arguments[i] = M.plain(arguments[i]) end
  end
  return format:format(unpack(arguments, 1, arguments.n))
end

-- Colours, and lines that are drawn over ------------------------------------------------------------------------------

-- "dumb" is what terminals without control codes are called.
local function knows_codes() return os.getenv("TERM") ~= "dumb" end

local CODES = { bold = "1", red = "31", green = "32", yellow = "33" }

--- The text in a colour ("bold", "red", "green", "yellow", or nil for none), if standard output shows colours.
function M.paint(colour, text)
  local shown = colour and M.stdout_is_terminal() and knows_codes() and not environment.get("NO_COLOR")
  return shown and "\27[" .. CODES[colour] .. "m" .. text .. "\27[0m" or text
end

--- Whether lines on standard error can be drawn over.
function M.can_redraw() return M.stderr_is_terminal() and knows_codes() end

-- Whether a line is drawn that the next one is to be drawn over.
local is_drawn = false

--- Writes to standard error, over the line in which the cursor stands.
function M.redraw(text)
  io.stderr:write(M.can_redraw() and "\r\27[K" or "", text)
  is_drawn = text ~= "" and text:sub(-1) ~= "\n"
end

--- Removes a line that is drawn, before anything else is written.
function M.settle()
  if is_drawn then M.redraw("") end
end

return M
