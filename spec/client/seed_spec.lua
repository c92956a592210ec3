-- The vendor's reference: every answer in it read byte for byte, every curl command in it sent as it stands there.
local expect = require "spec.support.expect"
local seed = require "spec.support.seed"
local world = require "spec.support.world"

local SID = "trmum1f708622631150902801a1n"
local E164 = "+919876543210"

local function trunk_data(sid, name, created)
  local base = "/v2/accounts/ameyo5m/trunks/" .. sid
  return {
    trunk_name = name, date_created = created, date_updated = created, trunk_sid = sid, status = "active",
    domain_name = "ameyo5m.pstn.exotel.com", auth_type = "IP-WHITELIST", registration_enabled = "disabled",
    edge_preference = "auto", nso_code = "ANY-ANY", secure_trunking = "disabled",
    destination_uris = base .. "/destination-uris", whitelisted_ips = base .. "/whitelisted-ips",
    credentials = base .. "/credentials", phone_numbers = base .. "/phone-numbers",
  }
end

local function page_metadata(last)
  return { page_size = 50, first_page_uri = "/v2/accounts/ameyo5m/trunks/" .. SID .. "/" .. last .. "?offset=0&page_size=50" }
end

local DESTINATION = {
  id = "2543", destination = "sip:44.248.146.11:5061;transport=tls", date_created = "2026-01-23T13:38:32Z",
  date_updated = "2026-01-23T13:38:32Z", type = "public", priority = 0, weight = 1, trunk_sid = SID,
}

-- In the order of the text. `integers` are the fields that must be integers in a Lua that has them.
local answers = {
  {
    operation = "create_trunk", arguments = { trunk_name = "outbound_trunk" },
    request_id = "10a67da360d446378d5c2b66407b7f18",
    data = trunk_data(SID, "outbound_trunk", "2026-01-23T09:24:59Z"),
  },
  {
    operation = "map_phone_number", arguments = { trunk_sid = SID, phone_number = E164 },
    request_id = "13ab9319cf574486ba299c364f82cade",
    data = {
      id = "41512", phone_number = E164, trunk_sid = SID, date_created = "2026-01-23T10:26:54Z",
      date_updated = "2026-01-23T10:26:54Z", mode = "pstn",
    },
    warnings = { "the answer was not JSON: 1 bare word read as a string" },
  },
  {
    operation = "whitelist_ip", arguments = { trunk_sid = SID, ip = "44.248.146.11", mask = 32 },
    request_id = "3daaed4cd05d443f854e07e60dd4c008",
    data = {
      id = "1153", mask = 32, trunk_sid = SID, ip = "44.248.146.11", date_created = "2026-01-23T11:37:36Z",
      date_updated = "2026-01-23T11:37:36Z",
    },
  },
  {
    operation = "add_destinations",
    arguments = { trunk_sid = SID, destinations = { { destination = "44.248.146.11:5061;transport=tls" } } },
    request_id = "63999f0a98a24a0aa58ab5b74aec9f0a",
    data = { DESTINATION }, metadata = { total = 1, success = 1, failed = 0 },
  },
  {
    operation = "list_phone_numbers", arguments = { trunk_sid = SID },
    request_id = "785471d288054cbf8c677b75e0b5f2f8",
    data = {
      {
        id = "41523", phone_number = "+918040264208", trunk_sid = SID, date_created = "2026-01-23T13:28:11Z",
        date_updated = "2026-01-23T13:41:59Z", mode = "flow",
      },
    },
    metadata = page_metadata "phone-numbers",
  },
  {
    operation = "list_whitelisted_ips", arguments = { trunk_sid = SID },
    request_id = "91dc982ca79846479c6f9678c788cfc1",
    data = {
      {
        id = "1154", mask = 32, trunk_sid = SID, ip = "44.248.146.11", date_created = "2026-01-23T13:30:04Z",
        date_updated = "2026-01-23T13:30:04Z",
      },
    },
    metadata = page_metadata "whitelisted-ips",
  },
  {
    operation = "list_destinations", arguments = { trunk_sid = SID },
    request_id = "bfc1544ab0ab4df3ae49173ccc744331",
    data = {
      {
        id = "2544", destination = "sip:sip.company.com:5061;transport=tls", date_created = "2026-01-23T13:39:06Z",
        date_updated = "2026-01-23T13:39:06Z", type = "public", priority = 0, weight = 1, trunk_sid = SID,
      },
      DESTINATION,
    },
    metadata = page_metadata "destination-uris",
  },
  {
    operation = "set_settings",
    arguments = { trunk_sid = SID, settings = { { name = "trunk_external_alias", value = E164 } } },
    request_id = "8ce98845365f43fd97c2f46df38438c6",
    data = {
      {
        name = "trunk_external_alias", value = E164, trunk_sid = SID, date_created = "2026-01-23T13:34:50Z",
        date_updated = "2026-01-23T13:34:50Z",
      },
    },
    metadata = { total = 1, success = 1 },
  },
  {
    operation = "delete_trunk", arguments = { trunk_sid = "trmum15f77c83605998cdb9d1a1n" },
    request_id = "f708818c79f547b3aee31c4a480367a5",
    data = trunk_data("trmum15f77c83605998cdb9d1a1n", "my_trunk1234", "2026-01-23T13:25:39Z"),
  },
  {
    operation = "update_phone_number", arguments = { trunk_sid = SID, id = "41523", phone_number = "+918040264208", mode = "flow" },
    request_id = "c719cd56eb5943e789e1bdbd4ce1515a",
    data = {
      id = "41523", phone_number = "+918040264208", trunk_sid = SID, date_created = "2026-01-23T13:28:11Z",
      date_updated = "2026-01-23T13:41:59Z", mode = "flow",
    },
  },
}

