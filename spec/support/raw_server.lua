--- raw_server.pl in a process of its own: what goes wrong below HTTP, and a count of connections.
local child = require "spec.support.child"
local hex = require "spec.support.hex"

local Server = {}
Server.__index = Server

local raw_server = {}

-- { "reply", text } → "reply 6869"
local function line_of(action)
  local words = {}
  for i, word in ipairs(action) do
    words[i] = (i == 1 or type(word) == "number") and tostring(word) or hex.encode(word)
  end
  return table.concat(words, " ")
end

--- raw_server.start { { "reply", text }, { "close" }, … } → a server; what there is to do is told in raw_server.pl.
function raw_server.start(script)
  local lines = {}
  for i, action in ipairs(script) do lines[i] = line_of(action) end
  local self = setmetatable({ script = child.write(table.concat(lines, "\n") .. "\n"), events = {} }, Server)
  self.pipe = assert(io.popen("exec env -u LD_PRELOAD perl spec/support/raw_server.pl " .. self.script))
  local port, pid = self.pipe:read("*l"):match("^listening (%d+) (%d+)$")
  self.port, self.pid = tonumber(port), tonumber(pid)
  self.base_url = "http://127.0.0.1:" .. port
  return self
end

local function note(self, line)
  local what, connection, rest = line:match("^(%S+) (%d+) ?(.*)$")
  self.events[#self.events + 1] = { what = what, connection = tonumber(connection), text = hex.decode(rest) }
end

--- Waits until something has happened on a connection: "closed", 1.
function Server:wait(what, connection)
  for line in self.pipe:lines() do
    note(self, line)
    local event = self.events[#self.events]
    if event.what == what and event.connection == connection then return event end
  end
  error("the server ended before " .. what .. " " .. connection)
end

--- Ends it; after that all that happened is known. Harmless a second time.
function Server:stop()
  if not self.pipe then return end
  os.execute("kill " .. self.pid)
  for line in self.pipe:lines() do note(self, line) end
  self.pipe:close()
  os.remove(self.script)
  self.pipe = nil
end

local function count(self, what)
  local n = 0
  for _, event in ipairs(self.events) do
    if event.what == what then n = n + 1 end
  end
  return n
end

--- How many connections there were; for a server that is stopped.
function Server:connections() return count(self, "open") end

--- The texts of the requests, oldest first; for a server that is stopped.
function Server:requests()
  local texts = {}
  for _, event in ipairs(self.events) do
    if event.what == "request" then texts[#texts + 1] = event.text end
  end
  return texts
end

--- The greatest number of connections open at a time; for a server that is stopped.
function Server:most_open()
  local open, most = 0, 0
  for _, event in ipairs(self.events) do
    if event.what == "open" then open = open + 1 end
    if event.what == "closed" then open = open - 1 end
    most = math.max(most, open)
  end
  return most
end

--- An HTTP answer with a body of JSON.
function raw_server.answer(body, status)
  return ("HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"):format(status or "200 OK", #body, body)
end

--- The body of a success with this data.
function raw_server.success(data)
  return '{"request_id":"r","http_code":200,"response":{"code":200,"error_data":null,"status":"success","data":' .. data .. "}}"
end

return raw_server
