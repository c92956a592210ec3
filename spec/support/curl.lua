--- HTTP by the curl command: a client that shares no code with the one under test.

local dkjson = require "dkjson"

local curl = {}

local function quote(text)
  return "'" .. tostring(text):gsub("'", "'\\''") .. "'"
end

-- A sanitizer preloaded for the process under test is kept from curl, which can hang under it.
local function command(url, options)
  local words = { "env", "-u", "LD_PRELOAD", "curl", "-sS", "-i", "--max-time", tostring(options.seconds or 20), "-X", options.method or "GET" }
  local function add(...)
    for _, word in ipairs({ ... }) do words[#words + 1] = quote(word) end
  end
  if options.user then add("-u", options.user) end
  if options.ca_file then add("--cacert", options.ca_file) end
  if options.resolve then add("--resolve", options.resolve) end
  for _, header in ipairs(options.headers or {}) do add("-H", header) end
  if options.body then add("--data-binary", options.body) end
  add(url)
  return table.concat(words, " ") .. " 2>/dev/null; echo \"exit:$?\""
end

local function read_headers(block)
  local headers = {}
  for name, value in block:gmatch("\r\n([^:\r\n]+): *([^\r\n]*)") do headers[name:lower()] = value end
  return headers
end

local function parse(output)
  local text, exit = output:match("^(.*)exit:(%d+)\n$")
  local head, body = text:match("^(.-\r\n)\r\n(.*)$")
  local reply = { exit = tonumber(exit), body = body or "", headers = read_headers(head or "") }
  reply.status = head and tonumber(head:match("^HTTP/[%d.]+ (%d+)"))
  reply.json = dkjson.decode(reply.body, 1, dkjson.null)
  return reply
end

--- Starts a request, and doesn't wait. `options`: method, user ("key:token"), headers (list of "Name: value"), body,
-- ca_file, resolve, seconds (it may take, 20).
-- → function that waits for the end and returns { exit = curl's exit code, status, headers, body, json }
function curl.start(url, options)
  local pipe = assert(io.popen(command(url, options or {}), "r"))
  return function()
    local output = pipe:read("*a")
    pipe:close()
    return parse(output)
  end
end

--- Makes a request and waits for its end.
function curl.request(url, options)
  return curl.start(url, options)()
end

curl.null = dkjson.null

return curl
