-- examples/demo.lua, run as a user would: each time in a process of its own.
local child = require "spec.support.child"
local sandbox = require "exotel.sandbox"

local SCRIPT = "examples/demo.lua"

-- Runs a shell command that prints its status last. → its other output, with standard error, and the status
local function read(command)
  local pipe = assert(io.popen("exec 2>&1; " .. command))
  local output = pipe:read("*a")
  pipe:close()
  local text, status = output:match("^(.*) status (%d+)\n$")
  return text or output, tonumber(status)
end

local STATUS = "; echo \" status $?\""

local function run(environment, arguments)
  return read(child.command(SCRIPT .. " " .. (arguments or ""), environment) .. STATUS)
end

-- The same, with Ctrl-C after a while.
local function run_interrupted(environment)
  local command = "timeout --foreground --signal=INT --preserve-status 1.5 " .. child.lua .. " " .. SCRIPT .. STATUS
  local script = child.write(string.format("os.execute(%q)", command))
  local text, status = read(child.command(script, environment))
  os.remove(script)
  return text, status
end

local function lines(text) return select(2, text:gsub("\n", "")) end

local function assert_readable(text)
  assert.is_nil(text:find("traceback", 1, true), text)
  assert.is_nil(text:find(".lua:", 1, true), text)
end

describe("the demo", function()
  it("does the main job on the sandbox", function()
    local text, status = run {}
    assert.are.equal(0, status, text)
    for _, expected in ipairs {
      "number            +919876543210, mode pstn", "number            +918040264208, mode flow",
      "whitelisted IP    203.0.113.10/32", "setting           trunk_external_alias = +919876543210",
      "destination       sip:203.0.113.10:5061;transport=tls", "is gone",
    } do assert.is_truthy(text:find(expected, 1, true), text) end
    assert_readable(text)
  end)

  it("takes the sandbox whatever account is set, unless it is told to go live", function()
    local text, status = run { EXOTEL_ACCOUNT_SID = "real", EXOTEL_API_KEY = "key", EXOTEL_API_TOKEN = "token",
      EXOTEL_REGION = "mumbai" }
    assert.are.equal(0, status, text)
    assert.is_truthy(text:find("on the sandbox", 1, true), text)
  end)

  for _, case in ipairs {
    { { EXOTEL_LIVE = "yes" }, "EXOTEL_LIVE must be 1" },
    { { EXOTEL_LIVE = "1" }, "EXOTEL_" },
    { { EXOTEL_LIVE = "1", EXOTEL_ACCOUNT_SID = "a", EXOTEL_API_KEY = "b", EXOTEL_API_TOKEN = "c" }, "EXOTEL_REGION" },
  } do
    it("says in one line what is wrong: " .. case[2], function()
      local text, status = run(case[1])
      assert.are.equal(1, status)
      assert.is_truthy(text:find(case[2], 1, true), text)
      assert.are.equal(1, lines(text), text)
      assert_readable(text)
    end)
  end

  it("refuses an unknown argument", function()
    local text, status = run({}, "--everything")
    assert.are.equal(1, status)
    assert.are.equal("demo: usage: demo.lua [--list]\n", text)
  end)

  describe("live", function()
    local sb

    before_each(function() sb = assert(sandbox.start()) end)
    after_each(function() sb:stop() end)

    local function live(more)
      local environment = sb:environment()
      environment.EXOTEL_LIVE = "1"
      for name, value in pairs(more or {}) do environment[name] = value end
      return environment
    end

    it("maps the numbers it is given, and no others", function()
      local text, status = run(live())
      assert.are.equal(0, status, text)
      assert.is_truthy(text:find("left out", 1, true), text)
      text, status = run(live { EXOTEL_DEMO_NUMBERS = "+919876500001, +919876500002" })
      assert.are.equal(0, status, text)
      assert.is_truthy(text:find("+919876500002, mode flow", 1, true), text)
      assert.are.equal(0, #sb:state().trunks)
    end)

    it("says what to do about a wrong key", function()
      local text, status = run(live { EXOTEL_API_TOKEN = "wrong" })
      assert.are.equal(1, status)
      assert.is_truthy(text:find("check EXOTEL_API_KEY", 1, true), text)
      assert.is_nil(text:find("may exist", 1, true), text)
      assert_readable(text)
    end)

    it("deletes its trunk when a step fails", function()
      sb:fault { before = "whitelist_ip", status = 403 }
      local text, status = run(live())
      assert.are.equal(1, status, text)
      assert.is_truthy(text:find("is gone", 1, true), text)
      assert.are.equal(0, #sb:state().trunks)
      assert_readable(text)
    end)

    it("finds and deletes a trunk whose creation was answered by silence", function()
      sb:fault { after = "create_trunk", drop = true }
      local text, status = run(live())
      assert.are.equal(1, status, text)
      assert.is_truthy(text:find("is gone", 1, true), text)
      assert.are.equal(0, #sb:state().trunks)
    end)

    it("says how to see a trunk that it could not delete, and lists it then", function()
      sb:fault { before = "whitelist_ip", status = 403 }
      sb:fault { before = "delete_trunk", status = 403, times = true }
      local text, status = run(live())
      assert.are.equal(1, status, text)
      assert.is_truthy(text:find("may still exist", 1, true), text)
      assert.is_truthy(text:find("see it with: EXOTEL_LIVE=1 make demo ARGS=--list", 1, true), text)
      text, status = run(live(), "--list")
      assert.are.equal(0, status, text)
      assert.is_truthy(text:find(sb:state().trunks[1].trunk_name, 1, true), text)
    end)

    for _, operation in ipairs { "create_trunk", "whitelist_ip" } do
      it("interrupted in " .. operation .. ", deletes its trunk and says so", function()
        sb:fault { after = operation, hang = true }
        local text, status = run_interrupted(live())
        assert.are.equal(130, status, text)
        assert.is_truthy(text:find("demo: interrupted", 1, true), text)
        assert.is_truthy(text:find("may exist", 1, true), text)
        assert.is_truthy(text:find("is gone", 1, true), text)
        assert.are.equal(0, #sb:state().trunks)
        assert_readable(text)
      end)
    end
  end)
end)
