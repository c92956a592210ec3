-- Whatever is refused leaves the service, and the files of the command line, as they were.
local command = require "spec.support.command"
local files = require "spec.support.bulk"
local sandbox = require "exotel.sandbox"

local sb, paths

local FILES = {
  ["syntax.lua"] = "return {", ["unknown.lua"] = 'return { trunk_name = "out", phone_nubmers = {} }',
  ["twice.lua"] = 'return { { trunk_name = "out", phone_numbers = { "+919876543219" } }, { trunk_name = "new", phone_numbers = { "+919876543219" } } }',
  ["elsewhere.lua"] = 'return { { trunk_name = "third" }, { trunk_name = "new", phone_numbers = { "+919876543210" } } }',
  ["missing_ip.lua"] = 'return { trunk_name = "new", whitelisted_ips = { "203.0.113.1" }, destinations = { "192.0.2.9:5061;transport=tls" } }',
  ["password.lua"] = 'return { { trunk_name = "third" }, { trunk_name = "new", credentials = { { user_name = "pbx", password_env = "UNSET" } } } }',
  ["cut.lua"] = 'return { { trunk_name = "third" }, { trunk_name = "out", whitelisted_ips = {}, destinations = {} } }',
  ["shrink.lua"] = 'return { { trunk_name = "third" }, { trunk_name = "out", phone_numbers = {} } }',
  ["absent.lua"] = 'return { { trunk_name = "third" }, { trunk_name = "out", absent = true } }',
  ["other_name.lua"] = 'return { { trunk_name = "third" }, { trunk_name = "new", trunk_sid = "SID", absent = true } }',
  ["move.lua"] = 'return { { trunk_name = "out", phone_numbers = {} }, { trunk_name = "new", phone_numbers = { "+919876543210" } } }',
  ["edited.plan"] = '{ "format": 1 }', ["latin.lua"] = 'return { trunk_name = "ou\233" }', ["empty.lua"] = "", ["list.json"] = '{ "trunk_name": "out", }',
  ["numbers.csv"] = "phone_number\n+919876543218\n9.19877E+11\n", ["none.csv"] = "name\nAsha\n", ["unmapped.csv"] = "phone_number\n+919876543217\n",
  ["empty.csv"] = "", ["there"] = "mine\n",
}

