-- The commands for trunks and for what belongs to them. Each command line is a process.
local command = require "spec.support.command"
local json = require "exotel.json"
local sandbox = require "exotel.sandbox"

local sb

setup(function() sb = assert(sandbox.start()) end)
teardown(function() sb:stop() end)

local function exotel(arguments, options) return command.run(sb, arguments, options) end

local sid
before_each(function() sid = command.one_trunk(sb) end)

-- The operations that the commands of this file have requested.
local requested = {}
after_each(function()
  for _, request in ipairs(sb:requests()) do requested[request.operation or "?"] = true end
end)

local function held() return sb:state().trunks[1] end

local function writes()
  local names = {}
  for _, request in ipairs(sb:requests()) do
    if request.method ~= "GET" then names[#names + 1] = request.operation end
  end
  return table.concat(names, " ")
end

-- The cells of column n.
local function column(text, n)
  local values = {}
  for line in text:gmatch("[^\n]+") do
    local cells = {}
    for cell in (line .. "\t"):gmatch("(.-)\t") do cells[#cells + 1] = cell end
    values[#values + 1] = cells[n]
  end
  return table.concat(values, " ")
end

describe("exotel trunk", function()
  it("creates one, and says that it is there already", function()
    exotel("trunk create out"):says(0, ("already so: trunk out (%s)\n"):format(sid), "")
    exotel("trunk create two --nso-code ANY-ANY --domain-name sandbox1.pstn.exotel.com"):says(0, nil, "")
    assert.equal(2, #sb:state().trunks)
    exotel("trunk create bad-name"):says(64, "",
      'exotel: trunk_name must be 1 to 16 letters, digits or underscores (got "bad-name")\n')
    local refused = exotel("trunk create out --domain-name other.pstn.exotel.com"):says(1, "")
    assert.truthy(refused.err:find("out exists with domain_name sandbox1.pstn.exotel.com, not other.pstn.exotel.com", 1, true), refused.err)
    assert.truthy(refused.err:find(" -- `exotel trunk update` changes it\n$"), refused.err)
  end)

  it("lists them", function()
    exotel("trunk create two"):says(0)
    local listed = exotel("trunk list"):says(0, nil, "").out
    assert.equal("two out", column(listed, 1))
    assert.equal("active active", column(listed, 3))
    local all = json.decode(exotel("trunk list --json"):says(0, nil, "").out)
    assert.same({ "two", "out" }, { all[1].trunk_name, all[2].trunk_name })
    exotel("trunk delete two --yes"):says(0)
    exotel("trunk delete out --yes"):says(0)
    exotel("trunk list"):says(0, "", "")
    exotel("trunk list --json"):says(0, "[]\n", "")
  end)

  it("shows one, by name or sid", function()
    for _, name in ipairs { "out", sid, "name:out", "sid:" .. sid } do
      local shown = exotel("trunk show " .. name):says(0, nil, "").out
      assert.truthy(shown:find("^trunk_name\tout\ntrunk_sid\t" .. sid .. "\nstatus\tactive\n"), shown)
    end
    assert.equal(sid, json.decode(exotel("trunk show out --json"):says(0).out).trunk_sid)
  end)

  it("takes no other for it", function()
    exotel("trunk show ot"):says(1, "", 'exotel: no trunk is called "ot" (did you mean "out"?); `exotel trunk list` shows those there are\n')
    exotel("trunk show nothinglike"):says(1, "", 'exotel: no trunk is called "nothinglike"; `exotel trunk list` shows those there are\n')
    exotel("trunk show trmum1nothing1nothing1a1n"):says(1, "", 'exotel: no trunk has the sid "trmum1nothing1nothing1a1n"; `exotel trunk list` shows those there are\n')
    exotel("trunk show name:" .. sid):says(1, "")
    exotel("trunk delete OUT --yes"):says(1, "")
    assert.equal(1, #sb:state().trunks)
  end)

  it("finds one whose name is as long as a name can be", function()
    exotel("trunk create a_name_of_16_has"):says(0)
    assert.truthy(exotel("trunk show a_name_of_16_has"):says(0).out:find("a_name_of_16_has", 1, true))
  end)

  it("refuses a name that is another one's sid", function()
    local body = [[{"request_id":"r","method":"GET","http_code":200,"metadata":{"page_size":50},"response":[
      {"code":200,"status":"success","data":{"trunk_name":"same","trunk_sid":"sid1"}},
      {"code":200,"status":"success","data":{"trunk_name":"else","trunk_sid":"same"}}]}]]
    sb:fault { on = "list_trunks", body = body, times = 2 }
    exotel("trunk delete same --yes"):says(64, "", 'exotel: "same" is sid1 and same: say which by sid:SID\n')
    assert.equal("", writes())
  end)

  it("updates one", function()
    exotel("trunk update out --trunk-name renamed --status inactive"):says(0,
      "trunk out: trunk_name renamed, status inactive\n", "")
    assert.equal("renamed", held().trunk_name)
    assert.equal("inactive", held().status)
    exotel("trunk update renamed"):says(64, "", "exotel: nothing to change: say what, for example --trunk-name NAME\n")
  end)

  it("deletes one only when told to", function()
    exotel("trunk delete out"):says(64, "",
      "exotel: exotel trunk delete asks before it does anything, and there is no terminal to ask on: say --yes\n")
    exotel("trunk delete out", { input = "out\n" }):says(64, "")
    assert.same({}, sb:requests())
    local deleted = exotel("trunk delete out -y"):says(0, ("deleted trunk out (%s)\n"):format(sid))
    assert.truthy(deleted.err:find("^its specification is in " .. command.state .. "/deleted/out%-[%dTZ-]+.lua\n$"), deleted.err)
    assert.same({}, sb:state().trunks)
    exotel("trunk delete out -y"):says(1, "")
  end)
end)

describe("exotel number", function()
  it("maps one, and says that it is mapped already", function()
    exotel("number map out +919876543210"):says(0, "mapped +919876543210 to out, mode pstn, id "
      .. held().numbers[1].id .. "\n", "")
    exotel("number map out +919876543210"):says(0, nil, "")
    local again = json.decode(exotel("number map out +919876543210 --json"):says(0, nil, "").out)
    assert.equal("present", again.outcome)
    assert.equal("+919876543210", again.data.phone_number)
    assert.equal(1, #held().numbers)
    exotel("number map out +919876543211 --mode flow"):says(0)
    assert.equal("flow", held().numbers[2].mode)
  end)

  it("does not change one that is mapped otherwise", function()
    exotel("number map out +919876543210"):says(0)
    local refused = exotel("number map out +919876543210 --mode flow"):says(1, "")
    assert.truthy(refused.err:find("^exotel: map_phone_number: conflict"), refused.err)
    assert.truthy(refused.err:find("`exotel number update` changes the mode", 1, true), refused.err)
    assert.is_nil(held().numbers[1].mode)
  end)

  it("lists them", function()
    exotel("number list out"):says(0, "", "")
    exotel("number map out +919876543210"):says(0)
    exotel("number map out +919876543211 --mode flow"):says(0)
    local listed = exotel("number list out"):says(0, nil, "").out
    assert.equal("+919876543211 +919876543210", column(listed, 1))
    assert.equal("flow pstn", column(listed, 2))
    assert.equal(2, #json.decode(exotel("number list out --json"):says(0).out))
  end)

  it("updates one, by number or id", function()
    exotel("number map out +919876543210"):says(0)
    exotel("number update out +919876543210 --mode flow"):says(0, "+919876543210: mode flow\n", "")
    assert.equal("flow", held().numbers[1].mode)
    exotel("number update out id:" .. held().numbers[1].id .. " --mode pstn"):says(0, "+919876543210: mode pstn\n", "")
    exotel("number update out 919876543210 --mode flow"):says(1, "",
      'exotel: out has no number "919876543210"; `exotel number list out` shows those there are\n')
    exotel("number update out +919876543210"):says(64, "")
    exotel("number update out +919876543210 --mode flaw"):says(64, "")
  end)

  it("unmaps one only when told to", function()
    exotel("number map out +919876543210"):says(0)
    exotel("number unmap out +919876543210"):says(64, "")
    exotel("number unmap out +919876543210 -y"):says(0, "out: removed the number +919876543210\n", "")
    assert.same({}, held().numbers)
  end)

  it("finds the trunk of one", function()
    exotel("number map out +919876543210"):says(0)
    exotel("number find +919876543210"):says(0, "+919876543210\t" .. sid .. "\tout\n", "")
    exotel("number find +919876543219"):says(1, "", "exotel: +919876543219 is mapped to no trunk of this account\n")
  end)
end)

describe("exotel ip", function()
  it("adds, lists, updates and removes", function()
    local added = exotel("ip add out 44.248.146.11"):says(0, nil, "").out
    assert.equal(("whitelisted 44.248.146.11/32 on out, id %s\n"):format(held().ips[1].id), added)
    assert.truthy(exotel("ip add out 44.248.146.11/32"):says(0).out:find("^already so: 44.248.146.11/32 on out"))
    exotel("ip add out 203.0.113.0/24"):says(0)
    assert.equal(2, #held().ips)
    local listed = exotel("ip list out"):says(0, nil, "").out
    assert.equal("203.0.113.0 44.248.146.11", column(listed, 1))
    assert.equal("24 32", column(listed, 2))
    exotel("ip update out 44.248.146.11 44.248.146.12"):says(0, "44.248.146.11/32 is 44.248.146.12/32 now\n", "")
    exotel("ip remove out 203.0.113.0/24 -y"):says(0, "out: removed the IP 203.0.113.0/24\n", "")
    assert.equal(1, #held().ips)
    assert.equal("44.248.146.12", held().ips[1].ip)
  end)

  it("asks which when an address stands there twice", function()
    exotel("ip add out 203.0.113.0/24"):says(0)
    exotel("ip add out 203.0.113.0/25"):says(0)
    local refused = exotel("ip remove out 203.0.113.0 -y"):says(64, "")
    assert.truthy(refused.err:find('^exotel: out has more than one IP "203.0.113.0": say which by id:%d+, id:%d+\n$'), refused.err)
    exotel("ip remove out 203.0.113.0/25 -y"):says(0)
    assert.equal(24, held().ips[1].mask)
  end)

  it("refuses what is no IP", function()
    exotel("ip add out 1.2.3"):says(64, "")
    exotel("ip add out 1.2.3.4/x"):says(64, "", "exotel: ip 1.2.3.4/x must be an IPv4 address, or a range as in 203.0.113.0/24\n")
    assert.equal("", writes())
  end)
end)

describe("exotel destination", function()
  local URI = "'44.248.146.11:5061;transport=tls'"

  it("adds, lists, updates and removes", function()
    assert.truthy(exotel("destination add out " .. URI):says(1, "").err:find("Destination not whitelisted", 1, true))
    exotel("ip add out 44.248.146.11"):says(0)
    local added = exotel("destination add out " .. URI):says(0, nil, "").out
    assert.equal(("added sip:44.248.146.11:5061;transport=tls to out, id %s\n"):format(held().destinations[1].id), added)
    assert.truthy(exotel("destination add out 'sip:44.248.146.11:5061;transport=tls'"):says(0).out:find("^already so: "))
    assert.equal(1, #held().destinations)
    exotel("destination update out " .. URI .. " --priority 3 --weight 7"):says(0,
      "sip:44.248.146.11:5061;transport=tls: priority 3, weight 7\n", "")
    assert.equal("3 7", column(exotel("destination list out"):says(0).out:gsub("^[^\t]*\t(%d+)\t(%d+).*$", "%1 %2"), 1))
    exotel("destination update out " .. URI):says(64, "")
    exotel("destination update out " .. URI .. " --weight x"):says(64, "",
      'exotel: "x" is no whole number; see exotel destination update --help\n')
    exotel("destination remove out 'SIP:44.248.146.11;transport=tls' -y"):says(0)
    assert.same({}, held().destinations)
  end)

  it("asks which when one stands there twice", function()
    local client = assert(sb:client())
    for _ = 1, 2 do
      assert(client:add_destinations { trunk_sid = sid, destinations = { { destination = "a.example:5061;transport=tls" } } })
    end
    local refused = exotel("destination remove out 'a.example:5061;transport=tls' -y"):says(64, "")
    local id = refused.err:match("say which by id:(%d+), id:%d+\n$")
    exotel("destination remove out id:" .. id .. " -y"):says(0)
    assert.equal(1, #held().destinations)
    assert.not_equal(id, held().destinations[1].id)
  end)
end)

describe("exotel alias and setting", function()
  it("set, show and remove", function()
    exotel("alias show out"):says(1, "", "exotel: out has no alias; `exotel alias set out NUMBER` sets one\n")
    exotel("alias set out +919876543210"):says(0, "trunk_external_alias of out is +919876543210 now\n",
      "exotel: warning: +919876543210 is not mapped to out\n")
    exotel("alias set out +919876543210"):says(0, "already so: trunk_external_alias of out is +919876543210\n", "")
    assert.equal("set_settings", writes())
    exotel("alias show out"):says(0, "+919876543210\n", "")
    assert.equal("+919876543210", json.decode(exotel("alias show out --json"):says(0).out).value)
    exotel("setting set out trunk_external_alias +919876543211"):says(0)
    assert.equal("+919876543211", column(exotel("setting list out"):says(0).out, 2))
    exotel("alias remove out"):says(64, "")
    exotel("alias remove out -y"):says(0, "out: removed the alias +919876543211\n", "")
    exotel("alias remove out -y"):says(1, "")
    exotel("alias set out +919876543210"):says(0)
    exotel("setting remove out trunk_external_alias --yes"):says(0, "out: removed the setting trunk_external_alias\n", "")
    assert.same({}, held().settings)
  end)
end)

describe("exotel credential", function()
  local function password_sent()
    for _, request in ipairs(sb:requests()) do
      if request.body:find("password", 1, true) then return json.decode(request.body).password end
    end
  end

  it("takes the password from the environment or standard input", function()
    exotel("credential create out pbx --password-env PBX", { env = { PBX = "secret_1" } }):says(0,
      "created the credential pbx on out, id " .. (held().credentials[1] or { id = "?" }).id .. "\n", "")
    assert.equal("secret_1", password_sent())
    sb:reset_requests()
    local made = exotel("credential create out pbx2 --friendly-name two --password-stdin --json", { input = "secret_2\nmore\n" }):says(0, nil, "")
    assert.equal("two", json.decode(made.out).data.friendly_name)
    assert.is_nil(made.out:find("secret_2", 1, true))
    assert.equal("secret_2", password_sent())
    local refused = exotel("credential create out pbx --password-env PBX", { env = { PBX = "x" } }):says(1, "")
    assert.truthy(refused.err:find(" -- `exotel credential update` changes it\n$"), refused.err)
  end)

  it("never sends an empty one, and asks only at a terminal", function()
    exotel("credential create out pbx --password-env PBX"):says(64, "", "exotel: the environment variable PBX holds no password\n")
    exotel("credential create out pbx --password-stdin"):says(64, "", "exotel: standard input holds no password\n")
    exotel("credential create out pbx"):says(64, "",
      "exotel: there is no terminal to ask for the password on: take --password-env NAME or --password-stdin\n")
    assert.equal("", writes())
  end)

  it("lists, updates and deletes", function()
    exotel("credential create out pbx --password-stdin", { input = "secret_1" }):says(0)
    local id = held().credentials[1].id
    assert.equal("pbx", column(exotel("credential list out"):says(0).out, 1))
    exotel("credential update out pbx"):says(64, "", "exotel: nothing to change: say --user-name, --friendly-name or --new-password\n")
    exotel("credential update out pbx --friendly-name desk"):says(0, "changed the credential pbx of out\n", "")
    assert.equal("pbx desk " .. id, exotel("credential list out"):says(0).out:gsub("\t[^\t]*\n$", ""):gsub("\t", " "))
    sb:reset_requests()
    exotel("credential update out pbx --password-env P", { env = { P = "secret_3" } }):says(0,
      "changed the credential pbx of out, its password, too\n", "")
    assert.equal("secret_3", password_sent())
    exotel("credential delete out pbx"):says(64, "")
    exotel("credential delete out pbx -y"):says(0, "out: removed the credential pbx\n",
      "exotel: warning: it is the last credential, and there is no IP: no outbound calls are possible then\n")
    assert.same({}, held().credentials)
  end)
end)

describe("the commands", function()
  it("reach all operations", function()
    local operations = require("exotel.core").operations
    for _, operation in ipairs(operations) do
      assert.is_true(requested[operation.name] or operation.name == "create_trunk", operation.name)
    end
    assert.is_true(#operations > 0)
  end)
end)
