--- exotel doctor: checks all that a call needs, and says what is wrong and what to do.
local checks = require "exotel.cli.commands.doctor.checks"
local errors = require "exotel.cli.errors"
local screen = require "exotel.cli.terminal.screen"
local trunk_checks = require "exotel.cli.commands.doctor.trunk"

local function line(check)
  local mark = check.ok and screen.paint("green", "ok") or screen.paint("red", "WRONG")
  local text = ("%s%s%-13s%s\n"):format(mark, check.ok and "     " or "  ", check.name, screen.plain(check.text))
  if not check.advice then return text end
  return text .. (" "):rep(7) .. "-> " .. screen.plain(check.advice) .. "\n"
end

local function show(app, results, good, reports)
  if app.out.json then return app.out:value { ok = good, checks = results, destinations = reports } end
  local lines = {}
  for _, check in ipairs(results) do
    if not (app.out.quiet and check.ok) then lines[#lines + 1] = line(check) end
  end
  app.out:text(table.concat(lines))
end

local function doctor(app, args)
  local results, client = checks.run(app)
  local reports = args.trunk and client and trunk_checks.run(results, client, args.trunk) or nil
  local good = true
  for _, check in ipairs(results) do good = good and check.ok end
  show(app, results, good, reports)
  return good and errors.status.done or errors.status.failed
end

return {
  name = "doctor",
  summary = "Look for what is wrong: libraries, certificates, account, region, network, clock.",
  run = doctor,
  arguments = {
    { name = "TRUNK", args = "?", text = "A trunk, by its name or trunk_sid: whether its destinations answer, too." },
  },
  more = "Exit status 0 when all is well, else 1. Reads one page of the trunks, changes nothing. A key that is refused "
    .. "is tried in the other region, too.",
  examples = { "exotel doctor", "exotel doctor inbound", "exotel doctor --profile test" },
}
