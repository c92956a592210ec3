-- What the guides to OpenResty and to Kamailio show, as it stands there.
local kamailio = require "spec.support.kamailio"
local kamailio_routes = require "spec.support.kamailio_routes"
local markdown = require "spec.support.markdown"
local nginx = require "spec.support.nginx"
local sandbox = require "exotel.sandbox"

describe("the guide to OpenResty", function()
  local sb, server, main, http, timer

  setup(function()
    local blocks = markdown.blocks("doc/guides/openresty.md")
    assert.equal(3, #blocks)
    main, http, timer = blocks[1].code, blocks[2].code, blocks[3].code
  end)
  before_each(function() sb = assert(sandbox.start()) end)
  after_each(function()
    if server then server:stop() end
    server = nil
    sb:stop()
  end)

  local function start(more)
    local text = http:gsub("listen 127.0.0.1:8080", "listen 127.0.0.1:$PORT")
    server = nginx.start { main = main, http = text .. (more or ""), environment = sb:environment() }
  end

  it("has an endpoint that runs as it stands", function()
    local client = assert(sb:client())
    local sid = assert(client:create_trunk { trunk_name = "outbound_trunk" }).trunk_sid
    assert(client:map_phone_number { trunk_sid = sid, phone_number = "+919876543210" })
    client:close()
    start()
    assert.equal(sid .. "\n", server:get("/numbers/+919876543210").body)
    assert.equal(400, server:get("/numbers/+12").status)
    sb:fault { before = "find_trunk_map", status = 403 }
    local reply = server:get("/numbers/+919876543210")
    assert.same({ 502, "permission\n" }, { reply.status, reply.body })
    assert.truthy(server:log():find("find_trunk_map: permission", 1, true))
  end)

  it("has a timer that runs as it stands", function()
    start(timer)
    nginx.wait_for("the timer", function() return server:log():find("0 trunks", 1, true) end)
  end)
end)

describe("the guide to Kamailio #plain", function()
  local sb, host, blocks

  setup(function()
    blocks = {}
    for i, block in ipairs(markdown.blocks("doc/guides/kamailio.md")) do blocks[i] = block.code end
    assert.equal(3, #blocks)
  end)
  before_each(function() sb = assert(sandbox.start()) end)
  after_each(function()
    if host then host:stop() end
    host = nil
    sb:stop()
  end)

  local function start(config, script)
    host = kamailio.start {
      config = config:gsub("/etc/kamailio/exotel.lua", "@FOLDER@/script.lua"), script = script, environment = sb:environment(),
      values = { CHILDREN = 2, TLS = "disable_tcp=yes" },
    }
    host:wait("the pump", function() return not host:send("+919876543210").text:find("unavailable", 1, true) end)
    assert.equal(200, host:send("+919876543210").code)
    sb:fault { before = "find_trunk_map", status = 500 }
    assert.equal(503, host:send("+919876543210").code)
  end

  -- With no other modules than the guide names.
  local GLOBALS = kamailio_routes.globals

  it("runs as it stands, with a native configuration", function() start(GLOBALS .. blocks[1], blocks[2]) end)

  it("runs as it stands, with cfgengine lua", function()
    local settings = blocks[1]:match("^(.-)request_route"):gsub("route=EXOTEL", "route=exotel_pump")
    start(GLOBALS .. settings .. 'cfgengine "lua"\n', blocks[2] .. blocks[3])
  end)
end)
