-- What exotel conformance says of each fact: that it holds where it holds, and differs where it differs, whatever the
-- service is like; and that nothing of the account is in its report.
local conformance = require "spec.support.conformance"
local facts = require "exotel.cli.conformance.facts"
local json = require "exotel.json"
local report = require "exotel.cli.conformance.report"

local NUMBER, of = conformance.NUMBER, conformance.of

local w

before_each(function() w = conformance.new() end)
after_each(function() w:close() end)

-- Those that no run tries, or only one with luck.
local UNTRIED = {
  empty_trunk_name = "a trunk without the name conf_... could not be told from others",
  retry_after = "the rate limit was not reached, and is not tried",
  connections_50 = "it would take a load that no account should get", error_1003 = "it would take a trunk of somebody else's",
}

-- Of two that contradict each other one differs.
local CONTRADICTED = {
  unknown_trunk_403 = "HTTP 404, code 404, error 1000 (Not Found)",
  deleted_trunk_403 = "HTTP 404, code 404, error 1000 (Not Found)", bare_mode = "the word in quotes",
}

local function with(texts, more, without)
  local all = {}
  for _, list in ipairs { texts, more } do
    for id, text in pairs(list) do all[id] = text end
  end
  for _, id in ipairs(without or {}) do all[id] = nil end
  return all
end

local function same_trunks_as_before()
  assert.equal("other", w:trunks())
  assert.same({ w.other }, w.sb:state().trunks)
end

