--- Questions to the person at the terminal.
local errors = require "exotel.cli.errors"
local poll = require "posix.poll"
local screen = require "exotel.cli.terminal.screen"
local signals = require "exotel.cli.terminal.signals"
local termio = require "posix.termio"
local unistd = require "posix.unistd"

local M = {}

-- A wait for the next byte is cut into such parts (milliseconds): a signal may come just before one of them begins.
local SLICE = 100

-- → a byte, or nil at the end
local function read_byte()
  repeat signals.check() until poll.rpoll(0, SLICE) == 1
  signals.check()
  local byte = unistd.read(0, 1)
  return byte ~= "" and byte or nil
end

-- Byte by byte: what follows the line stays unread. → line, or nil at the end
local function read_line()
  local bytes, byte = {}, read_byte()
  while byte and byte ~= "\n" do
    bytes[#bytes + 1] = byte
    byte = read_byte()
  end
  return (byte or #bytes > 0) and table.concat(bytes) or nil
end

local function ask(question)
  io.stderr:write(question)
  return read_line()
end

local function trimmed(text) return text and text:match("^%s*(.-)%s*$") end

--- Asks for yes or no. → whether it was yes
function M.confirm(question)
  local answer = trimmed(ask(question .. " [y/N] "))
  return answer ~= nil and (answer:lower() == "y" or answer:lower() == "yes")
end

--- Asks for a word that has to be typed. → whether it was
function M.confirm_word(question, word) return trimmed(ask(question)) == word end

--- Refuses what would remove or change something unasked, where nobody can be asked.
function M.need_terminal(what)
  if screen.can_ask() then return end
  errors.usage("%s asks before it does anything, and there is no terminal to ask on: say --yes", what)
end

-- Runs `action` while what is typed doesn't show.
local function unseen(action)
  local before = termio.tcgetattr(0)
  local during = termio.tcgetattr(0)
  during.lflag = during.lflag - during.lflag % (2 * termio.ECHO) + during.lflag % termio.ECHO
  termio.tcsetattr(0, termio.TCSADRAIN, during)
  local good, result = pcall(action)
  termio.tcsetattr(0, termio.TCSADRAIN, before)
  io.stderr:write("\n")
  if not good then error(result, 0) end
  return result
end

--- Asks for a password, without showing it, twice. → password
function M.new_password(user_name)
  local first = unseen(function() return ask("Password for " .. user_name .. ": ") end)
  if not first or first == "" then errors.usage("no password was given") end
  local second = unseen(function() return ask("Again: ") end)
  if first ~= second then errors.usage("the two passwords differ; nothing was sent") end
  return first
end

--- The first line of standard input. → line, or nil
function M.line_of_input() return read_line() end

return M
