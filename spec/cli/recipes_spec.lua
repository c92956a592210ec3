-- The recipes of the guide for operators, for cron and CI: what they would run is run, in the order in which it would be.
local child = require "spec.support.child"
local command = require "spec.support.command"
local files = require "spec.support.bulk"
local lyaml = require "lyaml"
local markdown = require "spec.support.markdown"
local sandbox = require "exotel.sandbox"

local BLOCKS = markdown.blocks("doc/guides/operators.md")

local function blocks(language)
  local list = {}
  for _, block in ipairs(BLOCKS) do
    if block.language == language then list[#list + 1] = block.code end
  end
  return list
end

-- A recipe, whose first line is a comment with its file's name.
local function recipe(name)
  for _, code in ipairs(blocks "yaml") do
    if code:find("^# " .. name:gsub("%p", "%%%0") .. "\n") then return lyaml.load(code) end
  end
  error("no recipe " .. name)
end

local sb, paths, folder

local function write(name, text, mode)
  files.write(folder .. "/" .. name, text)
  if mode then assert(os.execute(("chmod %s %s/%s"):format(mode, folder, name))) end
end

local function read(name) return files.read(folder .. "/" .. name) end

-- A program that writes down its arguments, a line each, and what it gets on standard input.
local RECORDER = "#!/bin/sh\nprintf '%s\\n' \"$@\" >> $RECORDED\nif [ \"$1\" = --fail ]; then cat >> $RECORDED; fi\n"

before_each(function()
  sb, paths = assert(sandbox.start()), files.new()
  folder = paths.folder
  for _, block in ipairs(BLOCKS) do
    if block.file then write(block.file, block.code) end
  end
  local pwd = io.popen("pwd")
  local exotel = child.command(pwd:read("*l") .. "/bin/exotel", { HOME = folder, XDG_CONFIG_HOME = "/proc/nonexistent", XDG_STATE_HOME = folder .. "/state" })
  pwd:close()
  write("exotel", "#!/bin/sh\nexec " .. exotel .. ' "$@"\n', "755")
  write("gh", RECORDER, "755")
  write("curl", RECORDER, "755")
end)
after_each(function()
  sb:stop()
  files.remove(paths)
end)

-- Runs a script as a job does. `environment`: what the recipe gives it. → output, status
local function run(text, environment)
  write("script", text)
  local words = { "env", "RECORDED=" .. folder .. "/recorded", "PATH=" .. folder .. ":$PATH" }
  for name, value in pairs(environment or {}) do words[#words + 1] = name .. "=" .. child.quote(value) end
  return child.finish(child.start("sh -c " .. child.quote(("cd %s && %s bash -eo pipefail script"):format(folder, table.concat(words, " ")))))
end

local function held() return sb:state().trunks end

-- GitHub --------------------------------------------------------------------------------------------------------------

-- What an expression of a workflow stands for here: secrets and variables are those of the sandbox.
local function value_of(expression, outputs)
  local name = expression:match("^secrets%.([%w_]+)$") or expression:match("^vars%.([%w_]+)$")
  if name then return (assert(sb:environment()[name] or name == "EXOTEL_REGION" and "mumbai", expression)) end
  local known = { ["github.token"] = "a token", ["github.event.pull_request.number"] = "7", ["steps.plan.outputs.status"] = outputs.status }
  return assert(known[expression], expression)
end

local function environment_of(outputs, ...)
  local all = { EXOTEL_BASE_URL = sb:environment().EXOTEL_BASE_URL, GITHUB_OUTPUT = folder .. "/output", GITHUB_STEP_SUMMARY = folder .. "/summary" }
  for _, list in ipairs { ... } do
    for name, value in pairs(list) do
      all[name] = value:gsub("%${{ (.-) }}", function(expression) return value_of(expression, outputs) end)
    end
  end
  all.EXOTEL_REGION = nil -- the sandbox is in none
  return all
end

-- Runs the steps of a job until one fails, and those after it that always run. → output, status, outputs
local function run_job(workflow, name)
  local job, output, status, outputs = workflow.jobs[name], {}, 0, {}
  for _, step in ipairs(job.steps) do
    local runs = status == 0 or ((step["if"] or ""):find("!cancelled() && hashFiles('plan.md') != ''", 1, true) and read "plan.md")
    if step.run and runs then
      local text, ended = run(step.run, environment_of(outputs, workflow.env or {}, job.env or {}, step.env or {}))
      output[#output + 1], status = text, status ~= 0 and status or ended
      outputs.status = (read("output") or ""):match("status=(%d+)")
    end
  end
  return table.concat(output), status, outputs
end

describe("the recipe for GitHub Actions", function()
  local workflow

  before_each(function() workflow = recipe ".github/workflows/trunks.yml" end)

  it("comments the plan, keeps it, and applies what was approved", function()
    local reviewed, good = run_job(workflow, "review")
    assert.equal(0, good, reviewed)
    assert.truthy(read("plan.md"):find("**6 to add, 0 to change, 0 to remove, 0 extra**", 1, true), read("plan.md"))
    assert.equal("pr\ncomment\n7\n--body-file\nplan.md\n", read("recorded"))
    assert.equal(read("plan.md"), read("summary"))
    assert.same({}, held())
    local _, status, outputs = run_job(workflow, "plan")
    assert.same({ 0, "2" }, { status, outputs.status })
    local applied, ended = run_job(workflow, "apply")
    assert.equal(0, ended, applied)
    assert.truthy(applied:find("\n6 added, 0 changed, 0 removed\n$"), applied)
    assert.equal(2, #held())
  end)

  it("asks nobody when nothing would change", function()
    run("exotel apply trunks.lua --yes", sb:environment())
    local _, status, outputs = run_job(workflow, "plan")
    assert.same({ 0, "0" }, { status, outputs.status })
    assert.equal("needs.plan.outputs.status == '2'", workflow.jobs.apply["if"])
  end)

  it("comments a plan that apply would refuse, and fails; so does a file that is wrong", function()
    write("trunks.lua", 'return {\n  trunk_name = "old_trunk",\n  destinations = { "192.0.2.9:5061;transport=tls" },\n}\n')
    local output, status = run_job(workflow, "review")
    assert.equal(1, status, output)
    assert.truthy(read("recorded"):find("^pr\ncomment\n"))
    assert.truthy(read("plan.md"):find("\n! 192.0.2.9:5061;transport=tls", 1, true), read("plan.md"))
    os.remove(folder .. "/recorded")
    os.remove(folder .. "/plan.md")
    write("trunks.lua", 'return { trunk_name = "old_trunk", phone_nubmers = {} }\n')
    assert.equal(1, (select(2, run_job(workflow, "plan"))))
  end)

  it("makes no comment that is too long", function()
    local lines = { 'return {\n  trunk_name = "old_trunk",\n  phone_numbers = {' }
    for i = 1, 2000 do lines[#lines + 1] = ('    "+9198765%05d",'):format(i) end
    write("trunks.lua", table.concat(lines, "\n") .. "\n  },\n}\n")
    local output, status = run_job(workflow, "review")
    assert.equal(0, status, output)
    assert.equal("**2001 to add, 0 to change, 0 to remove, 0 extra**\nThe plan is too long for a comment: see the summary of the run.\n", read("plan.md"))
    assert.truthy(#read("summary") > 65000)
  end)

  it("applies nothing when the service has changed since", function()
    run_job(workflow, "plan")
    run("exotel trunk create old_trunk", sb:environment())
    local output, status = run_job(workflow, "apply")
    assert.equal(1, status, output)
    assert.truthy(output:find("make a new plan", 1, true), output)
    assert.same({}, held()[1].numbers)
  end)

  it("has an approval before apply alone, secrets in the environment alone, and no rights beyond", function()
    assert.equal("production", workflow.jobs.apply.environment)
    assert.equal("plan", workflow.jobs.apply.needs)
    assert.same({ contents = "read" }, workflow.permissions)
    assert.truthy(workflow.jobs.review["if"]:find("head.repo.full_name == github.repository", 1, true))
    for name, job in pairs(workflow.jobs) do
      for _, step in ipairs(job.steps) do assert.is_nil((step.run or ""):find("${{", 1, true), name) end
    end
  end)
end)

-- GitLab --------------------------------------------------------------------------------------------------------------

describe("the recipe for GitLab CI", function()
  local pipeline

  before_each(function() pipeline = recipe ".gitlab-ci.yml" end)

  -- All lines of a job are one script.
  local function run_script(name)
    local environment = sb:environment()
    environment.NOTE_TOKEN, environment.CI_API_V4_URL, environment.CI_PROJECT_ID = "a token", "https://gitlab.example.com/api/v4", "3"
    environment.CI_MERGE_REQUEST_IID = "7"
    return run(table.concat(pipeline[name].script, "\n"), environment)
  end

  it("comments the plan, keeps it, and applies what was approved", function()
    local checked, good = run_script "check"
    assert.equal(0, good, checked)
    local output, status = run_script "review"
    assert.equal(0, status, output)
    local recorded = read "recorded"
    assert.truthy(recorded:find("body@plan.md\nhttps://gitlab.example.com/api/v4/projects/3/merge_requests/7/notes\n", 1, true), recorded)
    assert.truthy(recorded:find("\nPRIVATE-TOKEN: a token\n", 1, true), recorded)
    assert.truthy(read("plan.md"):find("^%*%*6 to add"))
    assert.equal(0, (select(2, run_script "plan")))
    assert.same({}, held())
    output, status = run_script "apply"
    assert.equal(0, status, output)
    assert.equal(2, #held())
  end)

  it("comments a plan that apply would refuse, and fails", function()
    write("trunks.lua", 'return {\n  trunk_name = "old_trunk",\n  destinations = { "192.0.2.9:5061;transport=tls" },\n}\n')
    assert.equal(1, (select(2, run_script "review")))
    assert.truthy(read("recorded"):find("body@plan.md", 1, true))
    write("trunks.lua", 'return { trunk_name = "old_trunk", phone_nubmers = {} }\n')
    assert.equal(1, (select(2, run_script "check")))
  end)

  it("has jobs in its stages, and an approval before apply", function()
    local stages = {}
    for i, stage in ipairs(pipeline.stages) do stages[stage] = i end
    for _, name in ipairs { "check", "review", "plan", "apply" } do assert.truthy(stages[pipeline[name].stage], name) end
    assert.same({ "production", "manual", "trunks" }, { pipeline.apply.environment, pipeline.apply.rules[1].when, pipeline.apply.resource_group })
    assert.same({ "trunks.plan" }, pipeline.plan.artifacts.paths)
  end)
end)

-- Cron ----------------------------------------------------------------------------------------------------------------

describe("the line for cron", function()
  it("prints nothing while all is well, and the drift or what went wrong otherwise", function()
    local line = assert(blocks("cron")[1]:match("%*/15 %* %* %* %*  ([^\n]+)"))
    assert(os.execute(("mkdir %s/trunks && cp %s/trunks.lua %s/trunks"):format(folder, folder, folder)))
    local environment = sb:environment()
    run("exotel apply trunks.lua --yes", environment)
    assert.same({ "", 0 }, { run(line, environment) })
    command.run(sb, "number map new_trunk +919876543299"):says(0)
    command.run(sb, "ip add old_trunk 203.0.113.66"):says(0)
    local report, status = run(line, environment)
    assert.equal(2, status)
    assert.truthy(report:find("trunk old_trunk\n  whitelisted_ip 203.0.113.66/32 ", 1, true), report)
    sb:fault { on = "*", status = 403, times = true }
    report, status = run(line, environment)
    assert.equal(1, status)
    assert.truthy(report:find("^exotel: "), report)
    sb:clear_faults()
    assert.same({ "", 1 }, { run("flock .check.lock true; cd trunks; exec 9> .check.lock; flock 9; cd ..; " .. line, environment) })
  end)
end)
