-- Workers of nginx that share their limit in one Redis: nobody exceeds it, and nobody is blocked by it.
local nginx = require "spec.support.nginx"
local redis = require "spec.support.redis"
local sandbox = require "exotel.sandbox"

local LIMIT, CALLS = 20, 40

local LIKE_RESTY_REDIS = [[
local Client = {}
Client.__index = Client
function Client:new() return setmetatable({ socket = ngx.socket.tcp() }, self) end
function Client:set_timeout(time) self.socket:settimeout(time) end
function Client:connect(...) return self.socket:connect(...) end
function Client:command(...)
  local parts = { "*" .. select("#", ...) .. "\r\n" }
  for _, word in ipairs { ... } do parts[#parts + 1] = "$" .. #tostring(word) .. "\r\n" .. word .. "\r\n" end
  local sent, reason = self.socket:send(table.concat(parts))
  if not sent then return nil, reason end
  local line, why = self.socket:receive()
  if not line then return nil, why end
  if line:sub(1, 1) == "-" then return false, line:sub(2) end
  if line:sub(1, 1) ~= "$" then return line:sub(2) end
  local bytes = self.socket:receive(tonumber(line:sub(2)) + 2)
  return bytes and bytes:sub(1, -3)
end
function Client:eval(...) return self:command("EVAL", ...) end
function Client:evalsha(...) return self:command("EVALSHA", ...) end
function Client:script(...) return self:command("SCRIPT", ...) end
function Client:set_keepalive(...) return self.socket:setkeepalive(...) end
function Client:close() return self.socket:close() end
return Client
]]

local HTTP = [[
  lua_socket_log_errors off;
  init_by_lua_block {
    exotel = require "exotel"
    local function has(name)
      local found, module = pcall(require, name)
      return found and module
    end
    -- lua-resty-redis, as Debian calls it, or as it calls itself; or one that is like it as far as a store needs that.
    local redis = has "nginx.redis" or has "resty.redis" or dofile "$FOLDER/like_resty_redis.lua"
    is_real = redis.add_commands ~= nil
    local function connect()
      local one = redis:new()
      one:set_timeout(500)
      local good, reason = one:connect("127.0.0.1", $REDIS)
      if not good then return nil, reason end
      return one
    end
    client = assert(exotel.client { account_sid = "sandbox1", api_key = "sandbox_key", api_token = "sandbox_token",
      base_url = "$BASE", retries = 0, rate_limit = $LIMIT, deadline = 3, store_fallback = 1,
      store = exotel.store.redis { connect = connect },
      log = function(event) if event.event == "store" then ngx.log(ngx.NOTICE, "store: ", event.reason) end end })
  }
  server {
    listen 127.0.0.1:$PORT reuseport;
    location = / { return 204; }
    location = /real { content_by_lua_block { ngx.say(is_real) } }
    location = /call { content_by_lua_block {
      local data, err = client:list_trunks {}
      ngx.say(ngx.worker.id(), " ", data and "good" or err.kind)
    } }
  }
]]

describe("four workers of nginx with one Redis", function()
  local sb, server, store

  before_each(function()
    sb, store = assert(sandbox.start { rate_limit = LIMIT }), redis.start()
    server = nginx.start {
      workers = 4, files = { ["like_resty_redis.lua"] = LIKE_RESTY_REDIS },
      http = HTTP:gsub("%$BASE", sb.base_url):gsub("%$REDIS", tostring(store.port)):gsub("%$LIMIT", tostring(LIMIT)),
    }
  end)
  after_each(function()
    server:stop()
    sb:stop()
    store:stop()
  end)

  -- Makes calls at the same time. → how many came to what, and how many workers there were
  local function call_all()
    local running, counts, workers, count = {}, {}, {}, 0
    for i = 1, CALLS do running[i] = server:start_get("/call") end
    for i = 1, CALLS do
      local worker, outcome = running[i]().body:match("^(%d) (%a+)\n$")
      counts[outcome] = (counts[outcome] or 0) + 1
      if not workers[worker] then workers[worker], count = true, count + 1 end
    end
    return counts, count
  end

  it("send exactly the limit, whoever is asked", function()
    local counts, workers = call_all()
    assert.same({ good = LIMIT, timeout = CALLS - LIMIT }, counts)
    assert.equal(LIMIT, #sb:requests())
    assert.is_true(workers > 1)
    assert.is_nil(server:log():find("store: ", 1, true))
    local package = io.open "/usr/share/lua/5.1/nginx/redis.lua"
    if package then
      package:close()
      assert.equal("true\n", server:get("/real").body)
    end
  end)

  it("go on by the fallback without it, and say so once each", function()
    store:kill()
    local counts, workers = call_all()
    assert.equal(workers, counts.good) -- one request a worker
    assert.equal(workers, #sb:requests())
    local _, said = server:log():gsub("store: the shared rate limit can't be had", "")
    assert.equal(workers, said)
  end)
end)
