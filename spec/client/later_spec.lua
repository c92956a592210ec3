-- What `require` leaves for the first client, and that no call reads a file for it. Each in a process of its own, where
-- nothing has been loaded.
local child = require "spec.support.child"
local sandbox = require "exotel.sandbox"

local PRELUDE = [[
local function is_loaded(name) return package.loaded["exotel." .. name] ~= nil end
local function loaded()
  local names = {}
  for name in pairs(package.loaded) do names[#names + 1] = name:match("^exotel.*") end
  table.sort(names)
  return table.concat(names, " ")
end
local CLIENT = { account_sid = "sandbox1", api_key = "k", api_token = "t", base_url = "http://127.0.0.1:1" }
]]

local function output(code, environment)
  local text, status = child.run(PRELUDE .. code, environment)
  assert.equal(0, status, text)
  return text
end

describe("require leaves for the first client", function()
  it("all that calls and trunks need", function()
    assert.equal([[
exotel exotel.calls.later exotel.core exotel.text.plain exotel.trunk
true
]], output [[
      local exotel = require "exotel"
      require "exotel.trunk"
      print(loaded())
      exotel.client(CLIENT)
      print(is_loaded "client" and is_loaded "resources.ensure")
    ]])
  end)

  -- The linker's work is most of what it costs to load a library.
  it("c-ares to exotel.sip", function()
    assert.equal("false\ttrue\n", output [[
      local function has_cares()
        for line in io.lines "/proc/self/maps" do
          if line:find("libcares", 1, true) then return true end
        end
        return false
      end
      require("exotel").client(CLIENT)
      local before = has_cares()
      require "exotel.sip"
      print(before, has_cares())
    ]])
  end)

  it("nothing of what a program asks for by its name", function()
    assert.equal("true\ttrue\n", output [[
      print(type(require("exotel.client").list_trunks) == "function", require("exotel.error").is {} == false)
    ]])
  end)

  it("nothing once there has been one", function()
    assert.equal("true\n", output [[
      require("exotel").client(CLIENT)
      require "exotel.trunk"
      print(is_loaded "resources.ensure")
    ]])
  end)

  it("functions that are functions, and answer without a client", function()
    assert.equal("true\n", output [[
      local trunk = require "exotel.trunk"
      for name, value in pairs(trunk) do assert(type(value) == "function", name) end
      print(trunk.same_destination("sip:a.b:5060", "A.b"))
    ]])
  end)

  -- As in a program that has Lua inside, which forks, drops its privileges or changes its root after it has started.
  for host, code in pairs { nginx = "ngx = {}", Kamailio = "KSR = {}", ["a program without arg"] = "arg = nil" } do
    it("nothing in " .. host, function()
      assert.equal("true\n", output(code .. [[
        local exotel = require "exotel"
        require "exotel.trunk"
        local before = loaded()
        exotel.client(CLIENT)
        print(loaded() == before and is_loaded "resources.ensure")
      ]]))
    end)
  end

  it("what is tried again where it could not be read", function()
    assert.equal("false\ttrue\ntrue\n", output [[
      local exotel, path = require "exotel", package.path
      package.path = ""
      local good, reason = pcall(exotel.client, CLIENT)
      print(good, tostring(reason):find("exotel.error", 1, true) ~= nil)
      package.path = path
      print((pcall(exotel.client, CLIENT)))
    ]])
  end)
end)

-- Every function and method that there is, called at least once.
local EVERYTHING = [[
local exotel, provision, trunk = require "exotel", require "exotel.provision", require "exotel.trunk"
local core, sip, overview = require "exotel.core", require "exotel.sip", require "exotel.overview"
local client = assert(exotel.client { account_sid = "sandbox1", api_key = "sandbox_key", api_token = "sandbox_token",
  base_url = os.getenv "SANDBOX", settle_wait = 0, retries = 0, backoff = 0.001 })

-- The files are out of reach from here on, and who looks for one is seen.
package.path, package.cpath = "", ""
for name in pairs(package.loaded) do
  if name:find "^exotel" then package.loaded[name] = nil end
end

local missing = {}
local function watch(what, functions)
  for name, f in pairs(functions) do
    if type(f) == "function" and not name:find "^__" then
      missing[what .. name] = true
      functions[name] = function(...) missing[what .. name] = nil return f(...) end
    end
  end
end
watch("client:", core.client_methods)
watch("trunk.", trunk)
watch("provision.", provision)
watch("sip.", sip)
watch("overview.", overview)
local t = trunk.attach(client, "x")
watch("trunk:", getmetatable(t).__index)

-- Trunks. What is not as it should be is answered by an error.
local ENSURE, IP, NUMBER, PLACE = { ensure = true }, "44.248.146.11", "+919876543210", "44.248.146.11:5061;transport=tls"
t = assert(trunk.create(client, { trunk_name = "a" }, ENSURE))
assert(trunk.create(client, { trunk_name = "a" }, ENSURE))
assert(trunk.get(client, t.trunk_sid) and trunk.find(client, "a") and trunk.list(client))
assert(trunk.same_destination("A.b", "a.b:5060"))
for _ = 1, 2 do
  assert(t:map_number(NUMBER, ENSURE) and t:whitelist_ip(IP, ENSURE) and t:add_destination(PLACE, ENSURE))
end
t:update {} t:add_destinations { PLACE } t:set_settings { a = "b" } t:set_alias(NUMBER)
for _, name in ipairs { "numbers", "ips", "destinations" } do
  for _ in t[name](t) do end
end
local number = t:list_numbers()[1]
t:set_number_mode(number.id, NUMBER, "flow") t:unmap_number(number.id) t:remove_ip(t:list_ips()[1].id)
t:remove_destination(t:list_destinations()[1].id) t:list_settings()
t:create_credential { user_name = "u", password = "Secret-1-password" } t:list_credentials() t:delete_credential "1"
t:create_credential { user_name = "v", password = "secret_1" }
assert(t:rotate_credential("v", assert(trunk.generate_password())) and t:destinations_needing_ip "1" and trunk.password_rule())
assert(t:whitelist_ip(IP) and provision.plan_ip_replacement(client, t.trunk_sid, IP, "192.0.2.1"))
assert(provision.replace_ip(client, t.trunk_sid, IP, "192.0.2.1"))

-- Provisioning.
local spec = { trunk_name = "b", phone_numbers = { NUMBER }, whitelisted_ips = { IP }, destinations = { PLACE } }
local plan = assert(provision.plan(client, spec))
assert(provision.restore(plan:save()))
assert(provision.export_all(client, { t.trunk_sid }))
assert(overview.read(client) and overview.warnings {})
assert(provision.apply(client, plan) and provision.check(client, spec))
assert(provision.apply(client, { trunk_name = "b" }, { prune = true, allow = { "last_destination", "last_ip", "shrink" } }))
assert(provision.validate(spec) and trunk.read_ip "192.0.2.0/24")
provision.load_all { "/nonexistent" } provision.reformat "/nonexistent"
provision.load "/nonexistent" provision.format(assert(provision.export(client, t.trunk_sid)), "json")

-- A test of a SIP server: by TCP nobody answers, the name server and the UDP port neither.
assert(sip.check "127.0.0.1")
assert(#sip.test_all { "127.0.0.1:9;transport=tcp", "127.0.0.1:9" } == 2)
assert(sip.test("a.invalid:9", { name_servers = "127.0.0.1:9", client = client, timeout = 0.1 }))

-- The client.
for _, operation in ipairs(core.operations) do client[operation.name](client, {}) end
for _ in client:each("list_trunks", {}) do end
client:batch { { "list_trunks", {} }, { "delete_trunk", { trunk_sid = t.trunk_sid } } }
client:start("list_trunks", {}):cancel() client:poll() t:delete()
client:pollfd() client:timeout() client:events() client:close()
local left = {}
for name in pairs(missing) do left[#left + 1] = name end
table.sort(left)
print("not called: " .. table.concat(left, " "))
]]

it("a client that has been made reads no file, whatever is called", function()
  local sb = assert(sandbox.start())
  local text = output(EVERYTHING, { SANDBOX = sb.base_url })
  sb:stop()
  assert.equal("not called: \n", text)
end)
