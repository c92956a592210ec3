-- examples/openresty: the endpoint as its README starts it, and what it says when something is wrong from the start.
local child = require "spec.support.child"
local curl = require "spec.support.curl"
local expect = require "spec.support.expect"
local nginx = require "spec.support.nginx"
local sandbox = require "exotel.sandbox"

local TOKEN = "let_me_in"
local BEARER = "Authorization: Bearer " .. TOKEN
local SPEC = '{"trunk_name":"outbound_trunk","phone_numbers":["+919876543210"],"whitelisted_ips":["203.0.113.10"],'
  .. '"destinations":["203.0.113.10:5061;transport=tls"]}'

local function post(url, body, headers)
  return curl.request(url .. "/trunks", { method = "POST", body = body, headers = headers or { BEARER } })
end

-- The answer is a problem of this status, in every way.
local function problem(status, reply)
  assert.equal(status, reply.status, reply.body)
  assert.equal("application/problem+json", reply.headers["content-type"])
  assert.equal(status, reply.json.status)
  assert.is_string(reply.json.title)
  assert.is_string(reply.json.detail)
  assert.is_string(reply.json.type)
  expect.no_secret(reply.body)
  return reply.json
end

-- The command itself, in the background --------------------------------------------------------------------------------

local tree = nginx.output("pwd")