-- In the order of the text: the calls that must send the same as the curl commands.
local examples = {
  { "create_trunk", { trunk_name = "outbound_trunk" } },
  { "map_phone_number", { trunk_sid = SID, phone_number = E164 } },
  { "map_phone_number", { trunk_sid = SID, phone_number = E164, mode = "flow" } },
  { "whitelist_ip", { trunk_sid = SID, ip = "44.248.146.11", mask = 32 } },
  { "add_destinations", { trunk_sid = SID, destinations = { { destination = "sip.yourcompany.com:5061;transport=tls" } } } },
  { "add_destinations", { trunk_sid = SID, destinations = { { destination = "44.248.146.11:5061;transport=tls" } } } },
  { "list_phone_numbers", { trunk_sid = SID } },
  { "list_whitelisted_ips", { trunk_sid = SID } },
  { "list_destinations", { trunk_sid = SID } },
  { "set_settings", { trunk_sid = SID, settings = { { name = "trunk_external_alias", value = E164 } } } },
  { "delete_trunk", { trunk_sid = SID } },
  { "update_phone_number", { trunk_sid = SID, id = "41523", phone_number = "+918040264208", mode = "flow" } },
  { "update_phone_number", { trunk_sid = SID, id = "41523", phone_number = "+918040264208", mode = "pstn" } },
}

-- Every number in the reference is an integer.
local function check_integers(value)
  if type(value) == "table" then
    for _, item in pairs(value) do check_integers(item) end
  elseif type(value) == "number" and math.type then
    assert.equal("integer", math.type(value))
  end
end

describe("the reference", function()
  local w

  before_each(function() w = world.new { account_sid = "ameyo5m" } end)
  after_each(function() w:close() end)

  it("has the answers and the curl commands that are tested here", function()
    assert.equal(#answers, #seed.answers())
    assert.equal(#examples, #seed.examples())
  end)

  for i, row in ipairs(answers) do
    it(("answer %d, to %s, is read whole"):format(i, row.operation), function()
      w:answer(row.operation, seed.answers()[i])
      local data, info = w.client[row.operation](w.client, row.arguments)
      assert.same(row.data, data)
      assert.equal(row.request_id, info.request_id)
      assert.equal(200, info.http_status)
      assert.equal(200, info.code)
      assert.equal(1, info.attempts)
      assert.is_true(info.elapsed >= 0)
      assert.same(row.warnings or {}, info.warnings)
      assert.same(row.metadata, info.metadata)
      assert.is_nil(info.next)
      check_integers(data)
      check_integers(info.metadata)
      assert.equal(1, #w.sb:requests())
    end)

    -- A truncated answer must not look like a success. The seed's answers end with their brace, so that each shorter
    -- text is incomplete.
    it(("answer %d, cut anywhere, is never a success"):format(i), function()
      local answer = seed.answers()[i]
      for length = 0, #answer - 1, 7 do
        w:answer(row.operation, answer:sub(1, length))
        local err = expect.failure("protocol", w.client[row.operation](w.client, row.arguments))
        assert.equal(answer:sub(1, length), err.body)
      end
    end)
  end

  for i, row in ipairs(examples) do
    it(("curl command %d, %s, goes over the wire as it stands there"):format(i, row[1]), function()
      local example = seed.examples()[i]
      w.client[row[1]](w.client, row[2])
      local request = w:request()
      assert.equal(example.method, request.method)
      assert.equal(seed.target(example.url, "ameyo5m", SID), request.target)
      assert.equal("Basic c2FuZGJveF9rZXk6c2FuZGJveF90b2tlbg==", request.headers.authorization)
      assert.equal(example.headers["content-type"], request.headers["content-type"])
      if example.body then
        assert.same(world.decode((example.body:gsub("<your_sid>", "ameyo5m"))), world.decode(request.body))
      else
        assert.equal("", request.body)
      end
    end)
  end
end)
