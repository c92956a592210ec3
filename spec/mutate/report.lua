--- The score by area, and what nothing noticed: lua5.4 spec/mutate/report.lua RESULTS
package.path = "./?.lua;" .. package.path
local files = require "spec.mutate.files"
local list = require "spec.mutate.list"

local results = arg[1]

-- → "noticed", "survived", "broken"; or "equivalent", "not tried"
local function outcome_of(number, mutant)
  if mutant.equivalent then return "equivalent", mutant.equivalent end
  local text = files.read(("%s/%04d/outcome"):format(results, number))
  if not text then return "not tried", "" end
  return text:match("^(.-)\n(.-)\n")
end

local by_area, names, told = {}, {}, { survived = {}, broken = {} }

local function score_of(area)
  if not by_area[area] then
    by_area[area] = { noticed = 0, survived = 0, broken = 0, equivalent = 0, ["not tried"] = 0 }
    names[#names + 1] = area
  end
  return by_area[area]
end

for number, mutant in ipairs(list.select(list.read(), os.getenv("ONLY"))) do
  local outcome, by = outcome_of(number, mutant)
  local score = score_of(mutant.area)
  score[outcome] = score[outcome] + 1
  if told[outcome] then
    local about = outcome == "broken" and by or mutant.why
    table.insert(told[outcome], ("  %s: %s\n    %s\n    → %s"):format(list.title(mutant), about,
      mutant.as_is:gsub("\n%s*", " "), mutant.wrong:gsub("\n%s*", " ")))
  end
end

local sum = { noticed = 0, survived = 0, equivalent = 0, ["not tried"] = 0 }
local function line(name, score)
  local tried = score.noticed + score.survived
  print(("%-12s %4d of %4d noticed (%5.1f %%), %d change nothing, %d not tried"):format(name, score.noticed, tried,
    tried > 0 and 100 * score.noticed / tried or 0, score.equivalent, score["not tried"]))
end
for _, name in ipairs(names) do
  line(name, by_area[name])
  for key in pairs(sum) do sum[key] = sum[key] + by_area[name][key] end
end
line("all", sum)
for _, outcome in ipairs { "survived", "broken" } do
  if #told[outcome] > 0 then print(outcome .. ":\n" .. table.concat(told[outcome], "\n")) end
end
os.exit(#told.broken == 0)
