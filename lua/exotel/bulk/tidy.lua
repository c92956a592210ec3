--- Memory in loops over a hundred thousand things: by itself Lua lets what a loop leaves behind grow as large as all
-- that is kept.

-- Rounds between two looks, and kilobytes that may be left behind.
local ROUNDS, MOST = 200, 12 * 1024

--- tidy() → a function to be called in each round of a loop.
return function()
  local count, kept = 0, collectgarbage("count")
  return function()
    count = count + 1
    if count % ROUNDS ~= 0 or collectgarbage("count") < kept + MOST then return end
    collectgarbage()
    kept = collectgarbage("count")
  end
end
