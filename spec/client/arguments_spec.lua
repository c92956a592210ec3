-- The arguments of operations: which are accepted, which are refused before sending, and their form on the wire.
local child = require "spec.support.child"
local core = require "exotel.core"
local exotel = require "exotel"
local expect = require "spec.support.expect"
local world = require "spec.support.world"

local E164 = "+919876543210"

describe("arguments", function()
  local w, sid

  before_each(function()
    w = world.new()
    sid = w:trunk()
  end)
  after_each(function() w:close() end)

  local function call(name, arguments) return w.client[name](w.client, arguments) end

  -- operation, field, wrong value, what the message must say
  local wrong = {
    { "create_trunk", "trunk_name", "", "1 to 16 letters" },
    { "create_trunk", "trunk_name", "seventeen_letters", "1 to 16 letters" },
    { "create_trunk", "trunk_name", "out-bound", "1 to 16 letters" },
    { "create_trunk", "trunk_name", "außen", "1 to 16 letters" },
    { "create_trunk", "nso_code", "any any", "ANY%-ANY" },
    { "create_trunk", "nso_code", "any-any", "ANY%-ANY" },
    { "create_trunk", "domain_name", "example.com", "pstn%.exotel%.com" },
    { "create_trunk", "domain_name", ".pstn.exotel.com", "pstn%.exotel%.com" },
    { "map_phone_number", "phone_number", "919876543210", 'start with "%+"' },
    { "map_phone_number", "phone_number", "+0919876543210", "E%.164" },
    { "map_phone_number", "phone_number", "+123456", "E%.164" },
    { "map_phone_number", "phone_number", "+1234567890123456", "E%.164" },
    { "map_phone_number", "phone_number", "+91 98765 43210", "E%.164" },
    { "map_phone_number", "phone_number", "+91224XXXX597", "E%.164" },
    { "map_phone_number", "mode", "PSTN", '"pstn" or "flow"' },
    { "map_phone_number", "mode", "", '"pstn" or "flow"' },
    { "update_phone_number", "id", E164, "never the number" },
    { "update_phone_number", "id", -1, "numeric id" },
    { "update_phone_number", "id", "", "must" },
    { "whitelist_ip", "ip", "2001:db8::1", "IPv6" },
    { "whitelist_ip", "ip", "203.0.113.0/24", "mask" },
    { "whitelist_ip", "ip", "203.0.113", "IPv4" },
    { "whitelist_ip", "ip", "203.0.113.256", "IPv4" },
    { "whitelist_ip", "ip", "203.0.113.07", "IPv4" },
    { "whitelist_ip", "ip", "sip.example.com", "IPv4" },
    { "whitelist_ip", "mask", 15, "16 to 32" },
    { "whitelist_ip", "mask", 33, "16 to 32" },
    { "whitelist_ip", "mask", "32", "an integer, got a string" },
    { "list_phone_numbers", "offset", -1, "0 or more" },
    { "list_phone_numbers", "page_size", 0, "1 or more" },
    { "update_destination", "priority", 65536, "0 to 65535" },
    { "update_destination", "weight", -1, "0 to 65535" },
    { "create_credential", "user_name", "", "empty" },
    { "create_credential", "password", "with space", "letters, digits" },
    { "create_credential", "friendly_name", ("x"):rep(33), "1 to 32 letters" },
    { "create_credential", "friendly_name", "front desk", "1 to 32 letters" },
    { "find_trunk_map", "exophone", "08040264208", "E%.164" },
    { "remove_setting", "name", "", "empty" },
  }

  local good = {
    create_trunk = { trunk_name = "second" },
    map_phone_number = { trunk_sid = "t", phone_number = E164 },
    update_phone_number = { trunk_sid = "t", id = "1", phone_number = E164, mode = "flow" },
    whitelist_ip = { trunk_sid = "t", ip = "203.0.113.1" },
    list_phone_numbers = { trunk_sid = "t" },
    update_destination = { trunk_sid = "t", id = "1" },
    create_credential = { trunk_sid = "t", user_name = "pbx", password = "secret_1" },
    find_trunk_map = { exophone = E164 },
    remove_setting = { trunk_sid = "t", name = "trunk_external_alias" },
  }

  for _, row in ipairs(wrong) do
    local name, field, value, says = row[1], row[2], row[3], row[4]
    it(("%s refuses %s = %s"):format(name, field, tostring(value)), function()
      local arguments = {}
      for key, given in pairs(good[name]) do arguments[key] = given end
      arguments[field] = value
      local err = expect.refused(field, call(name, arguments))
      assert.truthy(err.message:find(field .. " ", 1, true) == 1, err.message)
      assert.truthy(err.message:find(says), err.message)
      assert.same({}, w.sb:requests())
    end)
  end

  it("names an entry of a list by its full name", function()
    local fine = { destination = "sip.example.com:5061;transport=tls" }
    local cases = {
      ["destinations[2].destination"] = { fine, { destination = "sip:sip.example.com:5061;transport=tls" } },
      ["destinations[1].destination"] = { {} },
      ["destinations[2].port"] = { fine, { destination = "sip.example.com:5061", port = 5061 } },
      ["destinations[2]"] = { fine, "sip.example.com:5061;transport=tls" },
      ["destinations"] = {},
    }
    for field, destinations in pairs(cases) do
      expect.refused(field, call("add_destinations", { trunk_sid = sid, destinations = destinations }))
    end
    expect.refused("settings[1].value",
      call("set_settings", { trunk_sid = sid, settings = { { name = "trunk_external_alias", value = "9876543210" } } }))
    assert.same({}, w.sb:requests())
  end)

  local destinations = {
    good = {
      "44.248.146.11:5061;transport=tls", "sip.company.com:5060;transport=tcp", "sip.company.com:5060;transport=udp",
      "sip.company.com:5060", "a-b.example:1;transport=tls", "sip.company.com:65535;transport=tls",
    },
    bad = {
      "", "sip.company.com", "sip.company.com:0;transport=tls", "sip.company.com:65536;transport=tls", "sip.company.com:;transport=tls",
      "sip.company.com:05061;transport=tls", "sip.company.com:5061;transport=ws", "sip.company.com:5061;transport=TLS",
      "sip.company.com:5061;transport=tls;lr", "300.1.1.1:5061;transport=tls", "1.2.3:5061;transport=tls",
      "localhost:5061;transport=tls", "-x.example:5061;transport=tls", "x_y.example:5061;transport=tls", "[2001:db8::1]:5061;transport=tls",
      "sip:sip.company.com:5061;transport=tls", "sip.company.com:5061; transport=tls", "sip..com:5061;transport=tls",
      ("x"):rep(64) .. ".com:5061;transport=tls",
    },
  }

  for _, text in ipairs(destinations.good) do
    it("takes the destination " .. text, function()
      assert(call("whitelist_ip", { trunk_sid = sid, ip = "44.248.146.11" }))
      local data = assert(call("add_destinations", { trunk_sid = sid, destinations = { { destination = text } } }))
      assert.equal("sip:" .. text, data[1].destination)
    end)
  end

  for _, text in ipairs(destinations.bad) do
    it("refuses the destination '" .. text .. "'", function()
      expect.refused("destinations[1].destination", call("add_destinations", { trunk_sid = sid, destinations = { { destination = text } } }))
      assert.same({}, w.sb:requests())
    end)
  end

  it("shows the value that is wrong, but never a password", function()
    local err = expect.refused("phone_number", call("map_phone_number", { trunk_sid = sid, phone_number = "12\n34" }))
    assert.truthy(err.message:find('got "12?34"', 1, true), err.message)
    err = expect.refused("password", call("create_credential", { trunk_sid = sid, user_name = "pbx", password = "hunter 2" }))
    assert.is_nil((err.message .. tostring(err)):find("hunter"))
  end)

  it("default as users of the API expect", function()
    assert(call("create_trunk", { trunk_name = "second" }))
    assert.same({ trunk_name = "second", nso_code = "ANY-ANY", domain_name = "sandbox1.pstn.exotel.com" }, world.decode(w:request().body))
    w.sb:reset_requests()
    assert(call("whitelist_ip", { trunk_sid = sid, ip = "203.0.113.1" }))
    assert.same({ ip = "203.0.113.1" }, world.decode(w:request().body))
    w.sb:reset_requests()
    assert(call("map_phone_number", { trunk_sid = sid, phone_number = E164 }))
    assert.same({ phone_number = E164 }, world.decode(w:request().body))
  end)

  it("hold exotel.null where the body may leave them out, and nowhere else", function()
    local data = assert(call("map_phone_number", { trunk_sid = sid, phone_number = E164, mode = exotel.null }))
    assert.same({ phone_number = E164, mode = exotel.null }, world.decode(w:request().body))
    assert.is_nil(data.mode)
    w.sb:reset_requests()
    expect.refused("phone_number", call("map_phone_number", { trunk_sid = sid, phone_number = exotel.null }))
    expect.refused("trunk_sid", call("get_trunk", { trunk_sid = exotel.null }))
    expect.refused("offset", call("list_trunks", { offset = exotel.null }))
    assert.same({}, w.sb:requests())
  end)

  it("take an id as a string of digits or as an integer", function()
    local mapped = assert(call("map_phone_number", { trunk_sid = sid, phone_number = E164 }))
    w.sb:reset_requests()
    for _, id in ipairs { mapped.id, tonumber(mapped.id), tonumber(mapped.id) + 0.0 } do
      assert(call("update_phone_number", { trunk_sid = sid, id = id, phone_number = E164, mode = "flow" }))
      local requests = w.sb:requests()
      assert.equal(("/v2/accounts/sandbox1/trunks/%s/phone-numbers/%s"):format(sid, mapped.id), requests[#requests].target)
    end
    assert(call("unmap_phone_number", { trunk_sid = sid, id = tonumber(mapped.id) }))
  end)

  it("keep an id longer than a double holds", function()
    expect.failure("not_found", call("unmap_phone_number", { trunk_sid = sid, id = "123456789012345678901234" }))
    assert.equal("id=123456789012345678901234", w:request().query)
  end)

  -- An argument, and its form as one segment of a path.
  local segments = {
    ["../../x"] = "..%2F..%2Fx", ["a\nb"] = "a%0Ab", ["a\r\nHost: x"] = "a%0D%0AHost%3A%20x", ["a b"] = "a%20b",
    ["a?b=c#d"] = "a%3Fb%3Dc%23d", ["a%2Fb"] = "a%252Fb", ["\195\188"] = "%C3%BC", ["{id}"] = "%7Bid%7D", ["@host"] = "%40host",
    ["a+b&c"] = "a%2Bb%26c",
  }

  for text, wire in pairs(segments) do
    it(("stay one segment or one value on the wire: %q"):format(text), function()
      expect.failure("not_found", call("get_trunk", { trunk_sid = text }))
      assert.equal("/v2/accounts/sandbox1/trunks/" .. wire, w:request().target)
      w.sb:reset_requests()
      expect.failure("not_found", call("list_phone_numbers", { trunk_sid = text }))
      assert.equal("/v2/accounts/sandbox1/trunks/" .. wire .. "/phone-numbers", w:request().target)
      w.sb:reset_requests()
      expect.failure("not_found", call("delete_trunk", { trunk_sid = text }))
      assert.equal("/v2/accounts/sandbox1/trunks?trunk_sid=" .. wire, w:request().target)
    end)
  end

  for _, text in ipairs { "", ".", "..", "a\0b", "\255", "\237\160\128", "\192\175", "\244\144\128\128" } do
    it(("that would name another resource, or are no text, are refused: %q"):format(text), function()
      expect.refused("trunk_sid", call("get_trunk", { trunk_sid = text }))
      expect.refused("trunk_sid", call("delete_trunk", { trunk_sid = text }))
      assert.same({}, w.sb:requests())
    end)
  end

  it("refuse a NUL byte or broken UTF-8 in a body", function()
    expect.refused("user_name", call("create_credential", { trunk_sid = sid, user_name = "a\0b", password = "x" }))
    expect.refused("user_name", call("create_credential", { trunk_sid = sid, user_name = "a\255", password = "x" }))
    assert.same({}, w.sb:requests())
  end)

  it("go through a JSON body unharmed", function()
    local name = 'q"\\/\b\t\n\1\127 \195\188 \240\159\147\158'
    local data = assert(call("create_credential", { trunk_sid = sid, user_name = name, password = "x" }))
    assert.equal(name, world.decode(w:request().body).user_name)
    assert.equal(name, data.user_name)
  end)

  it("without a name are refused", function()
    expect.refused("[1]", call("get_trunk", { sid }))
    expect.refused("[1]", call("get_trunk", { sid, trunk_sid = sid }))
    assert.same({}, w.sb:requests())
  end)

  it("are looked at before a call as the client says, unless the call says otherwise", function()
    local lax, bad = assert(w.sb:client { validate = false }), { trunk_name = "a-b" }
    assert.is_true(core.engine.check(lax, "create_trunk", bad))
    assert.is_false((core.engine.check(lax, "create_trunk", bad, { validate = true })))
    assert.is_false((core.engine.check(w.client, "create_trunk", bad)))
    lax:close()
  end)

  it("that were looked at take no memory any more #plain", function()
    local output = child.run [[
      local core = require "exotel.core"
      local client = assert(require("exotel").client { account_sid = "a", api_key = "k", api_token = "t", region = "mumbai" })
      local long = ("x"):rep(100000)
      for i = 1, 2000 do
        assert(not core.engine.check(client, "create_trunk", { trunk_name = long }))
        if i % 50 == 0 then collectgarbage() end
      end
      for line in io.lines("/proc/self/status") do
        local peak = line:match("^VmHWM:%s+(%d+) kB")
        if peak then print(tonumber(peak) < 60000) end
      end
    ]]
    assert.equal("true\n", output)
  end)

  it("that hold themselves, each twice, are refused", function()
    local circle = {}
    circle[1], circle[2] = circle, circle
    expect.refused("trunk_name", call("create_trunk", { trunk_name = circle }))
  end)

  it("are a list only without holes and names", function()
    local one = { destination = "a.example:5060" }
    for _, list in ipairs { { one, nil, one }, { [2] = one }, { one, nil, one, name = one } } do
      expect.refused("destinations", call("add_destinations", { trunk_sid = sid, destinations = list }))
    end
  end)

  it("are no whole numbers beyond what a double tells from the next", function()
    expect.refused("id", call("remove_destination", { trunk_sid = sid, id = 1e18 }))
  end)

  it("with a NUL byte in their name pass for no other", function()
    expect.refused("[a name with a NUL byte]", call("get_trunk", { ["trunk_sid\0x"] = sid }))
    assert.same({}, w.sb:requests())
  end)

  it("of an update must change something", function()
    for _, name in ipairs { "update_whitelisted_ip", "update_destination", "update_credential" } do
      local err = expect.refused(nil, call(name, { trunk_sid = sid, id = "1" }))
      assert.truthy(err.message:find("nothing to change"), err.message)
    end
    expect.refused(nil, call("update_trunk", { trunk_sid = sid }))
    assert.same({}, w.sb:requests())
  end)
end)

describe("validate = false", function()
  local w, sid

  before_each(function()
    w = world.new(nil, { validate = false })
    sid = w:trunk()
  end)
  after_each(function() w:close() end)

  it("leaves the judgement of a value to the service", function()
    local err = expect.failure("rejected", w.client:map_phone_number { trunk_sid = sid, phone_number = "919876543210" })
    assert.equal(1002, err.code)
    assert.same({ phone_number = "919876543210" }, world.decode(w:request().body))
    assert.is_false(err.maybe_applied)
  end)

  it("may be said of one call, and taken back for one", function()
    local number = { trunk_sid = sid, phone_number = "919876543210" }
    expect.refused("phone_number", w.client:map_phone_number(number, { validate = true }))
    local checking = assert(w.sb:client { retries = 0 })
    expect.refused("phone_number", checking:map_phone_number(number))
    assert.same({}, w.sb:requests())
    assert.equal(1002, expect.failure("rejected", checking:map_phone_number(number, { validate = false })).code)
    expect.refused("phone", checking:map_phone_number({ trunk_sid = sid, phone = "1" }, { validate = false }))
    expect.raises("bad option 'validate' %(boolean expected, got number%)", checking.map_phone_number, checking, number, { validate = 0 })
    checking:close()
  end)

  it("still refuses names, types and what a path can't carry", function()
    expect.refused("phone", w.client:map_phone_number { trunk_sid = sid, phone = "1" })
    expect.refused("phone_number", w.client:map_phone_number { trunk_sid = sid })
    expect.refused("phone_number", w.client:map_phone_number { trunk_sid = sid, phone_number = 919876543210 })
    expect.refused("trunk_sid", w.client:get_trunk { trunk_sid = ".." })
    assert.same({}, w.sb:requests())
  end)
end)

describe("the check of arguments without a call", function()
  it("raises for what is no table, as the call does", function()
    local w = world.new()
    local engine = require("exotel.core").engine
    for _, wrong in ipairs { "x", 1, true } do
      expect.raises("get_trunk takes a table of arguments, got " .. type(wrong), engine.check, w.client, "get_trunk", wrong)
    end
    expect.raises("takes a table of arguments, got nil", engine.check, w.client, "get_trunk")
    expect.raises("unknown operation", engine.check, w.client, "got_trunk", {})
    w:close()
  end)
end)
