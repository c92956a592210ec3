-- Numbers that are not in the directory yet.
local core = require "exotel.core"
local directories = require "spec.support.directories"
local directory = require "exotel.directory"
local sandbox = require "exotel.sandbox"

local KNOWN, NEW, NOBODYS = "+919876543210", "+918040264208", "+911140000000"

describe("a number that is looked up", function()
  local folder, remove, sb, client, d

  before_each(function()
    folder, remove = directories.folder()
    sb = assert(sandbox.start())
    client = assert(sb:client { retries = 0 })
    sb:put { trunk_sid = "sid_one", trunk_name = "one", numbers = { { phone_number = KNOWN, mode = "flow" } } }
    d = assert(directory.open { path = folder .. "/d", create = true })
    assert(d:refresh(client))
    sb:put { trunk_sid = "sid_two", trunk_name = "two", numbers = { { phone_number = NEW, mode = "flow" } } }
    sb:reset_requests()
  end)
  after_each(function()
    client:close()
    sb:stop()
    d:close()
    remove()
  end)

  it("is taken from the directory where it is there", function()
    assert.same(d:number(KNOWN), d:lookup(client, KNOWN))
    assert.equal(0, #sb:requests())
    assert.is_nil(d:lookup(client, nil))
  end)

  it("is asked for once", function()
    local expected = { phone_number = NEW, mode = "flow", trunk_sid = "sid_two" }
    for _ = 1, 3 do assert.same(expected, d:lookup(client, NEW)) end
    d:lookup(client, NEW).mode = "mine"
    assert.equal("flow", d:lookup(client, NEW).mode)
    assert.equal(1, #sb:requests())
    assert(d:refresh(client))
    assert.equal("two", d:lookup(client, NEW).trunk_name)
  end)

  it("is asked for once by all that want it at a time", function()
    local cooperative = assert(sb:client { retries = 0, sleep = coroutine.yield })
    sb:fault { on = "find_trunk_map", delay = 0.1 }
    local threads, found = {}, {}
    for i = 1, 40 do
      threads[i] = coroutine.create(function() found[i] = d:lookup(cooperative, NEW).trunk_sid end)
    end
    repeat
      local running = 0
      for _, thread in ipairs(threads) do
        if coroutine.status(thread) ~= "dead" then
          assert(coroutine.resume(thread))
          running = running + 1
        end
      end
    until running == 0
    for i = 1, 40 do assert.equal("sid_two", found[i]) end
    assert.equal(1, #sb:requests())
    cooperative:close()
  end)

  it("is asked for anew when the one who asked for it is gone", function()
    local cooperative = assert(sb:client { retries = 0, sleep = coroutine.yield })
    local function start() return coroutine.wrap(function() return d:lookup(cooperative, NEW).trunk_sid end) end
    start()() -- and never again
    local other, real, looks, found = start(), core.now, 0
    finally(function() core.now = real end)
    repeat
      found = other()
      looks = looks + 1
      if looks == 5 then core.now = function() return real() + 11 end end
    until type(found) == "string" or looks > 100000
    assert.equal("sid_two", found)
    assert.is_true(looks > 5)
    cooperative:close()
  end)

  it("is remembered as missing, too", function()
    for _ = 1, 3 do
      local found, err = d:lookup(client, NOBODYS)
      assert.is_nil(found)
      assert.is_nil(err)
    end
    assert.equal(1, #sb:requests())
    sb:fault { before = "find_trunk_map", status = 404 }
    for _ = 1, 3 do assert.same({}, { d:lookup(client, NOBODYS .. "1") }) end
    assert.equal(2, #sb:requests())
  end)

  it("is not taken for missing when the service can't be asked", function()
    sb:fault { before = "find_trunk_map", status = 500 }
    for _ = 1, 3 do
      local found, err = d:lookup(client, NEW)
      assert.is_nil(found)
      assert.equal("server", err.kind)
    end
    assert.equal(1, #sb:requests())
  end)

  it("is refused without a request when it is no number", function()
    local found, err = d:lookup(client, "anybody")
    assert.is_nil(found)
    assert.equal("invalid_argument", err.kind)
    assert.equal(0, #sb:requests())
    assert.error_matches(function() d:lookup(client, 5) end, "string expected")
  end)

  it("has a mode and a trunk in whatever form they come", function()
    local i = 0
    for body, expected in pairs {
      ['{"exophone":"x","trunk_sid":"sid_one"}'] = { mode = "pstn", trunk_sid = "sid_one", trunk_name = "one" },
      ['{"trunk_sid":"sid_one","mode":null}'] = { mode = "pstn", trunk_sid = "sid_one", trunk_name = "one" },
      ['{"trunk_sid":"sid_one","mode":5}'] = { mode = "pstn", trunk_sid = "sid_one", trunk_name = "one" },
      ['{"exophone":"x"}'] = false, ['{"trunk_sid":""}'] = false, ['{"trunk_sid":null}'] = false,
    } do
      i = i + 1
      local number = "+9111400000" .. ("%02d"):format(i)
      sb:fault { on = "find_trunk_map", body = '{"http_code":200,"response":[{"code":200,"status":"success","data":' .. body .. "}]}" }
      local found = d:lookup(client, number)
      if expected then expected.phone_number = number end
      assert.same(expected or nil, found)
    end
  end)

  it("is asked for at most 30 times a minute, whatever strangers call", function()
    local kinds = {}
    for i = 1, 40 do
      local found, err = d:lookup(client, ("+9122222%04d"):format(i))
      assert.is_nil(found)
      kinds[err and err.kind or "none"] = (kinds[err and err.kind or "none"] or 0) + 1
    end
    assert.same({ none = 30, rate_limited = 10 }, kinds)
    assert.equal(30, #sb:requests())
    assert.equal("one", d:lookup(client, KNOWN).trunk_name)
  end)
end)
