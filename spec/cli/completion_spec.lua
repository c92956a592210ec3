-- Completion in bash, zsh and fish: in each shell, at a terminal, as somebody types; and what can follow where.
local child = require "spec.support.child"
local command = require "spec.support.command"
local commands = require "exotel.cli.commands"
local complete = require "exotel.cli.complete"
local sandbox = require "exotel.sandbox"

local sb, folder

local function read(path)
  local file = io.open(path)
  local text = file and file:read("*a") or ""
  if file then file:close() end
  return text
end

local function write(path, text)
  local file = assert(io.open(path, "w"))
  file:write(text)
  file:close()
end

-- Names that the service would not take today, of which each begins in its own way.
local NAMES = {
  "my trunk", "it's", 'quo"te', "$(touch PWNED)", "`touch PWNED`", "wi;&|<>*?\\{x,y}", "zz[z]%=~#^@:", "naïve 日本", "ta\tb",
  "ne\nw", "es\27[31m", "-dash", "ex!x", "#hash", "~tilde", "sid:evil", "plain_1", "verylongname_beyond_16", "", "trail ",
  "double", "double",
}

local sids = {}

setup(function()
  sb = assert(sandbox.start())
  folder = os.tmpname()
  os.remove(folder)
  assert(os.execute("mkdir -p " .. folder .. "/exotel"))
  for _, name in ipairs(NAMES) do sids[name] = sb:put({ trunk_name = name }).trunk_sid end
end)
teardown(function()
  sb:stop()
  os.execute("rm -rf " .. folder)
end)

-- Below HOME: completion keeps what it knows there, and profiles are there.
local function home() return { HOME = folder, XDG_CONFIG_HOME = folder, XDG_CACHE_HOME = "" } end

-- `text`: the line, with a space between two words.
local function after(text, env, account, shell)
  local options = { env = env or home(), input = text:gsub(" ", "\n") .. "\n", shell = shell }
  return command.run(account or sb, "__complete words", options)
end

-- In shells -----------------------------------------------------------------------------------------------------------

-- In the place of exotel: it asks the command what follows; what it is called with otherwise it writes down, each word in
-- angle brackets, a line for each time.
local STAND_IN = [[
#!/bin/bash
if [ "$1" = __complete ]; then echo "$*" >>%s/asked; exec %s "$@"; fi
printf '<%%s>' "$@" >>%s/called
echo >>%s/called
]]

-- What is typed, with | for the key TAB, and how the command is called then. After "=" stands a whole line.
local TYPED = {
  { "tru|l|", "<trunk><list>" }, { "trunk show my|", "<trunk><show><my trunk>" },
  { 'trunk show "my|', "<trunk><show><my trunk>" }, { "trunk show my\\ |", "<trunk><show><my trunk>" },
  { "trunk show it|", "<trunk><show><it's>" }, { 'trunk show "it|', "<trunk><show><it's>" },
  { "trunk show quo|", '<trunk><show><quo"te>' }, { 'trunk show "quo|', '<trunk><show><quo"te>' },
  { "trunk show \\$|", "<trunk><show><$(touch PWNED)>" }, { "trunk show '$|", "<trunk><show><$(touch PWNED)>" },
  { "trunk show \\`|", "<trunk><show><`touch PWNED`>" },
  { "trunk show w|", "<trunk><show><wi;&|<>*?\\{x,y}>" }, { 'trunk show "w|', "<trunk><show><wi;&|<>*?\\{x,y}>" },
  { "trunk show z|", "<trunk><show><zz[z]%=~#^@:>" },
  { "trunk show naï|", "<trunk><show><naïve 日本>" }, { "trunk show ex|", "<trunk><show><ex!x>" },
  { "trunk show \\#|", "<trunk><show><#hash>" }, { "trunk show \\~|", "<trunk><show><~tilde>" },
  { "trunk show tr|", "<trunk><show><trail >" }, { "trunk show name:-|", "<trunk><show><name:-dash>" },
  { "trunk show name:sid|", "<trunk><show><name:sid:evil>" }, { "trunk show SID|", "<trunk><show><sid:MY_SID>" },
  { "--profile=te|number map plain_1 +1 --mode=f|", "<--profile=test><number><map><plain_1><+1><--mode=flow>" },
  { "destination add x '1.2.3.4:5061;transport=tl|", "<destination><add><x><1.2.3.4:5061;transport=tls>" },
  { "apply FOLDER/spec|", "<apply><FOLDER/spec ification.lua>" }, { "sandbox -- sha256su|", "<sandbox><--><sha256sum>" },
  { 'trunk show name:"my|', "<trunk><show><name:my trunk>", except = "fish" },
  { "=cd .; X=1 exotel tru|", "<trunk>" },
  -- Where no file is expected there is none, and what can't be is left alone.
  { "--profile FOLDER/spec|", "<--profile><FOLDER/spec>" }, { "trunk show FOLDER/spec|", "<trunk><show><FOLDER/spec>" },
  { "frobnicate s|", "<frobnicate><s>" },
}

