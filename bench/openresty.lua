--- What calls cost in nginx: one worker, a service that takes 200 ms, beside the same load by ngx.sleep(0.2) alone and,
-- to compare, by nginx's own sockets with cjson. Prints ratios.
--
--     make bench-openresty            [ARGS=<runs>]
--
-- `first`: 50 concurrent calls of a fresh worker, connections included. `then`: 2,000 calls, 50 at a time.
local nginx = require "spec.support.nginx"

local RUNS = tonumber(arg[1] or 3)

local SERVICE = [[
  init_by_lua_block {
    body = '{"request_id":"0123456789abcdef0123456789abcdef","method":"GET","http_code":200,"response":'
      .. '{"code":200,"error_data":null,"status":"success","data":{"trunk_name":"outbound_trunk",'
      .. '"date_created":"2026-01-02T03:04:05Z","date_updated":"2026-01-02T03:04:05Z","trunk_sid":"trmum1c2d3e4f5",'
      .. '"status":"active",'
      .. '"domain_name":"x.pstn.exotel.com","auth_type":"IP-WHITELIST",'
      .. '"registration_enabled":"disabled","edge_preference":"auto","nso_code":"ANY-ANY",'
      .. '"secure_trunking":"disabled"}}}\n'
  }
  server {
    listen 127.0.0.1:$PORT;
    listen 127.0.0.1:$PORT2 ssl;
    ssl_certificate $FOLDER/cert.pem;
    ssl_certificate_key $FOLDER/key.pem;
    keepalive_requests 100000;
    location / { content_by_lua_block {
      ngx.sleep(0.2)
      ngx.header["Content-Type"] = "application/json"
      ngx.header["Content-Length"] = #body
      ngx.print(body)
    } }
  }
]]

local BENCH = [[
  init_by_lua_block {
    exotel = require "exotel"
    cjson = require "cjson.safe"
    local ffi = require "ffi"
    ffi.cdef "struct bench_time { long s; long ns; }; int clock_gettime(int clock, struct bench_time *time);"
    local time = ffi.new("struct bench_time")
    function clock(which)
      ffi.C.clock_gettime(which, time)
      return tonumber(time.s) + tonumber(time.ns) / 1e9
    end
    function monotonic() return clock(1) end
    function cpu() return clock(2) end

    local client = assert(exotel.client { account_sid = "bench", api_key = "k", api_token = "t", base_url = "$BASE",
      ca_file = "$CA", max_connections = 50, rate_limit = false, retries = 0 })

    jobs = {}
    function jobs.sleep() ngx.sleep(0.2) end
    function jobs.exotel()
      local trunk, err = client:get_trunk { trunk_sid = "trmum1c2d3e4f5" }
      if not trunk then error(tostring(err)) end
    end
    function jobs.socket()
      local socket = ngx.socket.tcp()
      assert(socket:connect("127.0.0.1", $TO, { pool_size = 50 }))
      if $SSL and socket:getreusedtimes() == 0 then assert(socket:sslhandshake(nil, "localhost", true)) end
      assert(socket:send("GET /v2/accounts/bench/trunks/trmum1c2d3e4f5 HTTP/1.1\r\nHost: localhost\r\n"
        .. "Accept: application/json\r\nUser-Agent: bench\r\nAuthorization: Basic azp0\r\n\r\n"))
      local length
      while true do
        local line = assert(socket:receive())
        if line == "" then break end
        length = line:match("^[Cc]ontent%-[Ll]ength: (%d+)") or length
      end
      assert(assert(cjson.decode(assert(socket:receive(tonumber(length))))).response.data.trunk_sid)
      socket:setkeepalive(60000, 50)
    end

    function run(job, total, width)
      local started, times, late, over = 0, {}, 0, false
      local ticker = ngx.thread.spawn(function()
        while not over do
          local before = monotonic()
          ngx.sleep(0.001)
          late = math.max(late, monotonic() - before - 0.001)
        end
      end)
      local cpu_before, before = cpu(), monotonic()
      local threads = {}
      for i = 1, width do
        threads[i] = ngx.thread.spawn(function()
          while started < total do
            started = started + 1
            local began = monotonic()
            job()
            times[#times + 1] = monotonic() - began
          end
        end)
      end
      for i = 1, width do ngx.thread.wait(threads[i]) end
      local cpu_used, wall = cpu() - cpu_before, monotonic() - before
      over = true
      ngx.thread.wait(ticker)
      table.sort(times)
      return string.format("%.6f %.6f %.6f %.6f", times[math.ceil(#times / 2)], cpu_used, late, wall)
    end
  }
  server {
    listen 127.0.0.1:$PORT;
    location = / { return 204; }
    location = /run { content_by_lua_block {
      local job, total, width = ngx.var.args:match("(%a+),(%d+),(%d+)")
      ngx.print(run(jobs[job], tonumber(total), tonumber(width)))
    } }
  }
]]

local MEASURES = { "median", "cpu", "late", "wall" }

local function measure(server, job, total, width)
  local answer = server:get(("/run?%s,%d,%d"):format(job, total, width), { seconds = 100 })
  local result, text, i = {}, answer.body, 0
  if answer.status ~= 200 then error("no measurement: " .. text .. server:log()) end
  for number in text:gmatch("[%d.]+") do
    i = i + 1
    result[MEASURES[i]] = tonumber(number)
  end
  return result
end

local function middle(results)
  local sums = {}
  for _, name in ipairs(MEASURES) do
    local values = {}
    for i, result in ipairs(results) do values[i] = result[name] end
    table.sort(values)
    sums[name] = values[math.ceil(#values / 2)]
  end
  return sums
end

local LINE = "%-6s %-7s %-7s %8.1f ms %8.1f ms %8.1f ms   x%.3f  x%.2f  x%.2f"

local function report(title, load, results)
  local base = middle(results.sleep)
  for _, job in ipairs { "sleep", "exotel", "socket" } do
    local m = middle(results[job])
    print(LINE:format(title, load, job, m.median * 1e3, m.cpu * 1e3, m.late * 1e3, m.median / base.median,
      m.cpu / base.cpu, m.late / base.late))
  end
end

local function bench(title, service, port, scheme)
  local loads = { first = {}, ["then"] = {} }
  for _ = 1, RUNS do
    for _, job in ipairs { "sleep", "exotel", "socket" } do
      local http = BENCH:gsub("%$BASE", ("%s://127.0.0.1:%s"):format(scheme, port))
        :gsub("%$CA", service.folder .. "/cert.pem"):gsub("%$TO", port):gsub("%$SSL", tostring(scheme == "https"))
      local server = nginx.start {
        http = "lua_ssl_trusted_certificate " .. service.folder .. "/cert.pem; lua_socket_log_errors off; " .. http,
      }
      for _, results in pairs(loads) do results[job] = results[job] or {} end
      table.insert(loads.first[job], measure(server, job, 50, 50))
      table.insert(loads["then"][job], measure(server, job, 2000, 50))
      server:stop()
    end
  end
  report(title, "first", loads.first)
  report(title, "then", loads["then"])
end

local certificate, key = require("exotel.sandbox.server").certificate()
local service = nginx.start {
  seconds = RUNS * 60, http = SERVICE, files = { ["cert.pem"] = certificate, ["key.pem"] = key },
}
print("                           median        CPU  latest tick     beside ngx.sleep(0.2): median, CPU, latest tick")
local good, reason = pcall(function()
  bench("http", service, service.ports[1], "http")
  bench("https", service, service.ports[2], "https")
end)
service:stop()
assert(good, reason)
