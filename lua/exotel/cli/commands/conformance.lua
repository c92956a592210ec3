--- exotel conformance: tries on a scratch trunk what is known of the service from others only.
local account = require "exotel.cli.account"
local arguments = require "exotel.cli.arguments"
local environment = require "exotel.cli.environment"
local errors = require "exotel.cli.errors"
local exotel = require "exotel"
local journals = require "exotel.cli.conformance.journal"
local progress = require "exotel.cli.terminal.progress"
local prompt = require "exotel.cli.terminal.prompt"
local report = require "exotel.cli.conformance.report"
local run = require "exotel.cli.conformance.run"
local scratch = require "exotel.cli.conformance.scratch"
local screen = require "exotel.cli.terminal.screen"
local signals = require "exotel.cli.terminal.signals"

-- The account -------------------------------------------------------------------------------------------------------

-- "sandbox1 at 127.0.0.1:8080": the account, and where it is.
local function identity(client) return tostring(client):match(": (.*)") or tostring(client) end

local OTHER = { mumbai = "singapore", singapore = "mumbai" }

-- The region's name; nil where the address is said otherwise.
local function region_of(options)
  if options.base_url or options.subdomain then return nil end
  if options.region then return options.region end
  local has_address = environment.get("EXOTEL_BASE_URL") or environment.get("EXOTEL_SUBDOMAIN")
  return not has_address and environment.get("EXOTEL_REGION") or nil
end

local function changed(options, changes)
  local all = { sleep = signals.sleep }
  for _, list in ipairs { options, changes } do
    for key, value in pairs(list) do all[key] = value end
  end
  return (exotel.client(all))
end

-- Clients that the service should refuse.
local function other_clients(options, region)
  return {
    wrong_token = changed(options, { api_token = "wrong_on_purpose" }),
    other_region = OTHER[region] and changed(options, { region = OTHER[region] }) or nil,
  }
end

-- What a report must not show.
local function private_texts(app, args, options)
  local _, sid = app:account()
  local address = identity(app:client()):match(" at (.*)$") or ""
  return {
    sid, options.api_key or environment.get("EXOTEL_API_KEY") or "",
    options.api_token or environment.get("EXOTEL_API_TOKEN") or "", address, address:match("^[^:]*"),
    args.number or "", (args.number or ""):sub(2),
  }
end

-- What earlier runs left --------------------------------------------------------------------------------------------

local function title(trunk) return trunk.sid and ("%s (%s)"):format(trunk.name, trunk.sid) or trunk.name end

