-- The round trip: whatever a trunk holds, its exported specification says it, and planning that changes nothing; what is
-- changed by hand afterwards is detected and corrected. A failure with a random trunk names its seed.
local canonical_destination = require("exotel.resources.destination").canonical
local desired = require "spec.support.desired"
local exotel = require "exotel"
local expect = require "spec.support.expect"
local json = require "exotel.json"
local provision = require "exotel.provision"
local random_specs = require "spec.support.random_specs"
local sandbox = require "exotel.sandbox"
local sanitized = require "spec.support.sanitized"
local trunk = require "exotel.trunk"
local world = require "spec.support.world"

local SEEDS = sanitized.fewer(200)
local EXACT = { prune = true }
local ALLOWED = { prune = true, allow = { "last_ip", "last_destination", "shrink" } }

-- ---- changes by hand: each changes a trunk, or returns false when there is nothing to change ----

local changes = {}

local function of(client, sid, list) return assert(trunk.attach(client, sid)[list](trunk.attach(client, sid))) end

local function removes(list, operation)
  return function(random, client, sid)
    local items = of(client, sid, list)
    if #items == 0 then return false end
    local item = random.one_of(items)
    local arguments = operation == "remove_setting" and { name = item.name } or { id = item.id }
    arguments.trunk_sid = sid
    assert(client[operation](client, arguments))
    return true
  end
end

changes.unmaps_a_number = removes("list_numbers", "unmap_phone_number")
changes.removes_a_destination = removes("list_destinations", "remove_destination")
changes.removes_a_setting = removes("list_settings", "remove_setting")
changes.deletes_a_credential = removes("list_credentials", "delete_credential")

function changes.maps_a_number(_, client, sid)
  assert(client:map_phone_number { trunk_sid = sid, phone_number = "+919876500000" })
  return true
end

function changes.whitelists_an_ip(_, client, sid)
  assert(client:whitelist_ip { trunk_sid = sid, ip = "203.0.113.77" })
  return true
end

function changes.adds_a_destination(_, client, sid)
  assert(client:add_destinations { trunk_sid = sid, destinations = { { destination = "z.example.com:5060" } } })
  return true
end

function changes.creates_a_credential(_, client, sid)
  assert(client:create_credential { trunk_sid = sid, user_name = "intruder", password = "x" })
  return true
end

function changes.switches_a_mode(random, client, sid)
  local numbers = of(client, sid, "list_numbers")
  if #numbers == 0 then return false end
  local number = random.one_of(numbers)
  local mode = number.mode == "flow" and "pstn" or "flow"
  assert(client:update_phone_number { trunk_sid = sid, id = number.id, phone_number = number.phone_number, mode = mode })
  return true
end

function changes.weighs_a_destination(random, client, sid)
  local destinations = of(client, sid, "list_destinations")
  if #destinations == 0 then return false end
  local item = random.one_of(destinations)
  assert(client:update_destination { trunk_sid = sid, id = item.id, weight = item.weight + 1 })
  return true
end

function changes.copies_a_destination(random, client, sid)
  local destinations = of(client, sid, "list_destinations")
  if #destinations == 0 then return false end
  local uri = random.one_of(destinations).destination:gsub("^sip:", "")
  local added = assert(client:add_destinations { trunk_sid = sid, destinations = { { destination = uri } } })[1]
  assert(client:update_destination { trunk_sid = sid, id = added.id, priority = random.below(4), weight = random.below(4) })
  return true
end

function changes.sets_the_alias(_, client, sid)
  assert(client:set_settings { trunk_sid = sid, settings = { { name = "trunk_external_alias", value = "+918040264299" } } })
  return true
end

-- A specification says nothing of a name that is not set, so another name is no drift.
function changes.renames_a_credential(random, client, sid)
  local credentials = of(client, sid, "list_credentials")
  local credential = #credentials > 0 and random.one_of(credentials)
  if not credential or not credential.friendly_name then return false end
  assert(client:update_credential { trunk_sid = sid, id = credential.id, friendly_name = "other" })
  return true
end

function changes.changes_the_trunk(random, client, sid)
  local field = random.one_of { "edge_preference", "domain_name" }
  assert(client:update_trunk { trunk_sid = sid, [field] = field == "domain_name" and "third.pstn.exotel.com" or "mumbai" })
  return true
end

