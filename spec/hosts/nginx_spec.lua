-- The library in nginx (OpenResty): real servers, driven by curl against the sandbox.
local child = require "spec.support.child"
local files = require "spec.support.bulk"
local nginx = require "spec.support.nginx"
local sandbox = require "exotel.sandbox"

local PRELUDE = [[
  lua_shared_dict notes 1m;
  init_by_lua_block {
    exotel = require "exotel"
    notes = ngx.shared.notes
    client = assert(exotel.client { account_sid = "sandbox1", api_key = "sandbox_key", api_token = "sandbox_token",
      base_url = "$BASE", ca_file = $CA, retries = 0, max_connections = 50, rate_limit = false, timeout = 100, deadline = 200 })
    -- The result of a call in one line.
    function told(data, err)
      if data then return "good " .. tostring(data.trunk_name or #data) end
      return "bad " .. tostring(err.kind) .. " " .. tostring(err)
    end
    function call(trunk_sid)
      local said = told(client:get_trunk { trunk_sid = trunk_sid or "$SID" })
      notes:incr("over", 1, 0)
      return said
    end
    function pumps() return ngx.timer.running_count() + ngx.timer.pending_count() end
  }
]]

describe("in nginx", function()
  local sb, server, sid

  before_each(function()
    sb = assert(sandbox.start())
    local client = assert(sb:client())
    sid = assert(client:create_trunk { trunk_name = "outbound_trunk" }).trunk_sid
    client:close()
    sb:reset_requests()
  end)

  after_each(function()
    if server then server:stop() end
    server = nil
    sb:stop()
  end)

  local function fill(text)
    return (text:gsub("%$BASE", sb.base_url):gsub("%$SID", sid):gsub("%$CA", sb.ca_file and ("%q"):format(sb.ca_file) or "nil"))
  end

  -- A server with these locations, "/" among them.
  local function start(locations, options)
    options = options or {}
    options.http = fill((options.prelude or PRELUDE) .. (options.http or "") ..
      "server { listen 127.0.0.1:$PORT; " .. (options.server or "") .. " location = / { return 204; } " .. locations .. " }")
    server = nginx.start(options)
    return server
  end

  -- Ends it and checks that nothing went wrong meanwhile.
  local function stop_clean(but)
    server:stop()
    local troubles = {}
    for _, line in ipairs(server:troubles()) do
      if not (but and line:find(but)) then troubles[#troubles + 1] = line end
    end
    assert.same({}, troubles)
  end

  local function note(name) return server:get("/note?" .. name).body end

  local NOTE = "location = /note { content_by_lua_block { ngx.print(tostring(notes:get(ngx.var.args))) } } "
  local IDLE = "location = /idle { content_by_lua_block { ngx.print(client:poll(0), ' ', pumps()) } } "

  local function wait_for_note(name)
    return nginx.wait_for("note " .. name, function()
      local text = note(name)
      return text ~= "nil" and text
    end)
  end

  it("require reads all files, so that no worker has to", function()
    start([[location = /loaded { content_by_lua_block {
      ngx.print(tostring(package.loaded["exotel.client"] ~= nil and package.loaded["exotel.resources.ensure"] ~= nil))
    } }]], { prelude = 'init_by_lua_block { require "exotel.trunk" } ' })
    assert.equal("true", server:get("/loaded").body)
    stop_clean()
  end)

  it("a call yields in every phase that can, without any option", function()
    start(NOTE .. [[
      location = /rewrite { rewrite_by_lua_block { ngx.print(call()) ngx.exit(200) } }
      location = /access { access_by_lua_block { ngx.print(call()) ngx.exit(200) } content_by_lua_block { } }
      location = /content { content_by_lua_block { ngx.print(call()) } }
      location = /timer { content_by_lua_block { ngx.timer.at(0, function() notes:set("timer", call()) end) } }
      location = /wrapped { content_by_lua_block { ngx.print(coroutine.wrap(call)()) } }
      location = /thread { content_by_lua_block {
        local good, text = ngx.thread.wait(ngx.thread.spawn(call), ngx.thread.spawn(function() ngx.sleep(20) end))
        ngx.print(tostring(good), " ", text)
        ngx.exit(200)
      } }
    ]])
    -- While a call waits, the only worker answers others.
    sb:fault { on = "get_trunk", delay = 0.5, times = true }
    for i, phase in ipairs { "rewrite", "access", "content", "wrapped" } do
      local reply = server:start_get("/" .. phase)
      nginx.wait_for("the call of " .. phase, function() return #sb:requests() == i end)
      assert.equal(i == 1 and "nil" or tostring(i - 1), note("over"))
      assert.equal("good outbound_trunk", reply().body)
    end
    assert.equal("true good outbound_trunk", server:get("/thread").body)
    server:get("/timer")
    assert.equal("good outbound_trunk", wait_for_note("timer"))
    stop_clean()
  end)

  it("a call yields while a TLS handshake waits for it", function()
    local certificate, key = require("exotel.sandbox.server").certificate()
    start(NOTE, {
      files = { ["cert.pem"] = certificate, ["key.pem"] = key },
      http = [[server { listen 127.0.0.1:$PORT2 ssl; ssl_certificate $FOLDER/cert.pem; ssl_certificate_key $FOLDER/key.pem;
        ssl_certificate_by_lua_block { notes:set("ssl", call()) }
        location / { return 204; } }]],
    })
    assert.equal(204, require("spec.support.curl").request("https://127.0.0.1:" .. server.ports[2] .. "/",
      { ca_file = server.folder .. "/cert.pem" }).status)
    assert.equal("good outbound_trunk", note("ssl"))
    stop_clean()
  end)

  it("a phase that cannot wait is named, with the way out, and nothing is sent", function()
    start(NOTE .. [[
      location = /set { set_by_lua_block $said { notes:set("set", call()) return "" } return 204; }
      location = /header { header_filter_by_lua_block { notes:set("header_filter", call()) } return 204; }
      location = /body { body_filter_by_lua_block { notes:set("body_filter", call()) } return 200 "x"; }
      location = /log { log_by_lua_block { notes:set("log", call()) } return 204; }
      location = /balancer { proxy_pass http://chosen/; }
      location = /many { log_by_lua_block {
        local results = client:batch { { "list_trunks", {} }, { "get_trunk", { trunk_sid = "$SID" } } }
        notes:set("batch", #results .. " " .. tostring(results[1].err) .. " " .. tostring(results[2].err))
        local provision = require "exotel.provision"
        local report, err = provision.apply(client, { trunk_name = "t" })
        notes:set("apply", tostring(report) .. " " .. tostring(err))
        local good, err = pcall(client:each("list_trunks", {}))
        notes:set("each", tostring(good) .. " " .. tostring(err))
        notes:set("argument", tostring(select(2, client:get_trunk {})))
        notes:set("misuse", tostring(select(2, pcall(client.get_trunk, client, 1))))
        notes:set("left", tostring(client:poll(0)))
      } return 204; }
    ]], { http = [[
      upstream chosen { server 0.0.0.1; balancer_by_lua_block {
        notes:set("balancer", call())
        assert(require("ngx.balancer").set_current_peer("127.0.0.1", tonumber("$PORT")))
      } }
      init_worker_by_lua_block { notes:set("init_worker", call()) }
      exit_worker_by_lua_block { local f = io.open("$FOLDER/exit_worker", "w") f:write(call()) f:close() }
    ]], prelude = PRELUDE:gsub("}\n$", 'notes:set("init", call())\n}\n') })
    for _, path in ipairs { "set", "header", "body", "log", "balancer", "many" } do server:get("/" .. path) end
    for _, phase in ipairs { "init", "init_worker", "set", "header_filter", "body_filter", "log", "balancer" } do
      local said = note(phase)
      assert.truthy(said:find("^bad config get_trunk: config: .*phase " .. phase .. ": .*ngx%.timer%.at"), phase .. ": " .. said)
    end
    assert.truthy(note("batch"):find("^2 list_trunks: config: .* get_trunk: config: "), note("batch"))
    assert.truthy(note("apply"):find("^nil list_trunks: config: "), note("apply"))
    assert.truthy(note("each"):find("^false list_trunks: config: "), note("each"))
    assert.truthy(note("argument"):find("^get_trunk: invalid_argument: "), note("argument"))
    assert.truthy(note("misuse"):find("takes a table", 1, true), note("misuse"))
    assert.equal("0", note("left"))
    local folder = server.folder
    server:signal("HUP")
    local said = nginx.wait_for("the worker exits", function() return nginx.read(folder .. "/exit_worker") end)
    assert.truthy(said:find("^bad config .*phase exit_worker: .*ngx%.timer%.at"), said)
    assert.same({}, sb:requests())
    stop_clean()
  end)

  it("so is a place that cannot yield: within a function that C called", function()
    start([[
      location = /require { content_by_lua_block { package.path = "$FOLDER/?.lua;" .. package.path ngx.print(require "calls") } }
      location = /sort { content_by_lua_block {
        local text table.sort({ 1, 2 }, function() text = call() return false end)
        ngx.print(text)
      } }
    ]], { files = { ["calls.lua"] = "return call()" } })
    for _, path in ipairs { "/require", "/sort" } do
      local said = server:get(path).body
      assert.truthy(said:find("^bad config get_trunk: config: .*C has called.*ngx%.timer%.at"), said)
    end
    assert.same({}, sb:requests())
    stop_clean()
  end)

  it("50 calls of 50 requests run side by side on one worker, by one pump that ends", function()
    start(IDLE .. NOTE .. [[
      location = /call { content_by_lua_block {
        notes:incr("begun", 1, 0)
        notes:set("most_pumps", math.max(notes:get("most_pumps") or 0, pumps()))
        local said = call()
        notes:set("begun_at_first_end", notes:get("begun_at_first_end") or notes:get("begun"))
        ngx.print(said)
      } }
    ]])
    sb:fault { on = "get_trunk", delay = 1, times = true }
    -- One curl for all: starting 50 of them would take longer than a call.
    local said = nginx.output(("%s curl -s -Z --parallel-immediate --parallel-max 50 --max-time 20 '%s/call?[1-50]' 2>/dev/null"):format(nginx.clean, server.url))
    assert.equal(("good outbound_trunk"):rep(50), said)
    -- Each has begun before any was done, though one worker serves them all.
    assert.equal("50", note("begun_at_first_end"))
    assert.equal("1", note("most_pumps"))
    nginx.wait_for("the pump ends", function() return server:get("/idle").body == "0 0" end)
    stop_clean()
  end)

  -- The master has used its client, so that there is a connection that the workers must leave alone.
  local USED = PRELUDE:gsub("}\n$", [[
    local first = client:start("get_trunk", { trunk_sid = "$SID" })
    while not first:finished() do client:poll(0.1) end
    assert(first:result())
  }
  ]])

  for _, scheme in ipairs { "http", "https" } do
    it("a client made in the master serves every worker over " .. scheme .. ", each with connections of its own", function()
      sb:stop()
      sb = assert(sandbox.start { tls = scheme == "https" })
      local client = assert(sb:client { rate_limit = false })
      local sids = {}
      for i = 1, 40 do sids[i] = assert(client:create_trunk { trunk_name = "trunk_" .. i }).trunk_sid end
      client:close()
      sid = sids[1]
      -- A read and a write: libcurl repeats a read on a connection that another process spoiled, and nobody would notice.
      start([[ location = /call { content_by_lua_block {
        local sid, name = ngx.var.arg_sid, ngx.var.arg_name
        ngx.print(ngx.worker.pid(), " ", call(sid), " ", told(client:update_trunk { trunk_sid = sid, trunk_name = name }))
      } } ]], { workers = 4, prelude = USED })
      local pids, count = {}, 0
      for _ = 1, 3 do
        local replies = {}
        for i, one in ipairs(sids) do replies[i] = server:start_get("/call?sid=" .. one .. "&name=trunk_" .. i) end
        for i = 1, #sids do
          local pid, said = replies[i]().body:match("^(%d+) (.*)$")
          assert.equal(("good trunk_%d good trunk_%d"):format(i, i), said)
          if not pids[pid] then pids[pid], count = true, count + 1 end
        end
      end
      assert.is_true(count > 1, "only one worker was at work")
      stop_clean()
    end)
  end

  it("each, batch and provision yield too", function()
    start(IDLE .. NOTE .. [[
      location = /all { content_by_lua_block {
        local count = 0
        for _ in client:each("list_trunks", {}) do count = count + 1 end
        local steps = {}
        local results = client:batch({ { "get_trunk", { trunk_sid = "$SID" } }, { "list_settings", { trunk_sid = "$SID" } } },
          { concurrency = 1, progress = function(done, total) ngx.sleep(0.001) steps[#steps + 1] = done .. "/" .. total end })
        local report, err = require("exotel.provision").apply(client, { trunk_name = "made_in_nginx", phone_numbers = { "+919876543210" } })
        notes:set("all", "over")
        ngx.print(count, " ", results[1].data.trunk_name, " ", #results[2].data, " ", table.concat(steps, " "), " ", report and #report.changes or tostring(err))
      } }
      location = /raises { content_by_lua_block {
        local good, reason = pcall(client.batch, client, { { "get_trunk", { trunk_sid = "$SID" } }, { "list_settings", { trunk_sid = "$SID" } } },
          { progress = function() error("enough", 0) end })
        ngx.print(tostring(good), " ", reason, " ", client:poll(0))
      } }
    ]])
    -- Between any two requests of it the only worker answers others.
    sb:fault { on = "*", delay = 0.2, times = true }
    local reply = server:start_get("/all")
    for _, operation in ipairs { "list_trunks", "get_trunk", "create_trunk", "map_phone_number" } do
      nginx.wait_for(operation, function()
        local requests = sb:requests()
        return #requests > 0 and requests[#requests].operation == operation
      end)
      assert.equal("nil", note("all"))
    end
    assert.equal("1 outbound_trunk 0 1/2 2/2 2", reply().body)
    sb:clear_faults()
    sb:fault { on = "list_settings", hang = true }
    assert.equal("false enough 0", server:get("/raises").body)
    stop_clean()
  end)

  it("bulk yields too, also while it reconciles what was lost", function()
    local paths = files.new()
    finally(function() files.remove(paths) end)
    local lines = { "phone_number" }
    for i = 1, 10 do lines[i + 1] = files.number(i) end
    files.write(paths.csv, table.concat(lines, "\n"))
    start(IDLE .. NOTE .. ([[
      location = /bulk { content_by_lua_block {
        local summary, err = require("exotel.bulk").map_numbers(client, "%s", { results = "%s", trunk_sid = "$SID", concurrency = 2 })
        notes:set("bulk", "over")
        ngx.print(tostring(err), " ", summary and summary.done)
      } }
    ]]):format(paths.csv, paths.results))
    sb:fault { after = "map_phone_number", drop = true, times = 3 }
    sb:fault { on = "list_phone_numbers", delay = 1 }
    sb:fault { on = "*", delay = 0.2, times = true }
    local reply = server:start_get("/bulk")
    for _, operation in ipairs { "map_phone_number", "list_phone_numbers" } do
      nginx.wait_for(operation, function()
        local requests = sb:requests()
        return #requests > 0 and requests[#requests].operation == operation
      end)
      assert.equal("nil", note("bulk"))
    end
    assert.equal("nil 10", reply().body)
    stop_clean()
  end)

  it("a killed or aborted request leaves nothing behind", function()
    start(IDLE .. NOTE .. [[
      location = /aborted { lua_check_client_abort on; content_by_lua_block { call() notes:set("aborted", "went on") } }
      location = /killed { content_by_lua_block {
        local thread = ngx.thread.spawn(function() call() notes:set("killed", "went on") end)
        ngx.sleep(0.05)
        ngx.print(tostring(not not ngx.thread.kill(thread)))
      } }
      location = /exited { content_by_lua_block {
        ngx.thread.spawn(function() call() notes:set("exited", "went on") end)
        ngx.sleep(0.05)
        ngx.exit(200)
      } }
      location = /batch { lua_check_client_abort on; content_by_lua_block {
        client:batch { { "get_trunk", { trunk_sid = "$SID" } }, { "get_trunk", { trunk_sid = "$SID" } } }
      } }
      location = /call { content_by_lua_block { ngx.print(call()) } }
    ]])
    sb:fault { on = "get_trunk", hang = true, times = 5 }
    local function wait_until_idle(path)
      nginx.wait_for("nothing is left of " .. path, function() return server:get("/idle").body == "0 0" end)
    end
    for _, path in ipairs { "/aborted", "/batch" } do
      os.execute(("curl -s -m 0.3 %s%s > %s/out"):format(server.url, path, server.folder))
      wait_until_idle(path)
    end
    assert.equal("true", server:get("/killed").body)
    wait_until_idle("/killed")
    server:get("/exited")
    wait_until_idle("/exited")
    assert.equal(5, #sb:requests())
    sb:clear_faults()
    assert.equal("good outbound_trunk", server:get("/call").body)
    for _, name in ipairs { "aborted", "killed", "exited" } do assert.equal("nil", note(name)) end
    stop_clean()
  end)

  it("a client that is closed ends the calls of other requests", function()
    start(IDLE .. [[
      location = /call { content_by_lua_block { ngx.print(call()) } }
      location = /close { content_by_lua_block { client:close() ngx.print(tostring(client)) } }
    ]])
    sb:fault { on = "get_trunk", hang = true, times = true }
    local replies = { server:start_get("/call"), server:start_get("/call") }
    nginx.wait_for("both are sent", function() return #sb:requests() == 2 end)
    assert.equal("exotel.client (closed)", server:get("/close").body)
    for _, reply in ipairs(replies) do assert.truthy(reply().body:find("^bad cancelled")) end
    stop_clean()
  end)

  for _, signal in ipairs { "HUP", "QUIT" } do
    it("a graceful " .. signal .. " finishes what is in flight", function()
      start(NOTE .. [[
        location = /call { content_by_lua_block { ngx.print(call(), " ", call()) } }
        location = /timer { content_by_lua_block { ngx.timer.at(0, function()
          local f = io.open("$FOLDER/timer", "w") f:write(call(), " ", call()) f:close()
        end) } }
        location = /later { content_by_lua_block { ngx.timer.at(3600, function(premature)
          local f = io.open("$FOLDER/later", "w") f:write(tostring(premature), " ", call()) f:close()
        end) } }
        location = /pid { content_by_lua_block { ngx.print(ngx.worker.pid()) } }
      ]])
      local pid = server:get("/pid").body
      sb:fault { on = "get_trunk", delay = 0.7, times = true }
      server:get("/timer")
      server:get("/later")
      local reply = server:start_get("/call")
      nginx.wait_for("both are sent", function() return #sb:requests() == 2 end)
      server:signal(signal)
      assert.equal("good outbound_trunk good outbound_trunk", reply().body)
      nginx.wait_for("the worker exits", function() return not nginx.is_alive(pid) end)
      assert.equal("good outbound_trunk good outbound_trunk", nginx.read(server.folder .. "/timer"))
      assert.equal("true good outbound_trunk", nginx.read(server.folder .. "/later"))
      if signal == "HUP" then assert.equal("good outbound_trunk good outbound_trunk", server:get("/call").body) end
      stop_clean()
    end)
  end

  describe("the pump waits for the network,", function()
    local COUNTED = PRELUDE:gsub("}\n$", [[
      local methods, poll = require("exotel.core").client_methods, nil
      poll, polls = methods.poll, 0
      function methods.poll(...) polls = polls + 1 return poll(...) end
    }
    ]])
    local PID = "location = /pid { content_by_lua_block { ngx.print(ngx.worker.pid()) } } "

    local function threads(pid) return tonumber(nginx.output("ls /proc/" .. pid .. "/task | wc -l")) end

    it("and polls neither while nothing happens nor late", function()
      start([[
        location = /long { content_by_lua_block {
          local before = polls
          local said = call()
          ngx.print(said, " ", polls - before < 25)
        } }
        location = /short { content_by_lua_block {
          local began = require("exotel.core").now()
          for _ = 1, 20 do if not call():find("^good") then return ngx.print("failed") end end
          -- By a clock alone they would take ten seconds.
          ngx.print(require("exotel.core").now() - began < 6)
        } }
      ]], { prelude = COUNTED })
      sb:fault { on = "get_trunk", delay = 2 }
      assert.equal("good outbound_trunk true", server:get("/long").body)
      sb:fault { on = "get_trunk", delay = 0.1, times = 20 }
      assert.equal("true", server:get("/short").body)
      stop_clean()
    end)

    it("on a thread that there is only while calls wait", function()
      start(PID .. IDLE .. "location = /call { content_by_lua_block { ngx.print(call()) } }")
      local pid = server:get("/pid").body
      assert.equal(1, threads(pid))
      sb:fault { on = "get_trunk", delay = 1, times = true }
      local reply = server:start_get("/call")
      nginx.wait_for("a thread", function() return threads(pid) == 2 end)
      assert.equal("good outbound_trunk", reply().body)
      nginx.wait_for("none any more", function() return threads(pid) == 1 and server:get("/idle").body == "0 0" end)
      assert.equal("good outbound_trunk", server:get("/call").body)
      stop_clean()
    end)

    it("of several clients, whichever is closed", function()
      start(NOTE .. [[
        location = /calls { content_by_lua_block {
          local function new() return assert(exotel.client { account_sid = "sandbox1", api_key = "sandbox_key",
            api_token = "sandbox_token", base_url = "$BASE", ca_file = $CA, retries = 0, rate_limit = false }) end
          local clients, said = { new(), new(), new() }, {}
          for i, one in ipairs(clients) do
            ngx.thread.spawn(function()
              for _ = 1, 3 do
                said[i] = told(one:get_trunk { trunk_sid = "$SID" })
                if said[i]:find("^bad") then break end
              end
              notes:incr("calls", 1, 0)
            end)
          end
          ngx.sleep(0.05)
          clients[2]:close()
          while notes:get("calls") ~= 3 do ngx.sleep(0.01) end
          ngx.print(said[1], ", ", said[3], ", ", said[2])
        } }
      ]])
      sb:fault { on = "get_trunk", delay = 0.2, times = true }
      assert.truthy(server:get("/calls").body:find("^good outbound_trunk, good outbound_trunk, bad cancelled"))
      stop_clean()
    end)

    it("and sees what others do with its client", function()
      start([[
        location = /calls { content_by_lua_block {
          local one = assert(exotel.client { account_sid = "sandbox1", api_key = "sandbox_key", api_token = "sandbox_token",
            base_url = "$BASE", ca_file = $CA, retries = 0, rate_limit = false, max_connections = 1 })
          local began, good = require("exotel.core").now(), 0
          for _ = 1, 10 do
            local hangs = one:start("get_trunk", { trunk_sid = "$SID" })
            local thread = ngx.thread.spawn(function() return told(one:list_trunks {}) end)
            ngx.sleep(0.05)
            hangs:cancel()
            local _, said = ngx.thread.wait(thread)
            if said == "good 1" then good = good + 1 end
          end
          -- By rounds that come twice a second they would take four seconds at least.
          ngx.print(good, " ", require("exotel.core").now() - began < 3)
        } }
      ]])
      sb:fault { on = "get_trunk", hang = true, times = 10 }
      assert.equal("10 true", server:get("/calls").body)
      stop_clean()
    end)

    it("when the worker is told to exit at once, too", function()
      start(PID .. "location = /call { content_by_lua_block { ngx.print(call()) } }")
      local pid = server:get("/pid").body
      sb:fault { on = "get_trunk", hang = true }
      server:start_get("/call")
      nginx.wait_for("a thread", function() return threads(pid) == 2 end)
      server:signal("TERM")
      nginx.wait_for("the worker exits", function() return not nginx.is_alive(pid) end)
      stop_clean()
    end)

    it("and polls by the clock where it can have no thread", function()
      start(PID .. [[ location = /call { content_by_lua_block {
        local before = polls
        ngx.print(call(), " ", polls - before > 50)
      } } ]], { prelude = COUNTED, main = "env TMPDIR;", environment = { TMPDIR = "/nowhere" } })
      sb:fault { on = "get_trunk", delay = 1 }
      assert.equal("good outbound_trunk true", server:get("/call").body)
      assert.equal(1, threads(server:get("/pid").body))
      stop_clean()
    end)
  end)

  it("no free timer for the pump is no reason to fail", function()
    local locations = [[
      location = /fill { content_by_lua_block {
        local good = ngx.timer.at($WHEN, function() ngx.sleep(20) end)
        ngx.print(tostring(not not good))
      } }
      location = /call { content_by_lua_block { ngx.print(call()) } }
    ]]
    sb:fault { on = "get_trunk", delay = 0.05, times = true }
    -- ngx.timer.at fails
    start(locations:gsub("%$WHEN", "20"), { http = "lua_max_pending_timers 1;" })
    assert.equal("true", server:get("/fill").body)
    assert.equal("good outbound_trunk", server:get("/call").body)
    server:signal("TERM")
    stop_clean()
    -- ngx.timer.at is fine, and the timer never runs
    start(locations:gsub("%$WHEN", "0"), { http = "lua_max_running_timers 1;" })
    assert.equal("true", server:get("/fill").body)
    local replies = {}
    for i = 1, 3 do replies[i] = server:start_get("/call") end
    for i = 1, 3 do assert.equal("good outbound_trunk", replies[i]().body) end
    server:signal("TERM")
    stop_clean("lua_max_running_timers are not enough")
  end)

  it("a log function is told by the pump, and one that raises or yields harms nobody", function()
    start(NOTE .. [[
      location = /call { content_by_lua_block {
        local other = assert(exotel.client { account_sid = "sandbox1", api_key = "sandbox_key", api_token = "sandbox_token",
          base_url = "$BASE", log = function(e)
            notes:incr(e.operation, 1, 0)
            ngx.sleep(0.01)
            notes:set("phase", ngx.get_phase())
            error("not mine")
          end })
        ngx.print(told(other:get_trunk { trunk_sid = "$SID" }), " ", call())
      } }
    ]])
    assert.equal("good outbound_trunk good outbound_trunk", server:get("/call").body)
    assert.equal("1", note("get_trunk"))
    assert.equal("timer", note("phase"))
    stop_clean()
  end)

  it("the option sleep goes before nginx's own way", function()
    start(NOTE .. [[
      location = /call { content_by_lua_block {
        local naps = 0
        local other = assert(exotel.client { account_sid = "sandbox1", api_key = "sandbox_key", api_token = "sandbox_token",
          base_url = "$BASE", sleep = function(seconds) naps = naps + 1 ngx.sleep(seconds) end })
        local said = told(other:get_trunk { trunk_sid = "$SID" })
        ngx.print(said, " ", tostring(naps > 0), " ", pumps())
      } }
    ]])
    sb:fault { on = "get_trunk", delay = 0.05 }
    assert.equal("good outbound_trunk true 0", server:get("/call").body)
    stop_clean()
  end)

  it("a name server that doesn't answer keeps no worker from its other requests", function()
    start([[
      location = /slow { content_by_lua_block {
        local client = assert(exotel.client { account_sid = "a", api_key = "k", api_token = "token", allow_http = true,
          base_url = "http://api.slow.example", connect_timeout = 0.5, retries = 0 })
        ngx.say(told(client:list_trunks {}))
      } }
      location = /ping { content_by_lua_block { ngx.say "pong" } }
    ]], { environment = { LD_PRELOAD = child.module_path "spec.slow_dns" } })
    local slow = server:start_get "/slow"
    for _ = 1, 5 do assert.equal("pong\n", server:get("/ping").body) end
    assert.truthy(slow().body:find("^bad timeout "))
    stop_clean()
  end)
end)
