-- A success that shows another value than was sent, or less than it says: the call's warnings tell.
local core = require "exotel.core"
local world = require "spec.support.world"

local ITEM = '{"http_code":200,"response":{"code":200,"status":"success","error_data":null,"data":%s}}'

describe("what the service answered other than it was sent", function()
  local w, trunk_sid

  before_each(function()
    w = world.new()
    trunk_sid = w:trunk()
  end)
  after_each(function() w:close() end)

  -- → the warnings of a call that was answered with this data, or with these items
  local function warnings_of(operation, arguments, data)
    arguments.trunk_sid = arguments.trunk_sid or trunk_sid
    w:answer(operation, data:find("^%b[]$") and ('{"http_code":200,"response":%s}'):format(data) or ITEM:format(data))
    local answered, info = w.client[operation](w.client, arguments)
    assert(answered, info)
    return info.warnings
  end

  it("is said of a field", function()
    assert.same({ 'status: sent "banana", the service answered "active"' },
      warnings_of("update_trunk", { status = "banana" }, '{"trunk_sid":"t","status":"active"}'))
    assert.same({ 'mask: sent "24", the service answered "32"' },
      warnings_of("whitelist_ip", { ip = "192.0.2.0", mask = 24 }, '{"id":"1","ip":"192.0.2.0","mask":32}'))
    assert.same({ 'mode: sent "flow", the service answered "pstn"' },
      warnings_of("map_phone_number", { phone_number = "+919876543210", mode = "flow" },
        '{"id":"1","phone_number":"+919876543210","mode":null}'))
  end)

  it("is said of each field, and of an item of a batch by its place", function()
    assert.same({
      'nso_code: sent "ANY-IN", the service answered "ANY-ANY"', 'status: sent "inactive", the service answered "active"',
    }, warnings_of("update_trunk", { status = "inactive", nso_code = "ANY-IN" }, '{"nso_code":"ANY-ANY","status":"active"}'))
    assert.same({ 'settings[2].value: sent "b", the service answered "c"' }, warnings_of("set_settings",
      { settings = { { name = "x", value = "a" }, { name = "y", value = "b" } } },
      '[{"code":200,"data":{"name":"x","value":"a"}},{"code":200,"data":{"name":"y","value":"c"}}]'))
    assert.same({ 'destinations[1].destination: sent "a.example.com:5061;transport=tls", the service answered '
      .. '"sip:a.example.com:5061;transport=tcp"' }, warnings_of("add_destinations",
      { destinations = { { destination = "a.example.com:5061;transport=tls" } } },
      '[{"code":200,"data":{"id":"1","destination":"sip:a.example.com:5061;transport=tcp"}}]'))
  end)

  it("is said of a transport that the answer has lost", function()
    local function warnings(sent, answered)
      return warnings_of("add_destinations", { destinations = { { destination = sent } } },
        ('[{"code":200,"data":{"id":"1","destination":"%s"}}]'):format(answered))
    end
    assert.same({ 'destinations[1].destination: sent "a.example.com:5060;transport=tcp", the service answered '
      .. '"sip:a.example.com:5060"' }, warnings("a.example.com:5060;transport=tcp", "sip:a.example.com:5060"))
    assert.same({}, warnings("a.example.com:5060;transport=udp", "sip:a.example.com:5060"))
    assert.equal(1, #warnings("a.example.com:5060", "sip:a.example.com:5060;transport=tls"))
  end)

  it("is said in whole characters, and of twelve fields at most", function()
    local long = ("ü"):rep(80)
    for _, before in ipairs { "", "x" } do
      local warning = warnings_of("update_trunk", { status = "banana" }, ('{"status":"%s%s"}'):format(before, long))[1]
      assert.truthy(warning:find('answered "' .. before .. "[ü]+\"$"), warning)
      assert.is_true(core.valid_utf8(warning))
    end
    local sent, answered = {}, {}
    for i = 1, 20 do
      sent[i] = { name = "x", value = "a" }
      answered[i] = '{"code":200,"data":{"name":"x","value":"b"}}'
    end
    local warnings = warnings_of("set_settings", { settings = sent }, "[" .. table.concat(answered, ",") .. "]")
    assert.equal(12, #warnings)
    assert.equal('settings[12].value: sent "a", the service answered "b"', warnings[12])
  end)

  it("is not what is only written in another way, or not shown", function()
    for _, case in ipairs {
      { "whitelist_ip", { ip = "192.0.2.0", mask = 24 }, '{"id":"1","ip":"192.0.2.0","mask":"24"}' },
      { "whitelist_ip", { ip = "192.0.2.0" }, '{"id":"1","ip":"192.0.2.0","mask":32}' },
      { "map_phone_number", { phone_number = "+919876543210", mode = "pstn" }, '{"id":"1","mode":null}' },
      { "update_destination", { id = "1", priority = 3 }, '{"id":"1"}' },
      { "update_trunk", { status = "inactive" }, '{"status":null}' },
      { "create_credential", { user_name = "u", password = "geheim" }, '{"id":"1","user_name":"u","password":"******"}' },
      { "add_destinations", { destinations = { { destination = "A.example.com:5061;transport=tls" } } },
        '[{"code":200,"data":{"id":"1","destination":"sip:a.example.com:5061;transport=tls"}}]' },
      { "add_destinations", { destinations = { { destination = "a.example.com:5060" } } },
        '[{"code":200,"data":{"id":"1","destination":"sip:a.example.com:5060;transport=udp"}}]' },
      { "add_destinations", { destinations = { { destination = "a.example.com:5060" } } },
        '[{"code":200,"data":{"id":"1","destination":"SIP:a.example.com:5060"}}]' },
    } do
      assert.same({}, warnings_of(case[1], case[2], case[3]), case[3])
    end
  end)

  it("is cut where it is long, between characters", function()
    local long = ("é"):rep(80)
    local warning = warnings_of("update_trunk", { status = long }, '{"status":"active"}')[1]
    assert.equal('status: sent "' .. ("é"):rep(50) .. '", the service answered "active"', warning)
  end)

  local LIST = '{"http_code":200,"metadata":{%s},"response":[{"code":200,"data":{"id":"1"}},{"code":200,"data":{"id":"2"}}]}'

  it("is said of a list that ends before its total", function()
    for _, case in ipairs {
      { {}, '"total":5', "the list ends after 2 of 5 entries" },
      { { offset = 50 }, '"total":"60","next_page_uri":null', "the list ends after 52 of 60 entries" },
      { {}, '"total":2' }, { {}, '"total":1' }, { { offset = 3 }, '"total":5' }, { {}, '"page_size":50' },
      { {}, '"total":5,"next_page_uri":"/v2?offset=2&page_size=2"' }, { {}, '"total":null' }, { {}, '"total":"many"' },
    } do
      local arguments = { trunk_sid = trunk_sid, offset = case[1].offset }
      w:answer("list_phone_numbers", LIST:format(case[2]))
      local data, info = w.client:list_phone_numbers(arguments)
      assert(data, info)
      assert.same({ case[3] }, info.warnings, case[2])
    end
  end)

  it("is not asked of a read", function()
    w:answer("list_trunks", '{"http_code":200,"response":[{"code":200,"data":{"trunk_sid":"other"}}]}')
    local _, info = w.client:list_trunks { trunk_sid = trunk_sid }
    assert.same({}, info.warnings)
  end)
end)
