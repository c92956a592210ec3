--- Whether the lists of mutants fit the code: lua5.4 spec/mutate/check.lua
package.path = "./?.lua;" .. package.path
local list = require "spec.mutate.list"

local all = list.select(list.read(), os.getenv("ONLY"))
local faults = list.faults(all)
for _, line in ipairs(faults) do io.stderr:write("spec/mutants: ", line, "\n") end
if #faults > 0 then os.exit(1) end
