--- The lists of mutants: spec/mutants/AREA.lua returns an array of { file, as_is, wrong, why [, equivalent] }. `as_is`
-- stands exactly once in the file; `wrong` takes its place; `equivalent` says why that changes nothing, and keeps the
-- entry from being run.
local files = require "spec.mutate.files"

local M = {}

local FIELDS = { "file", "as_is", "wrong", "why" }

local function areas()
  local names = {}
  for _, path in ipairs(files.lines_of("ls spec/mutants/*.lua")) do names[#names + 1] = path:match("([^/]+)%.lua$") end
  return names
end

--- → all mutants, in the order of the lists; each has its `area` and its `index` there, too
function M.read()
  local all = {}
  for _, area in ipairs(areas()) do
    for index, mutant in ipairs(dofile("spec/mutants/" .. area .. ".lua")) do
      mutant.area, mutant.index = area, index
      all[#all + 1] = mutant
    end
  end
  return all
end

local function has_area(all, name)
  for _, mutant in ipairs(all) do
    if mutant.area == name then return true end
  end
  return false
end

-- A word is the name of an area, or a part of paths.
local function fits(mutant, word, is_area)
  if is_area then return mutant.area == word end
  return mutant.file:find(word, 1, true) ~= nil
end

--- → those of an area, or of files whose path holds the text; all where `only` is nil. Several are separated by spaces.
function M.select(all, only)
  if not only then return all end
  local chosen, known = {}, {}
  for word in only:gmatch("%S+") do
    local is_area = has_area(all, word)
    for _, mutant in ipairs(all) do
      if not known[mutant] and fits(mutant, word, is_area) then
        known[mutant], chosen[#chosen + 1] = true, mutant
      end
    end
  end
  if #chosen == 0 then error("no mutant fits ONLY=" .. only, 0) end
  return chosen
end

function M.title(mutant) return ("%s %d (%s)"):format(mutant.area, mutant.index, mutant.file) end

local function count(text, part)
  local found, at = 0, 1
  while true do
    local first, last = text:find(part, at, true)
    if not first then return found end
    found, at = found + 1, last + 1
  end
end

--- → the text of the file with the mutant in it
function M.apply(mutant, text)
  local first, last = text:find(mutant.as_is, 1, true)
  return text:sub(1, first - 1) .. mutant.wrong .. text:sub(last + 1)
end

local function missing_field(mutant)
  for _, name in ipairs(FIELDS) do
    if type(mutant[name]) ~= "string" then return "has no " .. name end
  end
end

-- Mutants of Lua have to compile; those of C are compiled when they are run.
local function syntax_error(mutant, text)
  if not mutant.file:find("%.lua$") then return nil end
  local _, message = load(M.apply(mutant, text), "=" .. mutant.file)
  return message and "does not compile: " .. message
end

local function fault(mutant)
  local incomplete = missing_field(mutant)
  if incomplete then return incomplete end
  local text = files.read(mutant.file)
  if not text then return "there is no such file" end
  local found = count(text, mutant.as_is)
  if found ~= 1 then return ("its text stands %d times in the file: %s"):format(found, mutant.as_is) end
  if mutant.wrong == mutant.as_is then return "changes nothing" end
  return syntax_error(mutant, text)
end

--- → what is wrong with the lists, a line each
function M.faults(all)
  local found, known = {}, {}
  for _, mutant in ipairs(all) do
    local what = fault(mutant)
    local key = table.concat({ tostring(mutant.file), tostring(mutant.as_is), tostring(mutant.wrong) }, "\0")
    if not what and known[key] then what = "is the same as " .. known[key] end
    known[key] = known[key] or M.title(mutant)
    if what then found[#found + 1] = ("%s %d: %s"):format(mutant.area, mutant.index, what) end
  end
  return found
end

return M
