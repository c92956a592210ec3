-- Desired state in, changes out.
local exotel = require "exotel"
local expect = require "spec.support.expect"
local provision = require "exotel.provision"
local world = require "spec.support.world"

local E164, OTHER = "+919876543210", "+918040264208"

local function full()
  return {
    trunk_name = "outbound_trunk",
    phone_numbers = { E164, { phone_number = OTHER, mode = "flow" } },
    whitelisted_ips = { "44.248.146.11", { ip = "203.0.113.0", mask = 24 } },
    destinations = { "44.248.146.11:5061;transport=tls", "sip.company.com:5060;transport=tcp" },
    alias = E164,
  }
end

-- A plan or report in short: "add phone_number +91…", with the outcome behind it.
local function lines(changes)
  local list = {}
  for i, change in ipairs(changes) do
    list[i] = change.action .. " " .. change.resource .. " " .. change.key
    if change.outcome then list[i] = list[i] .. ": " .. change.outcome end
  end
  return list
end

local function sorted(list)
  table.sort(list)
  return list
end

local ALL = {
  "create trunk outbound_trunk",
  "add whitelisted_ip 44.248.146.11/32",
  "add whitelisted_ip 203.0.113.0/24",
  "add phone_number +919876543210",
  "add phone_number +918040264208",
  "add setting trunk_external_alias",
  "add destination 44.248.146.11:5061;transport=tls",
  "add destination sip.company.com:5060;transport=tcp",
}

local function with_outcome(list, outcome)
  local result = {}
  for i, line in ipairs(list) do result[i] = line .. ": " .. outcome end
  return result
end

