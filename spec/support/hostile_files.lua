--- Files of specifications that ask for more than they may have: one text for each way. Each is refused within the
-- limits that provision.load promises.
local function repeated(count, text, separator)
  local parts = {}
  for i = 1, count do parts[i] = text end
  return table.concat(parts, separator or "")
end

-- One instruction that joins 40 strings of 16 MiB.
local join = "local s = 'x'\nfor i = 1, 24 do s = s .. s end\nlocal t = " .. repeated(40, "s", " .. ") .. "\nreturn { t }"

-- Equal to the last byte, so each comparison reads all of both. The dots are for 5.1 and LuaJIT, where equal strings
-- are the same string.
local compare = "local s = 'x'\nfor i = 1, 23 do s = s .. s end\nlocal a, b = s .. 'a', s .. 'b'\n"
  .. "for i = 1, 5000 do local c = a < b end\nreturn { a }"

-- Keys that are in different places of a table until it grows, and then all in the same (5.4).
local collide = "local t = {}\nfor i = 1, 65537 do t[i * 131071] = true end\nreturn { t }"

-- No block is large.
local pieces = "local s = 'x'\nfor i = 1, 19 do s = s .. s end\nlocal t = {}\nfor i = 1, 60000 do t[i] = s .. i end\nreturn t"

-- What it returns is copied.
local result = "local s = 'x'\nfor i = 1, 19 do s = s .. s end\nlocal t = {}\nfor i = 1, 80 do t[i] = s .. i end\nreturn t"

-- Each addition reads 8 MiB of digits.
local digits = "local s = '1'\nfor i = 1, 23 do s = s .. s end\nfor i = 1, 5000 do local c = s + 0 end\nreturn { s }"

-- Nothing runs: compiling it takes the time, since each block asks for all jumps out of it.
local jumps = "do\n" .. repeated(30000, "goto a ") .. repeated(300000, "do end ") .. "end\n::a::\nreturn {}"

-- A list of what is known by name, for messages.
return {
  { name = "a string of 640 MiB in one instruction", text = join },
  { name = "comparisons of long strings", text = compare },
  { name = "a table that grows when all its keys collide", text = collide },
  { name = "30 GiB in pieces of 512 KiB", text = pieces },
  { name = "a result of 40 MiB", text = result },
  { name = "numbers of 8 MiB", text = digits },
  { name = "jumps that take long to compile", text = jumps },
}
