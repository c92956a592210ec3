-- Every operation of the API: its request on the wire, and its result.
local exotel = require "exotel"
local expect = require "spec.support.expect"
local world = require "spec.support.world"

local E164 = "+919876543210"
local URIS = {
  destination_uris = "/v2/accounts/sandbox1/trunks/<sid>/destination-uris",
  whitelisted_ips = "/v2/accounts/sandbox1/trunks/<sid>/whitelisted-ips",
  credentials = "/v2/accounts/sandbox1/trunks/<sid>/credentials",
  phone_numbers = "/v2/accounts/sandbox1/trunks/<sid>/phone-numbers",
}

-- A trunk as the service returns it, with these changes.
local function trunk(changes)
  local data = {
    trunk_name = "outbound_trunk", trunk_sid = "<sid>", status = "active", domain_name = "sandbox1.pstn.exotel.com",
    auth_type = "IP-WHITELIST", registration_enabled = "disabled", edge_preference = "auto", nso_code = "ANY-ANY",
    secure_trunking = "disabled",
  }
  for name, value in pairs(URIS) do data[name] = value end
  for name, value in pairs(changes or {}) do data[name] = value end
  return data
end

local NUMBER = { id = "41512", phone_number = E164, trunk_sid = "<sid>", mode = "flow" }
local IP = { id = "1153", ip = "44.248.146.11", mask = 32, trunk_sid = "<sid>" }
local DESTINATION = {
  id = "2543", destination = "sip:44.248.146.11:5061;transport=tls", type = "public", priority = 0, weight = 1, trunk_sid = "<sid>",
}
local ALIAS = { name = "trunk_external_alias", value = E164, trunk_sid = "<sid>" }
local CREDENTIAL = { id = "1234", user_name = "pbx", trunk_sid = "<sid>" }

-- What each test starts from: a trunk with one item of each kind.
local function furnish(w)
  local sid = w:trunk()
  local c = w.client
  assert(c:map_phone_number { trunk_sid = sid, phone_number = E164, mode = "flow" })
  assert(c:whitelist_ip { trunk_sid = sid, ip = "44.248.146.11" })
  assert(c:add_destinations { trunk_sid = sid, destinations = { { destination = "44.248.146.11:5061;transport=tls" } } })
  assert(c:set_settings { trunk_sid = sid, settings = { { name = "trunk_external_alias", value = E164 } } })
  assert(c:create_credential { trunk_sid = sid, user_name = "pbx", password = "secret_1" })
  w.sb:reset_requests()
  return sid
end

local function page(path, more)
  return {
    page_size = 50,
    first_page_uri = "/v2/accounts/sandbox1/" .. path .. "?offset=0&page_size=50" .. (more or ""),
  }
end

