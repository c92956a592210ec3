--- The bench's calls in nginx, from a timer of a process that ends after them: over its own sockets, or by
-- lua-resty-http. What bench/plain.c does in C.
-- luacheck: read globals ngx
local cjson = require "cjson"
local read_answer = require "bench.answer"

local M = {}

local HEADERS = "Host: localhost\r\nAccept: application/json\r\nUser-Agent: bench\r\n"
  .. "Authorization: Basic a2V5OnRva2Vu\r\n"
local JSON = "Content-Type: application/json\r\n"

local function read_body(socket)
  local status = assert(socket:receive())
  assert(status:find("^HTTP/1%.1 200 "), status)
  local length
  while true do
    local line = assert(socket:receive())
    if line == "" then break end
    length = line:match("^[Cc]ontent%-[Ll]ength: (%d+)") or length
  end
  return assert(socket:receive(tonumber(length)))
end

local ways = {}

-- → a function that makes a request: (method, path, body) → the answer's text
function ways.sockets(url)
  local scheme, port = url:match("^(%a+)://127%.0%.0%.1:(%d+)$")
  return function(method, path, body)
    local socket = ngx.socket.tcp()
    assert(socket:connect("127.0.0.1", tonumber(port)))
    if scheme == "https" and socket:getreusedtimes() == 0 then assert(socket:sslhandshake(nil, "localhost", true)) end
    local rest = body and JSON .. "Content-Length: " .. #body .. "\r\n\r\n" .. body or "\r\n"
    assert(socket:send(method .. " " .. path .. " HTTP/1.1\r\n" .. HEADERS .. rest))
    local text = read_body(socket)
    socket:setkeepalive(60000, 50)
    return text
  end
end

function ways.resty(url)
  local http = require "resty.http"
  local headers = { Accept = "application/json", Authorization = "Basic a2V5OnRva2Vu", ["User-Agent"] = "bench",
    ["Content-Type"] = "application/json" }
  return function(method, path, body)
    local connection = assert(http.new())
    local answer = assert(connection:request_uri(url .. path, { method = method, body = body, headers = headers,
      ssl_server_name = "localhost", ssl_verify = true }))
    assert(answer.status == 200)
    return answer.body
  end
end

local function run(request, mode, calls)
  local path = "/v2/accounts/bench/trunks/tr" .. mode .. "/phone-numbers"
  for _ = 1, calls do
    local body = mode == "map" and cjson.encode { phone_number = "+919876543210", mode = "pstn" } or nil
    read_answer(request(body and "POST" or "GET", path, body))
  end
end

--- Makes the calls once the process runs, and ends it: with status 1 when one fails.
function M.start(way, mode, url, calls)
  assert(ngx.timer.at(0, function()
    local good, reason = pcall(run, ways[way](url), mode, calls)
    if not good then ngx.log(ngx.ERR, reason) end
    os.exit(good and 0 or 1)
  end))
end

return M
