-- What a sandbox begins with, and what it keeps in a file for the next one.
local child = require "spec.support.child"
local sandbox = require "exotel.sandbox"

local folder, path, running

local function start(options)
  local sb, message = sandbox.start(options)
  if sb then running[#running + 1] = sb end
  return sb, message
end

local function read(name)
  local file = assert(io.open(name, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

local function write(name, text)
  local file = assert(io.open(name, "wb"))
  file:write(text)
  file:close()
end

before_each(function()
  running, folder = {}, os.tmpname()
  os.remove(folder)
  assert(os.execute("mkdir " .. folder))
  path = folder .. "/state.json"
end)
after_each(function()
  for _, sb in ipairs(running) do sb:stop() end
  os.execute("rm -rf " .. folder)
end)

local TRUNK = {
  trunk_name = 'na"ïve\n', phone_numbers = { { phone_number = "+919876543210", mode = "flow" }, "+918040264208" },
  whitelisted_ips = { { ip = "203.0.113.0", mask = 24 } },
  destinations = { { destination = "sip:a.example:5060", priority = 3, weight = 7 } }, alias = "+919876543210",
  credentials = { { user_name = "pbx", password = "s3cret_password", friendly_name = "desk" } },
}

describe("a sandbox", function()
  it("begins with the trunks and the faults that are given, also for reads that are behind", function()
    local sb = assert(start { trunks = { TRUNK, { trunk_name = "two" } }, faults = { { on = "get_trunk", status = 503 } }, lag = 60 })
    local client = assert(sb:client { retries = 0 })
    local list = assert(client:list_trunks {})
    assert.equal(2, #list)
    assert.equal(2, #assert(client:list_phone_numbers { trunk_sid = sb:state().trunks[1].trunk_sid }))
    assert.equal(503, select(2, client:get_trunk { trunk_sid = list[1].trunk_sid }).http_status)
    assert(client:get_trunk { trunk_sid = list[1].trunk_sid })
    client:close()
  end)

  it("takes nothing that no trunk and no fault is", function()
    local line = debug.getinfo(1, "l").currentline + 2
    local function refused(options)
      local good, message = pcall(function() sandbox.start(options) end)
      assert.is_false(good)
      assert.truthy(message:find("state_spec.lua:" .. line .. ": ", 1, true), message)
      return message:match(": (.*)$")
    end
    assert.equal("option 'trunks[1]': put: unknown field 'trunk_nmae'", refused { trunks = { { trunk_nmae = "x" } } })
    assert.equal("option 'trunks' should be a list of trunks, as put takes them", refused { trunks = { "x" } })
    assert.equal("option 'faults[1]': fault: needs one of before, after and on, and only one", refused { faults = { {} } })
    assert.equal("option 'faults' should be a list of faults", refused { faults = "drop" })
    assert.equal("option 'state' should be the path of a file", refused { state = "" })
    assert.equal("option 'log' should be a boolean", refused { log = "x" })
  end)
end)

describe("the state of a sandbox", function()
  it("is the same in the next one, and ids go on", function()
    local sb = assert(start { state = path, seed = 1, trunks = { TRUNK } })
    local client = assert(sb:client())
    local gone = assert(client:create_trunk { trunk_name = "gone" })
    assert(client:create_credential { trunk_sid = gone.trunk_sid, user_name = "orphan", password = "Passw0rd_1" })
    assert(client:delete_trunk { trunk_sid = gone.trunk_sid })
    local other = assert(client:create_trunk { trunk_name = "other" })
    local unmapped = assert(client:map_phone_number { trunk_sid = other.trunk_sid, phone_number = "+918040264210" })
    assert(client:unmap_phone_number { trunk_sid = other.trunk_sid, id = unmapped.id })
    client:close()
    local before, digits = sb:state(), read(path):match('"digits":%d+')
    sb:stop()
    sb = assert(start { state = path, seed = 1, trunks = { { trunk_name = "not taken" } } })
    assert.equal(digits, read(path):match('"digits":%d+'))
    assert.same(before, sb:state())
    assert.equal(1, #before.orphaned_credentials)
    client = assert(sb:client())
    local third = assert(client:create_trunk { trunk_name = "third" })
    assert.are_not.equal(gone.trunk_sid, third.trunk_sid)
    assert.are_not.equal(other.trunk_sid, third.trunk_sid)
    local mapped = assert(client:map_phone_number { trunk_sid = third.trunk_sid, phone_number = "+918040264209" })
    assert.equal("41515", mapped.id)
    assert.equal("conflict", select(2, client:map_phone_number { trunk_sid = third.trunk_sid, phone_number = "+919876543210" }).kind)
    client:close()
  end)

  it("is kept before a write is answered, for its owner only, and only when it changes", function()
    local sb = assert(start { state = path })
    local client = assert(sb:client())
    assert(client:create_trunk { trunk_name = "kept" })
    assert.truthy(read(path):find('"trunk_name":"kept"', 1, true))
    assert.equal("-rw-------", child.output("ls -l " .. path .. " | cut -c1-10"))
    local before = child.output("stat -c %i " .. path)
    assert(client:list_trunks {})
    assert.equal("conflict", select(2, client:create_trunk { trunk_name = "kept" }).kind)
    assert.equal(before, child.output("stat -c %i " .. path))
    sb:put { trunk_name = "put" }
    assert.truthy(read(path):find('"trunk_name":"put"', 1, true))
    client:close()
  end)

  it("is kept of what takes effect late", function()
    local sb = assert(start { state = path, clock = "manual" })
    local client = assert(sb:client { retries = 0 })
    sb:fault { on = "create_trunk", late = 60 }
    client:create_trunk { trunk_name = "late" }
    sb:advance(60)
    assert(client:list_trunks {})
    assert.truthy(read(path):find('"trunk_name":"late"', 1, true))
    client:close()
  end)

  it("is not said to be kept where it can't be", function()
    local sb = assert(start { state = path })
    local client = assert(sb:client { retries = 0 })
    os.execute("rm -r " .. folder)
    local trunk, err = client:create_trunk { trunk_name = "lost" }
    assert.is_nil(trunk)
    assert.same({ "server", true }, { err.kind, err.maybe_applied })
    assert.equal(500, sb:requests()[1].status)
    assert.has_error(function() sb:put { trunk_name = "lost, too" } end)
    client:close()
  end)

  it("is one sandbox's: the one that was started last", function()
    local first = assert(start { state = path })
    local second = assert(start { state = path })
    local one, other = assert(first:client { retries = 0 }), assert(second:client())
    assert(other:create_trunk { trunk_name = "second" })
    local trunk, err = one:create_trunk { trunk_name = "first" }
    assert.is_nil(trunk)
    assert.truthy(tostring(err):find("can't be kept: another sandbox has taken it", 1, true), tostring(err))
    assert.is_nil(read(path):find('"first"', 1, true))
    one:close()
    other:close()
  end)

  it("is refused by name where it is damaged, and left as it is", function()
    local sb = assert(start { state = path, trunks = { TRUNK } })
    local good = read(path)
    sb:stop()
    local IS_NONE = path .. " is no state that a sandbox has kept, or it is damaged: "
    local sid = good:match('"trunk_sid":"(%w+)"')
    for text, message in pairs {
      [""] = "it is empty", ["[]"] = "it is no object", ["{}"] = "its form is another one", ["return {}"] = "invalid character at offset 0",
      [good:sub(1, -20)] = "unexpected end of JSON input at offset " .. #good - 19,
      [good:gsub('"exotel_sandbox":1', '"exotel_sandbox":2')] = "its form is another one",
      [good:gsub('"trunks":', '"trunsk":')] = "trunks is missing",
      [good:gsub('"digits":%d+', '"digits":0')] = "ids.digits is none",
      [good:gsub('"destination":%d+', '"destination":"x"')] = "ids.destination is no number",
      [good:gsub('"mask":24', '"mask":"x"')] = "trunks[1]: ips[1].mask should be a whole number",
      [good:gsub('"status":', '"sattus":')] = "trunks[1]: unknown field 'sattus'",
      [good:gsub('("trunks":%[)(.*)(%],\n"orph)', "%1%2,%2%3")] = "trunks[2] has the trunk_sid of another",
      [good:gsub('"trunk_sid":"' .. sid .. '","status"', '"trunk_sid":null,"status"')] = "trunks[1] has no trunk_sid",
      [good:gsub('"orphaned_credentials":%[%]', '"orphaned_credentials":[{"user_name":1}]')] = "orphaned_credentials: credentials[1].user_name should be a string",
    } do
      write(path, text)
      assert.same({ nil, IS_NONE .. message }, { start { state = path } }, text)
      assert.equal(text, read(path))
    end
    assert.same({ nil, "the state " .. folder .. " can't be read: it is no file" }, { start { state = folder } })
    assert.same({ nil, "the state " .. folder .. "/no/x can't be kept: No such file or directory" }, { start { state = folder .. "/no/x" } })
  end)
end)

describe("the log of a sandbox", function()
  it("is a line for each request, and what a fault did to it", function()
    local script = child.write [[
      local sb = assert(require("exotel.sandbox").start { log = true, clock = "manual",
        faults = { { on = "create_trunk", drop = true }, { on = "list_trunks", status = 503, headers = { ["Retry-After"] = "0" } } } })
      local client = assert(sb:client { retries = 0 })
      client:create_trunk { trunk_name = "x" }
      client:list_trunks {}
      client:get_trunk { trunk_sid = "no\27[31m" }
      client:close()
      sb:stop()
    ]]
    local text = child.finish(child.start(child.command(script)))
    os.remove(script)
    local lines = {}
    for line in text:gmatch("[^\n]+") do lines[#lines + 1] = line end
    local AT = "2026-01-01T00:00:00Z "
    assert.same({
      AT .. "POST /v2/accounts/sandbox1/trunks - create_trunk fault: drop",
      AT .. "GET /v2/accounts/sandbox1/trunks 503 list_trunks fault: status, headers",
      AT .. "GET /v2/accounts/sandbox1/trunks/no%1B%5B31m 404 get_trunk",
    }, lines)
    local log = require "exotel.sandbox.request_log"
    assert.equal("1970-01-01T00:00:00Z GET /\\x1B[31m\\x0A - -", log.line({ method = "GET", target = "/\27[31m\n" }, nil, 0))
  end)
end)

describe("a fault as text", function()
  local HELP = "late, drop, reset, hang, cut, delay, drip, status, body or headers"

  for text, expected in pairs {
    ["on=map_phone_number,status=500,times=3"] = { on = "map_phone_number", status = 500, times = 3 },
    ["before=*,drop"] = { before = "*", drop = true }, ["after = create_trunk , hang , times = all"] = { after = "create_trunk", hang = true, times = true },
    ['on=*,status=500,body={"a":1, "b":2}, '] = { on = "*", status = 500, body = '{"a":1, "b":2}, ' }, ["on=*,body="] = { on = "*", body = "" },
    ["on=*,header=Retry-After: 5,header=X:,status=429"] = { on = "*", status = 429, headers = { ["Retry-After"] = "5", X = "" } },
    ["on=*,delay=0.5,skip=2"] = { on = "*", delay = 0.5, skip = 2 },
  } do
    it("is read: " .. text, function() assert.same(expected, sandbox.read_fault(text)) end)
  end

  for text, message in pairs {
    [""] = "a key is missing", ["on=*,,drop"] = "a key is missing", ["on=*,drop,"] = "a key is missing", ["=x"] = "a key is missing",
    drop = "needs one of before, after and on, and only one", ["on=*"] = "nothing to do: " .. HELP, ["on=*,drop=1"] = "drop takes no value",
    ["on=*,status"] = "status needs a value: status=...", ["on=*,status=x"] = "status should be a number, not x",
    ["on=*,status=99"] = "status should be an HTTP status from 200 to 599, not 99", ["on=*,on=*,drop"] = "on is there twice",
    ["on=*,header=x"] = "header should be NAME: VALUE, not x", ["on=*,header=Content-Length: 1"] = "headers: Content-Length is the server's",
    ["on=*,headers=x"] = "unknown key 'headers'", ["on=*,drop,hang"] = "drop and hang exclude each other",
  } do
    it("is refused: " .. text, function() assert.same({ nil, message }, { (sandbox.read_fault(text)), (select(2, sandbox.read_fault(text))) }) end)
  end

  it("says what is not known, and what would stand there", function()
    local _, message, word, known = sandbox.read_fault("on=create_trnk,drop")
    assert.same({ "on: there is no operation 'create_trnk'", "create_trnk" }, { message, word })
    assert.equal("add_destinations", known[1])
    _, message, word, known = sandbox.read_fault("on=*,dorp")
    assert.same({ "unknown key 'dorp'", "dorp" }, { message, word })
    assert.equal("after before body cut delay drip drop hang header late on reset skip status times", table.concat(known, " "))
    assert.has_error(function() sandbox.read_fault(1) end, "read_fault: needs a string, not a number")
  end)
end)