describe("of a service as documented conformance", function()
  it("says that each fact holds, and leaves the account as it was", function()
    local found = w:run(nil, { number = NUMBER })
    assert.same(UNTRIED, of(found, "not tried"))
    assert.same(CONTRADICTED, of(found, "differs"))
    assert.equal(#facts, #found.results)
    assert.is_nil(found.ended)
    assert.same({}, found.left)
    same_trunks_as_before()
    assert.is_true(found.requests <= 60, found.requests)
    assert.equal(found.requests, #w.sb:requests())
    assert.same({}, w.journal[#w.journal])
  end)

  it("has each fact once, with what it takes", function()
    local ids = {}
    for _, fact in ipairs(facts) do
      assert.is_nil(ids[fact.id])
      ids[fact.id] = true
      assert.truthy(("SVL-"):find(fact.from, 1, true))
      for _, name in ipairs { "says", "probe", "expected" } do assert.is_string(fact[name], fact.id .. "." .. name) end
      assert.is_function(fact.judge)
    end
  end)

  it("touches no number unless one is given, and writes to no other trunk", function()
    local found = w:run()
    for _, id in ipairs { "bare_mode", "duplicate_number", "find_trunk_map", "remove_setting", "unmap_phone_number", "unmapped_number_again" } do
      assert.equal("no spare number was given (--number)", of(found, "not tried")[id])
    end
    for _, request in ipairs(w.sb:requests()) do
      assert.is_nil((request.target .. request.body):find("other_sid", 1, true))
      assert.truthy(request.operation ~= "map_phone_number" and request.operation ~= "find_trunk_map", request.operation)
    end
  end)

  it("says where a mapped number's mode comes without quotes, as in the vendor's example", function()
    w:close()
    w = conformance.new { bare_mode = true }
    local found = w:run(nil, { number = NUMBER })
    assert.same({ "holds", "the word without quotes" }, { found.by.bare_mode.verdict, found.by.bare_mode.seen })
    for _, id in ipairs { "find_trunk_map", "remove_setting", "unmap_phone_number", "unmapped_number_again" } do
      assert.equal("holds", found.by[id].verdict, id)
    end
    same_trunks_as_before()
  end)
end)

-- By name of the ways: how the sandbox behaves, what differs then besides CONTRADICTED, what doesn't of it, and what is
-- not tried then besides UNTRIED.
local DONE, ITEM_DONE = "HTTP 200, code 200", "HTTP 200, a list of 2"
local GONE_403 = "HTTP 403, code 403, error 1003 (Authorization failed)"
local REFUSED = "HTTP 400, code 400, error 1002 (Invalid parameter)"
local BATCH_REFUSED = "HTTP 207, 1: code 400, error 1002 (Invalid parameter); 2: code 400, error 1002 (Invalid parameter)"
local MISSING = "HTTP 404, code 404, error 1000 (Not Found)"
local USED_UP = "the 60 requests of a run are used up"
local HTTP_409 = "HTTP 409, code 409, error 1008 (Duplicate resource)"

local OTHERWISE = {
  ["duplicates are HTTP 409"] = {
    { duplicates = "409" },
    { duplicate_trunk = HTTP_409, duplicate_ip = HTTP_409, duplicate_credential = HTTP_409, duplicate_number = HTTP_409 },
  },
  ["there are no duplicates"] = {
    { duplicates = "made" },
    { duplicate_trunk = DONE, duplicate_ip = DONE, duplicate_credential = DONE, duplicate_number = DONE },
  },
  ["trunks that are gone are 403"] = {
    { unknown_trunk = 403 }, { unknown_trunk_404 = GONE_403, deleted_trunk_404 = GONE_403 }, { "unknown_trunk_403", "deleted_trunk_403" },
  },
  ["ids are numbers"] = { { ids = "numbers" }, { ids_are_strings = "numbers" } },
  ["a field is ignored"] = { { ignored_fields = { "trunk_name" } }, { update_trunk = "accepted, but a read does not show it" } },
  ["values are not checked"] = {
    { unchecked_fields = { "nso_code", "mask", "friendly_name", "password", "weight", "ip" } },
    { nso_code = DONE, mask_15 = DONE, friendly_name_hyphen = DONE, friendly_name_33 = DONE, password_hyphen = DONE, weight_65536 = DONE,
      error_1002 = DONE },
  },
  ["single addresses only are taken"] = {
    { refused_values = { mask = "^16$" } }, { mask_16 = REFUSED }, nil, { mask_15 = "a mask of 16 is refused, too: " .. REFUSED },
  },
  ["udp is not taken, nor no transport"] = {
    { refused_values = { destination = "udp$" } },
    { transport_udp = "HTTP 207, 1: code 400, error 1002 (Invalid parameter); 2: code 200" }, nil,
    { offset_counts_entries = "there are less than four destinations to be listed" },
  },
  ["a destination needs a transport"] = {
    { refused_values = { destination = ":5063$" } },
    { transport_none = "HTTP 207, 1: code 200; 2: code 400, error 1002 (Invalid parameter)" }, nil,
    { offset_counts_entries = "there are less than four destinations to be listed" },
  },
  ["no FQDN is taken"] = {
    { refused_values = { destination = "example" } },
    { destination_fqdn = BATCH_REFUSED, transport_udp = BATCH_REFUSED, transport_none = BATCH_REFUSED }, nil,
    { destination_ip = "the other destination was refused, too", destination_again = "there is no destination: " .. BATCH_REFUSED,
      update_destination = "there is no destination: " .. BATCH_REFUSED, weight_65536 = "there is no destination: " .. BATCH_REFUSED,
      remove_destination = "there is no destination: " .. BATCH_REFUSED, offset_counts_entries = "there is no destination: " .. BATCH_REFUSED,
      removed_destination_again = "there is no destination: " .. BATCH_REFUSED },
  },
  ["an IP need not be whitelisted"] = {
    { whitelist_first = false }, { destination_ip = ITEM_DONE }, nil,
    { batch_in_part = "nothing in it failed", batch_whole = "nothing in it failed", batch_item_null = "no destination failed as an item" },
  },
  ["a batch that failed is HTTP 200"] = {
    { partial_status = 200 },
    { batch_in_part = "HTTP 200, 1: code 200; 2: code 400, error 1002 (Invalid parameter)",
      batch_whole = "HTTP 200, 1: code 400, error 1002 (Invalid parameter)" },
  },
  ["equal destinations are one"] = {
    { repeated_destinations = "merged" }, { destination_again = "accepted, and a list with 1" }, nil,
    { offset_counts_entries = "there are less than four destinations to be listed" },
  },
  ["equal destinations are refused"] = {
    { repeated_destinations = "refused" }, { destination_again = "HTTP 207, 1: code 409, error 1008 (Duplicate resource)" }, nil,
    { offset_counts_entries = "there are less than four destinations to be listed" },
  },
  ["any content type is taken"] = { { any_content_type = true }, { error_1011 = DONE } },
  ["what is gone can be removed"] = {
    { repeated_removal = 200 },
    { removed_ip_again = DONE, removed_destination_again = DONE, unmapped_number_again = DONE, deleted_trunk_again = DONE }, nil,
    { delete_credential = USED_UP, deleted_credential_again = USED_UP },
  },
}

-- The operations that are in the vendor's samples only. By name: the fact that differs, and what can't be tried then.
local WITHOUT = {
  get_trunk = { "get_trunk", { "unknown_trunk_404", "unknown_trunk_403", "deleted_trunk_404", "deleted_trunk_403", "update_trunk" } },
  update_trunk = { "update_trunk", {} },
  unmap_phone_number = { "unmap_phone_number", { "unmapped_number_again" } },
  update_whitelisted_ip = { "update_whitelisted_ip", { "error_1000" } },
  remove_whitelisted_ip = { "remove_whitelisted_ip", { "removed_ip_again", "error_1000" } },
  update_destination = { "update_destination", { "weight_65536" } },
  remove_destination = { "remove_destination", { "removed_destination_again" } },
  list_settings = { "list_settings", { "remove_setting" } },
  remove_setting = { "remove_setting", {} },
  create_credential = { "create_credential", {
    "duplicate_credential", "friendly_name_hyphen", "friendly_name_33", "password_hyphen", "list_credentials", "update_credential",
    "list_credentials_filter", "delete_credential", "deleted_credential_again" } },
  update_credential = { "update_credential", {} },
  delete_credential = { "delete_credential", { "deleted_credential_again" } },
}

describe("of a service that is otherwise conformance says so, and of nothing else:", function()
  for name, way in pairs(OTHERWISE) do
    it(name, function()
      local found = w:run(way[1], { number = NUMBER })
      assert.same(with(UNTRIED, way[4] or {}), of(found, "not tried"))
      assert.same(with(CONTRADICTED, way[2], way[3]), of(found, "differs"))
      assert.is_true(found.requests <= 60, found.requests)
      same_trunks_as_before()
    end)
  end

  it("an operation is missing", function()
    for operation, row in pairs(WITHOUT) do
      local found = w:run({ missing_operations = { operation } }, { number = NUMBER })
      local differs, not_tried = of(found, "differs"), of(found, "not tried")
      for _, id in ipairs(row[2]) do
        assert.is_string(not_tried[id], operation .. ": " .. id)
        not_tried[id], differs[id] = nil, differs[id]
      end
      assert.same(UNTRIED, not_tried, operation)
      assert.equal(MISSING, differs[row[1]], operation)
      local expected = {}
      for id, text in pairs(CONTRADICTED) do expected[id] = found.by[id].verdict ~= "not tried" and text or nil end
      expected[row[1]] = MISSING
      assert.same(expected, differs, operation)
      same_trunks_as_before()
    end
  end)

  it("the list of credentials is missing", function()
    local found = w:run({ missing_operations = { "list_credentials" } }, { number = NUMBER })
    assert.same(with(CONTRADICTED, { list_credentials = MISSING, list_credentials_filter = MISSING }),
      of(found, "differs"))
    assert.equal("it is not in the list: " .. MISSING, of(found, "not tried").update_credential)
  end)

  for shape, seen in pairs { RestException = "RestException", flat = "flat error", details = "error and details" } do
    it("refusals have the shape " .. shape, function()
      local found = w:run({ errors = shape }, { number = NUMBER })
      local differs = of(found, "differs")
      assert.truthy(differs.refusals_in_envelope:find("^%d+ of %d+: " .. seen .. "$"), differs.refusals_in_envelope)
      if shape == "details" then
        assert.equal("HTTP 400, error and details (Invalid parameter)", differs.mask_15)
      else
        assert.equal("holds", found.by.mask_15.verdict)
        assert.equal("HTTP 400, " .. seen .. ", error 1002 (" .. (shape == "flat" and "Mask should be from 16 to 32" or "Invalid parameter") .. ")",
          found.by.mask_15.seen)
      end
      assert.truthy(differs.duplicate_ip:find("^HTTP 409, " .. seen))
      same_trunks_as_before()
    end)
  end
end)

-- Runs with faults: each is one of sandbox:fault.
local function run_with(list, options)
  for _, fault in ipairs(list) do w.sb:fault(fault) end
  return w:run(nil, options)
end

describe("of answers that conformance gets one by one it says", function()
  local function envelope(code, error_data, data)
    return ('{"request_id":"r","method":"POST","http_code":200,"response":{"code":%d,"status":"%s","error_data":%s,"data":%s}}')
      :format(code, code == 200 and "success" or "failure", error_data, data)
  end

  it("what the headers are", function()
    w:close()
    w = conformance.new { rate_limit = false }
    local found = w:run()
    assert.equal("no X-RateLimit-limit, -remaining, -reset", of(found, "differs").rate_limit_headers)
    assert.equal("no X-RateLimit-Limit", of(found, "not tried").rate_limit_200)
    w.sb:fault { on = "list_trunks", headers = { ["X-RateLimit-Limit"] = "100", ["X-RateLimit-Remaining"] = "99", ["X-RateLimit-Reset"] = "30" } }
    found = w:run()
    assert.equal("-Reset is no time in epoch seconds", of(found, "differs").rate_limit_headers)
    assert.equal("X-RateLimit-Limit: 100", of(found, "differs").rate_limit_200)
  end)

  it("how a page is cut, and a list filtered", function()
    local other = '{"code":200,"status":"success","error_data":null,"data":{"trunk_sid":"%s"}}'
    local two = ('{"http_code":200,"metadata":{"page_size":50},"response":[%s,%s]}'):format(other:format("a"), other:format("b"))
    local found = run_with { { on = "list_trunks", body = two } }
    assert.equal("more items than were asked for", of(found, "differs").page_size)
    found = run_with { { on = "list_trunks", skip = 3, body = two } }
    assert.equal("a list of 2", of(found, "differs").list_trunks_filter)
    found = run_with { { on = "list_trunks", body = two:gsub(",{.*", "]}") } }
    assert.equal("metadata.page_size 50", of(found, "differs").page_size)
    w.sb:put { trunk_name = "x", trunk_sid = "other_sid" }
  end)

  it("that a filter can't be told where there is nothing to be filtered", function()
    w.client:delete_trunk { trunk_sid = "other_sid" }
    assert.equal("the account has no other trunk to be left out", of(w:run(), "not tried").list_trunks_filter)
  end)

  it("whether keys are refused", function()
    local found = w:run(nil, { other_clients = { wrong_token = w.client, other_region = w.client } })
    assert.same({ "HTTP 200, a list of 1", "HTTP 200, a list of 1" }, { of(found, "differs").wrong_token, of(found, "differs").wrong_region })
    found = w:run(nil, { other_clients = {} })
    assert.equal("the account's address is that of no region", of(found, "not tried").wrong_region)
    assert.equal("there is no client with a wrong token", of(found, "not tried").wrong_token)
    found = run_with { { on = "list_trunks", skip = 1, status = 503 }, { on = "list_trunks", skip = 1, drop = true } }
    assert.equal("the service answered HTTP 503, code 503, error 503 (Service unavailable)", of(found, "not tried").wrong_token)
    assert.equal("the service answered no answer (network)", of(found, "not tried").wrong_region)
    assert.is_nil(found.ended)
  end)

  it("that a duplicate has data", function()
    local found = run_with { { on = "whitelist_ip", skip = 1, body = envelope(409, '{"code":1008,"message":"x"}', '{"id":"1"}') } }
    assert.equal("HTTP 200, code 409, error 1008, with data", of(found, "differs").duplicate_ip)
  end)

  it("that what is accepted is not there, or otherwise", function()
    local found = run_with {
      { on = "whitelist_ip", skip = 2, body = envelope(200, "null", '{"id":"9","mask":32}') },
      { on = "update_whitelisted_ip", body = envelope(200, "null", '{"id":"9"}') },
      { on = "remove_whitelisted_ip", times = 2, body = envelope(200, "null", "null") },
      { on = "update_destination", body = envelope(200, "null", "null") },
      { on = "update_credential", body = envelope(200, "null", "null") },
      { on = "delete_credential", times = 2, body = envelope(200, "null", "null") },
    }
    assert.same(with(CONTRADICTED, {
      mask_16 = "done, with mask 32", update_whitelisted_ip = "accepted, but a read does not show it",
      remove_whitelisted_ip = "accepted, but it is still there", removed_ip_again = DONE, error_1000 = DONE,
      update_destination = "accepted, but a read does not show it", update_credential = "accepted, but a read does not show it",
      delete_credential = "accepted, but it is still there", deleted_credential_again = DONE,
    }, { "bare_mode" }), of(found, "differs"))
  end)

  it("what the reference and the samples say of a first answer", function()
    local found = run_with { { on = "list_trunks", body = envelope(200, "null", '{"trunk_sid":"x"}') } }
    assert.equal(DONE, of(found, "differs").list_trunks)
    found = run_with { { on = "whitelist_ip", status = 404 }, { after = "create_trunk", body = envelope(200, "null", '{"domain_name":"acme"}') } }
    assert.equal(MISSING, of(found, "differs").whitelist)
    assert.equal("a trunk with another domain_name", of(found, "differs").domain_name)
    found = run_with { { on = "whitelist_ip", skip = 7, body = envelope(200, "null", "null") } }
    assert.equal(DONE, of(found, "differs").error_1007_type)
    same_trunks_as_before()
  end)

  it("that ids are both", function()
    assert.equal("strings and numbers", of(run_with { { on = "create_credential", body = envelope(200, "null", '{"id": 9}') } },
      "differs").ids_are_strings)
  end)

  it("that a transport is another one, and that a failed item has data", function()
    local item = '{"code":%d,"status":"%s","error_data":%s,"data":%s}'
    local function batch(...) return '{"http_code":207,"response":[' .. table.concat({ ... }, ",") .. "]}" end
    local found = run_with {
      { after = "add_destinations", status = 207, body = batch(item:format(200, "success", "null", '{"id":"77","destination":"sip:a"}'),
        item:format(400, "failure", '{"code":1002,"message":"x"}', '{"id":"78"}')) },
      { on = "add_destinations", skip = 1, body = batch(item:format(200, "success", "null", '{"id":"1","destination":"sip:a;transport=tls"}'),
        item:format(200, "success", "null", '{"id":"2","destination":"sip:a"}')) },
    }
    assert.equal("data of its own", of(found, "differs").batch_item_null)
    w.sb:fault { after = "add_destinations", status = 207, body = batch(item:format(200, "success", "null", '{"id":"77","destination":"sip:a"}'),
      item:format(400, "failure", '{"code":1000,"message":"x"}', "null")) }
    assert.equal("HTTP 207, 1: code 200; 2: code 400, error 1000 (x)", of(w:run(), "differs").destination_ip)
    assert.equal("accepted, with another transport", of(found, "differs").transport_udp)
  end)

  it("how offsets count", function()
    local function page(...)
      local items = {}
      for i, id in ipairs { ... } do
        items[i] = ('{"code":200,"status":"success","error_data":null,"data":{"id":"%d"}}'):format(id)
      end
      return '{"http_code":200,"metadata":{"page_size":2},"response":[' .. table.concat(items, ",") .. "]}"
    end
    -- The list of all comes twice, since it doesn't show what was added.
    local all = { on = "list_destinations", times = 2, body = page(1, 2, 3, 4) }
    assert.equal("pages", of(run_with { all, { on = "list_destinations", body = page(3, 4) } }, "differs").offset_counts_entries)
    assert.equal("neither entries nor pages",
      of(run_with { all, { on = "list_destinations", body = page(1, 2) } }, "differs").offset_counts_entries)
  end)

  it("that credentials are not in their list, or are not filtered", function()
    local none = '{"http_code":200,"metadata":{"page_size":50},"response":[]}'
    local found = run_with { { on = "list_credentials", times = true, body = none } }
    assert.equal("a list without it", of(found, "differs").list_credentials)
    assert.equal("a list of 0", of(found, "differs").list_credentials_filter)
    w.sb:clear_faults()
    local item = '{"code":200,"status":"success","error_data":null,"data":{"id":"%s"}}'
    found = w:run(nil, { progress = conformance.before("list_credentials_filter", function()
      local id = w.sb:state().trunks[2].credentials[1].id
      w.sb:fault { on = "list_credentials", body = ('{"http_code":200,"response":[%s,%s]}'):format(item:format(id), item:format("1")) }
    end) })
    assert.equal("a list of 2", of(found, "differs").list_credentials_filter)
  end)

  it("how the trunk of a number is answered", function()
    local one = '{"http_code":200,"response":{"code":200,"status":"success","error_data":null,"data":{"trunk_sid":"elsewhere"}}}'
    local found = run_with({ { on = "find_trunk_map", skip = 1, body = one } }, { number = NUMBER })
    assert.equal("an answer without the trunk", of(found, "differs").find_trunk_map)
    found = w:run(nil, { number = NUMBER, progress = conformance.before("find_trunk_map", function()
      w.sb:fault { on = "find_trunk_map", body = one:gsub("elsewhere", w.sb:state().trunks[2].trunk_sid) }
    end) })
    assert.equal("one object with the trunk", of(found, "differs").find_trunk_map)
  end)

  it("whether a credential that is gone can be deleted", function()
    local found = w:run { repeated_removal = 200 }
    assert.equal(DONE, of(found, "differs").deleted_credential_again)
    assert.equal("holds", found.by.delete_credential.verdict)
  end)

  it("nothing of what a fault of the service answers", function()
    for _, fault in ipairs { { status = 500 }, { status = 503, body = "<html>" }, { drop = true }, { status = 402 } } do
      local all = { on = "whitelist_ip", skip = 2 }
      for key, value in pairs(fault) do all[key] = value end
      local found = run_with { all }
      assert.truthy(of(found, "not tried").mask_16:find("^the service answered "), of(found, "not tried").mask_16)
      assert.is_nil(of(found, "differs").mask_16)
      assert.is_nil(found.ended)
    end
  end)

  it("what a success in an HTTP failure is", function()
    local found = run_with { { on = "whitelist_ip", skip = 2, status = 400, body = envelope(200, "null", '{"mask":16}') } }
    assert.equal("HTTP 400, code 200", of(found, "differs").mask_16)
  end)

  it("what bodies of no form are", function()
    local found = run_with {
      { on = "whitelist_ip", skip = 2, status = 400, body = "<html>no</html>" }, { on = "whitelist_ip", skip = 2, status = 400, body = "" },
      { on = "whitelist_ip", skip = 2, status = 400, body = '{"response":{"error":{"code":7,"message":"Bad"}}}' },
      { on = "whitelist_ip", skip = 2, status = 400, body = "[1]" },
    }
    local differs = of(found, "differs")
    assert.same({ "HTTP 400, no JSON", "HTTP 400, empty", "HTTP 400, response.error, error 7 (Bad)", "HTTP 400, other JSON" },
      { differs.mask_16, differs.error_1001, differs.error_1002, differs.error_1007 })
    assert.equal("a mask of 16 is refused, too: HTTP 400, no JSON", of(found, "not tried").mask_15)
  end)
end)

describe("where reads are behind conformance", function()
  it("says by how much, and waits for what it reads back", function()
    w:close()
    w = conformance.new { lag = 2 }
    w.sb:advance(10)
    local found = w:run()
    assert.same(with(CONTRADICTED, { read_at_once = "after 3 s" }, { "bare_mode" }), of(found, "differs"))
    same_trunks_as_before()
    assert.is_true(found.requests <= 60)
  end)

  it("tries nothing that needs a read where they are too far behind", function()
    w:close()
    w = conformance.new { lag = 20 }
    w.sb:advance(30)
    local found = w:run()
    assert.same({ read_at_once = "not within 7 s" }, of(found, "differs"))
    local reason = "reads are behind by more than 7 s"
    for _, id in ipairs { "update_whitelisted_ip", "list_credentials", "get_trunk", "destination_again", "deleted_trunk_404", "list_trunks_filter" } do
      assert.equal(reason, of(found, "not tried")[id]:sub(-#reason), id)
    end
    assert.equal("holds", found.by.remove_whitelisted_ip.verdict)
    w.sb:advance(30)
    assert.equal("other", w:trunks())
  end)
end)

describe("the report", function()
  local HOSTILE = "acct sandbox1 SANDBOX1 key sandbox_key token sandbox_token number +919876543210 919876543210 98765 43210 9876 543 210 "
    .. "trunk other_sid host api.exotel.com mail a@b.example ip 44.248.146.11 id 0123456789abcdef https://x.y/z?k=v \\u0073andbox1 sand%62ox1"
  local HIDDEN = {
    "sandbox1", "sandbox_key", "sandbox_token", "9876", "43210", "543", "other_sid", "exotel.com", "b.example", "44.248", "abcdef", "x.y",
    "andbox1", "sand%62", "conf_", "trmum",
  }

  local function text_of(found) return json.encode(report.report(found, "mumbai")) end

  local function shows_nothing(text)
    -- What the vendor's documents and the facts themselves have.
    text = text:gsub("ACCOUNT_SID.pstn.exotel.com", ""):gsub("a trunk without the name conf_%.%.%.", "")
    for _, secret in ipairs(HIDDEN) do
      assert.is_nil(text:lower():find(secret, 1, true), secret .. " in\n" .. text)
    end
  end

  it("is whole, and has nothing of the account", function()
    w.sb:fault { on = "list_settings", status = 404, times = true }
    w.sb:fault { on = "update_destination", status = 404, body = "<html>sandbox1</html>" }
    local found = w:run({ unknown_trunk = 403, duplicates = "made" }, { number = NUMBER })
    local text = text_of(found)
    shows_nothing(text)
    local read = json.decode(text)
    assert.same({ "exotel conformance", 1, "mumbai", #facts }, { read.report, read.format, read.region, #read.facts })
    assert.equal(#facts, read.holds + read.differs + read.not_tried)
    local by = {}
    for _, fact in ipairs(read.facts) do by[fact.id] = fact end
    assert.same({ "V", "holds", "HTTP 200, a list of 1" }, { by.list_trunks.from, by.list_trunks.verdict, by.list_trunks.seen })
    assert.is_nil(by.list_trunks.answers)
    local html = by.update_destination.answers[#by.update_destination.answers]
    assert.same({ "no JSON", "<21 bytes, no JSON>" }, { html.shape, html.body })
    local answer = by.list_settings.answers[1]
    assert.same({ "list_settings", 404, "envelope" }, { answer.operation, answer.http_status, answer.shape })
    assert.equal('{"request_id":"<text>","method":"GET","http_code":404,"response":{"code":404,"error_data":{"code":1000,'
      .. '"message":"Not Found","description":"Not Found"},"status":"failure","data":null}}', answer.body)
  end)

  it("has nothing of the account where answers echo it, in any form and place", function()
    local bodies = {
      ('{"http_code":400,"response":{"code":400,"status":"failure","error_data":{"code":"%s","message":"%s","description":"%s"},"data":null}}')
        :format(HOSTILE, HOSTILE, HOSTILE),
      ('{"error":"%s","message":"%s","code":"%s"}'):format(HOSTILE, HOSTILE, HOSTILE),
      ('{"error":"%s","details":{"%s":["%s"]}}'):format(HOSTILE, HOSTILE, HOSTILE),
      ('{"RestException":{"Status":400,"Message":"%s","Code":"%s"}}'):format(HOSTILE, HOSTILE),
      ('{"status":"%s","method":"sandbox1","mode":"%s","code":919876543210,"http_code":919876543210,"x":[%s]}'):format(HOSTILE, HOSTILE, HOSTILE),
      ('{"sandbox1":{"other_sid":"%s"},"message":{"sandbox1":1,"919876543210":2}}'):format(HOSTILE), HOSTILE,
      '{"message":"' .. HOSTILE, ('{"message":"%s'):format(("x "):rep(3000) .. HOSTILE),
    }
    for _, body in ipairs(bodies) do
      for _, operation in ipairs { "whitelist_ip", "add_destinations", "create_credential", "get_trunk", "list_whitelisted_ips" } do
        w.sb:fault { on = operation, status = 400, body = body, times = true, headers = { ["X-RateLimit-Limit"] = "sandbox1" } }
      end
      w.sb:fault { on = "list_trunks", headers = { ["X-RateLimit-Limit"] = "sandbox1", ["X-RateLimit-Reset"] = "sandbox1" } }
      local found = w:run(nil, { number = NUMBER, private = { "sandbox1", "sandbox_key", "sandbox_token", NUMBER, NUMBER:sub(2), "other_sid" } })
      shows_nothing(text_of(found))
      shows_nothing(report.lines(found))
      w.sb:clear_faults()
      same_trunks_as_before()
    end
  end)
end)

-- The last: it looks back on all runs before.
describe("each fact", function()
  it("was seen to hold and to differ, but those that no run tries", function()
    local never = { empty_trunk_name = true, connections_50 = true, error_1003 = true }
    never.retry_after = true -- in spec/cli/conformance_run_spec.lua
    for _, fact in ipairs(facts) do
      for _, verdict in ipairs { "holds", "differs" } do
        local is_seen = conformance.seen[fact.id .. " " .. verdict] or false
        assert.equal(not never[fact.id], is_seen, fact.id .. " " .. verdict)
      end
    end
  end)
end)
