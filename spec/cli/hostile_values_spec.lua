-- What the service holds may be anything. Nothing of it may control a terminal or hide what is written, whatever shows
-- it: lists, sentences, questions, errors, plans, JSON.
local command = require "spec.support.command"
local json = require "exotel.json"
local sandbox = require "exotel.sandbox"

-- ESC, CSI as one character, right-to-left override and isolate, line separator, byte order mark, DEL.
local BAD = "a\27[2J\194\155[31m\226\128\174b\226\129\167\226\128\168\239\187\191\127z"
local FINE = "क्षि 中文 👩‍👩‍👧 é ا‌ب"
local NAME = FINE .. BAD
local E164 = "+919876543210"

-- An oracle of its own: what a terminal must not be given.
local UNSAFE = {
  "[%z\1-\8\11-\31\127]", "\194[\128-\159]", "\216\156", "\226\128[\142\143\168-\174]", "\226\129[\166-\175]", "\239\187\191",
}

local function assert_safe(text, what)
  for _, pattern in ipairs(UNSAFE) do
    local at = text:find(pattern)
    assert.is_nil(at, ("%s: %q has %q"):format(what, text, text:sub(at or 1, (at or 1) + 3)))
  end
end

local sb

setup(function() sb = assert(sandbox.start()) end)
teardown(function() sb:stop() end)
before_each(function()
  sb:clear_faults()
  sb:put {
    trunk_sid = "s1", trunk_name = NAME, status = BAD, edge_preference = BAD,
    numbers = { { id = "11", phone_number = E164, mode = BAD }, { id = "12", phone_number = "+91" .. BAD, mode = "pstn" } },
    ips = { { id = "13", ip = "1.2.3.4" .. BAD, mask = 32 } },
    destinations = { { id = "14", destination = "sip:" .. BAD, type = BAD } },
    settings = { { name = "trunk_external_alias", value = E164 .. BAD }, { name = "x" .. BAD, value = BAD } },
    credentials = { { id = "15", user_name = "u" .. BAD, friendly_name = BAD, password = "secret" } },
  }
end)

local function exotel(arguments, options) return command.run(sb, arguments, options) end

local LISTS = {
  "trunk list", "trunk show sid:s1", "number list sid:s1", "ip list sid:s1", "destination list sid:s1",
  "setting list sid:s1", "alias show sid:s1", "credential list sid:s1", "export sid:s1", "export sid:s1 --format json",
}

