--- exotel plan show: shows a plan that was kept. Needs neither account nor network.
local errors = require "exotel.cli.errors"
local plan_output = require "exotel.cli.plan_output"
local provisioning = require "exotel.cli.provisioning"

-- What makes a plan says nothing about one that is made.
local MAKING = { "out", "prune", "exit_code" }
local MAKING_MANY = { "allow", "rotate", "only" }

local function check_arguments(args)
  plan_output.check_form(args)
  if #args.file ~= 2 then errors.usage("plan show takes one file, which exotel plan --out has kept") end
  local given
  for _, name in ipairs(MAKING) do given = given or (args[name] and name) end
  for _, name in ipairs(MAKING_MANY) do given = given or (#args[name] > 0 and name) end
  if given then errors.usage("plan show only shows a plan: leave out --%s", (given:gsub("_", "-"))) end
end

--- show(app, args): args.file is "show" and the file.
return function(app, args)
  check_arguments(args)
  plan_output.show(app, provisioning.load_plan(args.file[2]), { origin = true })
  return errors.status.done
end
