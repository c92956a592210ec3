-- The account at a glance: what is read at once, what is odd, and what could not be read.
local json = require "exotel.json"
local overview = require "exotel.overview"
local pauses = require "spec.support.pauses"
local provision = require "exotel.provision"
local world = require "spec.support.world"

local LISTS = { "phone_numbers", "whitelisted_ips", "destinations", "settings", "credentials" }

local GOOD = {
  trunk_name = "good", numbers = { { phone_number = "+919876543211", mode = "flow" }, "+919876543210" },
  ips = { { ip = "203.0.113.0", mask = 24 }, "44.248.146.11" }, alias = "+919876543210",
  destinations = {
    { destination = "sip:b.example.com:5060", priority = 2 }, { destination = "sip:44.248.146.11:5061;transport=tls", priority = 10 },
    { destination = "sip:203.0.113.7:5060", priority = 0 },
  },
  credentials = { { user_name = "pbx", password = "secret_1" } },
}

local function rules_of(warnings)
  local rules = {}
  for i, warning in ipairs(warnings) do rules[i] = warning.rule end
  return table.concat(rules, " ")
end

local function column(list, field)
  local values = {}
  for i, item in ipairs(list) do values[i] = tostring(item[field]) end
  return table.concat(values, " ")
end

describe("exotel.overview reads", function()
  local w

  before_each(function() w = world.new(nil, { rate_limit = false }) end)
  after_each(function() w:close() end)

  it("all trunks with all that they have, sorted, and nothing odd where all is well", function()
    local sid = w.sb:put(GOOD).trunk_sid
    w.sb:put { trunk_name = "a_bare_one" }
    local account = assert(overview.read(w.client))
    assert.equal("sandbox1", account.account_sid)
    assert.truthy(account.host:find("^127%.0%.0%.1:%d+$"))
    assert.is_true(account.complete)
    assert.equal("a_bare_one good", column(account.trunks, "trunk_name"))
    local good = account.trunks[2]
    assert.equal(sid, good.trunk_sid)
    assert.equal("active", good.status)
    assert.equal("+919876543210", good.caller_id)
    assert.equal("+919876543210 +919876543211", column(good.phone_numbers, "phone_number"))
    assert.equal("203.0.113.0 44.248.146.11", column(good.whitelisted_ips, "ip"))
    assert.equal("0 2 10", column(good.destinations, "priority"))
    assert.equal("pbx", column(good.credentials, "user_name"))
    assert.equal("trunk_external_alias", column(good.settings, "name"))
    assert.same({ {}, {} }, { good.warnings, good.unread })
    assert.equal("no_numbers no_destinations no_access", rules_of(account.trunks[1].warnings))
    assert.equal("", w:writes())
  end)

  it("destinations whose priority is no whole number", function()
    w.sb:put { trunk_name = "odd" }
    local list = {}
    for i, priority in ipairs { 2, 1.5, 1 } do
      list[i] = { code = 200, status = "success", data = { id = tostring(i), destination = "sip:a.example.com:5060", priority = priority } }
    end
    w.sb:fault { on = "list_destinations", status = 200, body = json.encode { response = list } }
    local account = assert(overview.read(w.client))
    assert.equal("1 1.5 2", column(account.trunks[1].destinations, "priority"))
  end)

  it("a list of several pages whole", function()
    local numbers = {}
    for i = 1, 137 do numbers[i] = ("+9198%08d"):format(i) end
    w.sb:put { trunk_name = "many", numbers = numbers }
    local trunk = assert(overview.read(w.client)).trunks[1]
    assert.equal(137, #trunk.phone_numbers)
    assert.equal(numbers[137], trunk.phone_numbers[137].phone_number)
  end)

  it("several lists at a time, and tells how far it is", function()
    for i = 1, 4 do w.sb:put { trunk_name = "t" .. i } end
    w.sb:fault { on = "*", delay = 0.05, skip = 1, times = true }
    local seen, most = {}, 0
    w.client:close()
    w.client = assert(w.sb:client { rate_limit = 100, retries = 0, log = function() end })
    assert(overview.read(w.client, { progress = function(p)
      seen[#seen + 1] = p.done .. "/" .. p.total
      most = math.max(most, p.seconds_left)
    end }))
    assert.equal(20, #seen)
    assert.equal("20/20", seen[20])
    assert.is_true(most < 1) -- 20 reads of 0.05 s, 8 at a time
  end)

  it("only the trunks and lists that are asked for", function()
    w.sb:put(GOOD)
    local sid = w.sb:put({ trunk_name = "other", numbers = { "+918040264208" } }).trunk_sid
    local account = assert(overview.read(w.client, { trunks = { { trunk_sid = sid, trunk_name = "other" } }, lists = { "phone_numbers" } }))
    assert.equal("list_phone_numbers", w:operations())
    assert.equal(1, #account.trunks)
    assert.equal("+918040264208", column(account.trunks[1].phone_numbers, "phone_number"))
    assert.is_nil(account.trunks[1].destinations)
    assert.same({ {}, {} }, { account.trunks[1].warnings, account.trunks[1].unread })
    assert.is_true(account.complete)
  end)

  it("the rest when a list can't be read, which is not taken for empty", function()
    w.sb:put { trunk_name = "a" }
    w.sb:put(GOOD)
    w.sb:fault { on = "list_destinations", status = 503 }
    local account = assert(overview.read(w.client))
    assert.is_false(account.complete)
    local trunk = account.trunks[1].unread[1] and account.trunks[1] or account.trunks[2]
    assert.equal("destinations", column(trunk.unread, "list"))
    assert.equal("server", trunk.unread[1].err.kind)
    assert.is_nil(trunk.destinations)
    assert.is_nil(rules_of(trunk.warnings):find("destinations", 1, true))
    assert.truthy(trunk.phone_numbers and trunk.credentials)
  end)

  it("no further when all would fail, and says of all that it was not read", function()
    for i = 1, 12 do w.sb:put { trunk_name = "t" .. i } end
    w.sb:fault { on = "*", skip = 1, drop = true, times = true }
    local account = assert(overview.read(w.client))
    assert.is_false(account.complete)
    assert.is_true(#w.sb:requests() < 40)
    for _, trunk in ipairs(account.trunks) do
      assert.equal(5, #trunk.unread)
      assert.same({}, trunk.warnings)
      for _, one in ipairs(trunk.unread) do assert.equal("network", one.err.kind) end
    end
  end)

  it("nothing when the key is refused, or the trunks can't be listed", function()
    w.sb:put(GOOD)
    w.sb:fault { on = "list_settings", status = 401, times = true }
    local account, err = overview.read(w.client)
    assert.is_nil(account)
    assert.equal("authentication", err.kind)
    w.sb:fault { on = "list_trunks", status = 500 }
    account, err = overview.read(w.client)
    assert.is_nil(account)
    assert.equal("list_trunks", err.operation)
  end)

  it("until it is stopped, or its client is closed", function()
    for i = 1, 3 do w.sb:put { trunk_name = "t" .. i } end
    local done = 0
    local account = assert(overview.read(w.client, {
      progress = function() done = done + 1 end, stop = function() return done >= 2 end,
    }))
    assert.is_false(account.complete)
    assert.equal("stopped as asked", account.trunks[3].unread[5].err.message)
    account = { overview.read(w.client, { progress = function() w.client:close() end }) }
    assert.is_nil(account[1])
    assert.equal("cancelled", account[2].kind)
  end)

  it("as many as the rate limit allows, waits for the rest, and says so", function()
    local slept = pauses.new(function() end)
    w:close()
    w = world.new(nil, { rate_limit = 4, sleep = slept.sleep })
    w.sb:put(GOOD)
    local waits, stop = {}, false
    local account = assert(overview.read(w.client, {
      wait = function(wait)
        waits[#waits + 1] = wait
        stop = #waits > 2
      end,
      stop = function() return stop end,
    }))
    assert.equal("rate limit", waits[1].reason)
    assert.is_true(waits[1].seconds > 50 and waits[1].seconds <= 61)
    assert.equal(4, #w.sb:requests())
    assert.is_false(account.complete)
  end)

  it("and raises what its callbacks raise, with no call left under way", function()
    w.sb:put(GOOD)
    assert.has_error(function() overview.read(w.client, { progress = function() error("enough", 0) end }) end, "enough")
    assert.equal(0, w.client:poll(0))
    for bad, message in pairs {
      ["bad option 'trunk' (unknown)"] = { trunk = {} }, ["bad option 'stop' (function expected)"] = { stop = true },
      ["bad option 'lists' (unknown list 'numbers')"] = { lists = { "numbers" } },
    } do
      local good, raised = pcall(overview.read, w.client, message)
      assert.is_false(good)
      assert.truthy(raised:find(bad, 1, true), raised)
    end
  end)
end)

describe("exotel.overview warns", function()
  local function warned(trunk)
    local all = { phone_numbers = { { phone_number = "+919876543210" } }, whitelisted_ips = { { ip = "1.2.3.4", mask = "32" } },
      destinations = { { id = "1", destination = "sip:a.example.com:5060" } }, settings = {}, credentials = {}, status = "active" }
    for name, value in pairs(trunk) do all[name] = value end
    local found = {}
    for i, warning in ipairs(overview.warnings(all)) do found[i] = warning.rule .. ": " .. tostring(warning) end
    return table.concat(found, "\n")
  end

  it("of nothing where nothing is odd, or known", function()
    assert.equal("", warned {})
    assert.same({}, overview.warnings {})
    assert.has_error(function() overview.warnings() end, "overview.warnings takes a table, got nil")
  end)

  it("of destinations on IPs that are not whitelisted, by range, too", function()
    local there = { { id = "5", destination = "sip:1.2.4.9:5060;transport=tcp" }, { id = "6", destination = "1.2.3.4:5060" } }
    assert.equal("ip_missing: 1.2.4.9:5060;transport=tcp is on an IP that is not whitelisted", warned { destinations = there })
    assert.equal("", warned { destinations = there, whitelisted_ips = { { ip = "1.2.3.4" }, { ip = "1.2.4.0", mask = 24 } } })
    local warning = overview.warnings({ destinations = there, whitelisted_ips = {} })[1]
    assert.same({ "destination", "1.2.4.9:5060;transport=tcp", { "5" } }, { warning.resource, warning.key, { warning.ids[1] } })
    assert.equal("unreadable: 1 whitelisted IP can't be understood", warned { destinations = there, whitelisted_ips = { { ip = "1.2.3.4", mask = "x" } } })
  end)

  it("of equal destinations, however they are written", function()
    local there = { { id = "5", destination = "sip:A.example.com" }, { id = "6", destination = "a.example.com:5060;transport=udp" },
      { id = "7", destination = "sip:b.example.com:5060" } }
    assert.equal("duplicate: a.example.com:5060;transport=udp is there 2 times", warned { destinations = there })
    assert.equal('["5","6"]', json.encode(overview.warnings({ destinations = there })[1].ids))
  end)

  it("of what keeps calls from coming in or going out", function()
    assert.equal("no_numbers: no numbers: nobody can call it, and outbound calls have no caller ID", warned { phone_numbers = {} })
    assert.equal("no_destinations: no destinations: inbound calls lead nowhere", warned { destinations = {} })
    assert.equal("", warned { destinations = {}, phone_numbers = { { phone_number = "+919876543210", mode = "flow" } } })
    assert.equal("no_access: no IPs and no credentials: outbound calls are not possible", warned { whitelisted_ips = {} })
    assert.equal("", warned { whitelisted_ips = {}, credentials = { { user_name = "pbx" } } })
    assert.equal("status: its status is inactive", warned { status = "inactive" })
    assert.equal("caller_id: the caller ID +918040264208 is not among its numbers",
      warned { settings = { { name = "trunk_external_alias", value = "+918040264208" } } })
    assert.equal("", warned { settings = { { name = "trunk_external_alias", value = "+919876543210" } } })
  end)

  it("of entries that can't be understood", function()
    assert.equal("unreadable: 2 phone numbers can't be understood", warned { phone_numbers = { { phone_number = "+919876543210" }, {}, { id = "1" } } })
    assert.equal("unreadable: 1 setting can't be understood", warned { settings = { { name = "x" }, { name = "trunk_external_alias", value = "" } } })
  end)

  it("of nothing in a list that is not known", function()
    for _, name in ipairs(LISTS) do
      local trunk = { phone_numbers = {}, whitelisted_ips = {}, destinations = {}, settings = {}, credentials = {} }
      trunk[name] = nil
      assert.is_nil(rules_of(overview.warnings(trunk)):find(({ phone_numbers = "no_numbers", whitelisted_ips = "no_access",
        destinations = "no_destinations", settings = "caller_id", credentials = "no_access" })[name] .. "$"), name)
    end
    assert.same({}, overview.warnings { settings = { { name = "trunk_external_alias", value = "+918040264208" } } })
  end)
end)

describe("provision.export_all", function()
  local w

  before_each(function() w = world.new(nil, { rate_limit = false }) end)
  after_each(function() w:close() end)

  it("reads several trunks at once, as export reads one", function()
    local sids = { w.sb:put(GOOD).trunk_sid, w.sb:put({ trunk_name = "twice", destinations = { "a.example.com:5060", "a.example.com:5060" } }).trunk_sid }
    local done = 0
    local specs, infos = provision.export_all(w.client, sids, { progress = function(p) done = p.total end })
    assert.equal(2, done)
    for i, sid in ipairs(sids) do
      local spec, info = provision.export(w.client, sid)
      assert.same({ spec, info }, { specs[i], infos[i] })
    end
    assert.truthy(infos[2].warnings[1]:find("is there 2 times", 1, true))
    assert.same({}, provision.export_all(w.client, {}))
  end)

  it("is an error when one can't be read, and misuse for an option that is none", function()
    local sid = w.sb:put(GOOD).trunk_sid
    local specs, err = provision.export_all(w.client, { sid, "trnothere" })
    assert.is_nil(specs)
    assert.equal("get_trunk", err.operation)
    assert.has_error(function() provision.export_all(w.client, {}, { stop = print }) end)
  end)
end)
