--- Which profile a command is about: its argument, or --profile.
local errors = require "exotel.cli.errors"
local profile = require "exotel.cli.profile"

local M = {}

--- names.given(args) → the name that was given, or nil. Raises when two are.
function M.given(args)
  if args.name and args.profile and args.name ~= args.profile then
    errors.usage("two profiles are named: %s, and %s by --profile", args.name, args.profile)
  end
  local name = args.name or args.profile
  if name then profile.check_name(name, args.name and "NAME" or "--profile") end
  return name
end

return M
