-- Whose account a command works on: environment and profiles, and what is refused.
local command = require "spec.support.command"
local sandbox = require "exotel.sandbox"

local sb, folder

setup(function()
  sb = assert(sandbox.start())
  folder = os.tmpname()
  os.remove(folder)
  assert(os.execute("mkdir -p " .. folder .. "/exotel"))
end)
teardown(function()
  sb:stop()
  os.execute("rm -r " .. folder)
end)

local FILE

-- Writes the file of profiles. `mode`: for chmod.
local function write(text, mode)
  FILE = folder .. "/exotel/config"
  local file = assert(io.open(FILE, "w"))
  file:write(text)
  file:close()
  assert(os.execute(("chmod %s %s"):format(mode or "600", FILE)))
end

local function section(name, changes, without)
  local options = { account_sid = sb.account_sid, api_key = sb.api_key, api_token = sb.api_token, base_url = sb.base_url }
  for key, value in pairs(changes or {}) do options[key] = value end
  if without then options[without] = nil end
  local lines = { "[" .. name .. "]" }
  for key, value in pairs(options) do lines[#lines + 1] = key .. " = " .. value end
  return table.concat(lines, "\n") .. "\n"
end

-- Runs it with no account in the environment but what is in `env`.
local function exotel(arguments, env)
  local all = { XDG_CONFIG_HOME = folder }
  for name, value in pairs(env or {}) do all[name] = value end
  return command.run({}, arguments, { env = all })
end

local function refused(message, ...) return exotel(...):says(1, "", "exotel: " .. message .. "\n") end

describe("the account", function()
  it("that is nowhere is asked for, with what to do", function()
    os.remove(folder .. "/exotel/config")
    refused(("no account: `exotel profile login` asks for one and keeps it in %s/exotel/config; or set EXOTEL_ACCOUNT_SID, EXOTEL_API_KEY, EXOTEL_API_TOKEN and EXOTEL_REGION"):format(folder), "trunk list")
    refused(("there is no profile [test]: %s/exotel/config does not exist"):format(folder), "trunk list --profile test")
  end)

  it("is in the environment", function()
    exotel("trunk list", sb:environment()):says(0)
    local some = sb:environment()
    some.EXOTEL_API_TOKEN = nil
    assert.truthy(exotel("trunk list", some):says(1, "").err:find("^exotel: api_token", 1), "names what is missing")
  end)

  it("is a profile: the one named default, or another that is asked for", function()
    write("# mine\n" .. section("default") .. "\n; another\n" .. section("wrong", { api_key = "nobody" }))
    exotel("trunk list"):says(0)
    assert.truthy(exotel("trunk list --profile wrong"):says(1, "").err:find("authentication", 1, true))
    assert.truthy(exotel("trunk list", { EXOTEL_PROFILE = "wrong" }):says(1, "").err:find("authentication", 1, true))
    exotel("trunk list --profile default", { EXOTEL_PROFILE = "wrong" }):says(0)
    refused(FILE .. " has no profile [wrnog] (did you mean wrong?); it has default, wrong", "trunk list --profile wrnog")
  end)

  it("in the environment wins over the default profile, and over no profile that was asked for", function()
    write(section("default", { api_key = "nobody" }) .. section("good"))
    exotel("trunk list", sb:environment()):says(0)
    local wrong = sb:environment()
    wrong.EXOTEL_API_KEY = "nobody"
    exotel("trunk list --profile good", wrong):says(0)
    wrong.EXOTEL_PROFILE = "good"
    refused("EXOTEL_PROFILE and EXOTEL_ACCOUNT_SID are both set, and name two accounts: unset one", "trunk list", wrong)
  end)

  it("is found below HOME where XDG_CONFIG_HOME is not set", function()
    local home = folder .. "/home"
    assert(os.execute(("mkdir -p %s/.config && cp -rp %s/exotel %s/.config/"):format(home, folder, home)))
    write(section("default"))
    assert(os.execute(("cp -p %s %s/.config/exotel/config"):format(FILE, home)))
    os.remove(FILE)
    exotel("trunk list", { HOME = home, XDG_CONFIG_HOME = "" }):says(0)
  end)
end)

describe("the file of profiles", function()
  it("is refused when others can read it, with the chmod", function()
    for _, mode in ipairs { "640", "604", "660", "644", "610" } do
      write(section("default"), mode)
      refused(("%s holds keys and can be read by others: chmod 600 %s"):format(FILE, FILE), "trunk list")
    end
    write(section("default"), "400")
    exotel("trunk list"):says(0)
  end)

  it("is refused when it can't be read, and not taken for none", function()
    os.remove(FILE)
    assert(os.execute(("ln -s %s %s"):format(FILE, FILE)))
    refused(FILE .. " can't be read: it is a symbolic link that leads back to itself", "trunk list")
    os.remove(FILE)
  end)

  it("is refused when a profile is not whole: nothing is filled up from elsewhere", function()
    for _, key in ipairs { "account_sid", "api_key", "api_token" } do
      write(section("default", nil, key))
      refused(("%s: the profile [default] has no %s"):format(FILE, key), "trunk list", { EXOTEL_REGION = "mumbai" })
    end
    write(section("default", nil, "base_url"))
    refused(FILE .. ": the profile [default] has no region: add region = mumbai or region = singapore", "trunk list")
  end)

  it("is refused with the line that is wrong, which is not repeated", function()
    for text, message in pairs {
      ["api_key = x\n"] = "line 1: a profile's name in brackets comes first: [default]",
      ["[default]\napi_kee = x\n"] = "line 2: api_kee is not known to a profile",
      ["[default]\ns3cr3t\n"] = "line 2: neither [profile] nor name = value",
      ["[a]\n[a]\n"] = "line 2: the profile [a] is there twice",
    } do
      write(text)
      refused(FILE .. ", " .. message, "trunk list")
    end
  end)

  it("may come from another system", function()
    write((section("default"):gsub("\n", "\r\n")))
    exotel("trunk list"):says(0)
  end)
end)

describe("key and token", function()
  it("show nowhere", function()
    local wrong = sb:environment()
    wrong.EXOTEL_API_TOKEN = "t0ps3cr3t"
    for _, arguments in ipairs { "trunk list", "trunk list --json", "trunk list -v", "doctor", "doctor --json" } do
      local result = exotel(arguments, wrong)
      assert.equal(1, result.status)
      assert.is_nil((result.out .. result.err):find("t0ps3cr3t", 1, true), result.err)
    end
  end)
end)
