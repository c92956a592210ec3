--- exotel export: prints the specification of trunks that exist.
local errors = require "exotel.cli.errors"
local provision = require "exotel.provision"
local resolve = require "exotel.cli.resolve"
local waits = require "exotel.cli.waits"

local function chosen(app, args)
  if args.all and #args.trunk > 0 then errors.usage("say --all or name trunks, not both") end
  if not args.all and #args.trunk == 0 then errors.usage("which trunk? name some, or say --all") end
  return resolve.trunks(app:client(), args.trunk)
end

local function sids_of(trunks)
  local sids = {}
  for i, trunk in ipairs(trunks) do sids[i] = trunk.trunk_sid end
  return sids
end

local function warn(app, spec, trunk_sid, warnings)
  for _, warning in ipairs(warnings) do app.out:warn("%s: %s", spec.trunk_name or trunk_sid, warning) end
end

local function export(app, args)
  local sids, shown = sids_of(chosen(app, args)), waits.new(app, "Reading")
  local specs, infos = provision.export_all(app:client(), sids, { progress = shown.progress, wait = shown.wait })
  shown.clear()
  errors.assert(specs, infos)
  for i, spec in ipairs(specs) do warn(app, spec, sids[i], infos[i].warnings) end
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