describe("exotel.provision", function()
  local w

  before_each(function() w = world.new() end)
  after_each(function() w:close() end)

  local function plan(spec, options) return provision.plan(w.client, spec, options) end
  local function apply(spec, options) return provision.apply(w.client, spec, options) end

  -- What is on the service, in short.
  local function stored()
    local t = w.sb:state().trunks[1]
    local state = { numbers = {}, ips = {}, destinations = {}, settings = {} }
    for i, item in ipairs(t.numbers) do state.numbers[i] = item.phone_number .. " " .. tostring(item.mode) end
    for i, item in ipairs(t.ips) do state.ips[i] = item.ip .. "/" .. item.mask end
    for i, item in ipairs(t.destinations) do state.destinations[i] = item.destination end
    for i, item in ipairs(t.settings) do state.settings[i] = item.name .. "=" .. item.value end
    return state
  end

  local COMPLETE = {
    numbers = { "+919876543210 nil", "+918040264208 flow" },
    ips = { "44.248.146.11/32", "203.0.113.0/24" },
    destinations = { "sip:44.248.146.11:5061;transport=tls", "sip:sip.company.com:5060;transport=tcp" },
    settings = { "trunk_external_alias=+919876543210" },
  }

  local function assert_nothing_to_do(spec, options)
    w.sb:reset_requests()
    local report = assert(apply(spec, options))
    for _, change in ipairs(report.changes) do assert.equal("present", change.outcome) end
    assert.equal("", w:writes())
    assert.same({}, assert(plan(spec, options)).changes)
  end

  describe("a new trunk", function()
    it("is planned whole, and only read", function()
      local p = assert(plan(full()))
      assert.same(ALL, lines(p.changes))
      assert.equal("list_trunks", w:operations())
      assert.is_nil(p.trunk_sid)
      assert.equal("outbound_trunk", p.trunk_name)
      assert.same({
        action = "create", resource = "trunk", key = "outbound_trunk", to = { trunk_name = "outbound_trunk" }, trunk_name = "outbound_trunk",
      }, p.changes[1])
      assert.same({ ip = "203.0.113.0", mask = 24 }, p.changes[3].to)
      assert.same({ phone_number = E164, mode = "pstn" }, p.changes[4].to)
      assert.same({ phone_number = OTHER, mode = "flow" }, p.changes[5].to)
      assert.same({ name = "trunk_external_alias", value = E164 }, p.changes[6].to)
      assert.is_nil(p.changes[6].from)
    end)

    it("is made, in an order that works", function()
      local report = assert(apply(full()))
      assert.same(with_outcome(ALL, "done"), lines(report.changes))
      assert.equal(w.sb:state().trunks[1].trunk_sid, report.trunk_sid)
      assert.same(COMPLETE, stored())
      assert.equal("create_trunk whitelist_ip whitelist_ip map_phone_number map_phone_number set_settings add_destinations add_destinations",
        w:writes())
    end)

    it("is not made again: the second time nothing is written", function()
      assert(apply(full()))
      assert_nothing_to_do(full())
      assert.same(COMPLETE, stored())
    end)

    it("may be no more than a name, or have its own nso_code and domain_name", function()
      local report = assert(apply { trunk_name = "bare" })
      assert.same({ "create trunk bare: done" }, lines(report.changes))
      assert(apply { trunk_name = "other", nso_code = "ANY-ANY", domain_name = "other1.pstn.exotel.com" })
      assert.equal("other1.pstn.exotel.com", w.sb:state().trunks[2].domain_name)
    end)

    it("may have settings by name", function()
      assert(apply { trunk_name = "outbound_trunk", settings = { trunk_external_alias = E164 } })
      assert.same({ "trunk_external_alias=+919876543210" }, stored().settings)
      assert_nothing_to_do { trunk_name = "outbound_trunk", alias = E164, settings = { trunk_external_alias = E164 } }
    end)

    it("leaves the specification as it was", function()
      local spec = full()
      spec.destinations[1] = { destination = "sip:44.248.146.11:5061;transport=tls" }
      local before = full()
      before.destinations[1] = { destination = "sip:44.248.146.11:5061;transport=tls" }
      assert(apply(spec, { prune = true }))
      assert.same(before, spec)
    end)

    it("tells how far it is", function()
      local seen = {}
      assert(apply(full(), { progress = function(done, total, change)
        seen[#seen + 1] = ("%d/%d %s %s"):format(done, total, change.resource, change.outcome)
      end }))
      assert.equal(8, #seen)
      assert.equal("1/8 trunk done", seen[1])
      assert.equal("8/8 destination done", seen[8])
    end)
  end)

  describe("a trunk of that name", function()
    local sid

    before_each(function()
      w:trunk("another")
      sid = w:trunk()
    end)

    -- stored() looks at the first trunk.
    before_each(function() assert(w.client:delete_trunk { trunk_sid = w.sb:state().trunks[1].trunk_sid }) end)

    it("is adopted, and only what is missing is added", function()
      assert(w.client:whitelist_ip { trunk_sid = sid, ip = "44.248.146.11" })
      assert(w.client:map_phone_number { trunk_sid = sid, phone_number = OTHER, mode = "flow" })
      w.sb:reset_requests()
      local report = assert(apply(full()))
      assert.equal(sid, report.trunk_sid)
      assert.same({
        "create trunk outbound_trunk: present",
        "add whitelisted_ip 44.248.146.11/32: present",
        "add whitelisted_ip 203.0.113.0/24: done",
        "add phone_number +919876543210: done",
        "add phone_number +918040264208: present",
        "add setting trunk_external_alias: done",
        "add destination 44.248.146.11:5061;transport=tls: done",
        "add destination sip.company.com:5060;transport=tcp: done",
      }, lines(report.changes))
      assert.equal("whitelist_ip map_phone_number set_settings add_destinations add_destinations", w:writes())
      assert.equal(1, #w.sb:state().trunks)
    end)

    it("plans what is missing, with its sid", function()
      assert(w.client:whitelist_ip { trunk_sid = sid, ip = "44.248.146.11" })
      w.sb:reset_requests()
      local p = assert(plan { trunk_name = "outbound_trunk", whitelisted_ips = { "44.248.146.11", "44.248.146.12" } })
      assert.equal(sid, p.trunk_sid)
      assert.same({ "add whitelisted_ip 44.248.146.12/32" }, lines(p.changes))
      assert.equal("", w:writes())
    end)

    it("is found behind the first page, and read to the last", function()
      w:close()
      w = world.new { page_size = 2 }
      sid = w:trunk()
      for i = 1, 3 do w:trunk("trunk_" .. i) end
      for i = 1, 5 do assert(w.client:whitelist_ip { trunk_sid = sid, ip = "44.248.146." .. i }) end
      local spec = { trunk_name = "outbound_trunk", whitelisted_ips = {} }
      for i = 1, 5 do spec.whitelisted_ips[i] = "44.248.146." .. i end
      assert_nothing_to_do(spec)
      assert.equal(4, #w.sb:state().trunks)
    end)

    it("is changed where its fields differ, by one update", function()
      local spec = { trunk_name = "outbound_trunk", domain_name = "other1.pstn.exotel.com" }
      local p = assert(plan(spec))
      assert.same({
        {
          action = "update", resource = "trunk", key = "outbound_trunk", from = { domain_name = "sandbox1.pstn.exotel.com" },
          to = { domain_name = "other1.pstn.exotel.com" }, trunk_name = "outbound_trunk", trunk_sid = sid,
        },
      }, p.changes)
      w.sb:reset_requests()
      assert(apply(spec))
      assert.equal("update_trunk", w:writes())
      assert.equal("other1.pstn.exotel.com", w.sb:state().trunks[1].domain_name)
      assert_nothing_to_do(spec)
    end)

    it("compares by what is meant, not by how it is written", function()
      assert(w.client:whitelist_ip { trunk_sid = sid, ip = "203.0.113.7", mask = 32 })
      assert(w.client:whitelist_ip { trunk_sid = sid, ip = "44.248.146.11" })
      assert(w.client:map_phone_number { trunk_sid = sid, phone_number = E164 })
      assert(w.client:map_phone_number { trunk_sid = sid, phone_number = OTHER, mode = "pstn" })
      assert(w.client:add_destinations { trunk_sid = sid, destinations = {
        { destination = "sip.company.com:5060" }, { destination = "44.248.146.11:5061;transport=tls" },
      } })
      assert_nothing_to_do({
        trunk_name = "outbound_trunk",
        whitelisted_ips = { "44.248.146.11", "203.0.113.7" },
        phone_numbers = { OTHER, { phone_number = E164, mode = "pstn" } },
        destinations = { "sip:44.248.146.11:5061;transport=tls", { destination = "SIP.Company.com:5060;transport=udp" } },
      }, { prune = true })
    end)

    it("changes a number's mode by PUT, not by unmapping it", function()
      assert(w.client:map_phone_number { trunk_sid = sid, phone_number = E164 })
      local id = w.sb:state().trunks[1].numbers[1].id
      w.sb:reset_requests()
      local spec = { trunk_name = "outbound_trunk", phone_numbers = { { phone_number = E164, mode = "flow" } } }
      assert.same({
        {
          action = "update", resource = "phone_number", key = E164, from = { phone_number = E164, mode = "pstn" },
          to = { phone_number = E164, mode = "flow" }, trunk_name = "outbound_trunk", trunk_sid = sid, id = id,
        },
      }, assert(plan(spec)).changes)
      local report = assert(apply(spec))
      assert.equal("done", report.changes[2].outcome)
      assert.equal("update_phone_number", w:writes())
      assert.equal("flow", w.sb:state().trunks[1].numbers[1].mode)
      assert.equal(id, w.sb:state().trunks[1].numbers[1].id)
      assert_nothing_to_do(spec)
    end)

    it("changes the alias", function()
      assert(apply { trunk_name = "outbound_trunk", alias = E164 })
      w.sb:reset_requests()
      local report = assert(apply { trunk_name = "outbound_trunk", alias = OTHER })
      assert.same({ name = "trunk_external_alias", value = E164 }, report.changes[2].from)
      assert.equal("update", report.changes[2].action)
      assert.equal("set_settings", w:writes())
      assert.same({ "trunk_external_alias=" .. OTHER }, stored().settings)
    end)
  end)

  describe("pruning", function()
    before_each(function()
      assert(apply(full()))
      w.sb:reset_requests()
    end)

    local function fewer()
      return {
        trunk_name = "outbound_trunk", phone_numbers = { E164 }, whitelisted_ips = { { ip = "203.0.113.0", mask = 24 } },
        destinations = { "sip.company.com:5060;transport=tcp" }, settings = {},
      }
    end

    it("is done only when it is asked for", function()
      assert.same({}, assert(plan(fewer())).changes)
      assert.same({}, assert(plan(fewer(), { prune = false })).changes)
      assert(apply(fewer()))
      assert.equal("", w:writes())
      assert.same(COMPLETE, stored())
    end)

    it("removes destinations before the IPs they need", function()
      local removals = {
        "remove destination 44.248.146.11:5061;transport=tls",
        "remove setting trunk_external_alias",
        "remove phone_number +918040264208",
        "remove whitelisted_ip 44.248.146.11/32",
      }
      local p = assert(plan(fewer(), { prune = true }))
      assert.same(removals, lines(p.changes))
      assert.same({ destination = "44.248.146.11:5061;transport=tls", priority = 0, weight = 1 }, p.changes[1].from)
      assert.is_nil(p.changes[1].to)
      w.sb:reset_requests()
      assert(apply(fewer(), { prune = true }))
      assert.equal("remove_destination remove_setting unmap_phone_number remove_whitelisted_ip", w:writes())
      assert.same({
        numbers = { "+919876543210 nil" }, ips = { "203.0.113.0/24" }, destinations = { "sip:sip.company.com:5060;transport=tcp" }, settings = {},
      }, stored())
      assert_nothing_to_do(fewer(), { prune = true })
    end)

    it("leaves alone what the specification doesn't mention", function()
      assert(apply({ trunk_name = "outbound_trunk" }, { prune = true }))
      assert.equal("", w:writes())
      assert(apply({ trunk_name = "outbound_trunk", phone_numbers = {} }, { prune = true, allow = { "shrink" } }))
      assert.equal("unmap_phone_number unmap_phone_number", w:writes())
      assert.same({ COMPLETE.ips, COMPLETE.destinations, COMPLETE.settings }, { stored().ips, stored().destinations, stored().settings })
    end)

    it("leaves the settings alone when only the alias is given", function()
      assert(apply({ trunk_name = "outbound_trunk", alias = OTHER }, { prune = true }))
      assert.equal("set_settings", w:writes())
    end)

    it("removes a second destination of the same kind", function()
      local sid = w.sb:state().trunks[1].trunk_sid
      assert(w.client:add_destinations { trunk_sid = sid, destinations = { { destination = "sip.company.com:5060;transport=tcp" } } })
      w.sb:reset_requests()
      assert_nothing_to_do(full())
      local report = assert(apply(full(), { prune = true }))
      assert.same({ "remove destination sip.company.com:5060;transport=tcp: done" }, { lines(report.changes)[#report.changes] })
      assert.same(sorted { COMPLETE.destinations[1], COMPLETE.destinations[2] }, sorted(stored().destinations))
    end)

    -- A failure after which other additions go on, and one after which nothing does.
    for status, kind in pairs { [404] = "not_found", [403] = "permission" } do
      it("adds before it removes, and removes nothing when an addition failed: " .. kind, function()
        local spec = fewer()
        spec.phone_numbers = { "+918040264209" }
        w.sb:fault { before = "map_phone_number", status = status }
        local _, err, report = apply(spec, { prune = true })
        assert.equal(kind, err.kind)
        assert.equal("map_phone_number", w:writes())
        local removals = 0
        for _, change in ipairs(report.changes) do
          if change.action == "remove" then
            removals = removals + 1
            assert.equal("not_tried", change.outcome)
          end
        end
        assert.equal(5, removals)
        w.sb:reset_requests()
        assert(apply(spec, { prune = true }))
        assert.equal("map_phone_number remove_destination remove_setting unmap_phone_number unmap_phone_number remove_whitelisted_ip",
          w:writes())
      end)
    end
  end)

  describe("a specification", function()
    -- field named → the specification's part that is wrong, what the message must say
    local wrong = {
      ["trunk_name"] = { { trunk_name = "out bound" }, "1 to 16" },
      ["nso_code"] = { { nso_code = "any any" }, "ANY%-ANY" },
      ["domain_name"] = { { domain_name = "example.com" }, "pstn" },
      ["numbers"] = { { numbers = {} }, "unknown" },
      ["phone_numbers"] = { { phone_numbers = E164 }, "list" },
      ["whitelisted_ips"] = { { whitelisted_ips = { x = "44.248.146.11" } }, "list" },
      ["destinations"] = { { destinations = { [1] = "a.example.com:5061", [3] = "b.example.com:5061" } }, "" },
      ["phone_numbers[2]"] = { { phone_numbers = { E164, "919876543210" } }, "start with" },
      ["phone_numbers[3]"] = { { phone_numbers = { E164, OTHER, exotel.null } }, "string or a table" },
      ["phone_numbers[1]"] = { { phone_numbers = { 919876543210 } }, "string or a table" },
      ["phone_numbers[1].phone_number"] = { { phone_numbers = { { phone_number = "9" } } }, "E%.164" },
      ["phone_numbers[1].mode"] = { { phone_numbers = { { phone_number = E164, mode = "bot" } } }, "pstn" },
      ["phone_numbers[1].id"] = { { phone_numbers = { { phone_number = E164, id = "1" } } }, "unknown" },
      ["phone_numbers[1].trunk_sid"] = { { phone_numbers = { { phone_number = E164, trunk_sid = "x" } } }, "unknown" },
      ["credentials[1].trunk_sid"] = { { credentials = { { user_name = "pbx", trunk_sid = "x" } } }, "unknown" },
      ["destinations[1].trunk_sid"] = { { destinations = { { destination = "b.example.com:5061", trunk_sid = "x" } } }, "unknown" },
      ["whitelisted_ips[1]"] = { { whitelisted_ips = { "2001:db8::1" } }, "IPv6" },
      ["whitelisted_ips[2].mask"] = { { whitelisted_ips = { "44.248.146.11", { ip = "203.0.113.0", mask = 8 } } }, "16 to 32" },
      ["whitelisted_ips[1].ip"] = { { whitelisted_ips = { { mask = 24 } } }, "missing" },
      ["destinations[1]"] = { { destinations = { "sip.company.com" } }, "port" },
      ["destinations[1].destination"] = { { destinations = { { destination = "sip.company.com" } } }, "port" },
      ["destinations[2].weight"] = { { destinations = { "a.example.com:5061", { destination = "b.example.com:5061", weight = 65536 } } }, "0 to 65535" },
      ["destinations[1].priority"] = { { destinations = { { destination = "b.example.com:5061", priority = "1" } } }, "integer" },
      ["destinations[1].id"] = { { destinations = { { destination = "b.example.com:5061", id = "1" } } }, "unknown" },
      ["status"] = { { status = "" }, "empty" },
      ["registration_enabled"] = { { registration_enabled = true }, "a string" },
      ["trunk_sid"] = { { trunk_sid = "" }, "empty" },
      ["credentials[1]"] = { { credentials = { "pbx" } }, "must be a table" },
      ["credentials[1].user_name"] = { { credentials = { { password = "x" } } }, "missing" },
      ["credentials[1].password"] = { { credentials = { { user_name = "pbx", password = "no spaces!" } } }, "letters, digits" },
      ["credentials[1].friendly_name"] = { { credentials = { { user_name = "pbx", password = "x", friendly_name = "a b" } } }, "letters, digits" },
      ["credentials[1].secret"] = { { credentials = { { user_name = "pbx", secret = "x" } } }, "unknown" },
      ["credentials[1].password_env"] = { { credentials = { { user_name = "pbx", password_env = "A B" } } }, "environment variable" },
      ["credentials[2].password_env"] = { { credentials = { { user_name = "a", password = "x" }, { user_name = "pbx", password = "x", password_env = "PBX" } } }, "exclude" },
      ["alias"] = { { alias = "9876543210" }, "E%.164" },
      ["settings.trunk_external_alias"] = { { settings = { trunk_external_alias = "1" } }, "E%.164" },
      ["settings"] = { { settings = "x" }, "table" },
    }

    for field, row in pairs(wrong) do
      it("that is wrong is refused before anything is written: " .. field, function()
        local spec = { trunk_name = "outbound_trunk" }
        for name, value in pairs(row[1]) do spec[name] = value end
        local err = expect.refused(field, plan(spec))
        assert.truthy(err.message:find(field, 1, true) == 1, err.message)
        assert.truthy(err.message:find(row[2]), err.message)
        local _, applied, report = apply(spec)
        assert.equal(field, applied.field)
        assert.same({}, report.changes)
        assert.equal("", w:writes())
        assert.falsy(err.message:find("no spaces", 1, true))
      end)
    end

    -- The second entry of each means what the first does.
    local twice = {
      ["phone_numbers[2]"] = { phone_numbers = { E164, { phone_number = E164, mode = "flow" } } },
      ["whitelisted_ips[2]"] = { whitelisted_ips = { "44.248.146.11", { ip = "44.248.146.11", mask = 32 } } },
      ["destinations[2]"] = { destinations = { "sip.company.com:5061;transport=tls", "sip:SIP.company.com:5061;transport=tls" } },
      ["credentials[2]"] = { credentials = { { user_name = "pbx" }, { user_name = "pbx", friendly_name = "x" } } },
    }

    for field, part in pairs(twice) do
      it("that names a thing twice is refused before any request: " .. field, function()
        local spec = { trunk_name = "outbound_trunk" }
        for name, value in pairs(part) do spec[name] = value end
        local err = expect.refused(field, plan(spec))
        assert.truthy(err.message:find("twice"), err.message)
        assert.same({}, w.sb:requests())
      end)
    end

    it("that is one of an array is named only when there are others", function()
      expect.refused("phone_numbers[1]", plan { { trunk_name = "a", phone_numbers = { "1" } } })
      expect.refused("whitelisted_ips", plan { { trunk_name = "a", whitelisted_ips = { nil, "192.0.2.1" } } })
    end)

    it("that is no table, or has no name, is refused", function()
      expect.refused("specification", plan("outbound_trunk"))
      expect.refused("specification", plan(nil))
      expect.refused("trunk_name", plan {})
      assert.same({}, w.sb:requests())
    end)

    it("that contradicts itself is refused", function()
      local err = expect.refused("alias", plan { trunk_name = "outbound_trunk", alias = E164, settings = { trunk_external_alias = OTHER } })
      assert.truthy(err.message:find("contradicts"), err.message)
    end)
  end)

  it("raises for an option that is unknown or ill-typed", function()
    expect.raises("bad option 'purge' %(unknown%)", plan, full(), { purge = true })
    expect.raises("bad option 'prune' %(boolean expected%)", plan, full(), { prune = "yes" })
    expect.raises("bad option 'progress' %(unknown%)", plan, full(), { progress = print })
    expect.raises("bad option 'prune'", apply, full(), { prune = 1 })
    expect.raises("bad option 'progress' %(function expected%)", apply, full(), { progress = true })
    assert.same({}, w.sb:requests())
  end)

  describe("after a failure", function()
    it("of one thing goes on with the others, and says what became of each", function()
      w:close()
      w = world.new { numbers = { OTHER } }
      local spec = full()
      spec.destinations[1] = "198.51.100.1:5061;transport=tls" -- not whitelisted
      local report, err, partial = apply(spec)
      assert.is_nil(report)
      expect.failure("not_found", nil, err)
      assert.equal("map_phone_number", err.operation)
      assert.same({
        "create trunk outbound_trunk: done",
        "add whitelisted_ip 44.248.146.11/32: done",
        "add whitelisted_ip 203.0.113.0/24: done",
        "add phone_number +919876543210: failed",
        "add phone_number +918040264208: done",
        "add setting trunk_external_alias: done",
        "add destination 198.51.100.1:5061;transport=tls: failed",
        "add destination sip.company.com:5060;transport=tcp: done",
      }, lines(partial.changes))
      assert.equal(err, partial.changes[4].err)
      assert.equal("partial", partial.changes[7].err.kind)
      assert.is_nil(partial.changes[5].err)
      assert.equal(w.sb:state().trunks[1].trunk_sid, partial.trunk_sid)
      assert.same({ "+918040264208 flow" }, stored().numbers)
    end)

    it("of the trunk itself tries nothing else", function()
      w.sb:fault { before = "create_trunk", status = 409 }
      local _, err, report = apply(full())
      assert.equal("conflict", err.kind)
      assert.equal("failed", report.changes[1].outcome)
      for i = 2, 8 do assert.equal("not_tried", report.changes[i].outcome) end
      assert.equal("create_trunk", w:writes())
    end)

    it("to authenticate stops", function()
      w.sb:fault { before = "whitelist_ip", status = 401, skip = 1 }
      local _, err, report = apply(full())
      assert.equal("authentication", err.kind)
      assert.same({ "done", "done", "failed" }, { report.changes[1].outcome, report.changes[2].outcome, report.changes[3].outcome })
      for i = 4, 8 do assert.equal("not_tried", report.changes[i].outcome) end
      assert.equal("create_trunk whitelist_ip whitelist_ip", w:writes())
    end)

    it("to read changes nothing", function()
      local sid = w:trunk()
      for _, operation in ipairs { "list_trunks", "list_phone_numbers", "list_whitelisted_ips", "list_destinations", "list_settings" } do
        w.sb:fault { on = operation, status = 403 }
        expect.failure("permission", plan(full()))
        w.sb:fault { on = operation, status = 403 }
        local _, err, report = apply(full())
        assert.equal(operation, err.operation)
        assert.same({}, report.changes)
      end
      assert.equal("", w:writes())
      assert.equal(sid, w.sb:state().trunks[1].trunk_sid)
    end)

    local writes = {
      { "create_trunk", 1 }, { "whitelist_ip", 2 }, { "map_phone_number", 4 }, { "set_settings", 6 }, { "add_destinations", 7 },
    }
    for _, row in ipairs(writes) do
      local operation, place = row[1], row[2]

      it("that lost the reply of " .. operation .. " reads back and finds it done", function()
        w.sb:fault { after = operation, drop = true }
        local report = assert(apply(full()))
        assert.same(with_outcome(ALL, "done"), lines(report.changes))
        assert.same(COMPLETE, stored())
        assert.equal(1, #w.sb:state().trunks)
        assert_nothing_to_do(full())
      end)

      it("that kept " .. operation .. " from being done reads back and does it", function()
        w.sb:fault { before = operation, drop = true }
        local report = assert(apply(full()))
        assert.same(with_outcome(ALL, "done"), lines(report.changes))
        assert.same(COMPLETE, stored())
        assert_nothing_to_do(full())
      end)

      it("that lost the reply of " .. operation .. " and can't read back says so; applying again completes it", function()
        w.sb:fault { after = operation, drop = true }
        w.sb:fault { on = "list_trunks", skip = 1, status = 403 }
        local _, err, report = apply(full())
        expect.failure("network", nil, err)
        assert.is_true(err.maybe_applied)
        assert.equal(operation, err.operation)
        for i = 1, place - 1 do assert.equal("done", report.changes[i].outcome) end
        assert.equal("unknown", report.changes[place].outcome)
        assert.equal(err, report.changes[place].err)
        for i = place + 1, 8 do assert.equal("not_tried", report.changes[i].outcome) end
        local again = assert(apply(full()))
        assert.equal("present", again.changes[place].outcome)
        assert.same(COMPLETE, stored())
        assert.equal(1, #w.sb:state().trunks)
        assert_nothing_to_do(full())
      end)
    end

    it("of a server that stays away stops with the outcome unknown", function()
      w.sb:fault { before = "map_phone_number", status = 503, times = 10 }
      local _, err, report = apply(full())
      assert.equal("server", err.kind)
      assert.equal("unknown", report.changes[4].outcome)
      assert.equal("not_tried", report.changes[5].outcome)
    end)

    it("tells how far it is to the end", function()
      local seen = {}
      w.sb:fault { before = "create_trunk", status = 403 }
      apply(full(), { progress = function(done, total, change) seen[#seen + 1] = done .. "/" .. total .. " " .. change.outcome end })
      assert.equal(8, #seen)
      assert.equal("1/8 failed", seen[1])
      assert.equal("8/8 not_tried", seen[8])
    end)
  end)

  describe("for people", function()
    it("shows a plan", function()
      assert(w.client:map_phone_number { trunk_sid = w:trunk(), phone_number = OTHER })
      local spec = full()
      assert.equal(table.concat({
        "trunk outbound_trunk: 7 changes",
        "  + whitelisted_ip 44.248.146.11/32",
        "  + whitelisted_ip 203.0.113.0/24",
        "  + phone_number +919876543210 (mode=pstn)",
        "  ~ phone_number +918040264208 (mode: pstn -> flow)",
        "  + setting trunk_external_alias (value=+919876543210)",
        "  + destination 44.248.146.11:5061;transport=tls",
        "  + destination sip.company.com:5060;transport=tcp",
      }, "\n"), tostring(assert(plan(spec))))
      assert(apply(spec))
      assert.equal("trunk outbound_trunk: nothing to change", tostring(assert(plan(spec))))
      assert.equal("trunk outbound_trunk: 1 change\n  - phone_number +918040264208 (mode=flow)",
        tostring(assert(plan({ trunk_name = "outbound_trunk", phone_numbers = { E164 } }, { prune = true }))))
    end)

    it("shows a report", function()
      w.sb:fault { after = "map_phone_number", drop = true }
      w.sb:fault { on = "list_trunks", skip = 1, status = 403 }
      assert(w.client:whitelist_ip { trunk_sid = w:trunk(), ip = "44.248.146.11" })
      local _, err, report = apply { trunk_name = "outbound_trunk", whitelisted_ips = { "44.248.146.11" }, phone_numbers = { E164 }, alias = E164 }
      assert.equal(table.concat({
        "trunk outbound_trunk: 2 present, 1 unknown, 1 not_tried",
        "    trunk outbound_trunk: present",
        "    whitelisted_ip 44.248.146.11/32: present",
        "  + phone_number +919876543210 (mode=pstn): unknown - " .. tostring(err),
        "  + setting trunk_external_alias (value=+919876543210): not_tried",
      }, "\n"), tostring(report))
      expect.no_secret(tostring(report))
    end)
  end)
end)
