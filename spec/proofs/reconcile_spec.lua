-- Whatever goes wrong at whatever step of `apply`, applying again ends with exactly what the specification says.
local child = require "spec.support.child"
local desired = require "spec.support.desired"
local late_proxy = require "spec.support.late_proxy"
local provision = require "exotel.provision"
local sandbox = require "exotel.sandbox"
local sanitized = require "spec.support.sanitized"
local trunk = require "exotel.trunk"

-- Nothing is waited for here between reading back and sending again: what is late arrives by the count of requests.

-- On a service that holds nothing.
local made = {
  spec = {
    trunk_name = "outbound_trunk",
    phone_numbers = { "+919876543210", { phone_number = "+918040264208", mode = "flow" } },
    whitelisted_ips = { "192.0.2.1", { ip = "198.51.100.0", mask = 24 } },
    destinations = { "192.0.2.1:5061;transport=tls", { destination = "sip.example.com:5060", priority = 2, weight = 5 } },
    alias = "+919876543210", secure_trunking = "enabled",
    credentials = { { user_name = "pbx", password = "secret_1", friendly_name = "front" } },
  },
  operations = {
    "create_trunk", "update_trunk", "whitelist_ip", "map_phone_number", "set_settings", "add_destinations", "update_destination",
    "create_credential", "list_trunks", "list_whitelisted_ips", "list_phone_numbers", "list_settings", "list_destinations",
    "list_credentials", "*",
  },
}

function made.prepare() end

-- On a trunk that differs in everything, and has more than it should of everything.
local changed = {
  options = { prune = true, allow = { "shrink" }, rotate = { "pbx" } },
  spec = {
    trunk_name = "outbound_trunk", domain_name = "other.pstn.exotel.com", edge_preference = "mumbai",
    phone_numbers = { "+919876543210", { phone_number = "+918040264208", mode = "flow" } },
    whitelisted_ips = { "192.0.2.1" }, settings = {},
    destinations = { "192.0.2.1:5061;transport=tls", { destination = "b.example.com:5060", priority = 2, weight = 3 } },
    credentials = { { user_name = "pbx", password = "secret_2", friendly_name = "back" }, { user_name = "new", password = "secret_3" } },
  },
  operations = {
    "update_trunk", "update_phone_number", "map_phone_number", "unmap_phone_number", "whitelist_ip", "remove_whitelisted_ip", "add_destinations",
    "update_destination", "remove_destination", "remove_setting", "create_credential", "update_credential", "delete_credential",
    "list_credentials", "list_trunks", "list_whitelisted_ips", "list_phone_numbers", "list_settings", "list_destinations", "*",
  },
}

function changed.prepare(client)
  local t = assert(trunk.create(client, { trunk_name = "outbound_trunk" }))
  assert(t:map_number("+919876543210", "flow"))
  assert(t:map_number("+919876543299"))
  assert(t:map_number("+919876543298", "flow"))
  assert(t:whitelist_ip("203.0.113.1"))
  assert(t:whitelist_ip("203.0.113.2"))
  assert(t:add_destination("203.0.113.1:5060"))
  for _ = 1, 2 do assert(t:add_destination("sip.example.com:5060")) end
  assert(t:add_destination("b.example.com:5060"))
  assert(t:set_alias("+919876543299"))
  assert(t:create_credential { user_name = "pbx", password = "secret_1", friendly_name = "front" })
  for _, user_name in ipairs { "old", "older" } do assert(t:create_credential { user_name = user_name, password = "secret_1" }) end
end

-- What can happen to a request, and where. A service that answers 429 has done nothing.
local faults = {}

