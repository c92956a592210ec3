--- Directories for tests: files in a folder of their own, and what a sandbox holds in the form in which a directory has it.
local core = require "exotel.core"
local directory = require "exotel.directory"

local M = {}

-- A folder for one test. → its path, and a function that removes it
function M.folder()
  local pipe = assert(io.popen("mktemp -d"))
  local path = pipe:read("*l")
  pipe:close()
  return path, function() os.execute("chmod -R u+rwx " .. path .. "; rm -rf " .. path) end
end

function M.read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

function M.write(path, text)
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
end

--- Writes a directory without a service. `trunks`: an array of { trunk_sid, trunk_name, numbers = { number = mode }, ips = {
-- { ip, mask } }, destinations = { { uri, priority, weight } } }
function M.make(path, trunks)
  local builder = core.directory_builder.new("sandbox1", "127.0.0.1")
  local now = core.directory_builder.clock()
  for _, trunk in ipairs(trunks) do
    local index = builder:trunk({ trunk_sid = trunk[1], trunk_name = trunk[2] }, now)
    for number, mode in pairs(trunk.numbers or {}) do builder:number(index, number, mode, "1") end
    for _, ip in ipairs(trunk.ips or {}) do builder:ip(index, ip[1], ip[2], "2") end
    for _, d in ipairs(trunk.destinations or {}) do builder:destination(index, d[1], d[2], d[3], "3") end
  end
  local snapshot = assert(builder:finish(now, now))
  assert(snapshot:write(path))
  snapshot:close()
end

function M.open(path, trunks)
  M.make(path, trunks)
  return assert(directory.open { path = path })
end

-- What is compared -----------------------------------------------------------------------------------------------------

local function line(...)
  local parts = {}
  for i = 1, select("#", ...) do parts[i] = tostring((select(i, ...))) end
  return table.concat(parts, " ")
end

local function sorted(lines)
  table.sort(lines)
  return table.concat(lines, "\n")
end

local function alias_of(trunk)
  for _, setting in ipairs(trunk.settings) do
    if setting.name == "trunk_external_alias" then return setting.value end
  end
  return nil
end

--- What the service has, one line for each thing.
function M.of_service(sb)
  local lines = {}
  for _, t in ipairs(sb:state().trunks) do
    lines[#lines + 1] = line("trunk", t.trunk_sid, t.trunk_name, t.status, t.domain_name, t.nso_code, (alias_of(t)))
    for _, n in ipairs(t.numbers) do lines[#lines + 1] = line("number", t.trunk_sid, n.phone_number, n.mode or "pstn", n.id) end
    for _, i in ipairs(t.ips) do lines[#lines + 1] = line("ip", t.trunk_sid, i.ip, i.mask, i.id) end
    for _, d in ipairs(t.destinations) do
      lines[#lines + 1] = line("destination", t.trunk_sid, d.destination, d.priority, d.weight, d.id)
    end
  end
  return sorted(lines)
end

--- The same for a directory.
function M.of_directory(d)
  local lines = {}
  for t in d:trunks() do
    lines[#lines + 1] = line("trunk", t.trunk_sid, t.trunk_name, t.status, t.domain_name, t.nso_code, t.caller_id)
    for _, x in ipairs(t.destinations) do
      lines[#lines + 1] = line("destination", t.trunk_sid, x.destination, x.priority, x.weight, x.id)
    end
  end
  for n in d:numbers() do lines[#lines + 1] = line("number", n.trunk_sid, n.phone_number, n.mode, n.id) end
  for i in d:ips() do lines[#lines + 1] = line("ip", i.trunk_sid, i.ip, i.mask, i.id) end
  return sorted(lines)
end

return M
