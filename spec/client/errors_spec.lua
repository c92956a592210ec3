-- The error object: its kind, from the service's answer, and whether the call may be repeated.
local core = require "exotel.core"
local errors = require "exotel.error"
local expect = require "spec.support.expect"
local world = require "spec.support.world"

local E164 = "+919876543210"

describe("an error", function()
  local w, sid

  before_each(function()
    w = world.new()
    sid = w:trunk()
  end)
  after_each(function() w:close() end)

  local function map() return w.client:map_phone_number { trunk_sid = sid, phone_number = E164 } end
  local function unmap() return w.client:unmap_phone_number { trunk_sid = sid, id = "41512" } end
  local function list() return w.client:list_phone_numbers { trunk_sid = sid } end

  -- HTTP status, error_data.code (or the status), kind; whether a write may have had an effect; whether a read, and whether
  -- a POST, may be repeated.
  local statuses = {
    { 400, 1001, "rejected" }, { 400, 1002, "rejected" }, { 400, 1007, "rejected" }, { 401, 1010, "authentication" },
    { 402, 402, "rejected" }, { 403, 1003, "permission" }, { 404, 1000, "not_found" }, { 405, 405, "rejected" },
    { 409, 1008, "conflict" }, { 415, 1011, "rejected" }, { 422, 422, "rejected" },
    { 429, 429, "rate_limited", false, true, true }, { 500, 500, "server", true, true }, { 501, 501, "server", true },
    { 502, 502, "server", true, true }, { 503, 503, "server", true, true }, { 504, 504, "server", true, true },
    { 599, 599, "server", true },
  }

  it("has one of these kinds", function()
    assert.same({ "config", "invalid_argument", "authentication", "permission", "not_found", "conflict", "rate_limited",
      "rejected", "server", "partial", "network", "timeout", "tls", "protocol", "cancelled" }, core.error_kinds)
  end)

  it("has the service's clock, as a success has, where the service says it", function()
    local _, info = list()
    assert.is_true(math.abs(info.server_time - os.time()) < 60)
    for _, case in ipairs { { "Sun, 06 Nov 1994 08:49:37 GMT", 784111777 }, { "not a date", nil } } do
      w.sb:fault { on = "list_phone_numbers", status = 400, body = "no", headers = { Date = case[1] } }
      assert.equal(case[2], expect.failure("rejected", list()).server_time)
    end
  end)

  for _, row in ipairs(statuses) do
    local status, code, kind, maybe, again, post_again = row[1], row[2], row[3], row[4] or false, row[5] or false, row[6] or false

    it(("is %s for HTTP %d with code %d"):format(kind, status, code), function()
      local body = ('{"request_id":"0b2f","method":"POST","http_code":%d,"response":{"code":%d,"status":"failure","error_data":{"code":%d,"message":"In short","description":"At length"},"data":null}}'):format(status, status, code)
      w:answer("map_phone_number", body, status)
      local err = expect.failure(kind, map())
      assert.equal("map_phone_number", err.operation)
      assert.equal(status, err.http_status)
      assert.equal(code, err.code)
      assert.equal("In short", err.message)
      assert.equal("At length", err.description)
      assert.equal("0b2f", err.request_id)
      assert.equal(body, err.body)
      assert.equal(1, err.attempts)
      assert.is_true(err.elapsed >= 0)
      assert.is_nil(err.field)
      assert.is_nil(err.retry_after)
      assert.equal(maybe, err.maybe_applied)
      assert.equal(post_again, err.retryable)
      local more = maybe and " (it may have taken effect)" or ""
      if kind == "authentication" then more = " (check key and token, and the region: credentials belong to one)" end
      assert.equal(("map_phone_number: %s (HTTP %d, code %d): In short: At length [request 0b2f]%s"):format(kind, status, code, more), tostring(err))
    end)

    it(("of HTTP %d tells whether a read or a deletion may be repeated"):format(status), function()
      w.sb:fault { before = "list_phone_numbers", status = status }
      local err = expect.failure(kind, list())
      assert.is_false(err.maybe_applied)
      assert.equal(again, err.retryable)
      w.sb:fault { before = "unmap_phone_number", status = status }
      err = expect.failure(kind, unmap())
      assert.equal(maybe, err.maybe_applied)
      assert.equal(again, err.retryable)
    end)
  end

  describe("of the stand-in server's own rules", function()
    it("is authentication for a wrong key, token or account", function()
      for option, value in pairs { api_key = "wrong", api_token = "wrong" } do
        local client = assert(w.sb:client { [option] = value, retries = 0 })
        local err = expect.failure("authentication", client:list_trunks {})
        assert.equal(401, err.http_status)
        assert.equal(1010, err.code)
        assert.equal("Authorization failed", err.message)
        client:close()
      end
      local client = assert(w.sb:client { account_sid = "another", retries = 0 })
      assert.equal(1003, expect.failure("permission", client:list_trunks {}).code)
      client:close()
    end)

    it("is not_found for a trunk that the account has not", function()
      assert.equal(1000, expect.failure("not_found", w.client:get_trunk { trunk_sid = "trmum1" }).code)
      expect.failure("not_found", w.client:unmap_phone_number { trunk_sid = sid, id = "1" })
    end)

    it("is conflict for what is there already", function()
      assert(map())
      local err = expect.failure("conflict", map())
      assert.equal(200, err.http_status)
      assert.equal(1008, err.code)
      assert.is_false(err.retryable)
      assert.is_false(err.maybe_applied)
    end)
  end)

  describe("of a rate limit", function()
    it("says how long to wait", function()
      w:close()
      w = world.new { rate_limit = 1 }
      assert(w.client:list_trunks {})
      local other = assert(w.sb:client { retries = 0 }) -- one that was not told to wait
      local err = expect.failure("rate_limited", other:list_trunks {})
      assert.equal(429, err.http_status)
      assert.equal("RATE_LIMIT_EXCEEDED", err.code)
      assert.is_true(err.retry_after > 0 and err.retry_after <= 60)
      assert.is_true(err.retryable)
      assert.truthy(tostring(err):find("code RATE_LIMIT_EXCEEDED", 1, true), tostring(err))
    end)

    it("reads Retry-After whatever the kind, and only when it can be read", function()
      for text, seconds in pairs { ["7"] = 7, ["3600"] = 3600, ["0"] = 0, ["soon"] = false, ["-5"] = false } do
        w.sb:fault { before = "map_phone_number", status = 503, headers = { ["Retry-After"] = text } }
        assert.equal(seconds or nil, expect.failure("server", map()).retry_after)
      end
      w.sb:fault { before = "map_phone_number", status = 429, headers = { ["Retry-After"] = "12" } }
      assert.equal(12, expect.failure("rate_limited", map()).retry_after)
    end)
  end)

  describe("in one line", function()
    it("tells how often it was tried, if more than once", function()
      assert.equal("network: gone", tostring(errors.new { kind = "network", message = "gone", attempts = 1 }))
      assert.equal("network: gone (after 2 attempts)", tostring(errors.new { kind = "network", message = "gone", attempts = 2 }))
    end)

    it("is just that, whatever the service says", function()
      w:answer("map_phone_number", '{"request_id":"a\\nb","response":{"code":400,"status":"failure","error_data":{"code":"x\\ty","message":"one\\ntwo","description":"three\\r\\n\\u001bfour"},"data":null}}', 400)
      local err = expect.failure("rejected", map())
      assert.equal("map_phone_number: rejected (HTTP 400, code x y): one two: three four [request a b]", tostring(err))
    end)

    it("names the argument that is wrong, and nothing the service would have said", function()
      local err = expect.refused("phone_number", w.client:map_phone_number { trunk_sid = sid, phone_number = "1" })
      assert.equal("map_phone_number: invalid_argument: " .. err.message, tostring(err))
    end)

    it("leaves out what was not said", function()
      w:answer("map_phone_number", "upstream timed out", 504)
      assert.equal("map_phone_number: server (HTTP 504): upstream timed out (it may have taken effect)", tostring(expect.failure("server", map())))
    end)
  end)

  describe("shows no secret", function()
    it("of the client", function()
      w.sb:fault { on = "*", drop = true }
      local err = expect.failure("network", map())
      for _, value in pairs(err) do expect.no_secret(tostring(value)) end
    end)

    it("of a credential", function()
      local function create(password) return w.client:create_credential { trunk_sid = sid, user_name = "pbx", password = password } end
      local seen = {}
      seen[1] = expect.refused("password", create "hunter two")
      w.sb:fault { before = "create_credential", drop = true }
      seen[2] = expect.failure("network", create "hunter_2")
      w.sb:fault { before = "create_credential", status = 500 }
      seen[3] = expect.failure("server", create "hunter_2")
      assert(create "hunter_2")
      seen[4] = expect.failure("conflict", create "hunter_2")
      for _, err in ipairs(seen) do
        assert.is_nil(tostring(err):find("hunter"))
        for _, value in pairs(err) do assert.is_nil(tostring(value):find("hunter")) end
      end
    end)
  end)

  it("is told from everything else by exotel.error.is", function()
    local _, err = w.client:get_trunk { trunk_sid = "trmum1" }
    assert.is_true(errors.is(err))
    assert.is_false(errors.is({ kind = "not_found" }))
    assert.is_false(errors.is("not_found"))
    assert.is_false(errors.is(nil))
  end)

  it("can be raised by assert and caught whole", function()
    local _, err = w.client:get_trunk { trunk_sid = "trmum1" }
    local good, caught = pcall(error, err)
    assert.is_false(good)
    assert.equal(err, caught)
    assert.equal("not_found", caught.kind)
  end)
end)
