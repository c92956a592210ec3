-- From one specification at random to another one and back: validate, plan, apply, check, export and fmt agree about it,
-- with plans that were kept, and with trunks that were removed and made again.
local command = require "spec.support.command"
local files = require "spec.support.bulk"
local json = require "exotel.json"
local random_source = require "spec.support.random_source"
local random_specs = require "spec.support.random_specs"
local sandbox = require "exotel.sandbox"

local NAMES = { "a", "b" }
local PRUNE = " --prune --allow last_ip --allow last_destination --allow shrink "
local PASSWORDS = {}
for i = 1, 3 do
  for _, ending in ipairs { "", "_2" } do PASSWORDS["EXOTEL_PASSWORD_USER" .. i .. ending] = "secret_" .. i end
end

local sb, paths

before_each(function() sb, paths = assert(sandbox.start()), files.new() end)
after_each(function()
  sb:stop()
  files.remove(paths)
end)

local function exotel(arguments, options) return command.run(sb, arguments, options) end

local function write(name, text)
  files.write(paths.folder .. "/" .. name, text)
  return paths.folder .. "/" .. name
end

-- Empty lists are lists in JSON, too.
local function with_lists(specs)
  for _, spec in ipairs(specs) do
    for _, name in ipairs { "phone_numbers", "whitelisted_ips", "destinations", "credentials" } do spec[name] = json.array(spec[name]) end
  end
  return specs
end

-- → the path of a file in which anybody may have written specifications, and its form
local function random_file(random, name)
  local form = random.one_of { "lua", "json" }
  return write(name .. "." .. form, (random_source[form](random, with_lists(random_specs.make(random, NAMES, true)))))
end

local function last_line(text) return text:match("([^\n]*)\n$") end

-- What plan, check and the JSON of both say of a file. → the plan as a program gets it
local function plan_of(file, why)
  local plan = json.decode(exotel("plan --json" .. PRUNE .. file):says(0).out)
  local changes = #plan.changes > 0
  local text = exotel("plan --exit-code" .. PRUNE .. file):says(changes and 2 or 0, nil, "").out
  assert.equal(plan.summary, last_line(text), why)
  local drift = exotel("check --prune " .. file):says((changes or #plan.extras > 0) and 2 or 0, nil, "").out
  if drift ~= "" then assert.equal(plan.summary, last_line(drift), why) end
  return plan, text
end

-- "3 to add, 1 to change, 0 to remove, 0 extra" as what is told when it was done.
local function done_line(summary)
  local add, change, remove = summary:match("^(%d+) to add, (%d+) to change, (%d+) to remove")
  return ("%s added, %s changed, %s removed"):format(add, change, remove)
end

-- Applies a file, or the plan that is kept of it where it can be: one that holds passwords can't.
local function apply(random, file, why)
  local plan, text = plan_of(file, why)
  local kept = paths.folder .. "/kept.plan"
  local saved = random.chance(70) and exotel("plan" .. PRUNE .. "--out " .. kept .. " " .. file).status == 0
  if saved then assert.equal(text, exotel("plan show " .. kept):says(0, nil, "").out:match("^[^\n]*\n(.*)$"), why) end
  local rules = PRUNE:gsub("%-%-prune", "")
  local result = exotel(saved and ("apply -y" .. rules .. "--plan " .. kept) or ("apply -y" .. PRUNE .. file))
  assert.equal(0, result.status, why .. "\n" .. result.out .. result.err)
  if #plan.changes > 0 then assert.equal(done_line(plan.summary), last_line(result.out), why) end
  plan = plan_of(file, why)
  assert.same({ 0, 0 }, { #plan.changes, #plan.extras }, why)
end

local function export() return exotel("export --all"):says(0).out end

describe("the command, from one specification to another", function()
  for seed = 1, 4 do
    it("agrees with itself: " .. seed, function()
      local random, why = random_specs.randomness(seed), "seed " .. seed
      local first, second = random_file(random, "first"), random_file(random, "second")
      exotel("validate -q " .. first):says(0)
      apply(random, first, why)
      local before = write("before.lua", export())
      apply(random, second, why)
      exotel("fmt -q " .. second):says(0)
      exotel("check --prune " .. second):says(0, "", "")
      apply(random, first, why)
      exotel("check " .. before):says(0, "", "")
    end)

    it("makes what it removed again: " .. seed, function()
      local random, why = random_specs.randomness(100 + seed), "seed " .. seed
      apply(random, random_file(random, "first"), why)
      local before = write("before.lua", export())
      local absent = write("absent.json", '[{"trunk_name":"a","absent":true},{"trunk_name":"b","absent":true}]')
      local kept = paths.folder .. "/kept.lua"
      exotel("apply -y --allow delete_trunk --backup " .. kept .. " " .. absent):says(0)
      assert.same({}, sb:state().trunks, why)
      exotel("check " .. absent):says(0, "", "")
      exotel("validate -q " .. kept, { env = PASSWORDS }):says(0, "", "")
      exotel("apply -y " .. kept, { env = PASSWORDS }):says(0)
      exotel("check " .. before):says(0, "", "")
      exotel("check " .. kept, { env = PASSWORDS }):says(0, "", "")
    end)
  end
end)