local function titles(left)
  local list = {}
  for _, journal in ipairs(left) do
    for _, trunk in ipairs(journal.trunks) do list[#list + 1] = title(trunk) end
  end
  return table.concat(list, ", ")
end

local PHRASES = {
  deleted = "deleted %s, which an earlier run had left",
  gone = "%s, which an earlier run had left, is not there any more",
  renamed = "%s, which an earlier run had left, has another name now and is left alone",
}

local function remove_one(app, trunk)
  local client = app:client()
  local outcome, err = signals.during_write(function() return ("the trunk %s was deleted"):format(title(trunk)) end,
    function() return scratch.delete_left(client, trunk) end)
  if outcome then return app.out:note(PHRASES[outcome], title(trunk)) end
  app.out.in_vain = ("the trunk %s, which an earlier run left, can't be deleted"):format(title(trunk))
  if err then error(err, 0) end
  errors.fail("there are too many trunks to look for it: exotel trunk delete %s", trunk.name)
end

local function remove_left(app, left)
  for _, journal in ipairs(left) do
    for _, trunk in ipairs(journal.trunks) do remove_one(app, trunk) end
    journal:close(true)
  end
end

-- The question ------------------------------------------------------------------------------------------------------

local function check(args)
  local number = args.number
  if number and (not number:find("^%+[1-9]%d%d%d%d%d%d+$") or #number > 16) then
    errors.usage("--number takes a number in E.164, as +919876543210")
  end
  if not args.yes then prompt.need_terminal("exotel conformance") end
end

-- What a person agrees to, a line each.
local function terms(app, args, left, region)
  local lines = {}
  local function add(format, ...) lines[#lines + 1] = screen.format(format .. "\n", ...) end
  add("This tries on the account %s what is known of the service from documents and reports.", app:account())
  add("It makes up to %d requests, on a trunk conf_... that it makes and deletes again. No other trunk is changed.",
    run.REQUESTS)
  add(OTHER[region] and "One request has a wrong token on purpose, and one goes to the other region, %s."
    or "One request has a wrong token on purpose.", OTHER[region])
  if args.number then add("The number %s, if it is on no trunk, is mapped to it and taken off again.", args.number)
  else add("No number is touched.") end
  if titles(left) ~= "" then add("First it deletes what an earlier run left: %s.", titles(left)) end
  return table.concat(lines)
end

local function confirm(app, args, left, region)
  if args.yes then return end
  prompt.tell(terms(app, args, left, region))
  if not prompt.confirm("Go on?") then errors.fail("nothing was sent") end
end

-- The run -----------------------------------------------------------------------------------------------------------

local function unknown() return "the scratch trunk was deleted (the next run looks for it)" end

local function try(app, args, options, region)
  local client, journal = app:client(), journals.new(identity(app:client()))
  local bar = progress.new("conformance", app:has_bar())
  local good, found = pcall(signals.during_cleanup, unknown, function()
    return run.run(client, {
      private = private_texts(app, args, options), journal = journal, number = args.number, sleep = signals.sleep,
      stopped = signals.stopped, progress = function(done, total) bar:update(done, total) end,
      other_clients = other_clients(options, region),
    })
  end)
  bar:clear()
  journal:close(good and #found.left == 0)
  if not good then error(found, 0) end
  return found
end

-- Without an account nothing was found out: the table would say so in each line.
local function refuse(found)
  local refusal = found.refusal or {}
  local advice = refusal.status == 401 and " -- compare key, token and region (exotel doctor)"
    or refusal.status ~= nil and "" or " -- exotel doctor looks for the cause"
  errors.fail("nothing was tried: %s%s", found.ended, advice)
end

local function show(app, found, region)
  if app.out.json then return app.out:value(report.report(found, region)) end
  app.out:text(screen.stdout_is_terminal() and report.text(found) or report.lines(found))
end

local function tell_left(app, args, found)
  for _, trunk in ipairs(found.left) do
    local what = trunk.sid and "could not be deleted" or "was not answered when it was made, and may come to be"
    app.out:warn("the trunk %s %s%s; the next exotel conformance looks for it, exotel trunk delete %s deletes it%s",
      title(trunk), what, trunk.err and (" (%s)"):format(tostring(trunk.err)) or "",
      trunk.sid and "sid:" .. trunk.sid or trunk.name, args.number and ("; %s may be on it"):format(args.number) or "")
  end
end

local function conclude(app, found)
  app.out:note("%s; %d requests", report.summary(found), found.requests)
  if found.ended then app.out:note("it ended early: %s", found.ended) end
  if not found.ended then app.out:note("exotel conformance --json makes a report that can be sent to the project") end
  if #found.left > 0 then return errors.status.failed end
  return found.ended and errors.status.partly or errors.status.done
end

local function conformance(app, args)
  check(args)
  local client, options = app:client(), account.options(app:chosen())
  local region, left, alive = region_of(options), journals.left(identity(client))
  if alive > 0 then app.out:note("another run of exotel conformance is under way on this account") end
  confirm(app, args, left, region)
  app:consent()
  remove_left(app, left)
  local found = try(app, args, options, region)
  tell_left(app, args, found)
  if not found.is_begun and not signals.stopped() then refuse(found) end
  show(app, found, region)
  return conclude(app, found)
end

return {
  name = "conformance",
  summary = "Try on a scratch trunk what is known of the service only from its documents and from reports.",
  run = conformance,
  options = {
    { name = "--number", value = "NUMBER", text = "A spare number, on no trunk: tries facts about numbers, too." },
    arguments.yes,
  },
  more = "Nobody who made exotel could ask the service itself: what it relies on is from the vendor's reference (S), "
    .. "samples (V) and reports (L). This tries each of these facts, by " .. run.REQUESTS .. " requests at most, on a "
    .. "trunk called conf_ and eight random letters, which is deleted at the end, also after Ctrl-C; should it be left "
    .. "over, the next run deletes it. Other trunks are never changed, and no number is touched unless --number gives "
    .. "one. --json writes a report to be sent to the project, without key, token, account, numbers and addresses.\n"
    .. "Exit status: 0 all was tried that could be, whatever it found; 3 it ended early; 1 it could not begin, or a "
    .. "trunk is left.",
  examples = {
    "exotel conformance", "exotel conformance --number +919876543210",
    "exotel conformance --json --yes > report.json",
  },
}