-- One row an operation. `request` is what follows /v2/accounts/sandbox1/; "<sid>" stands for the trunk's wherever it is.
-- `required` are the arguments that must be given; `answer` is the data, without its dates.
local rows = {
  {
    name = "create_trunk",
    arguments = { trunk_name = "second", nso_code = "ANY-ANY", domain_name = "other1.pstn.exotel.com" },
    required = { "trunk_name" },
    request = "POST trunks",
    body = { trunk_name = "second", nso_code = "ANY-ANY", domain_name = "other1.pstn.exotel.com" },
    answer = trunk { trunk_name = "second", domain_name = "other1.pstn.exotel.com" }, new_trunk = true,
  },
  {
    name = "delete_trunk",
    arguments = { trunk_sid = "<sid>" }, required = { "trunk_sid" },
    request = "DELETE trunks?trunk_sid=<sid>",
    answer = trunk(),
  },
  {
    name = "map_phone_number",
    arguments = { trunk_sid = "<sid>", phone_number = "+918040264208", mode = "pstn" }, required = { "trunk_sid", "phone_number" },
    request = "POST trunks/<sid>/phone-numbers",
    body = { phone_number = "+918040264208", mode = "pstn" },
    answer = { id = "41513", phone_number = "+918040264208", trunk_sid = "<sid>", mode = "pstn" },
  },
  {
    name = "list_phone_numbers",
    arguments = { trunk_sid = "<sid>", offset = 0, page_size = 7 }, required = { "trunk_sid" },
    request = "GET trunks/<sid>/phone-numbers?offset=0&page_size=7",
    answer = { NUMBER },
    metadata = { page_size = 7, first_page_uri = "/v2/accounts/sandbox1/trunks/<sid>/phone-numbers?offset=0&page_size=7" },
  },
  {
    name = "update_phone_number",
    arguments = { trunk_sid = "<sid>", id = "41512", phone_number = E164, mode = "pstn" },
    required = { "trunk_sid", "id", "phone_number", "mode" },
    request = "PUT trunks/<sid>/phone-numbers/41512",
    body = { phone_number = E164, mode = "pstn" },
    answer = { id = "41512", phone_number = E164, trunk_sid = "<sid>", mode = "pstn" },
  },
  {
    name = "whitelist_ip",
    arguments = { trunk_sid = "<sid>", ip = "203.0.113.0", mask = 24 }, required = { "trunk_sid", "ip" },
    request = "POST trunks/<sid>/whitelisted-ips",
    body = { ip = "203.0.113.0", mask = 24 },
    answer = { id = "1154", ip = "203.0.113.0", mask = 24, trunk_sid = "<sid>" },
  },
  {
    name = "list_whitelisted_ips",
    arguments = { trunk_sid = "<sid>", offset = 0 }, required = { "trunk_sid" },
    request = "GET trunks/<sid>/whitelisted-ips?offset=0",
    answer = { IP }, metadata = page "trunks/<sid>/whitelisted-ips",
  },
  {
    name = "add_destinations",
    arguments = {
      trunk_sid = "<sid>",
      destinations = { { destination = "sip.yourcompany.com:5061;transport=tls" }, { destination = "44.248.146.11:5060;transport=tcp" } },
    },
    required = { "trunk_sid", "destinations" },
    request = "POST trunks/<sid>/destination-uris",
    body = { destinations = { { destination = "sip.yourcompany.com:5061;transport=tls" }, { destination = "44.248.146.11:5060;transport=tcp" } } },
    answer = {
      { id = "2544", destination = "sip:sip.yourcompany.com:5061;transport=tls", type = "public", priority = 0, weight = 1, trunk_sid = "<sid>" },
      { id = "2545", destination = "sip:44.248.146.11:5060;transport=tcp", type = "public", priority = 0, weight = 1, trunk_sid = "<sid>" },
    },
    metadata = { total = 2, success = 2, failed = 0 },
  },
  {
    name = "list_destinations",
    arguments = { trunk_sid = "<sid>" }, required = { "trunk_sid" },
    request = "GET trunks/<sid>/destination-uris",
    answer = { DESTINATION }, metadata = page "trunks/<sid>/destination-uris",
  },
  {
    name = "set_settings",
    arguments = { trunk_sid = "<sid>", settings = { { name = "trunk_external_alias", value = "+918040264208" } } },
    required = { "trunk_sid", "settings" },
    request = "POST trunks/<sid>/settings",
    body = { settings = { { name = "trunk_external_alias", value = "+918040264208" } } },
    answer = { { name = "trunk_external_alias", value = "+918040264208", trunk_sid = "<sid>" } },
    metadata = { total = 1, success = 1 },
  },
  {
    name = "list_trunks",
    arguments = { offset = 0, page_size = 10, trunk_sid = "<sid>" }, required = {},
    request = "GET trunks?offset=0&page_size=10&trunk_sid=<sid>",
    answer = { trunk() },
    metadata = { page_size = 10, first_page_uri = "/v2/accounts/sandbox1/trunks?offset=0&page_size=10&trunk_sid=<sid>" },
  },
  {
    name = "get_trunk",
    arguments = { trunk_sid = "<sid>" }, required = { "trunk_sid" },
    request = "GET trunks/<sid>",
    answer = trunk(),
  },
  {
    name = "update_trunk",
    arguments = {
      trunk_sid = "<sid>", trunk_name = "renamed", nso_code = "ANY-ANY", domain_name = "other1.pstn.exotel.com",
      auth_type = "IP-WHITELIST", status = "inactive", registration_enabled = "enabled", edge_preference = "mumbai",
      secure_trunking = "enabled",
    },
    required = { "trunk_sid" },
    request = "PUT trunks/<sid>",
    body = {
      trunk_name = "renamed", nso_code = "ANY-ANY", domain_name = "other1.pstn.exotel.com", auth_type = "IP-WHITELIST",
      status = "inactive", registration_enabled = "enabled", edge_preference = "mumbai", secure_trunking = "enabled",
    },
    answer = trunk {
      trunk_name = "renamed", domain_name = "other1.pstn.exotel.com", status = "inactive", registration_enabled = "enabled",
      edge_preference = "mumbai", secure_trunking = "enabled",
    },
  },
  {
    name = "unmap_phone_number",
    arguments = { trunk_sid = "<sid>", id = "41512" }, required = { "trunk_sid", "id" },
    request = "DELETE trunks/<sid>/phone-numbers?id=41512",
    answer = NUMBER,
  },
  {
    name = "update_whitelisted_ip",
    arguments = { trunk_sid = "<sid>", id = "1153", ip = "44.248.146.12", mask = 28 }, required = { "trunk_sid", "id" },
    request = "PUT trunks/<sid>/whitelisted-ips/1153",
    body = { ip = "44.248.146.12", mask = 28 },
    answer = { id = "1153", ip = "44.248.146.12", mask = 28, trunk_sid = "<sid>" },
  },
  {
    name = "remove_whitelisted_ip",
    arguments = { trunk_sid = "<sid>", id = "1153" }, required = { "trunk_sid", "id" },
    request = "DELETE trunks/<sid>/whitelisted-ips?id=1153",
    answer = IP,
  },
  {
    name = "update_destination",
    arguments = { trunk_sid = "<sid>", id = "2543", priority = 10, weight = 65535 }, required = { "trunk_sid", "id" },
    request = "PUT trunks/<sid>/destination-uris/2543",
    body = { priority = 10, weight = 65535 },
    answer = {
      id = "2543", destination = "sip:44.248.146.11:5061;transport=tls", type = "public", priority = 10, weight = 65535, trunk_sid = "<sid>",
    },
  },
  {
    name = "remove_destination",
    arguments = { trunk_sid = "<sid>", id = "2543" }, required = { "trunk_sid", "id" },
    request = "DELETE trunks/<sid>/destination-uris?id=2543",
    answer = DESTINATION,
  },
  {
    name = "list_settings",
    arguments = { trunk_sid = "<sid>" }, required = { "trunk_sid" },
    request = "GET trunks/<sid>/settings",
    answer = { ALIAS }, metadata = page "trunks/<sid>/settings",
  },
  {
    name = "remove_setting",
    arguments = { trunk_sid = "<sid>", name = "trunk_external_alias" }, required = { "trunk_sid", "name" },
    request = "DELETE trunks/<sid>/settings?name=trunk_external_alias",
    answer = ALIAS,
  },
  {
    name = "create_credential",
    arguments = { trunk_sid = "<sid>", user_name = "second", password = "secret_2", friendly_name = "desk_2" },
    required = { "trunk_sid", "user_name", "password" },
    request = "POST trunks/<sid>/credentials",
    body = { user_name = "second", password = "secret_2", friendly_name = "desk_2" },
    answer = { id = "1235", user_name = "second", friendly_name = "desk_2", trunk_sid = "<sid>" },
  },
  {
    name = "list_credentials",
    arguments = { trunk_sid = "<sid>", offset = 0, page_size = 50, id = "1234" }, required = { "trunk_sid" },
    request = "GET trunks/<sid>/credentials?offset=0&page_size=50&id=1234",
    answer = { CREDENTIAL }, metadata = page("trunks/<sid>/credentials", "&id=1234"),
  },
  {
    name = "update_credential",
    arguments = { trunk_sid = "<sid>", id = "1234", user_name = "pbx2", password = "secret_3", friendly_name = "desk" },
    required = { "trunk_sid", "id" },
    request = "PUT trunks/<sid>/credentials/1234",
    body = { user_name = "pbx2", password = "secret_3", friendly_name = "desk" },
    answer = { id = "1234", user_name = "pbx2", friendly_name = "desk", trunk_sid = "<sid>" },
  },
  {
    name = "delete_credential",
    arguments = { trunk_sid = "<sid>", id = "1234" }, required = { "trunk_sid", "id" },
    request = "DELETE trunks/<sid>/credentials?id=1234",
    answer = CREDENTIAL,
  },
  {
    name = "find_trunk_map",
    arguments = { exophone = E164, trunk_sid = "<sid>" }, required = { "exophone" },
    request = "GET trunk-maps?exophone=%2B919876543210&trunk_sid=<sid>",
    answer = { { exophone = E164, trunk_sid = "<sid>", mode = "flow" } },
    metadata = {
      page_size = 50,
      first_page_uri = "/v2/accounts/sandbox1/trunk-maps?offset=0&page_size=50&exophone=%2B919876543210&trunk_sid=<sid>",
    },
  },
}