local function start_command(environment)
  local self = { folder = nginx.output("mktemp -d"), port = nginx.free_ports(1)[1] }
  self.url = "http://127.0.0.1:" .. self.port
  local settings = {
    TMPDIR = self.folder, LUA_PATH = package.path, LUA_CPATH = package.cpath,
    NGINX_LUA_PATH = ("%s/lua/?.lua;%s/lua/?/init.lua;;"):format(tree, tree),
    NGINX_LUA_CPATH = ("%s/build/luajit-plain/?.so;;"):format(tree),
  }
  for name, value in pairs(environment) do settings[name] = value end
  local words = { nginx.clean }
  for name, value in pairs(settings) do words[#words + 1] = name .. "=" .. child.quote(value) end
  local line = ("timeout --foreground --signal=QUIT --kill-after=10 60 %s examples/openresty/start.lua %s"):format(child.lua, self.port)
  self.pid = nginx.output(("%s %s > %s/said 2>&1 & echo $!"):format(table.concat(words, " "), line, self.folder))
  nginx.wait_for("the example answers", function() return curl.request(self.url .. "/health").status == 200 end)
  return self
end

local function said(self) return nginx.read(self.folder .. "/said") end

-- Ends nginx, and with it the command.
local function stop_command(self)
  os.execute(("kill -QUIT $(cat %s/*/nginx.pid)"):format(self.folder))
  nginx.wait_for("the example ends", function() return not nginx.is_alive(self.pid) end)
  local text = said(self)
  assert.equal("", nginx.output("ls -d " .. self.folder .. "/*/ 2>/dev/null"))
  os.execute("rm -rf " .. self.folder)
  return text
end

describe("the OpenResty example", function()
  it("starts against a sandbox of its own, and ends leaving nothing", function()
    local example = start_command {}
    local reply = post(example.url, SPEC, { "Authorization: Bearer demo" })
    assert.equal(200, reply.status, reply.body)
    local text = stop_command(example)
    assert.truthy(text:find(example.url .. "/trunks", 1, true), text)
    assert.is_nil(text:find("[error]", 1, true), text)
  end)

  describe("against this sandbox", function()
    local sb, example

    setup(function()
      sb = assert(sandbox.start())
      local environment = sb:environment()
      environment.EXOTEL_LIVE, environment.TRUNKS_TOKEN = "1", TOKEN
      example = start_command(environment)
    end)

    teardown(function()
      local text = stop_command(example)
      sb:stop()
      assert.is_nil(text:find("exited on signal", 1, true), text)
    end)

    local function trunks() return #sb:state().trunks end

    it("provisions, says what was done, and does nothing the second time", function()
      local reply = post(example.url, SPEC)
      assert.equal(200, reply.status, reply.body)
      assert.equal("application/json", reply.headers["content-type"])
      assert.equal(sb:state().trunks[1].trunk_sid, reply.json.trunk_sid)
      assert.equal(4, #reply.json.changes)
      for _, change in ipairs(reply.json.changes) do assert.equal("done", change.outcome) end
      for _, change in ipairs(post(example.url, SPEC).json.changes) do assert.equal("present", change.outcome) end
      assert.equal(1, trunks())
    end)

    it("needs its own token", function()
      for _, header in ipairs { "X: y", "Authorization: Bearer", "Authorization: Bearer wrong", "Authorization: " .. TOKEN, "Authorization: Basic c2FuZGJveF9rZXk6c2FuZGJveF90b2tlbg==" } do
        sb:reset_requests()
        local reply = post(example.url, SPEC, { header })
        problem(401, reply)
        assert.equal("Bearer", reply.headers["www-authenticate"])
        assert.same({}, sb:requests())
      end
    end)

    it("answers what is wrong with a request", function()
      sb:reset_requests()
      for _, body in ipairs { "", "{", "1", "null", '"x"' } do problem(400, post(example.url, body)) end
      problem(400, post(example.url, '[{"trunk_name":"a_trunk"}]'))
      problem(400, post(example.url, '{"trunk_name":"a_trunk","credentials":[{"user_name":"a","password_env":"EXOTEL_API_TOKEN"}]}'))
      assert.equal("x", problem(422, post(example.url, '{"trunk_name":"a_trunk","x":1}')).field)
      assert.equal("invalid_argument", problem(422, post(example.url, "[]")).kind)
      problem(422, post(example.url, '{"trunk_name":null}'))
      problem(413, post(example.url, ("x"):rep(70000)))
      problem(404, curl.request(example.url .. "/other"))
      local reply = curl.request(example.url .. "/trunks", { headers = { BEARER } })
      problem(405, reply)
      assert.equal("POST", reply.headers.allow)
      assert.same({}, sb:requests())
    end)

    it("answers what the service says, and how far it came", function()
      sb:fault { before = "map_phone_number", status = 403 }
      local body = problem(502, post(example.url, '{"trunk_name":"second_trunk","phone_numbers":["+919876543219"]}'))
      assert.equal("permission", body.kind)
      assert.equal("done", body.changes[1].outcome)
      assert.equal("failed", body.changes[2].outcome)
      assert.is_string(body.trunk_sid)
      sb:fault { before = "list_trunks", status = 429, headers = { ["Retry-After"] = "100" } }
      local reply = post(example.url, SPEC)
      assert.equal("rate_limited", problem(503, reply).kind)
      assert.equal("100", reply.headers["retry-after"])
    end)

    it("serves many at a time", function()
      sb:fault { on = "list_trunks", delay = 1, times = 20 }
      local began, replies = os.time(), {}
      for i = 1, 20 do
        replies[i] = curl.start(example.url .. "/trunks", { method = "POST", headers = { BEARER }, body = '{"trunk_name":"many_' .. i .. '"}' })
      end
      for i = 1, 20 do assert.equal(200, replies[i]().status) end
      -- One after the other they would take 10 seconds in each of the two workers.
      assert.is_true(os.time() - began < 7)
    end)
  end)
end)

-- What is wrong from the start -------------------------------------------------------------------------------------------

local SERVER = [[
  init_by_lua_block { require("trunks").setup { retries = 0, $OPTIONS } }
  server { listen 127.0.0.1:$PORT;
    location = /trunks { content_by_lua_block { require("trunks").provision() } }
    location = /health { content_by_lua_block { require("trunks").health() } }
    location / { return 204; } }
]]

local NAMES = { "EXOTEL_ACCOUNT_SID", "EXOTEL_API_KEY", "EXOTEL_API_TOKEN", "EXOTEL_REGION", "EXOTEL_BASE_URL", "TRUNKS_TOKEN" }

describe("the OpenResty example, wrongly set up:", function()
  local server

  after_each(function()
    if server then server:stop() end
    server = nil
  end)

  local function new(environment, options, paths)
    local main = {}
    for _, name in ipairs(NAMES) do main[#main + 1] = "env " .. name .. ";" end
    server = nginx.new {
      main = table.concat(main, "\n"), environment = environment,
      http = SERVER:gsub("%$OPTIONS", options or ""),
      paths = (paths or nginx.module_paths):gsub('lua_package_path "', ("%%0%s/examples/openresty/?.lua;"):format(tree)),
    }
    return server
  end

  local function account(address)
    local environment = { EXOTEL_ACCOUNT_SID = "sandbox1", EXOTEL_API_KEY = "sandbox_key", EXOTEL_API_TOKEN = "sandbox_token", TRUNKS_TOKEN = TOKEN }
    for name, value in pairs(address) do environment[name] = value ~= "" and value or nil end
    return environment
  end

  local function trouble_of(count)
    local lines = server:troubles()
    assert.equal(count, #lines, table.concat(lines, "\n"))
    for _, line in ipairs(lines) do expect.no_secret(line) end
    return lines[1]
  end

  for _, case in ipairs {
    { "a missing CA bundle", { EXOTEL_REGION = "mumbai" }, 'ca_file = "/nowhere/ca.pem"', "ca_file can't be read: /nowhere/ca.pem" },
    { "a region with a typo", { EXOTEL_REGION = "mumbay" }, "", "mumbay" },
    { "no account", { EXOTEL_REGION = "mumbai", EXOTEL_ACCOUNT_SID = "" }, "", "EXOTEL_ACCOUNT_SID" },
    { "no token of its own", { EXOTEL_REGION = "mumbai", TRUNKS_TOKEN = "" }, "", "TRUNKS_TOKEN" },
  } do
    it(case[1] .. " is one line in the log and a problem to every caller; other sites go on", function()
      new(account(case[2]), case[3]):start()
      for _ = 1, 3 do
        local detail = problem(503, post(server.url, SPEC)).detail
        assert.truthy(detail:find(case[4], 1, true), detail)
      end
      problem(503, server:get("/health"))
      assert.equal(204, server:get("/").status)
      local line = trouble_of(1)
      assert.truthy(line:find(case[4], 1, true), line)
    end)
  end

  it("no route to the service: it starts all the same, and goes on when there is one", function()
    new(account {})
    local port = server.ports[2]
    server.environment.EXOTEL_BASE_URL = "http://127.0.0.1:" .. port
    server:start()
    assert.equal(200, server:get("/health").status)
    for _ = 1, 3 do assert.equal("network", problem(502, post(server.url, SPEC)).kind) end
    trouble_of(1)
    local sb = assert(sandbox.start { port = tonumber(port) })
    assert.equal(200, post(server.url, SPEC).status)
    sb:stop()
    trouble_of(2)
  end)

  it("wrong credentials are one line in the log, not one a call", function()
    local sb = assert(sandbox.start())
    new(account { EXOTEL_BASE_URL = sb.base_url, EXOTEL_API_TOKEN = "wrong_token" }):start()
    for _ = 1, 5 do assert.equal("authentication", problem(502, post(server.url, SPEC)).kind) end
    sb:stop()
    local line = trouble_of(1)
    assert.truthy(line:find("check key and token, and the region", 1, true), line)
    assert.is_nil(line:find("wrong_token", 1, true), line)
  end)

  it("an option with a typo is named, and nginx does not start", function()
    local words = new(account { EXOTEL_REGION = "mumbai" }, "retires = 2"):refuse()
    assert.truthy(words:find("bad option 'retires' (unknown)", 1, true), words)
    assert.truthy(words:find("init_by_lua(nginx.conf:", 1, true), words)
  end)

  it("so it is at a reload, and the server goes on as it was", function()
    local sb = assert(sandbox.start())
    new(account { EXOTEL_BASE_URL = sb.base_url }):start()
    local file = assert(io.open(server.conf, "r+"))
    local text = file:read("*a"):gsub("retries = 0", "retires = 0")
    file:seek("set")
    file:write(text)
    file:close()
    server:signal("HUP")
    nginx.wait_for("the typo is named", function() return server:log():find("bad option 'retires' (unknown)", 1, true) end)
    assert.equal(200, post(server.url, SPEC).status)
    sb:stop()
  end)

  it("a module for another Lua is named as that", function()
    local here = package.cpath:match("[^;]+")
    local paths = nginx.module_paths:gsub('lua_package_cpath ".-"', ('lua_package_cpath "%s;;"'):format(here))
    local words = new(account { EXOTEL_REGION = "mumbai" }, "", paths):refuse()
    assert.truthy(words:find("was built for " .. _VERSION .. " and can't be used in Lua 5.1: build and install", 1, true), words)
    assert.is_nil(words:find("undefined symbol", 1, true), words)
  end)
end)
