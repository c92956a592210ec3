-- A DELETE whose reply was lost, and whose repetition is answered as if there had never been anything to remove: reading
-- back tells.
local expect = require "spec.support.expect"
local pauses = require "spec.support.pauses"
local provision = require "exotel.provision"
local trunk = require "exotel.trunk"
local world = require "spec.support.world"

local FORBIDDEN = '{"request_id":"r","http_code":403,"response":{"code":403,"status":"failure",'
  .. '"error_data":{"code":1003,"message":"Authorization failed"},"data":null}}'
local NOT_FOUND = '{"http_code":404,"response":{"code":404,"status":"failure",'
  .. '"error_data":{"code":1000,"message":"Not Found"},"data":null}}'

local w, t

before_each(function()
  w = world.new(nil, { retries = 1, backoff = 0 })
  t = assert(trunk.create(w.client, { trunk_name = "first" }))
end)
after_each(function() w:close() end)

-- What is removed, by its operation: the list that shows it, and a function that makes one and returns how to remove it,
-- by the client and, where there is one, by the trunk's method.
local removals = {
  delete_trunk = {
    list = "list_trunks", make = function() return {}, function() return t:delete() end end,
  },
  unmap_phone_number = {
    list = "list_phone_numbers", make = function()
      local id = assert(t:map_number("+919876543210")).id
      return { id = id }, function() return t:unmap_number(id) end
    end,
  },
  remove_whitelisted_ip = {
    list = "list_whitelisted_ips", make = function()
      local id = assert(t:whitelist_ip("192.0.2.1")).id
      return { id = id }, function() return t:remove_ip(id) end
    end,
  },
  remove_destination = {
    list = "list_destinations", make = function()
      local id = assert(t:add_destination("a.example.com:5060")).id
      return { id = id }, function() return t:remove_destination(id) end
    end,
  },
  remove_setting = {
    list = "list_settings", make = function()
      assert(t:set_alias("+919876543210"))
      return { name = "trunk_external_alias" }
    end,
  },
  delete_credential = {
    list = "list_credentials", make = function()
      local id = assert(t:create_credential { user_name = "pbx", password = "x" }).id
      return { id = id }, function() return t:delete_credential(id) end
    end,
  },
}

for operation, removal in pairs(removals) do
  describe("a repeated " .. operation .. " that is answered 403 with code 1003", function()
    -- → what the call returns; `place`: whether the lost one took effect
    local function remove(place, by_trunk)
      local arguments, method = removal.make()
      arguments.trunk_sid = t.trunk_sid
      w.sb:reset_requests()
      w.sb:fault { [place] = operation, drop = true }
      w.sb:fault { before = operation, status = 403, body = FORBIDDEN }
      if by_trunk and method then return method() end
      return w.client[operation](w.client, arguments)
    end

    for _, by_trunk in ipairs { false, true } do
      it("has succeeded when reading back shows that it is gone" .. (by_trunk and ", for a trunk's method, too" or ""), function()
        local data, info = remove("after", by_trunk)
        assert.same({}, data)
        assert.equal(2, info.attempts)
        assert.equal(403, info.http_status)
        assert.equal("answered permission (Authorization failed), but reading back shows that it is gone", info.warnings[1])
        assert.equal(operation .. " " .. operation .. " " .. removal.list, w:operations())
      end)
    end

    it("has failed when it is still there, and says that it may have taken effect", function()
      local err = expect.failure("permission", remove("before"))
      assert.equal(operation, err.operation)
      assert.equal(1003, err.code)
      assert.is_true(err.maybe_applied)
    end)

    it("has failed when reading back fails", function()
      w.sb:fault { on = removal.list, status = 400 }
      assert.is_true(expect.failure("permission", remove("after")).maybe_applied)
    end)
  end)
end

