--- What a shared library exports, as nm of the binutils tells it.
local child = require "spec.support.child"

local symbols = {}

--- → the names that a library defines for others, sorted, in one line
function symbols.exported(path)
  -- A sanitizer preloaded for the process under test is kept from nm.
  local nm = "env -u LD_PRELOAD nm --dynamic --defined-only --format=posix " .. child.quote(path)
  local pipe = assert(io.popen(nm .. " 2>&1; echo \"status $?\""))
  local output, status = pipe:read("*a"):match("^(.*)status (%d+)\n$")
  pipe:close()
  assert(status == "0", output)
  local names = {}
  for name in output:gmatch("(%S+)[^\n]*\n") do names[#names + 1] = name end
  table.sort(names)
  return table.concat(names, " ")
end

return symbols