local function fault(places, what)
  for _, place in ipairs(places) do faults[#faults + 1] = { place = place, what = what } end
end

local BOTH = { "before", "after" }
fault(BOTH, { drop = true })
fault(BOTH, { reset = true })
for _, status in ipairs { 500, 502, 503, 504 } do fault(BOTH, { status = status }) end
fault(BOTH, { status = 502, body = "<html>bad gateway</html>" })
fault(BOTH, { status = 200, body = "<html>log in first</html>" })
fault(BOTH, { status = 200, body = "" })
fault({ "before" }, { status = 429 })
for _, length in ipairs { 0, 1, 40, 200 } do fault({ "on" }, { cut = length }) end
-- Each of these takes the client's whole timeout.
fault(BOTH, { hang = true })
fault({ "on" }, { delay = 10 })

local function name_of(operation, f, skip)
  local parts = {}
  for key, value in pairs(f.what) do parts[#parts + 1] = key .. "=" .. tostring(value) end
  table.sort(parts)
  return ("%s = %q, skip = %d, %s"):format(f.place, operation, skip, table.concat(parts, ", "))
end

-- A write whose reply is lost is reconciled by the same run. Not so with short timeouts, by which more replies may be lost.
local function reconciled_at_once(operation, f)
  local writes = operation ~= "*" and not operation:find("^list_")
  return writes and f.what.status ~= 429 and not (f.what.hang or f.what.delay)
end

-- `happens`: whether a run without faults requests the operation; what a new trunk has is read only after a fault.
local function run_one(job, operation, f, skip, tls, happens)
  local name = name_of(operation, f, skip)
  local sb = assert(sandbox.start { tls = tls })
  local patient = assert(sb:client { rate_limit = false })
  local client = assert(sb:client { retries = skip % 2, backoff = 0, settle_wait = 0, rate_limit = false, timeout = (f.what.hang or f.what.delay) and 0.2 or 20 })
  job.prepare(patient)
  if not happens then sb:fault { after = "map_phone_number", drop = true } end
  local spoiled = { [f.place] = operation, skip = skip }
  for key, value in pairs(f.what) do spoiled[key] = value end
  sb:fault(spoiled)
  local runs = desired.apply_until_done(client, sb, job, name)
  desired.check(runs == 1 or not reconciled_at_once(operation, f), name, "applied " .. runs .. " times")
  desired.assert_reached(patient, sb, job, name)
  client:close()
  patient:close()
  sb:stop()
end

-- How often a run without faults requests an operation. A fault may come later still, since all is read again after one.
local function count_requests(job)
  local sb = assert(sandbox.start())
  local client = assert(sb:client())
  job.prepare(client)
  sb:reset_requests()
  assert(provision.apply(client, job.spec, job.options))
  local counts = { ["*"] = #sb:requests() }
  for _, request in ipairs(sb:requests()) do counts[request.operation] = (counts[request.operation] or 0) + 1 end
  client:close()
  sb:stop()
  return counts
end

-- What TLS makes of a fault depends on the method of a request, and not on what is asked for.
local OF_EACH_METHOD = {
  ["*"] = true, list_phone_numbers = true, add_destinations = true, update_destination = true, remove_destination = true,
}

local function operations_of(job, tls)
  local operations = {}
  for _, operation in ipairs(job.operations) do
    if not tls or OF_EACH_METHOD[operation] then operations[#operations + 1] = operation end
  end
  return operations
end

for title, job in pairs { ["making a trunk"] = made, ["changing a trunk"] = changed } do
  for _, tls in ipairs { false, true } do
    describe(title .. (tls and " over HTTPS" or " over HTTP"), function()
      local counts
      setup(function() counts = count_requests(job) end)

      for _, operation in ipairs(operations_of(job, tls)) do
        it("recovers from whatever happens to " .. operation, function()
          for _, f in ipairs(faults) do
            local slow = f.what.hang or f.what.delay
            local last = (slow or tls or sanitized.is) and 0 or math.min(2, (counts[operation] or 1) - 1)
            if tls and slow and operation ~= "add_destinations" then last = -1 end
            for skip = 0, last do run_one(job, operation, f, skip, tls, counts[operation]) end
          end
        end)
      end
    end)
  end
end

describe("a write that arrives after its client has given up", function()
  -- Six requests read the service again, the seventh sends it again; destinations are read back after it, and once more at
  -- the end when one was sent twice.
  local patterns = {
    create_trunk = "POST \\S+/trunks ", whitelist_ip = "POST \\S+/whitelisted-ips ", map_phone_number = "POST \\S+/phone-numbers ",
    set_settings = "POST \\S+/settings ", create_credential = "POST \\S+/credentials ", add_destinations = "POST \\S+/destination-uris ",
  }
  local weighed = { trunk_name = "outbound_trunk", destinations = { { destination = "sip.example.com:5060", priority = 2, weight = 5 } } }

  local function arrives_late(operation, pattern, job, count)
    local name = ("%s, late by %d requests"):format(operation, count)
    local sb = assert(sandbox.start())
    local proxy = late_proxy.start(sb.port, pattern, count)
    local client = assert(sb:client { base_url = proxy.base_url, retries = 0, settle_wait = 0, rate_limit = false, timeout = 0.2 })
    desired.apply_until_done(client, sb, job, name, { late = true })
    client:close()
    desired.check(proxy:stop(), name, "was not delivered")
    client = assert(sb:client { retries = 0, rate_limit = false })
    desired.assert_reached(client, sb, job, name)
    client:close()
    sb:stop()
  end

  for operation, pattern in pairs(patterns) do
    it("ends up there once: " .. operation, function()
      for count = 1, 7 do arrives_late(operation, pattern, { spec = made.spec }, count) end
    end)
  end

  -- Two requests read the service again, the third sends it again, the fourth reads it back, the fifth sets its weight, the
  -- sixth reads it back once more.
  it("ends up there once, and it is the one that has its weight", function()
    for count = 1, 5 do arrives_late("add_destinations", patterns.add_destinations, { spec = weighed }, count) end
  end)

  it("ends up there once, also when `ensure` sent it", function()
    for count = 1, 2 do
      local sb = assert(sandbox.start())
      local direct = assert(sb:client())
      local t = assert(trunk.create(direct, { trunk_name = "outbound_trunk" }))
      local proxy = late_proxy.start(sb.port, patterns.add_destinations, count)
      local client = assert(sb:client { base_url = proxy.base_url, retries = 0, settle_wait = 0, timeout = 0.2 })
      local added = assert(trunk.attach(client, t.trunk_sid):add_destination("sip.example.com:5060", { ensure = true }))
      assert.is_true(proxy:stop())
      local held = sb:state().trunks[1].destinations
      assert.equal(1, #held)
      assert.equal(held[1].id, added.id)
      client:close()
      direct:close()
      sb:stop()
    end
  end)
end)

describe("a run that was killed #plain", function()
  local SCRIPT = [[
    local exotel, provision = require "exotel", require "exotel.provision"
    local client = assert(exotel.client { retries = 1, backoff = 0 })
    local job = dofile(arg[1])
    assert(provision.apply(client, job.spec, job.options))
  ]]

  local function text_of(value)
    if type(value) ~= "table" then return type(value) == "string" and ("%q"):format(value) or tostring(value) end
    local parts = {}
    for key, item in pairs(value) do parts[#parts + 1] = ("[%s] = %s"):format(text_of(key), text_of(item)) end
    return "{" .. table.concat(parts, ", ") .. "}"
  end

  -- Starts the script in a process of its own. → function that kills it and waits for its end
  local function start_child(sb, script, job_file)
    local environment = { LUA_PATH = package.path, LUA_CPATH = package.cpath }
    for name, value in pairs(sb:environment()) do environment[name] = value end
    local settings = {}
    for name, value in pairs(environment) do settings[#settings + 1] = name .. "=" .. child.quote(value) end
    local command = ("echo $$; exec env %s %s %s %s 2>&1"):format(table.concat(settings, " "), child.lua, script, job_file)
    local pipe = assert(io.popen(command))
    local pid = pipe:read("*l")
    return function()
      os.execute("kill -9 " .. pid .. " 2>/dev/null")
      pipe:read("*a")
      pipe:close()
    end
  end

  -- Kills the run once `count` requests have arrived; the last of them hangs when `place` is given, so that the moment is
  -- certain.
  local function kill_at(job, files, count, place)
    local name = ("killed at request %d, %s"):format(count, place or "anywhere")
    local sb = assert(sandbox.start())
    local client = assert(sb:client { retries = 0, rate_limit = false })
    job.prepare(client)
    sb:reset_requests()
    if place then sb:fault { [place] = "*", hang = true, skip = count - 1 } end
    local kill = start_child(sb, files.script, files.job)
    local latest = os.time() + 20
    repeat
      local come = #sb:requests()
      desired.check(os.time() < latest, name, "the run did not get that far")
    until come >= count
    kill()
    desired.apply_until_done(client, sb, job, name)
    desired.assert_reached(client, sb, job, name)
    client:close()
    sb:stop()
  end

  for title, job in pairs { ["making a trunk"] = made, ["changing a trunk"] = changed } do
    it("is taken up where it ended: " .. title, function()
      local files = { script = child.write(SCRIPT), job = child.write("return " .. text_of { spec = job.spec, options = job.options }) }
      finally(function() for _, path in pairs(files) do os.remove(path) end end)
      for count = 1, count_requests(job)["*"] do
        for _, place in ipairs { "before", "after" } do kill_at(job, files, count, place) end
        kill_at(job, files, count)
      end
    end)
  end
end)
