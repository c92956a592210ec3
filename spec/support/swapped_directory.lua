--- A directory that some processes read at full speed while others replace it, and are killed.
local child = require "spec.support.child"
local directories = require "spec.support.directories"

local swapped_directory = {}

-- Each file holds numbers that are all on a trunk of one name: a reader that sees two names in a block has seen half of
-- a file. It ends when it sees the last name, and prints how many it saw, and how many look-ups it made.
local READER = [[
  local core = require "exotel.core"
  local directory = require "exotel.directory"
  local path, seconds = %q, %d
  local d = assert(directory.open { path = path })
  local update, seen, names, asked, began = core.directory_internals.update, nil, 0, 0, core.now()
  repeat
    local name = d:number("+910000000001", "trunk_name")
    asked = asked + 1
    if name ~= seen then
      names, seen, asked = names + 1, name, asked + 200
      for i = 1, 200 do
        local other = d:number(("+91%%010d"):format(i))
        assert(other.trunk_sid == "sid-" .. other.trunk_name, "half of one file and half of another")
      end
    end
    if names %% 2 == 0 then update(d) end
    assert(not d:problem() or d:problem().message:find("no such file"), tostring(d:problem()))
  until name == "last" or core.now() - began > seconds
  assert(seen == "last", "the last file was never seen")
  print(names, asked)
]]

-- Prints how many files it wrote.
local WRITER = [[
  local core = require "exotel.core"
  local directories = require "spec.support.directories"
  local path, seconds, only, began, count = %q, %f, %q, core.now(), 0
  local function write(name, size)
    local numbers = {}
    for i = 1, size do numbers[("+91%%010d"):format(i)] = "flow" end
    directories.make(path, { { "sid-" .. name, name, numbers = numbers } })
    count = count + 1
  end
  while core.now() - began < seconds do write("t" .. count, 200 + count %% 7 * 1000) end
  if only ~= "" then write(only, 200) end
  print(count)
]]

local function finish(pipe)
  local text, status = child.finish(pipe)
  assert(status == 0 and text:find("^[%d\t]+\n$"), text)
  return text
end

--- swapped_directory.run { readers, seconds, kills } → files written by the one writer that is not killed, and of each
-- reader { files seen, look-ups }. `kills`: how often another writer is killed meanwhile. Raises what went wrong.
function swapped_directory.run(options)
  local folder, remove = directories.folder()
  local path, seconds = folder .. "/d", options.seconds
  local function write_one(name)
    local script = child.write(WRITER:format(path, 0, name))
    finish(child.start(child.command(script)))
    os.remove(script)
  end
  write_one("first")
  local reader, writer = child.write(READER:format(path, seconds + 60)), child.write(WRITER:format(path, seconds, ""))
  local readers, counts = {}, {}
  for i = 1, options.readers do readers[i] = child.start(child.command(reader), seconds + 90) end
  local own = child.start(child.command(writer), seconds + 60)
  for _ = 1, options.kills do child.finish(child.start("timeout -s KILL 0.3 " .. child.command(writer))) end
  local written = tonumber(finish(own))
  write_one("last")
  for i, pipe in ipairs(readers) do
    local seen, asked = finish(pipe):match("(%d+)\t(%d+)")
    counts[i] = { seen = tonumber(seen), asked = tonumber(asked) }
  end
  os.remove(reader)
  os.remove(writer)
  remove()
  return written, counts
end

return swapped_directory
