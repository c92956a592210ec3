--- A line for each request, for people who watch.

local ids = require "exotel.sandbox.ids"

local request_log = {}

local ACTIONS = { "late", "drop", "reset", "hang", "cut", "delay", "drip", "status", "body", "headers" }

-- What a client sends may control a terminal.
local function plain(text)
  return (text:gsub("[^\32-\126]", function(letter) return ("\\x%02X"):format(letter:byte()) end))
end

local function actions_of(fault)
  local names = {}
  for _, name in ipairs(ACTIONS) do
    if fault[name] then names[#names + 1] = name end
  end
  return " fault: " .. table.concat(names, ", ")
end

--- → the line of a request that was answered at the time `now`. `fault`: what it met, or nil
function request_log.line(request, fault, now)
  local status = request.status and ("%d"):format(request.status) or "-"
  return ("%s %s %s %s %s%s"):format(ids.date(now), plain(request.method), plain(request.target), status,
    request.operation or "-", fault and actions_of(fault) or "")
end

--- Writes it to standard error. `problem`: why the state could not be kept, or nil
function request_log.write(request, fault, now, problem)
  io.stderr:write(request_log.line(request, fault, now), problem and ": " .. problem or "", "\n")
end

return request_log
