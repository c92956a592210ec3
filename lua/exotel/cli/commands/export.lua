--- exotel export: prints the specification of trunks that exist.
local errors = require "exotel.cli.errors"
local provision = require "exotel.provision"
local resolve = require "exotel.cli.resolve"
local trunks = require "exotel.trunk"

local function chosen(app, args)
  if args.all and #args.trunk > 0 then errors.usage("say --all or name trunks, not both") end
  if args.all then return errors.assert(trunks.list(app:client())) end
  if #args.trunk == 0 then errors.usage("which trunk? name some, or say --all") end
  local list = {}
  for i, name in ipairs(args.trunk) do list[i] = resolve.trunk(app:client(), name) end
  return list
end

local function export_trunk(app, trunk)
  local spec, info = provision.export(app:client(), trunk.trunk_sid)
  errors.assert(spec, info)
  for _, warning in ipairs(info.warnings) do app.out:warn("%s: %s", spec.trunk_name or trunk.trunk_sid, warning) end
  return spec
end

local function export(app, args)
  local specs = {}
  for i, trunk in ipairs(chosen(app, args)) do specs[i] = export_trunk(app, trunk) end
  local format = args.format or (app.out.json and "json" or "lua")
  app.out:text((provision.format(#specs == 1 and specs[1] or specs, format):gsub("\n*$", "\n")))
end

return {
  name = "export",
  summary = "Print the specification of trunks that exist, for plan, apply and check.",
  run = export,
  arguments = { { name = "TRUNK", args = "*", text = "A trunk's name or trunk_sid." } },
  options = {
    { name = "--all", text = "All trunks of the account." },
    { name = "--format", value = "FORMAT", choices = { "lua", "json" }, text = "lua, or json as with --json." },
  },
  more = "Passwords of credentials are on the service only: what is printed names none. What breaks a rule is marked "
    .. "as_is, so that apply leaves it to the service, and warned of on standard error.",
  examples = { "exotel export outbound_trunk > trunks.lua", "exotel export --all --format json > trunks.json" },
}
