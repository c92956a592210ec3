-- exotel.sip in nginx: a worker serves others while a test waits.
local nginx = require "spec.support.nginx"
local sip_server = require "spec.support.sip_server"

local HTTP = [[
  lua_shared_dict notes 1m;
  init_by_lua_block {
    sip = require "exotel.sip"
    notes = ngx.shared.notes
    function told(uri, options)
      local report, err = sip.test(uri, options)
      if not report then return tostring(err) end
      local step = report.steps[#report.steps]
      return tostring(report.answers) .. " " .. step.text
    end
    notes:set("init", told("127.0.0.1:9"))
  }
  server {
    listen 127.0.0.1:$PORT;
    location = / { return 204; }
    location = /count { content_by_lua_block { ngx.print((notes:incr("count", 1, 0))) } }
    location = /note { content_by_lua_block { ngx.print(notes:get(ngx.var.args)) } }
    location = /test { content_by_lua_block { ngx.print(told("sip:127.0.0.1:" .. ngx.var.args, { timeout = 8 })) } }
    location = /header { header_filter_by_lua_block { notes:set("header", told("127.0.0.1:9")) } return 204; }
  }
]]

describe("exotel.sip in nginx #plain", function()
  local server, host

  before_each(function() server = nginx.start { http = HTTP } end)
  after_each(function()
    server:stop()
    if host then host:stop() end
    host = nil
    assert.same({}, server:troubles())
  end)

  -- The host stays silent on the first request, and answers the second, which comes after half a second: meanwhile the
  -- one worker has to serve others.
  it("keeps no worker waiting", function()
    host = sip_server.start("udp", { { "silent" }, { "reply", sip_server.answer("200 OK") } })
    local reply = server:start_get("/test?" .. host.port)
    assert.truthy(host.pipe:read("*l"):find("^request ")) -- it waits now
    for i = 1, 5 do assert.equal(tostring(i), server:get("/count").body) end
    assert.equal("true 200 OK", reply().body)
  end)

  it("tests over a connection, and by many requests at once", function()
    host = sip_server.start("tcp", { { "reply", sip_server.answer("200 OK") } })
    local replies = {}
    for i = 1, 10 do replies[i] = server:start_get("/test?" .. host.port .. ";transport=tcp") end
    for i = 1, 10 do assert.equal("true 200 OK", replies[i]().body) end
  end)

  it("names the phases that can't wait", function()
    server:get("/header")
    for _, phase in ipairs { "init", "header" } do
      local said = server:get("/note?" .. phase).body
      assert.truthy(said:find("^sip%.test: config: a call has to wait, which cannot be done in nginx's phase " .. phase), said)
    end
  end)
end)
