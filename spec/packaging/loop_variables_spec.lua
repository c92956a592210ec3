-- The linter's rule that a loop variable is not assigned to, which Lua 5.5 makes constant. "#plain": it runs on 5.1.
local child = require "spec.support.child"

describe("the rule on loop variables #plain", function()
  local function check(code)
    local path = child.write(code)
    local text, status = child.finish(child.start("lua5.1 spec/support/loop_variables.lua " .. path))
    os.remove(path)
    return (text:gsub(path:gsub("%p", "%%%0"), "FILE")), status
  end

  local function found(line, name) return ("FILE:%d: assigns to the loop variable %s, which is constant in Lua 5.5\n"):format(line, name) end

  for code, expected in pairs {
    ["for i = 1, 3 do\n  i = i + 1\nend"] = found(2, "i"),
    ["for key, value in pairs {} do\n  local a\n  a, value = key, a\nend"] = found(3, "value"),
    ["for line in io.lines() do\n  print(function() line = nil end)\nend"] = found(2, "line"),
  } do
    it("finds " .. code:gsub("\n%s*", " "), function() assert.same({ expected, 1 }, { check(code) }) end)
  end

  for _, code in ipairs {
    "for i = 1, 3 do local i = i + 1; i = 2 end", "for _, t in pairs {} do t.field = 1 end", "for i = 1, 3 do end i = 1",
  } do
    it("passes " .. code, function() assert.same({ "", 0 }, { check(code) }) end)
  end
end)
