--- Tries mutants in a copy, until none is left: lua5.4 spec/mutate/worker.lua COPY RESULTS
-- Several workers share a folder of results: who makes a mutant's folder there tries it.
package.path = "./?.lua;" .. package.path
local files = require "spec.mutate.files"
local list = require "spec.mutate.list"
local tests = require "spec.mutate.tests"

local copy, results = arg[1], arg[2]
local depth = os.getenv("DEPTH") or "proofs"
local MEMORY = 4000000 -- KiB for a program: a limit that is gone must not take the whole machine
local SECONDS = os.getenv("TEST_SECONDS") or "240" -- for a job: what takes longer hangs

-- Commands in the copy, as if nobody had typed anything: output goes to the mutant's log.
local function run(command, log)
  return files.run(("cd %s && ulimit -v %d && export TEST_SECONDS=%s && unset MAKEFLAGS MAKELEVEL MFLAGS && { %s; }"
    .. " >>%s 2>&1 </dev/null"):format(files.quoted(copy), MEMORY, SECONDS, command, files.quoted(log)))
end

-- Only C is compiled, and not more than the next job needs. The copy may still hold what an earlier mutant was made to.
local builds = { hosts = "build-hosts", cli = "build-cli" }
local function build(job, log)
  local target = builds[job and job:match("/(%w+)")]
  if job and not target then return true end
  return run("make -j1 " .. (target or "build build-modules build-c LUA=5.4 VARIANT=plain"), log)
end

-- What tests say when they fail, in busted's words and cmocka's.
local signs = {
  "Failure %-> (%S+ @ %d+)", "Error %-> (%S+ @ %d+)", "Error %-> (%S+)", "%[  FAILED  %] (%a[%w_]*)",
}

local function who_noticed(job, text, status)
  for _, sign in ipairs(signs) do
    local name = text:match(sign)
    if name then return name end
  end
  local hung = text:find("ended with status 124", 1, true) or text:find("Error 124", 1, true)
  return job .. (hung and " (hang)" or (" (status %s)"):format(status))
end

local function run_job(job, log)
  if not build(job, log) then return job .. " (does not build)" end
  local before = #(files.read(log) or "")
  local good, status, by_signal = run("JOBS=1 spec/run -x " .. job, log)
  if by_signal then os.exit(130) end
  if good then return nil end
  return who_noticed(job, files.read(log):sub(before + 1), status)
end

-- Specs that noticed this mutant before are asked first, then those that noticed others of its file, the last one first.
local memory = copy:gsub("/[^/]*$", "") .. "/noticed/"
local ASKED = 4 -- of the latter

local function hash_of(text)
  local hash = 5381
  for c in text:gmatch(".") do hash = (hash * 33 + c:byte()) & 0xFFFFFFFFFFFF end
  return ("%x"):format(hash)
end

local function key_of(mutant) return hash_of(mutant.file .. "\0" .. mutant.as_is .. "\0" .. mutant.wrong) end

local function specs_of(key)
  local specs = {}
  for spec in (files.read(memory .. key) or ""):gmatch("%S+") do specs[#specs + 1] = spec end
  return specs
end

-- → who noticed
local function ask_again(mutant, log)
  local asked = {}
  for _, key in ipairs { key_of(mutant), hash_of(mutant.file) } do
    for _, spec in ipairs(specs_of(key)) do
      local who = not asked[spec] and run_job(tests.job(spec), log)
      if who then return who end
      asked[spec] = true
    end
  end
end

local function remember_for(key, spec, most)
  local specs = { spec }
  for _, other in ipairs(specs_of(key)) do
    if other ~= spec and #specs < most then specs[#specs + 1] = other end
  end
  files.write(memory .. key, table.concat(specs, "\n") .. "\n")
end

local function remember(mutant, who)
  local spec = who:match("^spec/(%S+)_spec%.lua @")
  if not spec then return end
  remember_for(key_of(mutant), spec, 1)
  remember_for(hash_of(mutant.file), spec, ASKED)
end

-- → "noticed" and by what, "survived", or "broken": a mutant that is no program
local function judge(mutant, log)
  if not build(nil, log) then return "broken", "it does not compile: see " .. log end
  local who = ask_again(mutant, log)
  if who then
    remember(mutant, who)
    return "noticed", who
  end
  for _, job in ipairs(tests.jobs(mutant.file, depth)) do
    who = run_job(job, log)
    if who then
      remember(mutant, who)
      return "noticed", who
    end
  end
  return "survived", depth
end

local function try(mutant, folder)
  local path = copy .. "/" .. mutant.file
  local text = assert(files.read(path))
  files.write(path, list.apply(mutant, text))
  local outcome, by = judge(mutant, folder .. "/log")
  files.write(path, text)
  return outcome, by
end

files.run("mkdir -p " .. memory)
for number, mutant in ipairs(list.select(list.read(), os.getenv("ONLY"))) do
  local folder = ("%s/%04d"):format(results, number)
  if not mutant.equivalent and files.run("mkdir " .. folder .. " 2>/dev/null") then
    local began = os.time()
    local outcome, by = try(mutant, folder)
    files.write(folder .. "/outcome", outcome .. "\n" .. by .. "\n")
    print(("%-9s %s, by %s, %d s"):format(outcome, list.title(mutant), by, os.time() - began))
  end
end
