--- Memory in loops over a hundred thousand things: by itself Lua lets what a loop leaves behind grow as large as all
-- that is kept. It is collected in small steps: a whole collection would block a host, such as a worker of nginx.

-- Rounds between two looks, kilobytes that may be left behind before it begins, and the size of a step.
local ROUNDS, MOST, STEP = 100, 6 * 1024, 512

--- tidy() → a function to be called in each round of a loop.
return function()
  local count, kept, is_collecting = 0, collectgarbage("count"), false
  return function()
    count = count + 1
    if count % ROUNDS ~= 0 then return end
    is_collecting = is_collecting or collectgarbage("count") > kept + MOST
    if not is_collecting or not collectgarbage("step", STEP) then return end
    kept, is_collecting = collectgarbage("count"), false
  end
end