local SHELLS = {
  bash = { start = "bash --norc --noprofile -i", prompt = "PS1='R''> '", load = 'eval "$(exotel-real completion bash)"' },
  zsh = { start = "zsh -f -i", prompt = "PS1='R''> '",
    load = 'autoload -Uz compinit; compinit -u -D; eval "$(exotel-real completion zsh)"' },
  fish = { start = "fish --no-config -i", prompt = "function fish_prompt; echo -n 'R''> '; end",
    load = "exotel-real completion fish | source" },
}

local function filled(text)
  return (text:gsub("FOLDER", function() return folder end):gsub("MY_SID", function() return sids["my trunk"] end)
    :gsub("SID", function() return "sid:" .. sids["my trunk"]:sub(1, -4) end))
end

local function typed_in(name)
  local typed = {}
  for _, one in ipairs(TYPED) do
    if one.except ~= name then typed[#typed + 1] = one end
  end
  return typed
end

local function type_in(shell, typed)
  os.remove(folder .. "/called")
  local steps = { "size:200", "send:" .. shell.prompt .. "\n", "expect:R> ", "send:" .. shell.load .. "\n", "expect:R> " }
  for _, one in ipairs(typed) do
    local line = one[1]:match("^=(.*)$") or "exotel " .. one[1]
    steps[#steps + 1] = "send:" .. filled((line:gsub("|", "\t"))) .. "\n"
    steps[#steps + 1] = "expect:R> "
  end
  steps[#steps + 1] = "send:exit\n"
  local env = home()
  env.PATH, env.INPUTRC, env.LC_ALL = folder .. "/bin:" .. os.getenv("PATH"), "/dev/null", "C.UTF-8"
  env.HISTFILE, env.XDG_DATA_HOME, env.ZDOTDIR = "/dev/null", folder .. "/data", folder
  local words = { "env" }
  for name, value in pairs(env) do words[#words + 1] = name .. "=" .. child.quote(value) end
  words[#words + 1] = shell.start
  return command.at_terminal(nil, "", steps, { program = table.concat(words, " ") }).out
end

describe("completion, at a terminal,", function()
  setup(function()
    local bin = folder .. "/bin"
    assert(os.execute("mkdir -p " .. bin))
    local here = child.output("pwd")
    local real = command.line(sb, "", home()):gsub("bin/exotel $", function() return here .. "/bin/exotel" end)
    write(bin .. "/exotel", STAND_IN:format(folder, real, folder, folder))
    write(bin .. "/exotel-real", "#!/bin/sh\nexec " .. real .. ' "$@"\n')
    assert(os.execute("chmod +x " .. bin .. "/*"))
    write(folder .. "/spec ification.lua", "return {}")
    write(folder .. "/exotel/config", "[default]\n[ test ]\napi_token = s3cr3t\n[prod]\n")
    os.execute("chmod 600 " .. folder .. "/exotel/config")
  end)

  for name, shell in pairs(SHELLS) do
    it("is right, and in the right quotes, in " .. name, function()
      local typed, expected = typed_in(name), {}
      local shown = type_in(shell, typed)
      for i, one in ipairs(typed) do expected[i] = filled(one[2]) .. "\n" end
      assert.equal(table.concat(expected), read(folder .. "/called"), shown)
      assert.equal("", read("PWNED"))
      local asked = read(folder .. "/asked") -- with arguments that others can see
      assert.truthy(asked:find("__complete", 1, true))
      assert.is_nil(asked:find("show", 1, true) or asked:find("trunk", 1, true), asked)
      assert.is_nil(shown:find("exotel:", 1, true), shown)
      assert.is_nil(shown:find("s3cr3t", 1, true), shown)
    end)
  end
end)

-- What can follow -----------------------------------------------------------------------------------------------------

-- → the words that can follow, with spaces between them, and what the shell adds. `text`: the line, which ends with the
-- word to complete
local function following(text)
  local given = {}
  for one in (text .. " "):gmatch("(%S*) ") do given[#given + 1] = one end
  local list, action = complete.words(commands, given, table.remove(given))
  for i, one in ipairs(list) do list[i] = one.text end
  return table.concat(list, " "), action
end

local MODES = "pstn flow"
local COMMON = "--json --quiet --account --profile --verbose --help"

describe("completion knows", function()
  for line, expected in pairs {
    ["alias "] = "set show remove",
    ["trunk rm x -"] = "--backup --no-backup --yes " .. COMMON,
    ["--json -q -"] = "--account --profile --verbose --help --version",
    ["number map a +91 --mode "] = MODES,
    ["number update a +91 --mode=p"] = "--mode=pstn --mode=flow",
    ["number map a +91 --mode pstn -"] = COMMON, ["number map a +91 "] = "",
    ["trunk update x --status "] = "active inactive",
    ["setting set x "] = "trunk_external_alias",
    ["apply --allow "] = "last_ip last_destination shrink delete_trunk",
    ["apply --allow shrink --yes -"] = "--plan --prune --allow --rotate --lock-timeout --no-lock --only --full --backup --no-backup " .. COMMON,
    ["apply --allow shrink --allow "] = "last_ip last_destination shrink delete_trunk",
    ["completion "] = "bash zsh fish", ["completion bash "] = COMMON,
    ["export --format "] = "lua json",
    ["number import --columns "] = "phone_number= mode= trunk=",
    ["destination add x 10.0.0.1:5060"] = "10.0.0.1:5060;transport=tls 10.0.0.1:5060;transport=tcp 10.0.0.1:5060;transport=udp",
    ["destination add x 10.0.0.1"] = "", ["destination test 10.0.0.1:1;tr"] = "10.0.0.1:1;transport=tls 10.0.0.1:1;transport=tcp 10.0.0.1:1;transport=udp",
    ["help trunk "] = "create list show update delete", ["help trunk list "] = "", ["help completion "] = "",
    ["sandbox "] = "--port --tls --load --state --fault --log " .. COMMON, ["sandbox --port "] = "",
    ["trunk create "] = "", ["credential create x "] = "", ["number map a "] = "",
    ["frobnicate "] = "", ["trunk frob "] = "", ["trunk --help "] = "", ["trunk list --jsno "] = "", ["trunk list --json="] = "",
  } do
    it("what follows: exotel " .. line, function() assert.same({ expected, nil }, { following(line) }) end)
  end

  it("the columns of a list, one after the other, and regions", function()
    local list = {
      name = "list", columns = { { field = "phone_number" }, { field = "mode" }, { field = "id" } },
      options = { { name = "--columns", value = "A,B,C" }, { name = "--region", value = "REGION" } },
    }
    local function words_for(current, option)
      local texts = {}
      for i, one in ipairs(complete.words({ options = {}, list = { list } }, { "list", option or "--columns" }, current)) do
        texts[i] = one.text .. (one.open and "+" or "")
      end
      return table.concat(texts, " ")
    end
    assert.equal("phone_number+ mode+ id+", words_for "")
    assert.equal("mode,phone_number+ mode,id+", words_for "mode,")
    assert.equal("mode,id,phone_number+", words_for "mode,id,ph")
    assert.equal("mumbai singapore", words_for("", "--region"))
  end)

  it("where files, folders and programs are expected, and nowhere else", function()
    for line, expected in pairs {
      ["apply "] = "files", ["apply a.lua "] = "files", ["plan --out "] = "files", ["plan --out=x"] = "files",
      ["sandbox -- "] = "program", ["sandbox --tls -- ls -"] = "program",
    } do
      assert.same({ "", expected }, { following(line) }, line)
    end
  end)

  it("of every argument and value of an option what it is, where anybody can know", function()
    local unknown = {}
    for _, noun in ipairs(commands.list) do
      for _, verb in ipairs(noun.verbs or { noun }) do
        for _, list in ipairs { verb.arguments or {}, verb.options or {}, commands.options } do
          for _, element in ipairs(list) do
            local takes_value = element.value or not element.name:find("^%-")
            if takes_value and complete.kind(element) == "none" then unknown[element.value or element.name] = true end
          end
        end
      end
    end
    for _, name in ipairs { "FILE", "TRUNK", "MODE", "FORMAT", "SHELL", "RULE" } do assert.is_nil(unknown[name], name) end
  end)
end)

-- The service, and what is kept of it ---------------------------------------------------------------------------------

local function kept() return child.output("cd " .. folder .. "/.cache/exotel/trunks && ls -l * | cut -c1-10") end

describe("completion of trunks", function()
  local trunks = "trunk show plai"

  before_each(function()
    os.execute("rm -rf " .. folder .. "/.cache")
    sb:clear_faults()
    sb:reset_requests()
  end)

  local ANSWER

  setup(function() ANSWER = "\nplain_1\t" .. sids.plain_1 .. "\n" end)

  local function says(answer, env)
    local out = after(trunks, env):says(0, nil, "").out
    assert.equal(answer ~= nil, out:find(ANSWER, 1, true) ~= nil, out)
    if not answer then assert.equal("none\n", out) end
  end

  it("offers a name that can be typed, and else the sid", function()
    local out = after("trunk show "):says(0, nil, "").out
    local _, sids_alone = out:gsub("\nsid:%w+", "")
    assert.equal(6, sids_alone, out) -- three with control characters, one without a name, and two of one name
    assert.is_nil(out:gsub("[\t\n]", ""):find("%c"), out)
    assert.truthy(out:find("\nname:-dash\t", 1, true), out)
    assert.truthy(out:find("\nsid:" .. sids.double .. "\tdouble\n", 1, true), out)
  end)

  it("keeps what it was told for a while, for its owner only, and no secret", function()
    says(true)
    os.remove(folder .. "/.cache/exotel/trunks/" .. child.output("ls " .. folder .. "/.cache/exotel/trunks | grep asked"))
    says(true)
    assert.equal(1, #sb:requests())
    assert.equal("-rw-------", kept())
    assert.equal("drwx------", child.output("ls -ld " .. folder .. "/.cache/exotel | cut -c1-10"))
    local text = child.output("cat " .. folder .. "/.cache/exotel/trunks/*")
    assert.truthy(text:find("plain_1", 1, true))
    for _, secret in ipairs { sb.api_key, sb.api_token } do assert.is_nil(text:find(secret, 1, true)) end
  end)

  it("keeps each account for itself", function()
    says(true)
    local other = assert(sandbox.start())
    other:put { trunk_name = "plaice" }
    assert.equal("words\nplaice\t" .. other:state().trunks[1].trunk_sid .. "\n",
      after(trunks, home(), other):says(0, nil, "").out)
    other:stop()
    says(true)
    assert.equal(1, #sb:requests())
  end)

  it("takes nothing that others may have written", function()
    says(true)
    os.execute("chmod 644 " .. folder .. "/.cache/exotel/trunks/*")
    says(true)
    assert.equal(2, #sb:requests())
  end)

  it("forgets what a change has made untrue", function()
    says(true)
    command.run(sb, "trunk create plain_2", { env = home() }):says(0)
    local out = after(trunks):says(0, nil, "").out
    assert.truthy(out:find("\nplain_2\t", 1, true), out)
    command.run(sb, "trunk delete --yes --no-backup plain_2", { env = home() }):says(0)
    assert.is_nil(after(trunks):says(0, nil, "").out:find("plain_2", 1, true))
  end)

  it("doesn't wait for a service that says nothing, and doesn't ask it each time", function()
    sb:fault { before = "list_trunks", hang = true, times = true }
    for _ = 1, 2 do
      after(trunks, home(), sb, "timeout 6 EXOTEL"):says(0, "none\n", "")
    end
    assert.equal(1, #sb:requests())
  end)

  it("says nothing of what goes wrong", function()
    sb:fault { before = "list_trunks", status = 401, times = true }
    says(nil)
    local none = home()
    for name in pairs(sb:environment()) do none[name] = "" end
    says(nil, none)
    write(folder .. "/exotel/config", "nonsense\n")
    says(nil, none)
    none.HOME, none.XDG_CONFIG_HOME = "/proc/nonexistent", "/proc/nonexistent"
    says(nil, none)
    for _, arguments in ipairs { "", " bash", " ksh x", " words" } do
      command.run(sb, "__complete" .. arguments):says(0, nil, "")
    end
  end)

  it("is there without a place to keep anything", function()
    local env = home()
    env.HOME, env.XDG_CACHE_HOME = "/proc/nonexistent", "/proc/nonexistent"
    says(true, env)
    says(true, env)
    assert.equal(2, #sb:requests())
  end)
end)
