-- directory.keep in the real nginx: one worker refreshes, all read. "#plain": nginx does the work.
local core = require "exotel.core"
local directories = require "spec.support.directories"
local markdown = require "spec.support.markdown"
local nginx = require "spec.support.nginx"
local sandbox = require "exotel.sandbox"

local DID, LATER = "+919876543210", "+918040264208"

-- Seconds from one refresh to the next.
local EVERY = 0.3

local HTTP = ([[
  init_worker_by_lua_block {
    local directory = require "exotel.directory"
    d = assert(directory.keep { "$FOLDER/d", $EVERY, client = { retries = 0 } })
  }
  server {
    listen 127.0.0.1:$PORT;
    location = / { content_by_lua_block { ngx.say "up" } }
    location /number/ {
      content_by_lua_block { ngx.say(ngx.worker.pid(), " ", d:number(ngx.var.uri:sub(9), "trunk_name") or "none") }
    }
    location = /age { content_by_lua_block { ngx.say(d:age()) } }
  }
]]):gsub("%$EVERY", tostring(EVERY))

local MAIN = "env EXOTEL_ACCOUNT_SID; env EXOTEL_API_KEY; env EXOTEL_API_TOKEN; env EXOTEL_BASE_URL;"

describe("directory.keep in nginx #plain", function()
  local sb, server

  before_each(function()
    sb = assert(sandbox.start())
    sb:put { trunk_sid = "sid_one", trunk_name = "one", numbers = { { phone_number = DID } } }
    server = nginx.new { http = HTTP, main = MAIN, workers = 3, environment = sb:environment() }
  end)
  after_each(function()
    server:stop()
    sb:stop()
  end)

  local function answers(number, times)
    local seen, names = {}, {}
    for _ = 1, times or 1 do
      local pid, name = server:get("/number/" .. number).body:match("(%d+) (%S+)")
      seen[pid], names[name] = true, true
    end
    return names, seen
  end

  local function wait_for(number, name)
    nginx.wait_for(number .. " on " .. name, function()
      local names = answers(number, 12)
      return names[name] and not next(names, next(names))
    end)
  end

  -- The worker that holds the lock.
  local function keeper()
    for _, pid in ipairs(server:workers()) do
      if nginx.output("ls -l /proc/" .. pid .. "/fd 2>/dev/null"):find("d.keeper", 1, true)
        and nginx.output("cat /proc/locks"):find(" " .. pid .. " ") then return pid end
    end
  end

  it("has one worker refresh, and all read", function()
    server:start()
    wait_for(DID, "one")
    wait_for(LATER, "none")
    sb:put { trunk_sid = "sid_two", trunk_name = "two", numbers = { { phone_number = LATER } } }
    wait_for(LATER, "two")
    -- Each refresh reads the list of trunks once. Three workers would have done it four times in little more than EVERY.
    sb:reset_requests()
    local began = core.now()
    nginx.wait_for("four refreshes", function()
      local lists = 0
      for _, request in ipairs(sb:requests()) do
        if request.operation == "list_trunks" then lists = lists + 1 end
      end
      return lists >= 4
    end)
    assert.is_true(core.now() - began > 2 * EVERY)
    assert.is_true(tonumber(server:get("/age").body) < 5)
    assert.same({}, server:troubles())
  end)

  it("goes on in another worker when the one that refreshes is killed, and after a reload", function()
    server:start()
    wait_for(DID, "one")
    local first = assert(nginx.wait_for("a keeper", keeper))
    nginx.output("kill -KILL " .. first)
    sb:put { trunk_sid = "sid_two", trunk_name = "two", numbers = { { phone_number = LATER } } }
    wait_for(LATER, "two")
    assert.is_true(nginx.wait_for("another keeper", keeper) ~= first)
    server:signal "HUP"
    sb:put { trunk_sid = "sid_three", trunk_name = "three", numbers = { { phone_number = "+911140000000" } } }
    wait_for("+911140000000", "three")
    server:signal "QUIT"
  end)

  it("answers while the service does not, and says so once", function()
    server:start()
    wait_for(DID, "one")
    sb:fault { before = "*", status = 403, times = true }
    nginx.wait_for("a line", function() return server:log():find("is not up to date: list_trunks: permission", 1, true) end)
    wait_for(DID, "one")
    sb:clear_faults()
    nginx.wait_for("another line", function() return server:log():find("is up to date again", 1, true) end)
    assert.equal(1, select(2, server:log():gsub("is not up to date", "")))
  end)
end)

describe("the guide to directories #plain", function()
  it("has a server that runs as it stands", function()
    local sb = assert(sandbox.start())
    sb:put { trunk_sid = "sid_one", trunk_name = "one", numbers = { { phone_number = DID } } }
    local text
    for _, block in ipairs(markdown.blocks("doc/guides/directory.md")) do
      if block.language == "nginx" then text = block.code end
    end
    text = text:gsub("listen 127.0.0.1:8080", "listen 127.0.0.1:$PORT"):gsub("/var/lib/exotel/outbound", "$FOLDER/outbound")
    local server = nginx.start { http = text, main = MAIN, environment = sb:environment() }
    nginx.wait_for("the number", function() return server:get("/numbers/" .. DID).body == "sid_one\n" end)
    assert.equal(404, server:get("/numbers/" .. LATER).status)
    server:stop()
    sb:stop()
  end)
end)

describe("directory.keep elsewhere", function()
  it("is told where it belongs", function()
    local directory = require "exotel.directory"
    local folder, remove = directories.folder()
    local d, err = directory.keep { folder .. "/d", 300 }
    assert.is_nil(d)
    assert.equal("config", err.kind)
    assert.matches("it is kept in nginx, from init_worker on: elsewhere call its method refresh", err.message)
    for message, options in pairs {
      ["bad option 'every' %(seconds expected%)"] = { "x", 0 }, ["bad option 'every' %(number expected%)"] = { "x", "5" },
      ["bad option 'client' %(a client or its options expected%)"] = { "x", client = 5 }, ["bad option 'path'"] = { every = 5 },
      ["bad option 'requests_per_minute'"] = { "x", requests_per_minute = 0 }, ["bad option 'often' %(unknown%)"] = { "x", often = 1 },
    } do
      assert.error_matches(function() directory.keep(options) end, message)
    end
    remove()
  end)
end)
