-- Retries: the outcome of a call whose earlier attempt may have taken effect.
local expect = require "spec.support.expect"
local retries = require "spec.support.retries"

local E164 = "+919876543210"

describe("a call that failed", function()
  local w, t, calls

  before_each(function()
    t = retries.new()
    w, calls = t.w, t.calls
  end)
  after_each(function() w:close() end)

  local function spoil(...) return retries.spoil(w, ...) end

  describe("of a deletion", function()
    local function make_all()
      local sid = t.sid
      assert(w.client:whitelist_ip { trunk_sid = sid, ip = "192.0.2.1" })
      return {
        unmap_phone_number = { id = t.id },
        remove_whitelisted_ip = { id = w.sb:state().trunks[1].ips[1].id },
        remove_destination = { id = assert(w.client:add_destinations { trunk_sid = sid, destinations = { { destination = "a.example:5060" } } })[1].id },
        remove_setting = { name = assert(w.client:set_settings { trunk_sid = sid, settings = { { name = "trunk_external_alias", value = E164 } } })[1].name },
        delete_credential = { id = assert(w.client:create_credential { trunk_sid = sid, user_name = "u", password = "p" }).id },
        delete_trunk = {},
      }
    end

    local NAMES = {
      "unmap_phone_number", "remove_whitelisted_ip", "remove_destination", "remove_setting", "delete_credential", "delete_trunk",
    }

    for _, name in ipairs(NAMES) do
      it("is a success when the repetition finds nothing left: " .. name, function()
        local arguments = make_all()[name]
        arguments.trunk_sid = t.sid
        w.sb:fault { after = name, drop = true }
        local data, info = assert(w.client[name](w.client, arguments))
        assert.is_table(data)
        assert.equal(2, info.attempts)
        assert.same({ "an earlier attempt, whose reply was lost, deleted it" }, info.warnings)
        -- What was not there before was not deleted.
        local err = expect.failure("not_found", w.client[name](w.client, arguments))
        assert.equal(1, err.attempts)
        assert.is_false(err.maybe_applied)
      end)
    end

    for name, how in pairs { ["a 503"] = { status = 503 }, ["a reply cut short"] = { cut = 5 }, ["a reset"] = { reset = true } } do
      it("is a success when the repetition finds nothing left after " .. name, function()
        local fault = { after = "unmap_phone_number" }
        for key, value in pairs(how) do fault[key] = value end
        w.sb:fault(fault)
        local _, info = assert(calls.DELETE())
        assert.equal(2, info.attempts)
        assert.same({}, w.sb:state().trunks[1].numbers)
      end)
    end

    it("is a success after a timeout", function()
      w.sb:fault { after = "unmap_phone_number", hang = true }
      assert.equal(2, select(2, assert(calls.DELETE { timeout = 0.4 })).attempts)
    end)

    it("tells what was deleted when the first attempt had no effect", function()
      spoil("DELETE", { status = 503 }, 1)
      local data, info = assert(calls.DELETE())
      assert.equal(E164, data.phone_number)
      assert.same({}, info.warnings)
    end)

    it("is a failure when no attempt can have had effect", function()
      t.id = "999999"
      spoil("DELETE", { status = 429 }, 1)
      local err = expect.failure("not_found", calls.DELETE())
      assert.equal(2, err.attempts)
      assert.is_false(err.maybe_applied)
    end)
  end)

  describe("of a change", function()
    it("says that it may have taken effect when a lost attempt is followed by a refusal", function()
      w.sb:fault { after = "update_phone_number", drop = true }
      spoil("PUT", { status = 400 }, 1)
      local err = expect.failure("rejected", calls.PUT())
      assert.equal(2, err.attempts)
      assert.is_true(err.maybe_applied)
      assert.equal("flow", w.sb:state().trunks[1].numbers[1].mode)
    end)

    it("says that it has not when it was only put off before the refusal", function()
      spoil("PUT", { status = 429 }, 1)
      spoil("PUT", { status = 400 }, 1)
      local err = expect.failure("rejected", calls.PUT())
      assert.equal(2, err.attempts)
      assert.is_false(err.maybe_applied)
    end)

    it("says that it may have taken effect when the last attempt is put off", function()
      w.sb:fault { after = "update_phone_number", drop = true }
      spoil("PUT", { status = 429 }, true)
      local err = expect.failure("rate_limited", calls.PUT())
      assert.equal(3, err.attempts)
      assert.is_true(err.maybe_applied)
    end)
  end)
end)