describe("a hostile value", function()
  for _, line in ipairs(LISTS) do
    it("is shown plainly by " .. line, function()
      local shown = exotel(line)
      assert.equal(0, shown.status, shown.err)
      assert.truthy(shown.out:find("[2J", 1, true), shown.out) -- it is there
      assert_safe(shown.out, line)
      assert_safe(shown.err, line)
    end)
  end

  for _, line in ipairs(LISTS) do
    if not line:find("^export") then
      it("is JSON with --json, plain on a terminal, and unaltered for a program: " .. line, function()
        local shown = exotel(line .. " --json"):says(0)
        assert_safe(shown.out, line)
        local found = false
        local function look(value)
          if type(value) == "table" then for _, item in pairs(value) do look(item) end end
          if type(value) == "string" and value:find(BAD, 1, true) then found = true end
        end
        look(json.decode(shown.out))
        assert.is_true(found, shown.out)
      end)
    end
  end

  it("is shown escaped, and letters of all scripts as they are", function()
    local shown = exotel("trunk list"):says(0).out
    assert.truthy(shown:find(FINE .. "a [2J\\u{009B}[31m\\u{202E}b\\u{2067}\\u{2028}\\u{FEFF} z\t", 1, true), shown)
  end)

  it("is shown plainly in plans and reports", function()
    local spec = os.tmpname()
    os.remove(spec)
    spec = spec .. ".lua"
    local file = assert(io.open(spec, "w"))
    file:write('return { trunk_name = "other", trunk_sid = "s1", phone_numbers = { "+918040264208" }, settings = { trunk_external_alias = "+918040264208" } }')
    file:close()
    for _, line in ipairs { "plan %s", "plan %s --prune", "check %s", "apply %s --yes", "apply %s --yes --json", "plan %s --json -v" } do
      local shown = exotel(line:format(spec))
      assert.truthy((shown.out .. shown.err):find("[2J", 1, true), line .. shown.out .. shown.err)
      assert_safe(shown.out, line)
      assert_safe(shown.err, line)
    end
    os.remove(spec)
  end)

  for line, outcome in pairs {
    ["number unmap sid:s1 " .. E164 .. " -y"] = 0, ["alias remove sid:s1 -y"] = 0, ["trunk delete sid:s1 --yes"] = 0,
    ["ip remove sid:s1 1.1.1.1 -y"] = 1, ["number update sid:s1 " .. E164 .. " --mode flow"] = 0, ["trunk show nix"] = 1,
    ["trunk rename sid:s1 other"] = false, ["number map sid:s1 +918040264208"] = 0, ["alias set sid:s1 +918040264208"] = 0,
  } do
    it("is shown plainly in what is said of a change: " .. line, function()
      local shown = exotel(line)
      if outcome then assert.equal(outcome, shown.status, shown.err) end
      assert_safe(shown.out, line)
      assert_safe(shown.err, line)
    end)
  end

  for line, fields in pairs {
    ["trunk delete sid:s1"] = "to go on: ", ["number unmap sid:s1 " .. E164] = "? [y/N] ", ["alias remove sid:s1"] = "? [y/N] ",
    ["credential delete sid:s1 'u" .. BAD .. "'"] = "? [y/N] ",
  } do
    it("is shown plainly in the question of " .. line:gsub("'.*", ""), function()
      local asked = command.at_terminal(sb, line, { "expect:" .. fields, "send:no\\n" }, { env = { TERM = "dumb", COLUMNS = "400" } })
      assert.truthy(asked.out:find("[2J", 1, true), asked.out)
      assert_safe(asked.out:gsub("\r\n", "\n"), line)
    end)
  end

  it("is shown plainly in the question of apply", function()
    local spec = os.tmpname() .. ".lua"
    local file = assert(io.open(spec, "w"))
    file:write('return { trunk_name = "other", trunk_sid = "s1", phone_numbers = { "+918040264208" } }')
    file:close()
    local asked = command.at_terminal(sb, "apply " .. spec, { "expect:? [y/N] ", "send:n\\n" }, { env = { TERM = "dumb" } })
    os.remove(spec)
    assert.truthy(asked.out:find("[2J", 1, true), asked.out)
    assert_safe(asked.out:gsub("\r\n", "\n"), "apply")
  end)

  it("is shown plainly in an error, a request and what is told to programs", function()
    local refusal = json.encode {
      request_id = "r" .. BAD, http_code = 400, metadata = {},
      response = { { code = 400, status = "failure", error_data = { code = 1001, message = BAD, description = NAME } } },
    }
    for _, line in ipairs { "trunk list", "trunk list -v", "trunk list --json", "doctor" } do
      sb:fault { on = "list_trunks", status = 400, body = refusal, times = true }
      local shown = exotel(line)
      assert.truthy(shown.status ~= 0)
      assert_safe(shown.out, line)
      assert_safe(shown.err, line)
      sb:clear_faults()
    end
  end)

  it("from the command line is shown plainly, too", function()
    for _, line in ipairs { "trunk show '%s'", "'%s'", "trunk '%s'", "plan '%s'", "trunk list '--%s'", "number map sid:s1 '%s'" } do
      local shown = exotel(line:format(BAD))
      assert.truthy(shown.status ~= 0)
      assert_safe(shown.err, line)
      local broken = exotel(line:format("\155[31m\237\160\128\255"))
      assert.is_nil(broken.err:find("[\155\237\255]"), broken.err)
    end
  end)
end)
