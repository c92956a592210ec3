--- What plan, apply and check share: the files' specifications, a plan of them, and how it is shown.
local failure = require "exotel.cli.failure"
local provision = require "exotel.provision"
local terminal = require "exotel.cli.terminal"

local M = {}

M.files = { name = "FILE", args = "+", text = "A specification or several, in Lua (.lua) or JSON (.json)." }
M.prune = { name = "--prune", text = "Also remove what the specification's lists don't hold." }
M.rotate = { name = "--rotate", value = "USER", many = true, text = "Set the password of this credential again." }
M.rules = { "last_ip", "last_destination", "shrink" }

--- All specifications of these files, in order.
function M.load(files)
  local specs = {}
  for _, path in ipairs(files) do
    for _, spec in ipairs(failure.need(provision.load(path))) do specs[#specs + 1] = spec end
  end
  return specs
end

local function list_or_nil(list) return list and #list > 0 and list or nil end

--- The options of provision that the command line gives.
function M.options(args)
  return { prune = args.prune, allow = list_or_nil(args.allow), rotate = list_or_nil(args.rotate) }
end

--- The plan of the files on the command line.
function M.plan(app, args)
  return failure.need(provision.plan(app:client(), M.load(args.file), M.options(args)))
end

local COLOURS = { ["+"] = "green", ["~"] = "yellow", ["-"] = "red" }

local function painted(text)
  return (text:gsub("[^\n]+", function(line)
    local plain = terminal.plain(line)
    return terminal.paint(COLOURS[plain:match("^%s*(%S)")], plain)
  end))
end

--- Shows a plan or report: for people in colours, or as JSON.
function M.show(app, plan)
  if app.out.json then
    return app.out:value { changes = plan.changes, refused = plan.refused, summary = plan:summary() }
  end
  if not app.out.quiet then app.out:text(painted(tostring(plan)) .. "\n") end
end

return M
