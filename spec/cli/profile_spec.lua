-- exotel profile: accounts in a file, protected ones, tokens that a command prints; and the vendor's variables.
local command = require "spec.support.command"
local json = require "exotel.json"
local sandbox = require "exotel.sandbox"

local sb, folder, FILE

setup(function()
  sb = assert(sandbox.start())
  folder = os.tmpname()
  os.remove(folder)
  FILE = folder .. "/exotel/config"
end)
teardown(function()
  sb:stop()
  os.execute("rm -rf " .. folder)
end)
before_each(function()
  os.execute("rm -rf " .. folder)
  sb:clear_faults()
  sb:reset_requests()
end)

local function shell(line) assert(os.execute((line:gsub("FILE", FILE))), line) end

local function read(path)
  local file = io.open(path or FILE, "rb")
  local text = file and file:read("*a")
  if file then file:close() end
  return text
end

local function write(text)
  assert(os.execute("mkdir -p " .. folder .. "/exotel"))
  os.remove(FILE)
  local file = assert(io.open(FILE, "wb"))
  file:write(text)
  file:close()
  shell("chmod 600 FILE")
end

local function section(name, changes)
  local fields = { account_sid = sb.account_sid, api_key = sb.api_key, api_token = sb.api_token, base_url = sb.base_url }
  for key, value in pairs(changes or {}) do fields[key] = value end
  local lines = { "[" .. name .. "]" }
  for _, key in ipairs { "account_sid", "api_key", "api_token", "api_token_command", "base_url", "protected", "ca_file" } do
    if fields[key] then lines[#lines + 1] = key .. " = " .. fields[key] end
  end
  return table.concat(lines, "\n") .. "\n"
end

local function environment_of(env)
  local all = { XDG_CONFIG_HOME = folder }
  for name, value in pairs(env or {}) do all[name] = value end
  return all
end

local function exotel(arguments, options)
  options = options or {}
  return command.run({}, arguments, { env = environment_of(options.env), input = options.input, shell = options.shell })
end

local function terminal(arguments, steps, env) return command.at_terminal({}, arguments, steps, { env = environment_of(env) }) end

local function login(more, token)
  return exotel(("profile login %s --account-sid %s --base-url %s --api-key %s --api-token-stdin"):format(more, sb.account_sid,
    sb.base_url, sb.api_key), { input = (token or sb.api_token) .. "\n" })
end

local function requests_of(method)
  local count = 0
  for _, request in ipairs(sb:requests()) do count = count + ((request.method == "GET") == (method == "GET") and 1 or 0) end
  return count
end

describe("exotel profile login", function()
  it("asks, says the rules before, tests, and writes a file that nobody else reads", function()
    local result = terminal("profile login", {
      "expect:Account SID (letters, digits, \"-\" and \"_\"): ", "send:not an account\\n",
      "expect:account_sid holds a space", "expect:Account SID", "send:" .. sb.account_sid .. "\\n",
      "expect:Region (mumbai or singapore), or the subdomain, as api.in.exotel.com: ", "send:bombay\\n",
      "expect:region must be \"mumbai\" or \"singapore\"", "expect:Region", "send:" .. sb.base_url .. "\\n",
      "expect:API key (no spaces, no colon): ", "send:a:b\\n", "expect:must not hold \":\"", "expect:API key",
      "send: " .. sb.api_key .. " \\n",
      "expect:API token (no spaces; it is not shown): ", "send:" .. sb.api_token .. "\\n",
    }):says(0)
    assert.is_nil(result.out:find(sb.api_token, 1, true), result.out)
    assert.truthy(result.out:find(("the profile default is in %s: account %s, %s\n"):format(FILE, sb.account_sid, sb.base_url), 1, true))
    assert.equal(section("default"), read())
    shell('test "$(stat -c %a FILE)" = 600')
    shell('test "$(stat -c %a $(dirname FILE))" = 700')
    shell('test "$(ls -A $(dirname FILE))" = config')
    exotel("trunk list"):says(0, nil, "")
  end)

  it("makes the first profile the one that counts, whatever its name, and no later one", function()
    login("live --no-test"):says(0, nil, "")
    assert.truthy(read():find("^profile = live\n"))
    login("other --no-test"):says(0, nil, "`exotel profile use other` makes it the one that counts without --profile\n")
    exotel("profile show"):says(0)
    assert.truthy(read():find("^profile = live\n"))
  end)

  it("writes nothing when the credentials are refused, when nobody answers, and at Ctrl-D and Ctrl-C", function()
    local refused = login("", "wrong"):says(1, "")
    assert.truthy(refused.err:find("^exotel: nothing was written: list_trunks: authentication .- %-%- compare key, token and region"), refused.err)
    assert.is_nil(refused.err:find("wrong", 1, true))
    sb:fault { on = "list_trunks", status = 503 }
    local away = login(""):says(1, "")
    assert.truthy(away.err:find("^exotel: nothing was written: list_trunks: server .*%-%-no%-test writes it untested\n$"), away.err)
    terminal("profile login --account-sid a --region mumbai --api-key k", { "expect:API token", "send:\\x04" }):says(1)
    terminal("profile login", { "expect:Account SID", "send:\\x03" }):says(130)
    assert.is_nil(read())
    login("--no-test --quiet", "wrong"):says(0, "", "")
    assert.truthy(read():find("api_token = wrong\n", 1, true))
  end)

  it("keeps comments, other profiles, other lines, and the ends of lines", function()
    write("# mine\r\nprofile = live\r\n\r\n[live]\r\n  api_key=old ; no comment\r\n# why\r\nproxy = http://127.0.0.1:1\r\n"
      .. "api_token_command = pass\r\naccount_sid = old\r\nregion = mumbai\r\n\r\n# about b\r\n[b]\r\nregion = singapore")
    login("live --yes --no-test --protected"):says(0)
    assert.equal(("# mine\r\nprofile = live\r\n\r\n[live]\r\n  api_key=%s\r\n# why\r\nproxy = http://127.0.0.1:1\r\n"
      .. "account_sid = %s\r\napi_token = %s\r\nbase_url = %s\r\nprotected = true\r\n\r\n# about b\r\n[b]\r\nregion = singapore\r\n")
      :format(sb.api_key, sb.account_sid, sb.api_token, sb.base_url), read())
  end)

  it("asks before it gives a profile other keys", function()
    write(section("default", { api_key = "old" }))
    local before = read()
    local question = "The profile default of " .. FILE .. " is there, for the account sandbox1."
    terminal("profile login", { "expect:" .. question, "send:n\\n" }):says(1)
    login(""):says(64, "", "exotel: the profile [default] is there already: say --yes to give it other keys\n")
    assert.equal(before, read())
    local result = login("--yes"):says(0)
    assert.equal("", result.err)
    assert.equal(section("default"), read())
  end)

  it("takes values in other ways, and refuses what contradicts itself", function()
    exotel(("profile login a --account %s --base-url %s --api-key %s --api-token-env T"):format(sb.account_sid, sb.base_url, sb.api_key),
      { env = { T = sb.api_token } }):says(0)
    exotel(("profile login b --account-sid %s --base-url %s --api-key %s --api-token-command 'echo %s'"):format(sb.account_sid,
      sb.base_url, sb.api_key, sb.api_token)):says(0)
    assert.truthy(read():find("api_token_command = echo " .. sb.api_token .. "\n", 1, true))
    for arguments, message in pairs {
      ["--region mumbai --subdomain a.b"] = "--region and --subdomain exclude each other",
      ["--api-token-stdin --api-token-command x"] = "--api-token-stdin and --api-token-command exclude each other",
      ["--account-sid a --region mumbai --api-key k --no-test --api-token-command 'echo t\ntrue'"] =
        "--api-token-command: it has several lines: put them into a script",
      ["--account-sid a --region mumbai --api-key k --no-test --api-token-command ' '"] = "--api-token-command: it is empty",
      ["--account a --account-sid b"] = "--account and --account-sid name two accounts",
      ["--account-sid 'a b'"] = "--account-sid: account_sid holds a space, line break or other character that cannot be right: copy it again",
      ["--account-sid a --region bombay"] = '--region: region must be "mumbai" or "singapore", not "bombay": take the one your account was opened in',
      ["--account-sid a --region mumbai --api-key k --api-token-env NONE"] = "the environment variable NONE holds no token",
      ["--account-sid a --region mumbai --api-key k --api-token-stdin"] = "the API token can't be right: it is empty",
      ["--account-sid a --region mumbai"] = "there is no terminal to ask for the API key on: say --api-key KEY",
      [""] = "there is no terminal to ask for the account SID on: say --account-sid SID",
      ["c/d"] = "NAME: a profile's name has letters, digits, \"_\", \"-\" and \".\" only",
      ["c --profile d"] = "two profiles are named: c, and d by --profile",
    } do
      local before = read()
      exotel("profile login " .. (arguments:find("^c") and "" or "c ") .. arguments):says(64, "", "exotel: " .. message .. "\n")
      assert.equal(before, read())
    end
    exotel("trunk list --api-key s3cr3t"):says(64)
  end)

  it("loses no profile when several are written at a time", function()
    exotel("profile login p$i --account-sid a --region mumbai --api-key k --api-token-env T --no-test --quiet",
      { env = { T = "t" }, shell = "for i in 1 2 3 4 5 6; do EXOTEL & done; wait" }):says(0, "", "")
    assert.equal(6, select(2, exotel("profile list").out:gsub("p%d\t", "")))
    shell('test "$(ls -A $(dirname FILE))" = config')
  end)

  it("leaves the file whole where it can't be written", function()
    command.run({}, "profile login a --account-sid a --region mumbai --api-key k --api-token-env T --no-test",
      { env = { HOME = "", XDG_CONFIG_HOME = "", T = "t" } })
      :says(1, "", "exotel: there is no place for profiles, since HOME is not set: nothing was written\n")
    write("# " .. ("x"):rep(2000) .. "\n" .. section("default"))
    local before = read()
    local full = command.run({}, "profile login other --account-sid a --region mumbai --api-key k --api-token-env T --no-test",
      { env = environment_of { T = "t" }, shell = "trap '' XFSZ; ulimit -f 1; EXOTEL" }):says(1, "")
    assert.truthy(full.err:find(" can't be written: ", 1, true), full.err)
    assert.equal(before, read())
    shell('test "$(ls -A $(dirname FILE))" = config')
  end)
end)

describe("exotel profile", function()
  it("lists and shows profiles without secrets, the whole ones and the others", function()
    write(section("default") .. section("live", { protected = "true", api_key = "0123456789abcdef" })
      .. section("pass", { api_token = false, api_token_command = "echo s3cr3t" }) .. "[half]\naccount_sid = half\n")
    local rows = {
      { "default", "true", "sandbox1", sb.base_url, "false", "set", "" }, { "live", "false", "sandbox1", sb.base_url, "true", "set", "" },
      { "pass", "false", "sandbox1", sb.base_url, "false", "by api_token_command", "" },
      { "half", "false", "half", "", "false", "", "has no api_key" },
    }
    for i, row in ipairs(rows) do rows[i] = table.concat(row, "\t") .. "\n" end
    exotel("profile list"):says(0, table.concat(rows), "")
    local all = exotel("profile list --json").out .. exotel("profile show live").out .. exotel("profile show pass --json").out
    assert.is_nil(all:find(sb.api_token, 1, true) or all:find("s3cr3t", 1, true) or all:find("456789", 1, true), all)
    assert.truthy(all:find("\napi_key\t0123...\n", 1, true))
    exotel("profile show half"):says(0)
    exotel("profile show nobody"):says(1, "", ("exotel: %s has no profile [nobody]; it has default, half, live, pass\n"):format(FILE))
    local shown = exotel("profile show", { env = sb:environment() }):says(0, nil, "").out
    assert.equal("account_sid\tsandbox1\nsource\tthe environment\nvariables\tEXOTEL_ACCOUNT_SID, EXOTEL_API_KEY, EXOTEL_API_TOKEN, EXOTEL_BASE_URL\n", shown)
    local note = exotel("profile list", { env = sb:environment() }):says(0).err
    assert.equal("commands take the account sandbox1 from the environment (EXOTEL_ACCOUNT_SID, EXOTEL_API_KEY, EXOTEL_API_TOKEN, EXOTEL_BASE_URL)\n", note)
    assert.same({}, sb:requests())
  end)

  it("says what to do where there is none", function()
    exotel("profile list"):says(0, "", "")
    exotel("profile list --json"):says(0, "[]\n", "")
    assert.truthy(terminal("profile list", {}).out:find("no profile yet: `exotel profile login` makes one", 1, true))
    exotel("profile use live"):says(1, "", ("exotel: there is no profile [live]: %s does not exist\n"):format(FILE))
    write(section("a") .. section("b"))
    exotel("trunk list"):says(1, "", ("exotel: which account? %s has the profiles a, b: --profile NAME takes one, `exotel profile use NAME` for good\n"):format(FILE))
  end)

  it("chooses one for good, in the file's first line", function()
    write("# mine\n" .. section("default", { api_key = "wrong" }) .. section("live"))
    local before = read()
    exotel("profile use live"):says(0, "commands take the profile live now\n", "")
    assert.equal("profile = live\n\n" .. before, read())
    exotel("trunk list"):says(0, nil, "")
    exotel("profile use live"):says(0, "already so: commands take the profile live\n", "")
    exotel("profile use default", { env = { EXOTEL_PROFILE = "live" } }):says(0, nil, "but EXOTEL_PROFILE is set, and names live\n")
    assert.equal("profile = default\n\n" .. before, read())
    exotel("trunk list", { env = { EXOTEL_PROFILE = "live" } }):says(0)
    exotel("trunk list --profile live"):says(0)
    exotel("profile use liv"):says(1, "", ("exotel: %s has no profile [liv] (did you mean live?); it has default, live\n"):format(FILE))
    write("profile = gone\n" .. before)
    exotel("trunk list"):says(1, "", ("exotel: %s has no profile [gone], which its line \"profile = gone\" names; it has default, live\n"):format(FILE))
    exotel("profile list"):says(0)
  end)

  it("tests one by a read", function()
    write(section("default") .. section("wrong", { api_token = "wrong" }))
    assert.truthy(exotel("profile test"):says(0, nil, "").out:find("^sandbox1 %(profile default%): the credentials are good, the service answers in %d"))
    local refused = exotel("profile test wrong"):says(1, "").err
    assert.truthy(refused:find("^exotel: list_trunks: authentication .*%-%- compare key, token and region"), refused)
    assert.equal("authentication", json.decode(exotel("profile test wrong --json"):says(1).err).error.kind)
  end)
end)

describe("the file of profiles", function()
  it("is refused in one line, whatever stands in its place", function()
    local cases = {
      { "rm -f FILE; mkdir FILE", "is a folder: profiles stand in a file" },
      { "rmdir FILE; mkfifo -m 600 FILE", "is a pipe or a device: profiles stand in a file" },
      { "rm FILE; ln -s FILE FILE", "can't be read: it is a symbolic link that leads back to itself" },
      { "rm FILE; head -c 5000 /bin/sh >FILE; chmod 600 FILE", "is no text: it holds NUL bytes" },
      { "printf '\\377\\376[\\0d\\0' >FILE", "is in UTF-16: save it as UTF-8" },
      { "truncate -s 3000000 FILE", "has 3000000 bytes: that is no file of profiles" },
      { "chown 12345 FILE", "belongs to another user (uid 12345), who could put another account into it: it is not read" },
    }
    write("")
    for _, case in ipairs(cases) do
      shell(case[1])
      exotel("trunk list"):says(1, "", ("exotel: %s %s\n"):format(FILE, case[2]))
    end
    for text, message in pairs {
      ["profile = a\nprofile = b\n"] = "line 2: it is said twice which profile counts",
      ["[a]\napi_key = x\napi_key = y\n"] = "line 3: api_key is there twice",
      ["[a]\nprotected = yes\n"] = "line 2: protected is true or false",
      ["profile = a/b\n"] = "line 1: profile = NAME takes the name of a profile",
    } do
      write(text)
      exotel("trunk list"):says(1, "", ("exotel: %s, %s\n"):format(FILE, message))
    end
    assert.same({}, sb:requests())
  end)

  it("may begin with a byte order mark, and be read through a link", function()
    local mark = "\239\187\191"
    write(mark .. section("live"):gsub("\n", "\r\n"))
    exotel("profile use live"):says(0)
    assert.equal(mark .. "profile = live\r\n\r\n" .. section("live"):gsub("\n", "\r\n"), read())
    exotel("trunk list"):says(0)
    write(mark .. "profile=other\n" .. section("live"))
    exotel("profile use live"):says(0)
    assert.equal(mark .. "profile=live\n" .. section("live"), read())
    shell("mv FILE " .. folder .. "/real; ln -s " .. folder .. "/real FILE")
    login("other"):says(0)
    shell("test -L FILE")
    assert.truthy(read(folder .. "/real"):find("[other]", 1, true))
  end)
end)

describe("a protected profile", function()
  before_each(function() write(section("default", { protected = "true" })) end)

  it("asks for the account's sid before a change, whatever --yes says, and for reads never", function()
    exotel("trunk list"):says(0)
    local refusal = "exotel: the profile [default] is protected: changes need its account SID, by --account SID where there is no terminal to type it on; --yes is not enough\n"
    exotel("trunk create out"):says(64, "", refusal)
    exotel("trunk create out --account acme"):says(1, "", ("exotel: --account names acme, but the account is sandbox1 (profile default), from the profile [default] of %s: nothing was sent\n"):format(FILE))
    local question = "expect:The profile default is protected, and this changes the account sandbox1 (profile default).\r\nIts account SID, to go on: "
    terminal("trunk create out", { question, "send:default\\n", "expect:that is not its account SID: nothing was changed" }):says(1)
    assert.equal(0, requests_of("POST"))
    terminal("trunk create out", { question, "send:sandbox1\\n" }):says(0)
    exotel("trunk delete out --yes --no-backup"):says(64, "", refusal)
    exotel("trunk delete out --yes --no-backup --account sandbox1"):says(0)
  end)

  it("stands in every question, with its account", function()
    write(section("live"))
    sb:put { trunk_sid = "trasked0000000000000001", trunk_name = "asked", numbers = { { phone_number = "+919876543230" } },
      ips = { { ip = "1.2.3.4", mask = 32 } }, destinations = { { destination = "1.2.3.4:5060" } } }
    sb:put { trunk_sid = "trasked0000000000000002", trunk_name = "goes" }
    local client = assert(sb:client())
    assert(client:create_credential { trunk_sid = "trasked0000000000000001", user_name = "pbx", password = "S3cret" })
    local spec = folder .. "/spec.lua"
    shell("printf 'return { trunk_name = \"goes\", absent = true }\\n' >" .. spec)
    for arguments, answers in pairs {
      ["number unmap asked +919876543230"] = 1, ["ip remove asked 1.2.3.4"] = 1, ["ip update asked 1.2.3.4 1.2.3.5"] = 1,
      ["ip replace asked 1.2.3.4 1.2.3.5"] = 1, ["destination remove asked 1.2.3.4:5060"] = 1,
      ["number move +919876543230 --to goes"] = 1, ["credential delete asked pbx"] = 1, ["credential rotate asked pbx"] = 1,
      ["credential rotate asked pbx --new-user b"] = 1, ["credential update asked pbx --new-password"] = 1,
      ["credential create asked new"] = 1, ["trunk delete goes"] = 1, ["apply " .. spec] = 2,
    } do
      local steps = {}
      for i = 1, answers do
        steps[#steps + 1] = "expect:of the account sandbox1 (profile live)"
        if arguments:find("^apply") and i == 1 then steps[#steps] = "expect:Apply this to the account sandbox1 (profile live)? [y/N] " end
        steps[#steps + 1] = i < answers and "send:y\\n" or "send:\\x04"
      end
      local status = terminal(arguments .. " --profile live", steps).status
      assert.truthy(status == 1 or status == 64, arguments)
    end
    assert.equal(2, #sb:state().trunks)
    assert.equal(1, requests_of("POST"))
  end)

  -- What each verb that changes something needs to come to its change.
  local WRITING = {
    ["trunk create"] = "new", ["trunk update"] = "out --status inactive", ["trunk delete"] = "out -y",
    ["number map"] = "out +919876543219", ["number update"] = "out +919876543210 --mode flow",
    ["number unmap"] = "out +919876543210 -y", ["number move"] = "+919876543210 --to other -y",
    ["number import"] = "NUMBERS --trunk out", ["ip add"] = "out 9.9.9.9", ["ip update"] = "out 1.2.3.4 1.2.3.5 --force",
    ["ip replace"] = "out 1.2.3.4 1.2.3.5 -y", ["ip remove"] = "out 1.2.3.4 -y --force",
    ["destination add"] = "out a.example.com:5060", ["destination update"] = "out 1.2.3.4:5060 --priority 5",
    ["destination remove"] = "out 1.2.3.4:5060 -y", ["alias set"] = "out +919876543210", ["alias remove"] = "other -y",
    ["setting set"] = "out trunk_external_alias +919876543210", ["setting remove"] = "other trunk_external_alias -y",
    ["credential create"] = "out pbx2 --generate-password --password-file PASSWORD",
    ["credential update"] = "out pbx --friendly-name desk",
    ["credential rotate"] = "out pbx -y --generate-password --password-file PASSWORD",
    ["credential delete"] = "out pbx -y", apply = "SPEC -y", conformance = "-y",
  }
  local READING = {}
  for word in ([[trunk.list trunk.show number.list number.find ip.list destination.list destination.test alias.show
    setting.list credential.list directory.refresh directory.show directory.number directory.ip plan export check
    validate fmt log profile.list profile.show profile.use profile.login profile.test sandbox doctor completion man
    status help]]):gmatch("%S+") do READING[word:gsub("%.", " ")] = true end

  it("is asked for by every verb that changes something, and nothing is made before", function()
    sb:put { trunk_sid = "trout0000000000000000001", trunk_name = "out", numbers = { { phone_number = "+919876543210" } },
      ips = { { ip = "1.2.3.4", mask = 32 } }, destinations = { { destination = "1.2.3.4:5060" } } }
    sb:put { trunk_sid = "trother00000000000000001", trunk_name = "other", numbers = { { phone_number = "+919876543211" } } }
    local client = assert(sb:client())
    assert(client:create_credential { trunk_sid = "trout0000000000000000001", user_name = "pbx", password = "S3cret" })
    assert(client:set_settings { trunk_sid = "trother00000000000000001",
      settings = { { name = "trunk_external_alias", value = "+919876543211" } } })
    sb:reset_requests()
    local places = { NUMBERS = folder .. "/numbers.csv", SPEC = folder .. "/spec.lua", PASSWORD = folder .. "/password" }
    shell("printf 'phone_number\\n+919876543218\\n' >" .. places.NUMBERS)
    shell("printf 'return { trunk_name = \"third\" }\\n' >" .. places.SPEC)
    local seen, script = {}, {}
    for _, description in ipairs(require("exotel.cli.commands").list) do
      for _, verb in ipairs(description.verbs or { description }) do
        local name = description.verbs and description.name .. " " .. verb.name or description.name
        assert.truthy(WRITING[name] or READING[name], "is this verb one that changes something? " .. name)
        seen[name] = WRITING[name] and true
      end
    end
    for name, arguments in pairs(WRITING) do
      assert.truthy(seen[name] or name == "conformance", name) -- which need not be there
      if seen[name] then script[#script + 1] = ("%s %s"):format(name, (arguments:gsub("%u%u+", places))) end
    end
    for _, arguments in ipairs(script) do
      local result = exotel(arguments):says(64)
      assert.truthy(result.err:find("the profile [default] is protected", 1, true), arguments .. ": " .. result.err)
    end
    assert.equal(0, requests_of("POST"))
    assert.is_nil(read(places.PASSWORD))
  end)
end)

describe("api_token_command", function()
  local function with(text) write(section("default", { api_token = false, api_token_command = text })) end

  it("prints the token, when it is needed, and may ask at the terminal", function()
    with("echo asked >&2; echo " .. sb.api_token .. "; echo more")
    exotel("trunk list"):says(0, nil, "asked\n")
    exotel("profile list"):says(0, nil, "")
    exotel("profile show"):says(0, nil, "")
    exotel("profile use default"):says(0, nil, "")
    assert.truthy(exotel("doctor").out:find("credentials  good", 1, true))
    with("read pin; test $pin = 1234 && echo " .. sb.api_token)
    terminal("trunk list", { "send:1234\\n" }):says(0)
  end)

  it("is run once, and reads nothing that is meant for exotel", function()
    with(("cat; echo x >>%s/runs; echo %s"):format(folder, sb.api_token))
    assert(assert(sb:client()):create_trunk { trunk_name = "piped" })
    exotel("number import - --trunk piped --results " .. folder .. "/results --quiet", { input = "phone_number\n+919876543240\n" }):says(0)
    assert.truthy(read(folder .. "/results"):find("+919876543240", 1, true))
    assert.equal("x\n", read(folder .. "/runs"))
    exotel("doctor"):says(0)
    assert.equal("x\nx\n", read(folder .. "/runs"))
  end)

  it("is told in one line when it fails, without what it printed", function()
    for text, message in pairs {
      ["echo s3cr3t; exit 3"] = "ended with status 3: what it says stands above",
      ["true"] = "printed no token",
      ["echo; echo s3cr3t"] = "printed no token",
      ["echo s3cr3t; kill -9 $$"] = "was ended by signal 9",
      ["yes s3cr3t"] = "printed more than a token",
    } do
      with(text)
      exotel("trunk list"):says(1, "", ("exotel: the api_token_command of the profile [default] %s\n"):format(message))
    end
    with("echo s3 cr3t")
    assert.is_nil(exotel("trunk list"):says(1, "").err:find("cr3t", 1, true))
    assert.same({}, sb:requests())
  end)

  it("is ended by Ctrl-C, and doesn't hold the command up when it leaves something behind", function()
    with("echo asks >&2; exec sleep 1000")
    terminal("trunk list", { "expect:asks", "send:\\x03" }):says(130)
    with("sleep 1000 & echo $! >" .. folder .. "/left; echo " .. sb.api_token)
    exotel("trunk list"):says(0, nil, "")
    shell("kill $(cat " .. folder .. "/left)")
  end)

  it("stands alone", function()
    write(section("default", { api_token_command = "true" }))
    exotel("trunk list"):says(1, "", ("exotel: %s: the profile [default] has an api_token and an api_token_command: leave one of them out\n"):format(FILE))
  end)
end)

describe("the vendor's variables", function()
  local function vendors(changes)
    local env = { EXO_ACCOUNT_SID = "acme", EXO_AUTH_KEY = "key", EXO_AUTH_TOKEN = "s3cr3t", EXO_SUBSCRIBIX_DOMAIN = "api.in.exotel.com" }
    for name, value in pairs(changes or {}) do env[name] = value or nil end
    for name, value in pairs(changes or {}) do if value == false then env[name] = nil end end
    return env
  end

  it("name an account where ours name none, as a whole", function()
    write(section("default") .. section("live"))
    local shown = exotel("profile show", { env = vendors() }):says(0, nil, "").out
    assert.truthy(shown:find("account_sid\tacme\nsource\tthe environment\nvariables\tEXO_ACCOUNT_SID, EXO_AUTH_KEY, EXO_AUTH_TOKEN, EXO_SUBSCRIBIX_DOMAIN\n", 1, true), shown)
    exotel("trunk list --profile live", { env = vendors() }):says(0)
    exotel("trunk list", { env = vendors { EXOTEL_PROFILE = "live" } }):says(0)
    local env = sb:environment()
    for name, value in pairs(vendors { EXO_AUTH_TOKEN = false }) do env[name] = value end
    exotel("trunk list", { env = env }):says(0, nil, "")
    exotel("trunk list", { env = vendors { EXO_AUTH_TOKEN = false } }):says(1, "",
      "exotel: EXO_ACCOUNT_SID is set, but not EXO_AUTH_TOKEN: the vendor's variables are taken all or not at all\n")
    exotel("trunk list", { env = vendors { EXOTEL_REGION = "mumbai" } }):says(1, "",
      "exotel: EXOTEL_REGION is set beside the vendor's EXO_ACCOUNT_SID: the two sets are not mixed; unset one, or set EXOTEL_ACCOUNT_SID, EXOTEL_API_KEY, EXOTEL_API_TOKEN, too\n")
    local bad = exotel("doctor", { env = vendors { EXO_SUBSCRIBIX_DOMAIN = "x y" } }):says(1).out
    assert.truthy(bad:find("WRONG  account      subdomain must be a host name", 1, true), bad)
    assert.is_nil(bad:find("s3cr3t", 1, true))
  end)
end)
