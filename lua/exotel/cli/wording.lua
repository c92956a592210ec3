--- What the library advises, in the words of the command: it speaks of options of Lua's functions.
local M = {}

--- How the library's messages tell to permit what a rule forbids.
M.allowance = '%(allow = { "([%w_]+)" } permits it%)'

local function as_option(name) return "--" .. name:gsub("_", "-") end

--- wording.command(text) → a message of the library that names the command's option in the place of Lua's.
function M.command(text)
  text = text:gsub(M.allowance, "(--allow %1 permits it)")
  text = text:gsub("[Tt]he option ([%l_]+)", as_option)
  return (text:gsub(", or allow_http = true if you mean it", "")) -- which no option of the command permits
end

--- wording.reasons(list) → reasons, { message, … } each, in the words of the command.
function M.reasons(list)
  local told = {}
  for i, reason in ipairs(list) do
    told[i] = {}
    for name, value in pairs(reason) do told[i][name] = value end
    told[i].message = M.command(reason.message)
  end
  return told
end

return M