it("removals of a batch are reconciled, and no other calls of it", function()
  local numbers = {}
  for i = 1, 2 do numbers[i] = { trunk_sid = t.trunk_sid, id = assert(t:map_number("+91987654321" .. i)).id } end
  local doubtful = { trunk_sid = t.trunk_sid, ip = "192.0.2.1" }
  w.sb:fault { after = "unmap_phone_number", drop = true }
  w.sb:fault { before = "unmap_phone_number", status = 403, body = FORBIDDEN }
  w.sb:fault { after = "whitelist_ip", status = 500, body = FORBIDDEN }
  local results = w.client:batch({
    { "unmap_phone_number", numbers[1] }, { "whitelist_ip", doubtful }, { "unmap_phone_number", numbers[2] },
  }, { concurrency = 1 })
  assert.same({}, results[1].data)
  assert.equal(1, #results[1].info.warnings)
  assert.is_true(expect.failure("permission", nil, results[2].err).maybe_applied)
  assert(results[3].data)
  assert.same({}, w.sb:state().trunks[1].numbers)
end)

it("a removal whose trunk is gone by now has succeeded", function()
  local id = assert(t:map_number("+919876543210")).id
  local other = assert(w.sb:client())
  w.sb:fault { before = "unmap_phone_number", drop = true }
  w.sb:fault { before = "unmap_phone_number", status = 403, body = FORBIDDEN }
  w.sb:fault { before = "list_phone_numbers", status = 403, body = FORBIDDEN }
  assert(other:delete_trunk { trunk_sid = t.trunk_sid })
  local data, info = t:unmap_number(id)
  assert.same({}, data)
  assert.equal(1, #info.warnings)
  other:close()
end)

it("what is still there is found when it was named by a number", function()
  local id = tonumber(assert(t:map_number("+919876543210")).id)
  w.sb:fault { before = "unmap_phone_number", drop = true }
  w.sb:fault { before = "unmap_phone_number", status = 403, body = FORBIDDEN }
  expect.failure("permission", w.client:unmap_phone_number { trunk_sid = t.trunk_sid, id = id })
end)

it("a removal whose list can't be read has failed while its trunk is there", function()
  local id = assert(t:map_number("+919876543210")).id
  w.sb:fault { before = "unmap_phone_number", drop = true }
  w.sb:fault { before = "unmap_phone_number", status = 403, body = FORBIDDEN }
  w.sb:fault { before = "list_phone_numbers", status = 403, body = FORBIDDEN }
  w.sb:reset_requests()
  assert.is_true(expect.failure("permission", t:unmap_number(id)).maybe_applied)
  assert.equal("unmap_phone_number unmap_phone_number list_phone_numbers list_trunks", w:operations())
end)

it("a DELETE that says two things at once is settled by reading back, too", function()
  local id = assert(t:map_number("+919876543210")).id
  w.sb:fault { after = "unmap_phone_number", status = 504, body = NOT_FOUND, times = 2 }
  local data, info = t:unmap_number(id)
  assert.same({}, data)
  assert.equal(1, #info.warnings)
  assert.same({}, w.sb:state().trunks[1].numbers)
end)

describe("a number that is to be pruned", function()
  before_each(function()
    assert(t:map_number("+919876543210"))
    w.sb:reset_requests()
  end)

  local function prune()
    return provision.apply(w.client, { trunk_name = "first", phone_numbers = {} }, { prune = true, allow = { "shrink" } })
  end

  it("is not told as gone while an answer leaves that in doubt and it is there", function()
    w.sb:fault { before = "unmap_phone_number", status = 504, body = NOT_FOUND, times = true }
    local report, err, partly = prune()
    assert.is_true(expect.failure("not_found", report, err).maybe_applied)
    assert.equal("unknown", partly.changes[2].outcome)
    assert.equal(1, #w.sb:state().trunks[1].numbers)
  end)

  it("is gone when the service says so, and nothing is read for it", function()
    w.sb:fault { before = "unmap_phone_number", status = 404, body = NOT_FOUND }
    assert.equal("present", assert(prune()).changes[2].outcome)
    assert.equal("list_trunks list_phone_numbers unmap_phone_number", w:operations())
  end)
end)

describe("a proxy's 404", function()
  local id

  before_each(function() id = assert(t:map_number("+919876543210")).id end)

  local function answer_proxy_404(times)
    w.sb:fault { before = "unmap_phone_number", status = 404, body = "<html>Not Found</html>", times = times or 1 }
  end

  for place, there in pairs { before = true, after = false } do
    it("is no word of a removal whose reply was lost: what is read back decides, " .. place, function()
      w.sb:fault { [place] = "unmap_phone_number", drop = true }
      answer_proxy_404()
      local data, err = t:unmap_number(id)
      assert.equal(there and 1 or 0, #w.sb:state().trunks[1].numbers)
      if not there then return assert.same({}, data) end
      assert.is_true(expect.failure("not_found", data, err).maybe_applied)
    end)
  end

  it("to a reading tells of nothing that is gone, either", function()
    w.sb:fault { before = "unmap_phone_number", drop = true }
    answer_proxy_404()
    w.sb:fault { before = "*", status = 404, body = "<html>Not Found</html>", skip = 2, times = true }
    assert.is_true(expect.failure("not_found", t:unmap_number(id)).maybe_applied)
  end)

  it("doesn't pass for a number that prune found to be gone", function()
    answer_proxy_404()
    local report, err, partly = provision.apply(w.client, { trunk_name = "first", phone_numbers = {} }, { prune = true, allow = { "shrink" } })
    assert.is_nil(report)
    assert.equal("not_found", err.kind)
    assert.equal("failed", partly.changes[2].outcome)
  end)
end)

it("without a lost reply the answer stands, and nothing is read", function()
  w.sb:reset_requests()
  w.sb:fault { before = "delete_trunk", status = 403, body = FORBIDDEN }
  local err = expect.failure("permission", t:delete())
  assert.is_false(err.maybe_applied)
  expect.failure("not_found", t:remove_ip("17"))
  assert.equal("delete_trunk remove_whitelisted_ip", w:operations())
end)

it("reads that lag are read again, as long as settle_wait allows", function()
  local stale = '{"http_code":200,"response":[{"code":200,"data":{"trunk_sid":"%s"}}]}'
  for _, times in ipairs { 2, 5 } do
    local slept = pauses.new()
    local client = assert(w.sb:client { retries = 1, backoff = 0, settle_wait = 15, sleep = slept.sleep })
    local one = assert(client:create_trunk { trunk_name = "late_" .. times })
    w.sb:fault { after = "delete_trunk", drop = true }
    w.sb:fault { before = "delete_trunk", status = 403, body = FORBIDDEN }
    w.sb:fault { on = "list_trunks", status = 200, body = stale:format(one.trunk_sid), times = times }
    local data, err = client:delete_trunk { trunk_sid = one.trunk_sid }
    if times == 2 then assert.same({}, data) else expect.failure("permission", data, err) end
    assert.equal(times == 2 and 3 or 15, slept:total())
    client:close()
    w.sb:clear_faults()
  end
end)