local change_names = {}
for name in pairs(changes) do change_names[#change_names + 1] = name end
table.sort(change_names)

-- ---- the round trip ----

local function through_a_file(spec, form)
  local path = os.tmpname()
  os.remove(path)
  path = path .. "." .. form
  local file = assert(io.open(path, "wb"))
  assert(file:write(provision.format(spec, form)))
  file:close()
  local specs = assert(provision.load(path))
  os.remove(path)
  return specs[1]
end

-- A destination that is there twice stands in a specification once: what is planned then is to remove the others, and
-- nothing else. `copies`: how many such there are.
local function exports_what_is_there(client, sid, name, options, copies)
  local spec = assert(provision.export(client, sid))
  for _, form in ipairs { "lua", "json" } do
    local read = through_a_file(spec, form)
    assert.same(spec, read, name)
    local plan = assert(provision.plan(client, read, options))
    desired.check(#plan.changes == (copies or 0), name, form, "planning what was exported would change something", plan)
    for _, change in ipairs(plan.changes) do desired.check(change.reason == "duplicate", name, plan) end
    desired.check(#plan.extras == 0, name, plan)
    desired.check(provision.check(client, read, options) == (#plan.changes == 0), name, "check says something else")
  end
  return spec
end

-- The destinations of a trunk beyond the first of each.
local function count_copies(trunk_state)
  local seen, count = {}, 0
  for _, item in ipairs(trunk_state.destinations) do
    local key = canonical_destination(item.destination)
    if seen[key] then count = count + 1 end
    seen[key] = true
  end
  return count
end

-- The service doesn't show them; to make a credential again one is needed.
local function with_passwords(spec, known)
  local passwords = {}
  for _, credential in ipairs(known.credentials) do passwords[credential.user_name] = credential.password end
  for _, credential in ipairs(spec.credentials) do credential.password = passwords[credential.user_name] end
  return spec
end

local function detects_and_corrects(random, client, sb, spec, sid, name)
  local change = random.one_of(change_names)
  local before = desired.held(sb:state())
  if not changes[change](random, client, sid) then return end
  name = name .. ", " .. change
  for _, options in ipairs { {}, EXACT } do
    local fine, plan = provision.check(client, spec, options)
    desired.check(fine == false, name, "no drift seen", plan)
  end
  assert(provision.apply(client, spec, ALLOWED))
  local after = desired.held(sb:state())
  desired.check(before == after, name, "before", before, "after", after)
  for _, options in ipairs { {}, EXACT } do
    desired.check(assert(provision.check(client, spec, options)) == true, name, "still drift")
  end
end

local function run(seed)
  local random = random_specs.randomness(seed)
  local name = "seed " .. seed
  local sb = assert(sandbox.start { page_size = random.one_of { 1, 3, 50 } })
  local client = assert(sb:client { rate_limit = false })
  local t = random_specs.prepare(random, client, random_specs.make(random, { "outbound_trunk" }, true)[1])
  exports_what_is_there(client, t.trunk_sid, name, nil, count_copies(sb:state().trunks[1]))
  local target = random_specs.make(random, { "outbound_trunk" })[1]
  assert(provision.apply(client, target, ALLOWED))
  local spec = exports_what_is_there(client, t.trunk_sid, name, EXACT)
  with_passwords(spec, sb:state().trunks[1])
  for _ = 1, 4 do detects_and_corrects(random, client, sb, spec, t.trunk_sid, name) end
  client:close()
  sb:stop()
end

describe("a trunk and its specification", function()
  for first = 1, SEEDS, 40 do
    it(("go round: seeds %d to %d"):format(first, first + 39), function()
      for seed = first, first + 39 do run(seed) end
    end)
  end
end)

describe("provision.export", function()
  local w, sid

  before_each(function()
    w = world.new()
    sid = w:trunk()
  end)
  after_each(function() w:close() end)

  it("says everything that there is, sorted, without passwords", function()
    for _, number in ipairs { "+919876543211", "+919876543210" } do assert(w.client:map_phone_number { trunk_sid = sid, phone_number = number, mode = number:find("0$") and "flow" or nil }) end
    assert(w.client:whitelist_ip { trunk_sid = sid, ip = "192.0.2.1" })
    assert(w.client:whitelist_ip { trunk_sid = sid, ip = "198.51.100.0", mask = 24 })
    assert(w.client:add_destinations { trunk_sid = sid, destinations = { { destination = "192.0.2.1:5061;transport=tls" } } })
    assert(w.client:set_settings { trunk_sid = sid, settings = { { name = "trunk_external_alias", value = "+919876543210" } } })
    assert(w.client:create_credential { trunk_sid = sid, user_name = "pbx", password = "secret_word", friendly_name = "front" })
    assert.same({
      trunk_name = "outbound_trunk", nso_code = "ANY-ANY", domain_name = "sandbox1.pstn.exotel.com", auth_type = "IP-WHITELIST",
      status = "active", registration_enabled = "disabled", edge_preference = "auto", secure_trunking = "disabled",
      phone_numbers = { { phone_number = "+919876543210", mode = "flow" }, "+919876543211" },
      whitelisted_ips = { "192.0.2.1", { ip = "198.51.100.0", mask = 24 } },
      destinations = { { destination = "192.0.2.1:5061;transport=tls", priority = 0, weight = 1 } },
      settings = { trunk_external_alias = "+919876543210" },
      credentials = { { user_name = "pbx", friendly_name = "front" } },
    }, assert(provision.export(w.client, sid)))
  end)

  it("says of equal destinations what the one says that stays", function()
    local function add(priority)
      local added = assert(w.client:add_destinations { trunk_sid = sid, destinations = { { destination = "a.example.com:5060" } } })[1]
      assert(w.client:update_destination { trunk_sid = sid, id = added.id, priority = priority, weight = 1 })
    end
    for _, priority in ipairs { 3, 1, 2 } do add(priority) end
    assert.same({ { destination = "a.example.com:5060", priority = 3, weight = 1 } }, assert(provision.export(w.client, sid)).destinations)
    exports_what_is_there(w.client, sid, "copies", nil, 2)
  end)

  it("says what went wrong", function()
    expect.failure("not_found", provision.export(w.client, "trmum1nothere"))
    expect.failure("invalid_argument", provision.export(w.client, nil))
    for _, operation in ipairs { "list_phone_numbers", "list_whitelisted_ips", "list_destinations", "list_settings", "list_credentials" } do
      w.sb:fault { on = operation, status = 403 }
      expect.failure("permission", provision.export(w.client, sid))
    end
  end)

  -- What the rules of this library forbid to send, but a service may hold: made there by other means, or by newer ones.
  local odd = {
    list_phone_numbers = {
      { id = "1", phone_number = "09876543210", mode = "sip" }, { id = 2, phone_number = "+919876543210", mode = exotel.null },
      { id = "3", phone_number = "+919876543211", mode = "bot" }, { id = "4", phone_number = exotel.null, mode = "pstn" },
      { id = "5", phone_number = 18004250 },
    },
    list_whitelisted_ips = {
      { id = "1", ip = "192.0.2.1", mask = exotel.null }, { id = "2", ip = "10.0.0.0", mask = 8 }, { id = "3", ip = "192.0.2.2", mask = "32" },
      { id = "4", ip = "2001:db8::1", mask = 64 }, { id = "5", ip = "any", mask = "all" },
    },
    list_destinations = {
      { id = "1", destination = "sip:192.0.2.1" }, { id = "2", destination = "sip:[2001:db8::1]:5060" }, { id = "3", destination = "sips:a.example.com" },
      { id = "4", destination = "SIP:user@A.example.com:5070;transport=ws;lr", priority = "3", weight = exotel.null },
      { id = "5", destination = "sip:[2001:db8::2]:5060", priority = 70000, weight = -1 }, { id = "6", destination = exotel.null },
    },
    list_settings = {
      { name = "trunk_external_alias", value = "09876543210" }, { name = "a b", value = "" }, { name = "empty", value = exotel.null },
      { name = "count", value = 5 }, { name = "on", value = true },
    },
    list_credentials = {
      { id = "1", user_name = "user@host", friendly_name = "Front desk (new)" }, { id = "2", user_name = "b", friendly_name = exotel.null },
      { id = "3", user_name = "c", friendly_name = "" },
    },
  }

  local function answer_oddly(operation, items)
    local entries = {}
    for i, item in ipairs(items) do entries[i] = { code = 200, status = "success", data = item } end
    local body = json.encode { request_id = "a", method = "GET", http_code = 200, response = entries, metadata = { page_size = 50 } }
    w.sb:fault { on = operation, status = 200, body = body, times = true }
  end

  for operation, items in pairs(odd) do
    it("says also what is odd, so that planning it changes nothing: " .. operation, function()
      answer_oddly(operation, items)
      local spec = exports_what_is_there(w.client, sid, operation)
      exports_what_is_there(w.client, sid, operation, EXACT)
      assert.equal("", w:writes())
      -- When it isn't there it has to be sent: the service judges it. A credential lacks its password.
      w.sb:clear_faults()
      for _, credential in ipairs(spec.credentials) do credential.password = "x" end
      local _, err, report = provision.apply(w.client, spec)
      assert.is_false(err.maybe_applied, tostring(report))
      assert.truthy(err.kind == "rejected" or err.kind == "partial", tostring(report))
      for _, change in ipairs(report.changes) do assert.not_equal("not_tried", change.outcome, tostring(report)) end
    end)
  end

  it("says also what is odd of the trunk itself", function()
    local data = {
      trunk_name = "a name that is long", trunk_sid = sid, status = "blocked by billing", nso_code = "any any", domain_name = "sip.example.com",
      auth_type = "IP+DIGEST", edge_preference = exotel.null, registration_enabled = true, secure_trunking = "",
    }
    w.sb:fault { on = "get_trunk", status = 200, times = true, body = json.encode { request_id = "a", http_code = 200, response = { code = 200, status = "success", data = data } } }
    answer_oddly("list_trunks", { data })
    exports_what_is_there(w.client, sid, "the trunk", EXACT)
  end)
end)

describe("provision.check", function()
  it("says what is wrong with the specification, or the service", function()
    local w = world.new()
    expect.failure("invalid_argument", provision.check(w.client, { trunk_name = "a", x = 1 }))
    w.sb:fault { on = "list_trunks", status = 403 }
    expect.failure("permission", provision.check(w.client, { trunk_name = "a" }))
    local fine, plan = provision.check(w.client, { trunk_name = "a" })
    assert.is_false(fine)
    assert.equal("trunk a\n  + trunk a\n1 to add, 0 to change, 0 to remove, 0 extra", tostring(plan))
    w:close()
  end)
end)
