--- What plan, apply and check share: their options, loading specifications, planning, and refusing a plan.
local errors = require "exotel.cli.errors"
local file = require "exotel.cli.file"
local provision = require "exotel.provision"
local screen = require "exotel.cli.terminal.screen"
local suggest = require "exotel.text.suggest"
local wording = require "exotel.cli.wording"

local M = {}

M.files = { name = "FILE", args = "+", text = "Specifications, in Lua (.lua) or JSON (.json); - is standard input." }
M.prune = { name = "--prune", text = "Also remove what the specification's lists don't hold." }
M.rotate = { name = "--rotate", value = "USER", many = true, text = "Set the password of this credential again." }
M.rules = { "last_ip", "last_destination", "shrink", "delete_trunk" }
M.allow = {
  name = "--allow", value = "RULE", many = true, choices = M.rules,
  text = "With --prune, also remove a trunk's last_ip or last_destination, or shrink a list by more than half; "
    .. "delete_trunk: remove a trunk that is to be absent though it has numbers.",
}
M.only = {
  name = "--only", value = "TRUNK", many = true,
  text = "Only this trunk of the files, by its name or sid there; may be given more than once.",
}
M.full = { name = "--full", text = "List every addition; on a terminal long runs of them are folded." }
M.markdown = { name = "--markdown", text = "Markdown on standard output, for a pull request." }

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

-- As other commands take a trunk: name:NAME and sid:SID, too.
local function only_names(args)
  local names = {}
  for i, name in ipairs(args.only or {}) do names[i] = name:match("^name:(.*)$") or name:match("^sid:(.*)$") or name end
  return list_or_nil(names)
end

--- The options of provision that the command line gives.
function M.options(args)
  return {
    prune = args.prune, allow = list_or_nil(args.allow), rotate = list_or_nil(args.rotate),
    only = only_names(args),
  }
end

local function names_of(specifications)
  local names, is_name = {}, {}
  for _, spec in ipairs(specifications) do
    for _, field in ipairs { "trunk_name", "trunk_sid" } do
      local name = type(spec) == "table" and spec[field]
      if type(name) == "string" then names[#names + 1], is_name[name] = name, true end
    end
  end
  return names, is_name
end

--- Raises an error when --only names a trunk that the specifications don't have.
function M.check_only(args, specifications)
  local names, is_name = names_of(specifications)
  for _, name in ipairs(only_names(args) or {}) do
    if not is_name[name] then
      local guess = suggest.nearest(name, names)
      errors.not_found("--only %s: no trunk of the files is called that%s", screen.plain(name),
        guess and (" (did you mean %s?)"):format(screen.plain(guess)) or "")
    end
  end
end

--- The plan that `exotel plan --out` kept in a file.
function M.load_plan(path)
  local plan, err = provision.restore(file.read(path))
  if not plan then errors.fail("%s can't be taken as a plan that `exotel plan --out` kept: %s", path, err.message) end
  return plan
end

--- The plan of the files on the command line, and the specifications that they hold.
function M.plan(app, args)
  local specifications = M.load(args.file)
  M.check_only(args, specifications)
  return errors.assert(provision.plan(app:client(), specifications, M.options(args))), specifications
end

-- The options that would permit what is refused, where there are any.
local function allowance(refused)
  local names, seen = {}, {}
  for _, rule in ipairs(M.rules) do
    for _, refusal in ipairs(refused) do
      if refusal.rule == rule and not seen[rule] then names[#names + 1], seen[rule] = "--allow " .. rule, true end
    end
  end
  return #names > 0 and (" (if that is meant: %s)"):format(table.concat(names, " ")) or ""
end

--- Raises an error with all the reasons for which a plan is refused, and how to permit it where that is possible.
-- `what`: what comes of it.
function M.refuse(what, refused)
  local reasons = {}
  for i, refusal in ipairs(refused) do reasons[i] = refusal.message:gsub(" ?" .. wording.allowance, "") end
  errors.fail("%s: %s%s", what, table.concat(reasons, "; "), allowance(refused))
end

return M
