-- What the command says, and how it ends, when the service ignores something, refuses a part, or can't be read back.
local command = require "spec.support.command"
local json = require "exotel.json"
local sandbox = require "exotel.sandbox"

local sb, path

local function exotel(arguments, options) return command.run(sb, arguments, options) end

local function specification(text)
  local file = assert(io.open(path, "w"))
  file:write(text)
  file:close()
  return path
end

before_each(function()
  sb = assert(sandbox.start())
  path = os.tmpname() .. ".lua"
end)
after_each(function()
  sb:stop()
  os.remove(path)
  os.remove((path:gsub("%.lua$", "")))
end)

describe("exotel apply", function()
  it("ends with 3 when a trunk is made and its update is refused, and tells both", function()
    sb:fault { before = "update_trunk", status = 400 }
    local part = exotel("apply --yes " .. specification 'return { trunk_name = "out", edge_preference = "mumbai" }'):says(3)
    local begin = "trunk out\n  + trunk out (edge_preference=mumbai)\n1 to add, 0 to change, 0 to remove, 0 extra\n"
      .. "trunk out\n  ~ trunk out (edge_preference: auto -> mumbai): failed - update_trunk: rejected"
    assert.equal(begin, part.out:sub(1, #begin))
    assert.truthy(part.out:find("\n1 added, 0 changed, 0 removed, 1 failed\n$"), part.out)
  end)

  local IGNORED = '{"http_code":200,"response":{"code":200,"status":"success","error_data":null,"data":'
    .. '{"trunk_sid":"x","trunk_name":"out","status":"active"}}}'

  it("ends with 1 when all that it did was ignored, with 3 when something else was done", function()
    command.one_trunk(sb)
    sb:fault { on = "update_trunk", status = 200, body = IGNORED, times = 2 }
    local said = 'ignored - update_trunk: protocol (HTTP 200, code 200): status: sent "banana", the service answered "active"'
    local all = exotel("apply --yes " .. specification 'return { trunk_name = "out", status = "banana" }'):says(1)
    assert.truthy(all.out:find(said, 1, true), all.out)
    assert.equal("exotel: not all was done (1 ignored): the report says why\n", all.err)
    local part = exotel("apply --yes --json " .. specification 'return { trunk_name = "out", status = "banana", phone_numbers = { "+919876543210" } }'):says(3)
    local changes = json.decode(part.out).changes
    assert.equal("ignored", changes[1].outcome)
    assert.equal("done", changes[2].outcome)
  end)

  it("says the reason of a failure once, where somebody reads it", function()
    local arguments = "apply --yes %s " .. specification 'return { trunk_name = "out", whitelisted_ips = { "192.0.2.1" } }'
    local reason = "whitelist_ip: rejected"
    for option, where in pairs { [""] = { "out", 1, "err", 0 }, ["--quiet"] = { "out", 0, "err", 1 }, ["--json"] = { "out", 0, "err", 1 } } do
      command.one_trunk(sb)
      sb:fault { on = "whitelist_ip", status = 400 }
      local failed = exotel(arguments:format(option)):says(1)
      for i = 1, 3, 2 do assert.equal(where[i + 1], select(2, failed[where[i]]:gsub(reason, "")), option .. failed.out .. failed.err) end
    end
  end)

  it("ends with 3 when it is not known what became of what it sent", function()
    command.one_trunk(sb)
    sb:fault { after = "whitelist_ip", drop = true }
    sb:fault { on = "list_trunks", status = 403, skip = 2 } -- after the plan's and the apply's own
    local part = exotel("apply --yes " .. specification 'return { trunk_name = "out", whitelisted_ips = { "192.0.2.1" } }'):says(3)
    assert.truthy(part.out:find("\n0 added, 0 changed, 0 removed, 1 unknown\n$"), part.out)
  end)

  it("ends with 3 when what it made is there, though otherwise than it was sent", function()
    command.one_trunk(sb)
    sb:fault { on = "map_phone_number", status = 200, body = '{"http_code":200,"response":{"code":200,"status":"success","error_data":null,'
      .. '"data":{"id":"1","phone_number":"+919876543210","mode":"pstn"}}}' }
    local file = specification 'return { trunk_name = "out", phone_numbers = { { phone_number = "+919876543210", mode = "flow" } } }'
    exotel("apply --yes " .. file):says(3)
  end)

  it("ends with 0 when what was added can't be read back, and says so", function()
    command.one_trunk(sb)
    sb:fault { on = "list_destinations", status = 400, skip = 2 } -- after the plan's and the apply's own
    local done = exotel("apply --yes " .. specification 'return { trunk_name = "out", destinations = { "a.example.com:5060" } }'):says(0, nil, "")
    assert.truthy(done.out:find(": done - it could not be read whether there is a second one: list_destinations", 1, true), done.out)
  end)
end)

describe("exotel destination add", function()
  before_each(function() command.one_trunk(sb) end)

  it("reads back what it has added, and says when it can't", function()
    sb:fault { on = "list_destinations", status = 400, skip = 1 }
    local done = exotel("destination add out a.example.com:5060"):says(0)
    assert.truthy(done.out:find("^added sip:a.example.com:5060 to out"), done.out)
    assert.truthy(done.err:find("^but it could not be read whether there is a second one: list_destinations"), done.err)
    sb:fault { on = "list_destinations", status = 400, skip = 1 }
    local shown = json.decode(exotel("destination add out b.example.com:5060 --json"):says(0, nil, "").out)
    assert.equal("done", shown.outcome)
    assert.equal(1, #shown.warnings)
  end)

  it("leaves one when somebody else has added the same meanwhile", function()
    local EMPTY = '{"http_code":200,"response":[]}'
    exotel("destination add out a.example.com:5060"):says(0)
    local id = sb:state().trunks[1].destinations[1].id
    sb:fault { on = "list_destinations", status = 200, body = EMPTY }
    exotel("destination add out a.example.com:5060"):says(0, ("already so: sip:a.example.com:5060 on out, id %s\n"):format(id), "")
    assert.equal(1, #sb:state().trunks[1].destinations)
  end)
end)

describe("a value that the service answers otherwise than it was sent", function()
  local ITEM = '{"http_code":200,"response":{"code":200,"status":"success","error_data":null,"data":%s}}'

  before_each(function()
    command.one_trunk(sb)
    exotel("number map out +919876543210"):says(0)
    exotel("ip add out 192.0.2.1"):says(0)
    exotel("destination add out a.example.com:5060"):says(0)
  end)

  local cases = {
    { "trunk update out --status banana", "update_trunk", '{"trunk_sid":"x","trunk_name":"out","status":"active"}',
      'status: sent "banana", the service answered "active"' },
    { "trunk create new --nso-code ANY-IN", "create_trunk", '{"trunk_sid":"x","trunk_name":"new","nso_code":"ANY-ANY"}',
      'nso_code: sent "ANY-IN", the service answered "ANY-ANY"' },
    { "number map out +918040264208 --mode flow", "map_phone_number", '{"id":"1","phone_number":"+918040264208","mode":null}',
      'mode: sent "flow", the service answered "pstn"' },
    { "number update out +919876543210 --mode flow", "update_phone_number", '{"id":"1","phone_number":"+919876543210","mode":"pstn"}',
      'mode: sent "flow", the service answered "pstn"' },
    { "ip add out 203.0.113.0/24", "whitelist_ip", '{"id":"1","ip":"203.0.113.0","mask":32}',
      'mask: sent "24", the service answered "32"' },
    { "ip update out 192.0.2.1 203.0.113.0/24", "update_whitelisted_ip", '{"id":"1","ip":"203.0.113.0","mask":32}',
      'mask: sent "24", the service answered "32"' },
    { "destination update out a.example.com:5060 --priority 3", "update_destination", '{"id":"1","priority":0,"weight":1}',
      'priority: sent "3", the service answered "0"' },
    { "credential create out pbx --friendly-name a --password-env TERM", "create_credential", '{"id":"1","user_name":"pbx","friendly_name":"b"}',
      'friendly_name: sent "a", the service answered "b"' },
  }

  for _, case in ipairs(cases) do
    it("is said of " .. case[1], function()
      local line, operation, data, warning = (table.unpack or unpack)(case)
      sb:fault { on = operation, status = 200, body = ITEM:format(data), times = 2 }
      local done = exotel(line):says(0)
      assert.equal("but " .. warning .. "\n", done.err)
      assert.same({ warning }, json.decode(exotel(line .. " --json"):says(0, nil, "").out).warnings)
    end)
  end
end)

it("a delete whose first reply was lost and whose repetition is answered 403 has succeeded", function()
  command.one_trunk(sb)
  sb:fault { after = "delete_trunk", drop = true }
  sb:fault { before = "delete_trunk", status = 403, body = '{"http_code":403,"response":{"code":403,"status":"failure",'
    .. '"error_data":{"code":1003,"message":"Authorization failed"},"data":null}}' }
  exotel("trunk delete out --yes --no-backup"):says(0, nil, "")
  assert.same({}, sb:state().trunks)
end)
