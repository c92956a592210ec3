-- How the command takes its command line: help, typos, what it refuses, completion and manual page.
local child = require "spec.support.child"
local command = require "spec.support.command"
local commands = require "exotel.cli.commands"
local sandbox = require "exotel.sandbox"

local sb

setup(function() sb = assert(sandbox.start()) end)
teardown(function() sb:stop() end)
before_each(function() sb:reset_requests() end)

local function exotel(arguments, options) return command.run(sb, arguments, options) end

-- Every command that runs, by what is typed for it: { "trunk create" = its description, … }
local function runnable()
  local all = {}
  for _, noun in ipairs(commands.list) do
    for _, verb in ipairs(noun.verbs or { noun }) do all[noun.verbs and noun.name .. " " .. verb.name or noun.name] = verb end
  end
  return all
end

local function assert_has(text, part) assert.truthy(text:find(part, 1, true), part .. " is missing in\n" .. text) end

describe("help", function()
  it("is there for every command, with its arguments, its options and an example", function()
    for name, description in pairs(runnable()) do
      local help = exotel(name .. " --help"):says(0, nil, "").out
      assert_has(help, "Usage: exotel " .. name)
      assert_has(help, "Examples:\n   ")
      assert_has(help:match("Examples:.*"), "exotel " .. name)
      for _, list in ipairs { description.arguments or {}, description.options or {} } do
        for _, element in ipairs(list) do assert_has(help, element.name:match("%-%-%S+") or element.choices and element.choices[1] or element.name) end
      end
      for line in help:gmatch("[^\n]+") do assert.is_true(#line <= 100, line) end
    end
  end)

  it("is there for the whole, and for a noun", function()
    local help = exotel("--help"):says(0, nil, "").out
    for _, noun in ipairs(commands.list) do assert_has(help, "\n   " .. noun.name .. " ") end
    assert.equal(help, exotel("-h"):says(0, nil, "").out)
    assert_has(exotel("trunk -h"):says(0).out, "\n   delete ")
    exotel("help"):says(0, help, "")
    exotel("help trunk create"):says(0, exotel("trunk create --help").out, "")
    exotel("help trnk"):says(64, "", 'exotel: unknown command "trnk": did you mean trunk?; see exotel --help\n')
    exotel("--version"):says(0, "exotel " .. require("exotel").version .. "\n", "")
  end)

  it("is an error when it can't be written, and none when nobody reads it", function()
    exotel("--help", { shell = "EXOTEL >/dev/full" }):says(1, "",
      "exotel: the output can't be written: No space left on device\n")
    exotel("--help", { shell = "EXOTEL | head -n 1; echo ${PIPESTATUS[@]:1}" }):says(0, nil, "")
  end)
end)

describe("a wrong command line", function()
  for arguments, message in pairs {
    [""] = "exotel takes a command, such as `exotel trunk list`; see exotel --help",
    ["trnk"] = 'unknown command "trnk": did you mean trunk?; see exotel --help',
    ["nubmer list x"] = 'unknown command "nubmer": did you mean number?; see exotel --help',
    ["frobnicate"] = 'unknown command "frobnicate"; see exotel --help',
    ["trunk"] = "exotel trunk takes one of these: create, list, show, update, delete",
    ["trunk lst"] = 'unknown command "lst": did you mean list?; see exotel trunk --help',
    ["trunk sohw x"] = 'unknown command "sohw": did you mean show?; see exotel trunk --help',
    ["trunk list --jsno"] = 'unknown option "--jsno": did you mean --json?; see exotel trunk list --help',
    ["trunk create x --nsocode y"] = 'unknown option "--nsocode": did you mean --nso-code?; see exotel trunk create --help',
    ["trunk list -x"] = 'unknown option "-x"; see exotel trunk list --help',
    ["trunk create"] = "missing argument 'NAME'; see exotel trunk create --help",
    ["trunk create a b"] = "too many arguments; see exotel trunk create --help",
    ["trunk list --profile"] = "option '--profile' requires an argument; see exotel trunk list --help",
    ["trunk list --json=1"] = "option '--json' does not take arguments; see exotel trunk list --help",
    ["number map out +919876543210 --mode x"] = "argument for option '--mode' must be one of 'pstn', 'flow'; see exotel number map --help",
    ["completion ksh"] = "argument 'SHELL' must be one of 'bash', 'zsh', 'fish'; see exotel completion --help",
    ["number map out 9876543210"] = 'phone_number must be E.164 and start with "+" and the country code, as in +919876543210 (got "9876543210")',
    ["number find 123"] = 'exophone must be E.164 and start with "+" and the country code, as in +919876543210 (got "123")',
    ["destination add out nonsense"] = 'destination must be <IPv4 or FQDN>:<port>;transport=<tls, tcp or udp>, as in 44.248.146.11:5061;transport=tls (got "nonsense")',
    ["alias set out 123"] = 'value must be E.164 and start with "+" and the country code, as in +919876543210 (got "123")',
  } do
    it(("is told in one line: exotel %s"):format(arguments), function()
      if arguments:find(" out ") then exotel("trunk create out"):says(0) end
      exotel(arguments):says(64, "", "exotel: " .. message .. "\n")
      for _, request in ipairs(sb:requests()) do assert.is_true(request.method == "GET" or request.operation == "create_trunk") end
    end)
  end

  it("that gives a secret away is refused, and the secret not repeated", function()
    for _, option in ipairs { "--api-key=s3cr3t", "--api-key s3cr3t", "--api_token s3cr3t", "--token=s3cr3t", "--password s3cr3t", "--user a:s3cr3t" } do
      local refused = exotel("credential create out pbx " .. option):says(64, "")
      assert.truthy(refused.err:find("is not taken from the command line, which others can see", 1, true), refused.err)
      assert.is_nil(refused.err:find("s3cr3t", 1, true), refused.err)
    end
    assert_has(exotel("trunk list --password x").err, "--password-env NAME")
    exotel("sandbox -- echo --password x"):says(0, "--password x\n", "")
    assert.same({}, sb:requests())
  end)
end)

describe("completion", function()
  local function complete(words)
    local script = exotel("completion bash"):says(0, nil, "").out
    local path = child.write(script .. ("COMP_WORDS=(exotel %s); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _exotel; echo \"${COMPREPLY[@]}\"\n"):format(words))
    local text, status = child.finish(child.start("bash --norc " .. path))
    os.remove(path)
    assert.equal(0, status, text)
    return (text:gsub("\n$", ""))
  end

  it("knows commands, options and choices in bash", function()
    assert.equal("trunk", complete("tru"))
    assert.equal("create list show update delete", complete("trunk ''"))
    assert.equal("--trunk-name", complete("trunk update x --tru"))
    assert.equal("pstn flow", complete("number map x +911234567 --mode ''"))
    assert.equal("--profile", complete("trunk list --pro"))
  end)

  -- In real shells they are tried where the packages are: spec/packaging/installed.sh.
  it("names every command and option in zsh and fish", function()
    local script = exotel("completion zsh"):says(0, nil, "").out
    assert.truthy(script:find("^#compdef exotel\n"))
    local fish = exotel("completion fish"):says(0, nil, "").out
    assert.truthy(fish:find("\ncomplete -c exotel -n '__fish_exotel_using_command' -xa 'trunk' ", 1, true), fish)
    for _, description in pairs(runnable()) do
      for _, option in ipairs(description.options or {}) do
        assert_has(script, option.name:match("%-%-[%w-]+"))
        assert_has(fish, "-l " .. option.name:match("%-%-([%w-]+)"))
      end
    end
  end)
end)

describe("the manual page", function()
  it("names every command, argument and option", function()
    local page = exotel("man"):says(0, nil, "").out:gsub("\\%-", "-")
    for name, description in pairs(runnable()) do
      assert_has(page, ".SS \\fBexotel " .. name .. "\\fR")
      for _, list in ipairs { description.arguments or {}, description.options or {}, commands.options } do
        for _, element in ipairs(list) do assert_has(page, "\\fB" .. element.name:gsub(" ", ", ") .. "\\fR") end
      end
    end
    for _, line in ipairs { "\n.SH ACCOUNT\n", "\n.SH EXIT STATUS\n", "\n.SH INTERRUPTION\n" } do assert_has(page, line) end
    for line in page:gmatch("[^\n]+") do assert.is_nil(line:find("^'"), line) end
  end)
end)
