-- Ways in which the sandbox is other than the vendor's documents say, turned on and off while it runs.
local expect = require "spec.support.expect"
local world = require "spec.support.world"

describe("a sandbox behaves", function()
  local w, client, sid

  before_each(function()
    w = world.new()
    client, sid = w.client, w:trunk()
  end)
  after_each(function() w:close() end)

  -- → HTTP status, the service's code, and whether it was a success
  local function answer(operation, arguments, options)
    local all = { keep_answer = true, validate = false }
    for name, value in pairs(options or {}) do all[name] = value end
    if operation ~= "create_trunk" then arguments.trunk_sid = arguments.trunk_sid or sid end
    local data, info = client[operation](client, arguments, all)
    return { info.answer.status, info.code, data ~= nil }, info.answer.body, data
  end

  it("otherwise about duplicates", function()
    local again = function() return answer("create_trunk", { trunk_name = "outbound_trunk" }) end
    assert.same({ 200, 1008, false }, (again()))
    w.sb:behave { duplicates = "409" }
    assert.same({ 409, 1008, false }, (again()))
    w.sb:behave { duplicates = "made" }
    assert.same({ 200, 200, true }, (again()))
    for _ = 1, 2 do
      assert.is_true(answer("whitelist_ip", { ip = "192.0.2.1" })[3])
      assert.is_true(answer("create_credential", { user_name = "a", password = "b" })[3])
      assert.is_true(answer("map_phone_number", { phone_number = "+919876543210" })[3])
    end
    assert.same({ 2, 2, 2 }, { #w.sb:state().trunks[1].ips, #w.sb:state().trunks[1].credentials, #w.sb:state().trunks[1].numbers })
    w.sb:behave {}
    assert.same({ 200, 1008, false }, (again()))
  end)

  it("otherwise about ids", function()
    w.sb:behave { ids = "numbers" }
    local _, body = answer("whitelist_ip", { ip = "192.0.2.1" })
    assert.truthy(body:find('"id":1153,', 1, true), body)
    assert.truthy(select(2, answer("list_whitelisted_ips", {})):find('"id":1153,', 1, true))
    w.sb:behave {}
    assert.truthy(select(2, answer("list_whitelisted_ips", {})):find('"id":"1153",', 1, true))
  end)

  it("otherwise about the shape of refusals", function()
    local bodies = {
      RestException = '{"RestException":{"Status":404,"Message":"Not Found","Code":1000}}',
      flat = '{"error":"Not Found","message":"Not Found","code":"1000"}',
      details = '{"error":"Not Found","details":{"field":["Not Found"]}}',
    }
    for shape, body in pairs(bodies) do
      w.sb:behave { errors = shape }
      local seen, came = answer("remove_destination", { id = "1" })
      assert.same({ 404, body }, { seen[1], came })
    end
    w.sb:behave { errors = "flat" }
    assert.equal(409, answer("create_trunk", { trunk_name = "outbound_trunk" })[1])
  end)

  it("otherwise about trunks that don't exist, and what is gone", function()
    w.sb:behave { unknown_trunk = 403 }
    assert.same({ 403, 1003, false }, (answer("get_trunk", { trunk_sid = "none" })))
    assert.same({ 403, 1003, false }, (answer("delete_trunk", { trunk_sid = "none" })))
    w.sb:behave { repeated_removal = 200 }
    assert.is_true(answer("remove_destination", { id = "1" })[3])
    assert.is_true(answer("delete_trunk", { trunk_sid = "none" })[3])
    assert.is_false(answer("get_trunk", { trunk_sid = "none" })[3])
  end)

  it("otherwise about values", function()
    w.sb:behave { unchecked_fields = { "nso_code", "destination", "mask" }, refused_values = { ip = "^192", trunk_name = "^$" } }
    assert.is_true(answer("create_trunk", { trunk_name = "b", nso_code = "any any" })[3])
    assert.is_true(answer("add_destinations", { destinations = { { destination = "any thing" } } })[3])
    assert.is_true(answer("whitelist_ip", { ip = "10.0.0.0", mask = 8 })[3])
    assert.same({ 400, 1002, false }, (answer("whitelist_ip", { ip = "192.0.2.1" })))
    assert.same({ 400, 1002, false }, (answer("update_trunk", { trunk_name = "" })))
    w.sb:behave { ignored_fields = { "trunk_name" } }
    assert.is_true(answer("update_trunk", { trunk_name = "c" })[3])
    assert.equal("outbound_trunk", w.sb:state().trunks[1].trunk_name)
  end)

  it("otherwise about destinations", function()
    local function add(...)
      local list = {}
      for i, text in ipairs { ... } do list[i] = { destination = text } end
      return (answer("add_destinations", { destinations = list }))
    end
    w.sb:behave { whitelist_first = false }
    assert.is_true(add("192.0.2.1:5060")[3])
    w.sb:behave { repeated_destinations = "merged" }
    assert.is_true(add("a.example.com:5060", "a.example.com:5060")[3])
    assert.equal(2, #w.sb:state().trunks[1].destinations)
    w.sb:behave { repeated_destinations = "refused", partial_status = 200 }
    assert.same({ 200, false }, { add("b.example.com:5060", "a.example.com:5060")[1], add("a.example.com:5060")[3] })
    assert.equal(3, #w.sb:state().trunks[1].destinations)
  end)

  it("otherwise about content types and operations", function()
    w.sb:behave { any_content_type = true, missing_operations = { "list_settings" } }
    assert.is_true(answer("create_trunk", { trunk_name = "b" }, { content_type = "text/plain" })[3])
    assert.same({ 404, 1000, false }, (answer("list_settings", {})))
  end)

  it("in no way that there is none of, and not when it is stopped", function()
    for message, ways in pairs {
      ["behave: unknown way 'mood'"] = { mood = 1 },
      ["behave: duplicates should be in 200 or 409 or made"] = { duplicates = "x" },
      ["behave: unknown_trunk should be 404 or 403"] = { unknown_trunk = 500 },
      ["behave: unchecked_fields should be a list of fields"] = { unchecked_fields = { "colour" } },
      ["behave: refused_values should be a table of patterns by field"] = { refused_values = { colour = "x" } },
      ["behave: missing_operations should be a list of operations"] = { missing_operations = { x = "list_trunks" } },
    } do
      expect.raises(message, w.sb.behave, w.sb, ways)
    end
    expect.raises("behave: needs a table, not a nil", w.sb.behave, w.sb)
    w.sb:stop()
    expect.raises("the sandbox is stopped", w.sb.behave, w.sb, {})
  end)

  it("as it was started again", function()
    local other = world.new { unknown_trunk = 403, ignored_fields = { "status" } }
    other.sb:behave { ids = "numbers" }
    assert.equal(1003, select(2, other.client:get_trunk { trunk_sid = "none" }).code)
    other.sb:behave { unknown_trunk = 404 }
    assert.equal(1000, select(2, other.client:get_trunk { trunk_sid = "none" }).code)
    other.sb:behave {}
    assert.equal(1003, select(2, other.client:get_trunk { trunk_sid = "none" }).code)
    other:close()
  end)
end)
