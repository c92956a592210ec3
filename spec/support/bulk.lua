--- Files for the specs of exotel.bulk, in a folder of their own.
local child = require "spec.support.child"

local files = {}

--- Some number: +9198 and eight digits.
function files.number(i) return ("+9198%08d"):format(i) end

--- A new folder with the paths of a CSV file and of a results file in it. → { folder, csv, results }
function files.new()
  local pipe = assert(io.popen("mktemp -d"))
  local folder = pipe:read("*l")
  pipe:close()
  return { folder = folder, csv = folder .. "/numbers.csv", results = folder .. "/results.csv" }
end

--- Removes the folder.
function files.remove(paths) os.execute("rm -rf " .. child.quote(paths.folder)) end

--- A file's text, or nil when there is none.
function files.read(path)
  local file = io.open(path, "rb")
  if not file then return nil end
  local text = file:read("*a")
  file:close()
  return text
end

--- Makes a file of this text.
function files.write(path, text)
  local file = assert(io.open(path, "wb"))
  assert(file:write(text))
  file:close()
end

local LINE = "^(%d+),([^,]*),([^,]*),([^,]*),([^,]*),([^,]*),([^,]*),(.*),([^,]*)\n$"

--- The whole lines of a results file after its header → a table of { line, phone_number, trunk_sid, mode, outcome, id, kind,
-- message, original } by the source's line, and how many there are. Raises when a row has two, or a line is no result.
function files.results(path)
  local outcomes, count = {}, 0
  for text in (files.read(path) or ""):gsub("^[^\n]*\n", "", 1):gmatch("[^\n]*\n") do
    local line, phone_number, trunk_sid, mode, outcome, id, kind, message, original = text:match(LINE)
    if not line or outcomes[tonumber(line)] then error("no result, or a second one: " .. text, 2) end
    outcomes[tonumber(line)] = {
      line = tonumber(line), phone_number = phone_number, trunk_sid = trunk_sid, mode = mode, outcome = outcome, id = id,
      kind = kind, message = message, original = original,
    }
    count = count + 1
  end
  return outcomes, count
end

--- What a sandbox holds: { trunk_sid, id, mode } by number; and how many numbers. Raises for one that is there twice.
function files.held(state)
  local numbers, count = {}, 0
  for _, trunk in ipairs(state.trunks) do
    for _, number in ipairs(trunk.numbers) do
      if numbers[number.phone_number] then error(number.phone_number .. " is mapped twice", 2) end
      numbers[number.phone_number] = { trunk_sid = trunk.trunk_sid, id = number.id, mode = number.mode or "pstn" }
      count = count + 1
    end
  end
  return numbers, count
end

--- What a result says and the service belies, as text; nil when it is true.
function files.lie(result, held)
  local number = held[result.phone_number]
  local wanted = result.mode == "" and "pstn" or result.mode
  local there = number ~= nil and number.trunk_sid == result.trunk_sid and number.mode == wanted
  local claimed = result.outcome == "done" or result.outcome == "present"
  if result.outcome == "unknown" or result.message:find("the same number stands", 1, true) then return nil end
  if claimed == there and (not there or number.id == result.id) then return nil end
  return ("line %d, %s: %s, but the service holds %s %s"):format(result.line, result.phone_number, result.outcome,
    number and number.trunk_sid or "nothing", number and number.mode or "")
end

return files
