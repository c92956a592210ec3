-- How the command takes its command line: help, typos, what it refuses, completion and manual page.
local command = require "spec.support.command"
local commands = require "exotel.cli.commands"
local parser = require "exotel.cli.parser"
local sandbox = require "exotel.sandbox"

local sb

setup(function() sb = assert(sandbox.start()) end)
teardown(function() sb:stop() end)
before_each(function() sb:reset_requests() end)

local function exotel(arguments, options) return command.run(sb, arguments, options) end

local function assert_has(text, part) assert.truthy(text:find(part, 1, true), part .. " is missing in\n" .. text) end

describe("help", function()
  it("is there for the whole, and for a noun", function()
    local help = exotel("--help"):says(0, nil, "").out
    for _, noun in ipairs(commands.list) do assert_has(help, "\n   " .. noun.name .. " ") end
    assert.equal(help, exotel("-h"):says(0, nil, "").out)
    assert_has(exotel("trunk -h"):says(0).out, "\n   delete, rm ")
    exotel(""):says(0, help, "")
    exotel("help"):says(0, help, "")
    exotel("help import"):says(0, exotel("number import -h").out, "")
    exotel("help trunk"):says(0, exotel("trunk -h").out, "")
    exotel("help trunk rm -q"):says(0, exotel("trunk rm -h").out, "")
    assert_has(exotel("help help"):says(0, nil, "").out, "Usage: exotel help [COMMAND ...]\n")
    exotel("help trunk create"):says(0, exotel("trunk create --help").out, "")
    exotel("help trnk"):says(64, "", 'exotel: unknown command "trnk": did you mean trunk?; see exotel --help\n')
    exotel("--version"):says(0, "exotel " .. require("exotel").version .. "\n", "")
  end)

  it("is as wide as the terminal, and breaks no example", function()
    for _, width in ipairs { 40, 80, 200 } do
      local text = command.at_terminal(nil, "help number import", { "size:" .. width }, { env = { COLUMNS = "" } }):says(0).out
      local help, examples, widest = text:match("^(.*\n)Examples:\n(.*)$"), text:match("\nExamples:\n(.*)$"), 0
      for line in help:gmatch("[^\n]+") do widest = math.max(widest, #line) end
      assert.is_true(widest <= width and widest > width * 0.75, text)
      assert_has(examples, "--trunk inbound --columns phone_number=Mobile --country 91 --dry-run\n")
    end
  end)

  it("is an error when it can't be written, and none when nobody reads it", function()
    exotel("--help", { shell = "EXOTEL >/dev/full" }):says(1, "",
      "exotel: the output can't be written: No space left on device\n")
    exotel("--help", { shell = "EXOTEL | head -n 1; echo ${PIPESTATUS[@]:1}" }):says(0, nil, "")
  end)
end)

-- In process: what a process makes of it is the same for all.
local function parse(arguments)
  local words = {}
  for word in arguments:gmatch("%S+") do words[#words + 1] = word end
  local good, raised = pcall(parser.parse, commands, words)
  assert.is_false(good)
  return { raised.status, raised.message }
end

-- What only shows once the command runs, or as it is shown.
local function needs_process(arguments)
  return arguments:find("^help") or arguments:find("[%d']") or arguments:find(" out ") or arguments == "trnk"
end

describe("a wrong command line", function()
  for arguments, message in pairs {
    ["-q"] = "exotel takes a command, such as `exotel trunk list`; see exotel --help",
    ["trnk"] = 'unknown command "trnk": did you mean trunk?; see exotel --help',
    ["nubmer list x"] = 'unknown command "nubmer": did you mean number?; see exotel --help',
    ["frobnicate"] = 'unknown command "frobnicate"; see exotel --help',
    ["trunk"] = "exotel trunk takes one of these: create, list, show, update, delete",
    ["numbers list x"] = 'unknown command "numbers": did you mean number?; see exotel --help',
    ["list numbers x"] = 'unknown command "list": did you mean exotel number list?; see exotel --help',
    ["lsit trunks"] = 'unknown command "lsit": did you mean exotel trunk list?; see exotel --help',
    ["delete trunk x"] = 'unknown command "delete": did you mean exotel trunk delete?; see exotel --help',
    ["remove trunk x"] = 'unknown command "remove": did you mean exotel trunk delete?; see exotel --help',
    ["import x.csv"] = 'unknown command "import": did you mean exotel number import?; see exotel --help',
    ["list"] = '"list" comes after what it is about (trunk, number, ip, destination, setting, credential, profile): exotel trunk list; see exotel --help',
    ["acl list x"] = 'unknown command "acl": did you mean ip?; see exotel --help',
    ["trunk get x"] = 'unknown command "get": did you mean show?; see exotel trunk --help',
    ["trunk import x"] = 'unknown command "import": did you mean exotel number import?; see exotel trunk --help',
    ["trunk numbers x"] = 'unknown command "numbers": did you mean exotel number?; see exotel trunk --help',
    ["help list"] = '"list" comes after what it is about (trunk, number, ip, destination, setting, credential, profile): exotel trunk list; see exotel --help',
    ["help trunk lst"] = 'unknown command "lst": did you mean list?; see exotel trunk --help',
    ["help trunk list x"] = 'too many arguments: there is no help for "x" below exotel trunk list',
    ["'tr\nu\27[31m'"] = 'unknown command "tr u [31m"; see exotel --help',
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
    ["completion ksh"] = "argument 'SHELL' must be one of 'bash', 'zsh', 'fish': did you mean zsh?; see exotel completion --help",
    ["number map out 9876543210"] = 'phone_number must be E.164 and start with "+" and the country code, as in +919876543210 (got "9876543210")',
    ["number find 123"] = 'exophone must be E.164 and start with "+" and the country code, as in +919876543210 (got "123")',
    ["destination add out nonsense"] = 'destination must be <IPv4 or FQDN>:<port>;transport=<tls, tcp or udp>, as in 44.248.146.11:5061;transport=tls (got "nonsense")',
    ["alias set out 123"] = 'value must be E.164 and start with "+" and the country code, as in +919876543210 (got "123")',
  } do
    it(("is told in one line: exotel %s"):format(arguments), function()
      if not needs_process(arguments) then return assert.same({ 64, message }, parse(arguments)) end
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