-- Arguments; in which FOLDER and SID are known. All are run with --yes where they would ask.
local REFUSED = {
  "apply FOLDER/syntax.lua -y", "apply FOLDER/unknown.lua -y", "apply FOLDER/twice.lua -y", "apply FOLDER/elsewhere.lua -y",
  "apply FOLDER/missing_ip.lua -y", "apply FOLDER/password.lua -y", "apply FOLDER/cut.lua --prune -y", "apply FOLDER/shrink.lua --prune -y",
  "apply FOLDER/absent.lua -y", "apply FOLDER/other_name.lua -y", "apply FOLDER/latin.lua -y", "apply FOLDER/empty.lua -y", "apply FOLDER/list.json -y",
  "apply FOLDER/move.lua --only new -y", "apply FOLDER/move.lua --only nwe -y", "apply FOLDER/nothing.lua -y", "apply --plan FOLDER/edited.plan -y",
  "apply --plan FOLDER/move.lua -y", "apply FOLDER/move.lua --plan FOLDER/edited.plan -y", "apply FOLDER/move.lua", "apply -y", "apply FOLDER/move.lua --allow all -y",
  "apply FOLDER/absent.lua --allow delete_trunk -y --backup FOLDER/there", "apply FOLDER/absent.lua --allow delete_trunk -y --backup /dev/null/x",
  "apply FOLDER/absent.lua --allow delete_trunk -y --backup x --no-backup", "apply FOLDER/unknown.lua FOLDER/move.lua -y",
  "plan FOLDER/absent.lua --out FOLDER/none/x", "plan FOLDER/cut.lua --prune", "check FOLDER/unknown.lua", "validate FOLDER/unknown.lua",
  "fmt FOLDER/syntax.lua", "fmt --check FOLDER/unknown.lua", "fmt FOLDER/nothing.lua",
  "number import FOLDER/numbers.csv --trunk out --strict", "number import FOLDER/numbers.csv", "number import FOLDER/none.csv --trunk out",
  "number import FOLDER/empty.csv --trunk out --strict", "number import FOLDER/nothing.csv --trunk out", "number import FOLDER/numbers.csv --trunk otu",
  "number import FOLDER/unmapped.csv --trunk out --results /dev/null/x", "number import FOLDER/unmapped.csv --trunk out --columns phone_number=Mobile",
  "number move +919876543217 --to new -y", "number move +919876543210 +919876543217 --to new -y", "number move +919876543210 --to nwe -y",
  "number move +919876543210 --from new --to new -y", "number move +919876543210 --to new", "number move --all --to new -y", "number move --to new -y",
  "number move 9876543210 --to new -y", "number move --file FOLDER/unmapped.csv --to new -y", "number move --file FOLDER/none.csv --to new -y",
  "number move +919876543210 --file FOLDER/unmapped.csv --to new -y", "number move +919876543210 --to new -y --results FOLDER/there",
  "number move +919876543210 --to new -y --results /dev/null/x",
  "ip replace out 44.248.146.11 44.248.146.11 -y", "ip replace out 44.248.146.99 198.51.100.20 -y", "ip replace out 44.248.146.11 nonsense -y",
  "ip replace out 44.248.146.11 198.51.100.20", "ip replace otu 44.248.146.11 198.51.100.20 -y", "ip replace out 44.248.146.11 203.0.113.5/24 -y",
  "ip remove out 44.248.146.11 -y", "ip update out 44.248.146.11 192.0.2.1 -y", "ip add out 203.0.113.5/24",
  "credential rotate out pbx", "credential rotate out pxb -y --generate-password", "credential rotate out pbx --new-user pbx -y --generate-password",
  "credential rotate out pbx --delete-old -y", "credential rotate out pbx --new-user pbx2 --delete-old -y", "credential rotate out pbx -y --password-env UNSET",
  "credential rotate out pbx -y --generate-password --password-file FOLDER/there", "credential rotate out pbx -y --generate-password --password-file /dev/null/x",
  "credential rotate out pbx -y --generate-password --json", "credential rotate out pbx -y --generate-password --password-stdin",
  "credential create out pbx2", "credential create out pbx2 --password-file x", "credential create out pbx2 --password-stdin",
  "trunk delete out", "trunk delete otu -y", "trunk delete '' -y", "trunk delete sid:SIDX -y", "trunk delete out -y --backup FOLDER/there",
  "trunk delete out -y --backup /dev/null/x", "trunk delete out -y --backup x --no-backup", "trunk delete name:SID -y",
  "trunk create ''", "number unmap out +919876543219 -y", "number map out 9876543210", "number map otu +919876543219",
}

local sid

local function with_names(text)
  return (text:gsub("FOLDER", function() return paths.folder end):gsub("SID", function() return sid end))
end

-- All files that are there, with what they hold, but what an import writes down of each row.
local function files_there()
  local list = io.popen(("cd %s && find . -type f ! -name '*.failed.csv' ! -name '*.results.csv' | sort | while read -r f; do echo \"$f\"; cat \"$f\"; done"):format(paths.folder))
  local text = list:read("*a")
  list:close()
  return text
end

setup(function()
  sb, paths = assert(sandbox.start()), files.new()
  sid = sb:put({
    trunk_name = "out", numbers = { { phone_number = "+919876543210", mode = "flow" }, { phone_number = "+919876543211", mode = "pstn" } },
    ips = { { ip = "44.248.146.11", mask = 32 } },
    destinations = { { destination = "sip:44.248.146.11:5061;transport=tls", priority = 3, weight = 7 } },
    credentials = { { user_name = "pbx", password = "first_1" } },
  }).trunk_sid
  sb:put { trunk_name = "new" }
  for name, text in pairs(FILES) do files.write(paths.folder .. "/" .. name, with_names(text)) end
end)
teardown(function()
  sb:stop()
  files.remove(paths)
end)

local function writes()
  local list = {}
  for _, request in ipairs(sb:requests()) do
    if request.method ~= "GET" then list[#list + 1] = request.operation end
  end
  return list
end

describe("what is refused changes nothing:", function()
  for _, arguments in ipairs(REFUSED) do
    it(arguments, function()
      local before, kept = sb:state(), files_there()
      sb:reset_requests()
      local result = command.run(sb, with_names(arguments))
      local told = ("%s\nstatus %s\n%s%s"):format(arguments, result.status, result.out, result.err)
      assert.truthy(result.status ~= 0, told)
      assert.is_nil(result.err:find("stack traceback", 1, true), told)
      assert.same({}, writes(), told)
      assert.same(before, sb:state(), told)
      assert.equal(kept, files_there(), told)
    end)
  end
end)
