-- The check of the reference fails if a comment is missing or untrue. "#plain": other programs do the work.
local child = require "spec.support.child"

local function sh(command, ...)
  local pipe = assert(io.popen("{ " .. command:format(...) .. "\n} 2>&1; echo \" status $?\""))
  local output, status = pipe:read("*a"):match("^(.*) status (%d+)\n$")
  pipe:close()
  return output, tonumber(status)
end

local function change(path, from, to)
  local file = assert(io.open(path))
  local text = file:read("*a")
  file:close()
  local start, finish = text:find(from, 1, true)
  assert(start, path .. " has no longer: " .. from)
  file = assert(io.open(path, "w"))
  file:write(text:sub(1, start - 1), to, text:sub(finish + 1))
  file:close()
end

-- Checks a copy of the tree with one change in it. → what the check says, and its status
local function check(path, from, to)
  local folder = sh("mktemp -d"):gsub("\n", "")
  sh("cp -R doc lua %s", folder)
  if path then change(folder .. "/" .. path, from, to) end
  local output, status = sh("cd %s && export LUA_CPATH='%s' && unset LD_PRELOAD LUA_INIT && doc/tools/reference.sh items"
    .. " && doc/tools/reference.sh pages", folder, package.cpath)
  sh("rm -rf %s", folder)
  return output, status
end

-- The check itself runs on Lua 5.4.
if child.lua == "lua5.4" then
  describe("the check of the reference #plain", function()
    it("is green as it is", function()
      local output, status = check()
      assert.equal(0, status, output)
    end)

    local WRONG = {
      { "a function without a comment", "lua/exotel/sandbox.lua", "--- Forgets the requests received.\n", "",
        "Sandbox:reset_requests has no comment" },
      { "one that says nothing", "lua/exotel/sandbox.lua", "--- Forgets the requests received.\n", "--- @function Sandbox:reset_requests\n",
        "Sandbox:reset_requests: says nothing" },
      { "a method of C without one", "lua/exotel/client.lua", "-- @function Client:close\n", "-- @function Client:shut\n", "Client:close has no comment" },
      { "a parameter without one", "lua/exotel/trunk.lua", "function Trunk:remove_ip(id)", "function Trunk:remove_ip(id, more)", "more" },
      { "a parameter by another name", "lua/exotel/trunk.lua", "-- @tparam string trunk_name\n", "-- @tparam string name\n", "name" },
      { "a method that there is none of", "lua/exotel/trunk.lua", "-- @function Trunk:list_ips\n", "-- @function Trunk:all_ips\n",
        "Trunk:all_ips is documented, but not there" },
      { "a type that there is none of", "lua/exotel/trunk.lua", "exotel.answers.Setting setting", "exotel.answers.Seting setting",
        "there is no type exotel.answers.Seting" },
      { "a module without a page", "doc/config.ld", '"../lua/exotel/json.lua", ', "", "lua/exotel/json.lua: the module has no page" },
    }

    for _, wrong in ipairs(WRONG) do
      it("is red for " .. wrong[1], function()
        local output, status = check(wrong[2], wrong[3], wrong[4])
        assert.are_not.equal(0, status)
        assert.truthy(output:find(wrong[5], 1, true), output)
      end)
    end
  end)
end
