--- What plan, apply and check share: their options, loading specifications, planning, and showing a plan.
local errors = require "exotel.cli.errors"
local json = require "exotel.json"
local provision = require "exotel.provision"
local screen = require "exotel.cli.terminal.screen"

local M = {}

M.files = { name = "FILE", args = "+", text = "Specifications, in Lua (.lua) or JSON (.json); - is standard input." }
M.prune = { name = "--prune", text = "Also remove what the specification's lists don't hold." }
M.rotate = { name = "--rotate", value = "USER", many = true, text = "Set the password of this credential again." }
M.rules = { "last_ip", "last_destination", "shrink" }
M.allow = {
  name = "--allow", value = "RULE", many = true, choices = M.rules,
  text = "With --prune, also remove a trunk's last_ip or last_destination, or shrink a list by more than half.",
}

--- Whether --allow can name it.
function M.is_rule(name)
  for _, rule in ipairs(M.rules) do
    if rule == name then return true end
  end
  return false
end

-- Whether an IP is whitelisted on the service a plan finds out.
local function keeps_from_planning(problem) return problem.level == "error" and problem.rule ~= "ip_missing" end

--- All specifications of these files, in order. Raises all that is wrong with them.
function M.load(files)
  local specs, found = provision.load_all(files)
  local wrong = {}
  for _, problem in ipairs(found) do
    if keeps_from_planning(problem) then wrong[#wrong + 1] = problem end
  end
  if #wrong > 0 then errors.files(wrong) end
  return specs
end

local function list_or_nil(list) return list and #list > 0 and list or nil end

--- The options of provision that the command line gives.
function M.options(args)
  return { prune = args.prune, allow = list_or_nil(args.allow), rotate = list_or_nil(args.rotate) }
end

--- The plan of the files on the command line, and the specifications that they hold.
function M.plan(app, args)
  local specifications = M.load(args.file)
  return errors.assert(provision.plan(app:client(), specifications, M.options(args))), specifications
end

-- How the library's messages tell Lua programmers to permit what a rule forbids.
local ALLOWANCE = '%(allow = { "([%w_]+)" } permits it%)'

--- A refusal's message without how to permit it.
function M.without_allowance(message) return (message:gsub(" ?" .. ALLOWANCE, "")) end

--- A library's message in the words of the command.
function M.as_options(message) return (message:gsub(ALLOWANCE, "(--allow %1 permits it)")) end

local COLOURS = { ["+"] = "green", ["~"] = "yellow", ["*"] = "yellow", ["-"] = "red", ["!"] = "red" }

local function painted(line)
  local plain = screen.plain(line)
  local bad = plain:find(": failed", 1, true) or plain:find(": unknown", 1, true) or plain:find(": ignored", 1, true)
  return screen.paint(bad and "red" or COLOURS[plain:match("^%s*(%S)")], plain)
end

--- A plan or report as text, in colours where they are shown. Changes that were present already are left out.
function M.text(plan)
  local lines = {}
  for shown in tostring(plan):gmatch("[^\n]+") do
    local line = M.as_options(shown)
    if not line:find(": present$") then lines[#lines + 1] = painted(line) .. "\n" end
  end
  return table.concat(lines)
end

-- A report has none.
local function refused_or_nil(list)
  if not list then return nil end
  local told = json.array {}
  for i, refusal in ipairs(list) do
    told[i] = {}
    for name, value in pairs(refusal) do told[i][name] = value end
    told[i].message = M.as_options(refusal.message)
  end
  return told
end

-- A list that a report doesn't have, too, is left out.
local function array_or_nil(list) return list and json.array(list) end

--- Shows a plan or report: as text, or as JSON.
function M.show(app, plan)
  if app.out.json then
    return app.out:value {
      changes = json.array(plan.changes), refused = refused_or_nil(plan.refused), kept = array_or_nil(plan.kept),
      extras = array_or_nil(plan.extras), trunks = plan.trunks, summary = plan:summary(),
    }
  end
  if not app.out.quiet then app.out:text(M.text(plan)) end
end

return M
