-- Answers that contradict themselves, on the wire: a write is sent again, and said to have had no effect, only when all
-- that the answer says agrees on it.
local expect = require "spec.support.expect"
local world = require "spec.support.world"

local E164 = "+919876543210"

local function refused(code, inner) return ('{"http_code":%d,"response":{"code":%d,"status":"failure","error_data":'
  .. '{"code":1002,"message":"No"},"data":null}}'):format(code, inner) end

local DONE = '{"http_code":200,"response":{"code":200,"status":"success","error_data":null,"data":{"id":"41512"}}}'

describe("an answer that contradicts itself", function()
  local w, trunk_sid

  before_each(function()
    w = world.new(nil, { retries = 2, backoff = 0 })
    trunk_sid = w:trunk()
  end)
  after_each(function() w:close() end)

  local function map() return w.client:map_phone_number { trunk_sid = trunk_sid, phone_number = E164 } end

  local cases = {
    { 500, refused(500, 429), "rate_limited" },
    { 429, DONE, "rate_limited" },
    { 500, refused(500, 400), "rejected" },
    { 504, refused(504, 404), "not_found" },
    { 200, refused(500, 400), "rejected" },
    { 404, DONE, "not_found" },
    { 429, '{"http_code":429,"response":{"data":{"id":"41512"}}}', "rate_limited" },
    { 429, '{"http_code":429,"response":{"code":429,"status":"failure","data":{"id":41512}}}', "rate_limited" },
    { 429, '{"http_code":429,"response":{"code":429,"status":"Success","data":null}}', "rate_limited" },
    { 429, '{"id":"41512","phone_number":"+919876543210"}', "rate_limited" },
    { 400, '{"trunk_sid":"trmum1","trunk_name":"office"}', "rejected" },
    { 429, '{"http_code":200}', "rate_limited" },
    { 200, '{"http_code":429,"response":{"code":200,"status":"success","data":{"id":"41512"}}}', "rate_limited" },
    { 429, '{"RestException":{"Status":429},"response":{"code":429,"data":{"id":"41512"}}}', "rate_limited" },
  }

  for i, case in ipairs(cases) do
    it(("leaves a write in doubt, sent once: %d (%d)"):format(case[1], i), function()
      w:answer("map_phone_number", case[2], case[1])
      local err = expect.failure(case[3], map())
      assert.is_true(err.maybe_applied)
      assert.is_false(err.retryable)
      assert.equal(1, err.attempts)
      assert.equal("map_phone_number", w:operations())
    end)
  end

  it("does not pass for what it isn't: a plain 429 is repeated, a plain refusal certain", function()
    w:answer("map_phone_number", refused(429, 429), 429)
    local data, info = map()
    assert(data, info)
    assert.equal(2, info.attempts)
    w:answer("unmap_phone_number", refused(400, 400), 400)
    local err = expect.failure("rejected", w.client:unmap_phone_number { trunk_sid = trunk_sid, id = data.id })
    assert.is_false(err.maybe_applied)
  end)

  it("leaves an item of a batch in doubt", function()
    local doubtful = { '"status":"success","data":null', '"status":"failure","data":{"id":"41512"}', '"data":{"id":"41512"}' }
    for _, item in ipairs(doubtful) do
      w:answer("add_destinations", ('{"http_code":207,"response":[{"code":400,%s}]}'):format(item), 207)
      local err = expect.failure("partial", w.client:add_destinations {
        trunk_sid = trunk_sid, destinations = { { destination = "a.example.com:5060" } },
      })
      assert.is_true(err.maybe_applied, item)
    end
  end)

  it("is no list: an empty one under a failure would be believed", function()
    for code, kind in pairs { [500] = "server", [403] = "permission", [404] = "not_found" } do
      for _, response in ipairs { "[]", '[{"code":200,"status":"success","data":{"id":"1"}}]', '{"code":200,"data":{"id":"1"}}' } do
        w:answer("list_phone_numbers", ('{"http_code":%d,"response":%s}'):format(code, response))
        expect.failure(kind, w.client:list_phone_numbers({ trunk_sid = trunk_sid }, { retries = 0 }))
      end
    end
  end)

  it("is no batch that was done, either", function()
    local done = '[{"code":200,"status":"success","data":{"id":"1"}}]'
    w:answer("add_destinations", ('{"http_code":500,"response":%s}'):format(done))
    local err = expect.failure("server", w.client:add_destinations {
      trunk_sid = trunk_sid, destinations = { { destination = "a.example.com:5060" } },
    })
    assert.is_true(err.maybe_applied)
  end)

  it("does not make a deletion that is in doubt one that is done", function()
    local id = assert(map()).id
    w.sb:fault { before = "unmap_phone_number", drop = true }
    w:answer("unmap_phone_number", refused(504, 404), 504)
    local err = expect.failure("not_found", w.client:unmap_phone_number { trunk_sid = trunk_sid, id = id })
    assert.is_true(err.maybe_applied)
    assert.equal(1, #assert(w.client:list_phone_numbers { trunk_sid = trunk_sid }))
  end)

  -- A write whose first sending is in doubt stays so, whatever its second one is answered.
  it("says after a doubt that there was one", function()
    local id = assert(map()).id
    w.sb:fault { before = "update_phone_number", drop = true }
    w:answer("update_phone_number", refused(401, 401), 401)
    local err = expect.failure("authentication", w.client:update_phone_number {
      trunk_sid = trunk_sid, id = id, phone_number = E164, mode = "flow",
    })
    assert.is_true(err.maybe_applied)
  end)
end)
