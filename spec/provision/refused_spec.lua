-- What can't work is refused by the plan, before anything is written.
local expect = require "spec.support.expect"
local provision = require "exotel.provision"
local provisioning = require "spec.support.provisioning"
local world = require "spec.support.world"

local E164, OTHER = provisioning.E164, provisioning.OTHER
local copy, lines, names = provisioning.copy, provisioning.lines, provisioning.names

describe("exotel.provision", function()
  local w

  before_each(function() w = world.new() end)
  after_each(function() w:close() end)

  local function plan(specs, options) return provision.plan(w.client, specs, options) end
  local function apply(specs, options) return provision.apply(w.client, specs, options) end

  -- The plan's one refusal; apply refuses for the same, whatever is allowed, and writes nothing.
  local function refusal(specs, options)
    local p = assert(plan(specs, options))
    assert.equal(1, #p.refused, tostring(p))
    local refused = p.refused[1]
    assert.truthy(tostring(p):find("  ! " .. refused.message, 1, true), tostring(p))
    assert.same(p.refused, assert(provision.restore(assert(p:save()))).refused)
    local allowing = copy(options or {}, { allow = { "last_ip", "last_destination", "shrink" } })
    for _, subject in ipairs { specs, p } do
      w.sb:reset_requests()
      local report, err, partly = apply(subject, subject == specs and allowing or nil)
      expect.failure(refused.field:find("_env$") and "config" or "invalid_argument", report, err)
      assert.equal(refused.field, err.field)
      assert.truthy(err.message:find(refused.message, 1, true), err.message)
      for _, change in ipairs(partly.changes) do assert.truthy(change.outcome == "present" or change.outcome == "not_tried") end
      assert.equal("", w:writes())
    end
    return refused
  end

  it("but not a number on a trunk of the plan that somebody made since the trunks were read", function()
    w.sb:put { trunk_name = "mine", phone_numbers = { E164 } }
    w:answer("list_trunks", '{"http_code":200,"metadata":{},"response":[]}')
    local specs = { trunk_name = "mine", phone_numbers = { E164 } }
    assert.same({}, assert(plan(specs)).refused)
    w:answer("list_trunks", '{"http_code":200,"metadata":{},"response":[]}')
    local report = assert(apply(specs))
    assert.equal("present present", report.changes[1].outcome .. " " .. report.changes[2].outcome)
    assert.equal(1, #w.sb:state().trunks)
  end)

  describe("one number on two trunks of a plan", function()
    local specs = { { trunk_name = "one", phone_numbers = { OTHER, E164 } }, { trunk_name = "two", phone_numbers = { E164 } } }

    it("is refused, on new trunks and where it is on one already", function()
      local expected = {
        rule = "number_twice", trunk_name = "two", resource = "phone_number", field = "specifications[2].phone_numbers[1]",
        message = "+919876543210 can be on one trunk only, and the specifications have it on one and on two",
      }
      assert.same(expected, refusal(specs))
      assert(apply(specs[1]))
      assert.same(expected, refusal(specs))
      assert.same(expected, refusal(specs, { prune = true }))
    end)

    it("moves once: to the first of them", function()
      assert(apply { { trunk_name = "one", phone_numbers = { OTHER, E164 } } })
      local p = assert(plan { { trunk_name = "one", phone_numbers = { OTHER } }, specs[2], { trunk_name = "three", phone_numbers = { E164 } } })
      assert.same({ "create trunk two", "create trunk three", "update phone_number " .. E164, "add phone_number " .. E164 }, lines(p.changes))
      assert.equal("two three", p.changes[3].trunk_name .. " " .. p.changes[4].trunk_name)
    end)

    it("is refused once for each trunk more", function()
      local p = assert(plan { specs[1], specs[2], { trunk_name = "three", phone_numbers = { E164 } } })
      assert.equal("two three", names(p.refused, "trunk_name"))
      local err = expect.failure("invalid_argument", apply { specs[1], specs[2], { trunk_name = "three", phone_numbers = { E164 } } })
      assert.truthy(err.message:find("on one and on two; ", 1, true) and err.message:find("on one and on three", 1, true), err.message)
    end)
  end)

  describe("a number on another trunk", function()
    local other

    before_each(function()
      other = w:trunk("other")
      assert(w.client:map_phone_number { trunk_sid = other, phone_number = E164 })
      w:trunk("mine")
    end)

    local spec = { trunk_name = "mine", phone_numbers = { OTHER, E164 } }

    it("that is not part of the plan is refused, by that trunk's name", function()
      assert.same({
        rule = "number_elsewhere", trunk_name = "mine", resource = "phone_number", field = "phone_numbers[2]",
        message = "+919876543210 is mapped to the trunk other (" .. other .. "), which is not part of the plan",
      }, refusal(spec))
      w.sb:reset_requests()
      assert(plan(spec))
      assert.equal("list_trunks list_phone_numbers find_trunk_map find_trunk_map get_trunk", w:operations())
    end)

    it("is looked up by itself, and its trunk once", function()
      assert(w.client:map_phone_number { trunk_sid = other, phone_number = OTHER })
      w.sb:reset_requests()
      assert.equal(2, #assert(plan(spec)).refused)
      assert.equal("list_trunks list_phone_numbers find_trunk_map find_trunk_map get_trunk", w:operations())
    end)

    it("whose list the plan leaves alone is refused", function()
      assert.equal("+919876543210 is mapped to the trunk other (" .. other .. "), from which the plan doesn't take it: its specification has no phone_numbers",
        refusal { { trunk_name = "other", whitelisted_ips = { "192.0.2.1" } }, spec }.message)
      w.sb:reset_requests()
      assert(plan { { trunk_name = "other" }, spec })
      assert.equal("list_trunks list_phone_numbers find_trunk_map find_trunk_map", w:operations())
      assert.same({}, assert(plan { { trunk_name = "other", phone_numbers = {} }, spec }).refused)
    end)

    it("that has no name is refused by its sid", function()
      for _, fault in ipairs { { on = "get_trunk", status = 403, times = 3 }, { on = "get_trunk", times = 3, status = 200,
        body = '{"request_id":"a","http_code":200,"response":{"code":200,"status":"success","data":{"trunk_name":""}}}' } } do
        w.sb:fault(fault)
        assert.equal("+919876543210 is mapped to the trunk " .. other .. ", which is not part of the plan", refusal(spec).message)
      end
    end)

    it("is not looked for when nothing is to be added, or it is about to be moved", function()
      assert(apply { trunk_name = "mine", phone_numbers = { OTHER } })
      w.sb:reset_requests()
      assert(plan { trunk_name = "mine", phone_numbers = { { phone_number = OTHER, mode = "flow" } } })
      assert.equal("list_trunks list_phone_numbers", w:operations())
      w.sb:reset_requests()
      assert(plan { { trunk_name = "mine", phone_numbers = { OTHER, E164 } }, { trunk_name = "other", phone_numbers = {} } })
      assert.equal("list_trunks list_phone_numbers list_phone_numbers", w:operations())
    end)

    it("is left to apply, which names the trunk, when it can't be learnt where it is", function()
      for _, fault in ipairs { { on = "find_trunk_map", status = 500, times = 2 }, { on = "find_trunk_map", status = 200, body = "{}", times = 2 } } do
        w.sb:fault(fault)
        local report, err, partly = apply(spec)
        expect.failure("conflict", report, err)
        assert.truthy(err.message:find("+919876543210 is mapped to another trunk, other (" .. other .. ")", 1, true), err.message)
        assert.equal("failed", partly.changes[3].outcome)
        assert.equal(err, partly.changes[3].err)
        w:close()
        w = world.new()
        other = w:trunk("other")
        assert(w.client:map_phone_number { trunk_sid = other, phone_number = E164 })
        w:trunk("mine")
      end
    end)

    it("is looked for among the first 20 that are to be added, and left to apply beyond them", function()
      local numbers = {}
      for i = 1, 25 do numbers[i] = ("+9198000000%02d"):format(i) end
      table.insert(numbers, 21, E164)
      w.sb:reset_requests()
      local p = assert(plan { trunk_name = "mine", phone_numbers = numbers })
      assert.same({}, p.refused)
      assert.equal("list_trunks list_phone_numbers" .. (" find_trunk_map"):rep(20), w:operations())
      local _, err, report = apply(p)
      expect.failure("conflict", nil, err)
      assert.equal("25 added, 0 changed, 0 removed, 1 failed", report:summary())
      assert.truthy(err.message:find("other (" .. other .. ")", 1, true), err.message)
      table.remove(numbers, 21)
      table.insert(numbers, 20, E164)
      for i = 1, 25 do numbers[i] = numbers[i]:gsub("%+9198000000", "+9198000001") end
      assert.equal("phone_numbers[20]", assert(plan { trunk_name = "mine", phone_numbers = numbers }).refused[1].field)
    end)
  end)

  describe("a destination on an IP", function()
    local URI = "198.51.100.1:5061;transport=tls"
    local spec = { trunk_name = "outbound_trunk", whitelisted_ips = { "198.51.100.2" }, destinations = { "a.example.com:5060", URI } }

    it("that nobody whitelists is refused", function()
      local expected = {
        rule = "ip_missing", trunk_name = "outbound_trunk", resource = "destination", field = "destinations[2]",
        message = URI .. " of outbound_trunk is on an IP that is not whitelisted",
      }
      assert.same(expected, refusal(spec))
      w:trunk()
      assert.same(expected, refusal(spec))
      assert.same(expected, refusal(copy(spec, { whitelisted_ips = {} }), { prune = true }))
    end)

    it("that the plan whitelists, or the service, is none to refuse; nor one that is there already", function()
      local sid = w:trunk()
      assert.same({}, assert(plan(copy(spec, { whitelisted_ips = { { ip = "198.51.100.0", mask = 24 } } }))).refused)
      assert(w.client:whitelist_ip { trunk_sid = sid, ip = "198.51.100.1" })
      assert.same({}, assert(plan(spec)).refused)
      assert.same({}, assert(plan(spec, { prune = true, allow = { "shrink" } })).refused)
      assert(apply(spec))
      assert(w.client:remove_whitelisted_ip { trunk_sid = sid, id = w.sb:state().trunks[1].ips[1].id })
      assert.same({}, assert(plan(spec)).refused)
    end)

    it("is looked up on the service only when the specification doesn't say, and it has to be added", function()
      local sid = w:trunk()
      local without = { trunk_name = "outbound_trunk", destinations = { URI } }
      assert.equal("ip_missing", refusal(without).rule)
      w.sb:reset_requests()
      assert(plan(without))
      assert.equal("list_trunks list_destinations list_whitelisted_ips", w:operations())
      assert(w.client:whitelist_ip { trunk_sid = sid, ip = "198.51.100.1" })
      assert.same({}, assert(plan(without)).refused)
      assert(apply(without))
      w.sb:reset_requests()
      assert.same({}, assert(plan(without)).refused)
      assert.equal("list_trunks list_destinations", w:operations())
      w.sb:fault { on = "list_whitelisted_ips", status = 403 }
      expect.failure("permission", plan { trunk_name = "outbound_trunk", destinations = { "198.51.100.7:5060" } })
    end)

    it("is left to the service when that is what its entry says", function()
      assert.same({}, assert(plan(copy(spec, { destinations = { { destination = URI, as_is = true } } }))).refused)
    end)
  end)

  describe("a password from the environment", function()
    local getenv = os.getenv
    after_each(function() os.getenv = getenv end) -- luacheck: ignore

    local function environment(value)
      os.getenv = function(name) return name == "PBX_PASSWORD" and value or name ~= "PBX_PASSWORD" and getenv(name) or nil end -- luacheck: ignore
    end

    local spec = { trunk_name = "outbound_trunk", credentials = { { user_name = "pbx", password_env = "PBX_PASSWORD" } } }

    for name, row in pairs { ["not set"] = { false, "is not set" }, ["empty"] = { "", "is not set" }, ["none"] = { "no spaces!", "letters, digits" } } do
      it("that is " .. name .. " is refused where it is needed", function()
        environment(row[1])
        local refused = refusal(spec)
        assert.equal("password", refused.rule)
        assert.equal("credentials[1].password_env", refused.field)
        assert.truthy(refused.message:find("PBX_PASSWORD", 1, true) and refused.message:find(row[2], 1, true), refused.message)
        assert.falsy(refused.message:find("no spaces", 1, true))
        environment("first")
        assert(apply(spec))
        environment(row[1])
        assert.same({}, assert(plan(spec)).refused)
        assert.equal("password", assert(plan(spec, { rotate = { "pbx" } })).refused[1].rule)
      end)
    end

    it("is read anew at applying: what was set when it was planned need not be set now, and the other way round", function()
      environment("first")
      local p = assert(plan(spec))
      assert.same({}, p.refused)
      environment(false)
      expect.failure("config", apply(p))
      environment("second")
      assert(apply(p))
      assert.equal("second", w.sb:state().trunks[1].credentials[1].password)
    end)

    it("is refused beside other things, and all are named", function()
      environment(false)
      local both = copy(spec, { destinations = { "198.51.100.1:5060" } })
      local err = expect.failure("invalid_argument", apply(both))
      assert.truthy(err.message:find("PBX_PASSWORD", 1, true) and err.message:find("whitelisted", 1, true), err.message)
    end)
  end)
end)
