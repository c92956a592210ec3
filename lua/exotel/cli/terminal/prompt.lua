--- Questions to the person at the terminal.
local errors = require "exotel.cli.errors"
local poll = require "posix.poll"
local screen = require "exotel.cli.terminal.screen"
local signals = require "exotel.cli.terminal.signals"
local termio = require "posix.termio"
local unistd = require "posix.unistd"

local M = {}

-- Milliseconds between two looks at the signals: one that arrives just before a wait begins doesn't end it.
local SLICE = 100

-- → a byte, or nil at the end
local function read_byte()
  repeat signals.check() until poll.rpoll(0, SLICE) == 1
  signals.check()
  local byte = unistd.read(0, 1)
  return byte ~= "" and byte or nil
end

--- The next line of standard input, and not a byte more. → line, or nil at the end
function M.read_line()
  local bytes, byte = {}, read_byte()
  while byte and byte ~= "\n" do
    bytes[#bytes + 1] = byte
    byte = read_byte()
  end
  return (byte or #bytes > 0) and table.concat(bytes) or nil
end

-- Its lines as wide as the terminal; the spaces at the end of a question stay.
local function wrapped(text)
  return (text:gsub("[^\n]+", function(line)
    local indent = line:match("^ *")
    local hanging = indent == "" and 0 or #indent + 2
    return table.concat(screen.wrap(line, hanging), "\n") .. line:match(" *$")
  end))
end

-- The arguments are made plain: what is asked about may have its name from the service.
local function ask(format, ...)
  screen.settle()
  io.stderr:write(wrapped(screen.format(format, ...)))
  return M.read_line()
end

local function trimmed(text) return text and text:match("^%s*(.-)%s*$") end

--- Tells, on standard error, what a question is about, in lines as wide as the terminal.
function M.tell(text)
  screen.settle()
  io.stderr:write(wrapped(text))
end

--- The same with a text that has its lines and colours already.
function M.show(text)
  screen.settle()
  io.stderr:write(text)
end

--- Asks a question to be answered by yes or no, made as by string.format. → whether it was yes
function M.confirm(format, ...)
  local answer = trimmed(ask(format .. " [y/N] ", ...))
  return answer ~= nil and (answer:lower() == "y" or answer:lower() == "yes")
end

--- Asks for a value, made as by string.format. → it, or nil at the end of standard input
M.ask = ask

--- Asks for a word that has to be typed. → whether it was
function M.confirm_word(word, format, ...) return trimmed(ask(format, ...)) == word end

--- Raises an error where no question can be asked. `command`: the one that would ask, for the message.
function M.need_terminal(command)
  if screen.can_ask() then return end
  errors.usage("%s asks before it does anything, and there is no terminal to ask on: say --yes", command)
end

-- The terminal's settings with and without the echo of what is typed.
local function settings()
  local shown, hidden = termio.tcgetattr(0), termio.tcgetattr(0)
  hidden.lflag = hidden.lflag - hidden.lflag % (2 * termio.ECHO) + hidden.lflag % termio.ECHO
  return shown, hidden
end

-- Asks while the terminal doesn't echo what is typed. While the process is stopped (Ctrl-Z) it does, and afterwards the
-- question stands there again: what had been typed is gone.
local function ask_hidden(format, ...)
  local question = wrapped(screen.format(format, ...))
  local shown, hidden = settings()
  local function show() termio.tcsetattr(0, termio.TCSADRAIN, shown) end
  local function hide()
    termio.tcsetattr(0, termio.TCSADRAIN, hidden)
    io.stderr:write(question)
  end
  local function ask_now()
    hide()
    return M.read_line()
  end
  local good, result = pcall(signals.around_stops, show, hide, ask_now)
  show()
  io.stderr:write("\n")
  if not good then error(result, 0) end
  return result
end

--- Asks for a secret, which isn't shown. → it, or nil at the end of standard input
M.secret = ask_hidden

--- Asks twice for a password, which isn't shown. `account`: how questions name it; `rule`: what it may hold, in words.
-- → password
function M.new_password(user_name, trunk_name, account, rule)
  M.tell(("The password: %s. It is not shown.\n"):format(rule))
  local question = "Password for %s on the trunk %s of the account %s: "
  local first = ask_hidden(question, user_name, trunk_name, account)
  if not first or first == "" then errors.usage("no password was given") end
  local second = ask_hidden("Again: ")
  if first ~= second then errors.usage("the two passwords differ; nothing was sent") end
  return first
end

return M
