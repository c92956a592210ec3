--- Nine processes that read a directory at full speed while a tenth replaces it, for a minute: none may see half of a
-- file. By hand, `make by-hand`; for a few seconds it is a proof.
local swapped_directory = require "spec.support.swapped_directory"

local SECONDS = tonumber(arg[1] or 60)

local written, readers = swapped_directory.run { readers = 9, seconds = SECONDS, kills = 0 }
print(("%d files in %d s; of each reader the files that it saw, and its look-ups:"):format(written, SECONDS))
for _, one in ipairs(readers) do print(("%8d %12d"):format(one.seen, one.asked)) end
