--- What somebody without root's rights sees.
local process = require "spec.process"

local nobody = {}

--- nobody.sees(f) → what f() returns as text, called in a process of its own as nobody. What it needs is to be loaded
-- before: the tree may not be readable for all.
function nobody.sees(f)
  local path = os.tmpname()
  local file = assert(io.open(path, "w"))
  local pid = process.fork()
  if pid == 0 then
    process.become_nobody()
    local _, text = pcall(f)
    file:write(tostring(text))
    file:close()
    process.exit(0)
  end
  file:close()
  assert(process.wait(pid) == 0)
  file = assert(io.open(path))
  local text = file:read("*a")
  file:close()
  os.remove(path)
  return text
end

return nobody