-- The value with "<sid>" replaced by the trunk's in every string in it.
local function fill(value, sid)
  if type(value) == "string" then return (value:gsub("<sid>", sid)) end
  if type(value) ~= "table" then return value end
  local copy = {}
  for key, item in pairs(value) do copy[key] = fill(item, sid) end
  return copy
end

-- Takes the dates out of an answer, and checks them.
local function without_dates(data)
  if data[1] then
    local list = {}
    for i, item in ipairs(data) do list[i] = without_dates(item) end
    return list
  end
  local rest = {}
  for name, value in pairs(data) do
    if name:find("^date_") then assert.truthy(value:find("^%d%d%d%d%-%d%d%-%d%dT%d%d:%d%d:%d%dZ$"), value)
    else rest[name] = value end
  end
  assert.is_string(data.date_created)
  assert.is_string(data.date_updated)
  return rest
end

local function header_names(request)
  local names = {}
  for name in pairs(request.headers) do names[#names + 1] = name end
  table.sort(names)
  return table.concat(names, " ")
end

describe("the table of operations", function()
  it("has the 25 of the API, all of them tested here, and each a method of a client", function()
    local known, tested = {}, {}
    for i, operation in ipairs(require("exotel.core").operations) do known[i] = operation.name end
    for i, row in ipairs(rows) do tested[i] = row.name end
    assert.equal(25, #known)
    assert.same(tested, known)
    local w = world.new()
    for _, name in ipairs(known) do assert.is_function(w.client[name]) end
    w:close()
  end)
end)

for _, row in ipairs(rows) do
  describe(row.name, function()
    local w, sid, arguments

    before_each(function()
      w = world.new({ seed = 1 })
      sid = furnish(w)
      arguments = fill(row.arguments, sid)
    end)
    after_each(function() w:close() end)

    local function call(options) return w.client[row.name](w.client, arguments, options) end

    it("sends one request: method, path, query, headers and body", function()
      local given = fill(row.arguments, sid)
      assert(call())
      assert.same(given, arguments)
      local request = w:request()
      local method, path = row.request:match("^(%u+) (.*)$")
      assert.equal(method, request.method)
      assert.equal(fill("/v2/accounts/sandbox1/" .. path, sid), request.target)
      assert.equal("Basic c2FuZGJveF9rZXk6c2FuZGJveF90b2tlbg==", request.headers.authorization)
      assert.equal("application/json", request.headers.accept)
      assert.equal("exotel-lua/" .. exotel.version, request.headers["user-agent"])
      assert.equal("127.0.0.1:" .. w.sb.port, request.headers.host)
      if row.body then
        assert.equal("accept authorization content-length content-type host user-agent", header_names(request))
        assert.equal("application/json", request.headers["content-type"])
        assert.same(row.body, world.decode(request.body))
      else
        assert.equal("accept authorization host user-agent", header_names(request))
        assert.equal("", request.body)
      end
    end)

    it("returns the data, and info about the answer", function()
      local data, info = call()
      local answer_sid = row.new_trunk and data.trunk_sid or sid
      if row.new_trunk then assert.not_equal(sid, data.trunk_sid) end
      assert.same(fill(row.answer, answer_sid), without_dates(data))
      assert.truthy(info.request_id:find("^%x+$"))
      assert.equal(32, #info.request_id)
      assert.equal(200, info.http_status)
      assert.equal(200, info.code)
      assert.equal(1, info.attempts)
      assert.is_true(info.elapsed >= 0)
      assert.same({}, info.warnings)
      assert.same(fill(row.metadata, sid), info.metadata)
      assert.is_nil(info.next)
    end)

    it("sends nothing when an argument is missing, and names it", function()
      for _, name in ipairs(row.required) do
        local value = arguments[name]
        arguments[name] = nil
        local err = expect.refused(name, call())
        assert.equal(row.name, err.operation)
        assert.equal(name .. " is missing", err.message)
        arguments[name] = value
      end
      assert.same({}, w.sb:requests())
    end)

    it("sends nothing when an argument is of another type, and names it", function()
      for name, value in pairs(fill(row.arguments, sid)) do
        for _, wrong in ipairs { true, 1.5, { x = 1 }, print } do
          arguments[name] = wrong
          local err = expect.refused(name, call())
          assert.truthy(err.message:find("must be"), err.message)
        end
        arguments[name] = value
      end
      assert.same({}, w.sb:requests())
    end)

    it("sends nothing when an argument is unknown, and names it", function()
      arguments.trunk_sdi = "x"
      local err = expect.refused("trunk_sdi", call())
      assert.truthy(err.message:find("^trunk_sdi is an unknown argument %(known: .*trunk"), err.message)
      assert.same({}, w.sb:requests())
    end)

    it("asks for JSON by the path where json_suffix is set", function()
      local client = assert(w.sb:client { json_suffix = true, retries = 0 })
      assert(client[row.name](client, arguments))
      client:close()
      local path = row.request:match("^%u+ (.*)$"):gsub("^[^?]*", "%0.json")
      assert.equal(fill("/v2/accounts/sandbox1/" .. path, sid), w:request().target)
    end)

    it("raises without a table of arguments, or for a bad option of this call", function()
      expect.raises(row.name .. " takes a table", w.client[row.name], w.client)
      expect.raises(row.name .. " takes a table", w.client[row.name], w.client, sid)
      expect.raises("bad option 'tiemout' %(unknown%)", call, { tiemout = 3 })
      expect.raises("bad option 'timeout' %(number expected, got string%)", call, { timeout = "3" })
      expect.raises("bad option 'deadline'", call, { deadline = 0 })
      expect.raises("bad option 'retries'", call, { retries = 1.5 })
      expect.raises("bad option 'retries'", call, { retries = -1 })
      assert.same({}, w.sb:requests())
    end)

    it("takes timeout, deadline and retries for this call", function()
      assert(call { timeout = 20, deadline = 30, retries = 0 })
    end)
  end)
end
