--- exotel directory: refresh, show, number, ip.
local directory = require "exotel.directory"
local environment = require "exotel.cli.environment"
local errors = require "exotel.cli.errors"
local json = require "exotel.json"
local listing = require "exotel.cli.listing"
local progress = require "exotel.cli.terminal.progress"
local screen = require "exotel.cli.terminal.screen"

local function path_of(args)
  local path = args.file or environment.get("EXOTEL_DIRECTORY")
  if not path then errors.usage("which file? say --file FILE, or set EXOTEL_DIRECTORY") end
  return path
end

local function open(args, create) return errors.assert(directory.open { path = path_of(args), create = create }) end

-- Ages for people: "never", or whole seconds.
local function age_text(age) return age == math.huge and "never" or ("%d s ago"):format(math.floor(age)) end

-- JSON has no infinity.
local function age_value(age) return age < math.huge and age or nil end

-- refresh -------------------------------------------------------------------------------------------------------------

local ACTIONS = { came = "+", went = "-", changed = "~" }

local function title(change)
  local entry = change.to or change.from
  if change.resource == "phone_number" then return ("%s mode %s"):format(entry.phone_number, entry.mode or "pstn") end
  if change.resource == "whitelisted_ip" then return ("IP %s/%d"):format(entry.ip, entry.mask) end
  if change.resource == "destination" then return "destination " .. tostring(entry.destination) end
  return "trunk"
end

-- A file that is new would fill the screen.
local SHOWN = 50

local function change_lines(changes)
  local lines, count = {}, { came = 0, changed = 0, went = 0 }
  for i, change in ipairs(changes) do
    count[change.action] = count[change.action] + 1
    local name = change.trunk_name or change.trunk_sid
    if i <= SHOWN then lines[i] = screen.format("%s %s: %s", ACTIONS[change.action], name, title(change)) end
  end
  if #changes > SHOWN then lines[#lines + 1] = ("... and %d more"):format(#changes - SHOWN) end
  lines[#lines + 1] = ("%d came, %d changed, %d went\n"):format(count.came, count.changed, count.went)
  return table.concat(lines, "\n")
end

-- As JSON: errors as they are shown elsewhere.
local function unread_value(changes)
  local list = {}
  for i, one in ipairs(changes.unread) do
    list[i] = { trunk_sid = one.trunk_sid, trunk_name = one.trunk_name, kind = one.err.kind, text = tostring(one.err) }
  end
  return list
end

local function show_changes(app, changes)
  if app.out.json then
    local list = {}
    for i, change in ipairs(changes) do list[i] = change end
    return app.out:value {
      changes = json.array(list), complete = changes.complete, requests = changes.requests,
      unread = json.array(unread_value(changes)),
    }
  end
  if not app.out.quiet then app.out:text(change_lines(changes)) end
end

local function refresh(app, args)
  if args.requests_per_minute == 0 then errors.usage("--requests-per-minute must be at least 1") end
  local d = open(args, true)
  local bar = progress.new("Reading trunks", app:has_bar())
  local changes, err = d:refresh(app:client(), {
    requests_per_minute = args.requests_per_minute, progress = function(done, total) bar:update(done, total) end,
  })
  bar:clear()
  errors.assert(changes, err)
  show_changes(app, changes)
  for _, one in ipairs(changes.unread) do
    app.out:warn("%s could not be read, and stays as it was: %s", one.trunk_name or one.trunk_sid, tostring(one.err))
  end
  return changes.complete and errors.status.done or errors.status.partly
end

-- show ----------------------------------------------------------------------------------------------------------------

local TRUNK_COLUMNS = {
  { field = "trunk_name" }, { field = "trunk_sid" }, { field = "phone_numbers" }, { field = "whitelisted_ips" },
  { field = "destinations" }, { field = "caller_id" }, { field = "read" },
}

local function count_by_trunk(iterator)
  local count = {}
  for item in iterator do count[item.trunk_sid] = (count[item.trunk_sid] or 0) + 1 end
  return count
end

local function trunks_of(d)
  local numbers, ips, list = count_by_trunk(d:numbers()), count_by_trunk(d:ips()), {}
  for trunk in d:trunks() do
    list[#list + 1] = {
      trunk_name = trunk.trunk_name, trunk_sid = trunk.trunk_sid, phone_numbers = numbers[trunk.trunk_sid] or 0,
      whitelisted_ips = ips[trunk.trunk_sid] or 0, destinations = #trunk.destinations, caller_id = trunk.caller_id,
      read = age_text(trunk.age), age = age_value(trunk.age), partial = trunk.partial,
    }
  end
  return list
end

local function show(app, args)
  local show_list = listing.new(app, args, TRUNK_COLUMNS)
  local d = open(args)
  local info, trunks = d:info(), trunks_of(d)
  if app.out.json and not args.columns then
    for _, trunk in ipairs(trunks) do trunk.read = nil end
    info.age, info.trunks = age_value(info.age), json.array(trunks)
    return app.out:value(info)
  end
  app.out:note("account %s at %s, %d numbers on %d trunks, complete: %s", info.account_sid or "(none yet)",
    info.host or "(nowhere)", info.phone_numbers, info.trunks, age_text(info.age))
  show_list(trunks, "The directory is empty: `exotel directory refresh` fills it")
end

-- number, ip ----------------------------------------------------------------------------------------------------------

local NUMBER_FIELDS = { "phone_number", "mode", "id", "trunk_name", "trunk_sid" }

local function number(app, args)
  if not args.number:find("^%+%d+$") then
    errors.usage("%q is no number: write it in E.164, as +919876543210", args.number)
  end
  local found = open(args):number(args.number)
  if not found then errors.not_found("%s is on no trunk of the directory", args.number) end
  app.out:item(NUMBER_FIELDS, found)
end

local IP_COLUMNS = {
  { field = "trunk_name" }, { field = "trunk_sid" }, { field = "ip" }, { field = "mask" }, { field = "id" },
}

local function ip(app, args)
  local show_list = listing.new(app, args, IP_COLUMNS)
  if not args.ip:find("^%d+%.%d+%.%d+%.%d+$") then
    errors.usage("%q is no IP: write an address, as 203.0.113.77", args.ip)
  end
  local found = open(args):ip(args.ip)
  if not found then errors.not_found("no trunk of the directory whitelists %s", args.ip) end
  show_list(found)
end

local FILE = { name = "-f --file", value = "FILE", text = "The directory's file; EXOTEL_DIRECTORY names it otherwise." }

return {
  name = "directory",
  summary = "Keep the account as a file that answers while the service does not.",
  verbs = {
    {
      name = "refresh", summary = "Read the account into the file, and say what came, went and changed.", run = refresh,
      options = {
        FILE,
        {
          name = "--requests-per-minute", value = "N", whole = true, text = "At most so many requests (100).",
        },
      },
      more = "For cron. A trunk that can't be read keeps what was known of it. Exit status 0 when all was read, 3 when "
        .. "some trunks were not, 1 when nothing was.",
      examples = { "exotel directory refresh --file /var/lib/exotel/directory" },
    },
    {
      name = "show", summary = "Show the trunks in the file, and when each was read.", run = show,
      options = listing.with(listing.options, FILE), columns = TRUNK_COLUMNS,
      more = "Columns, for scripts: trunk_name, trunk_sid, phone_numbers, whitelisted_ips, destinations, caller_id, "
        .. "read. Makes no request.",
      examples = { "exotel directory show --file /var/lib/exotel/directory" },
    },
    {
      name = "number", summary = "Find a number in the file.", run = number, options = { FILE },
      arguments = { { name = "NUMBER", text = "In E.164: +919876543210." } },
      more = "Makes no request. Exit status 1 when it is on no trunk.",
      examples = { "exotel directory number +919876543210 --file /var/lib/exotel/directory" },
    },
    {
      name = "ip", summary = "Find the trunks that whitelist an address.", run = ip,
      options = listing.with(listing.options, FILE), columns = IP_COLUMNS,
      arguments = { { name = "IP", text = "An IPv4 address." } },
      more = "The longest mask first. Columns, for scripts: trunk_name, trunk_sid, ip, mask, id. Makes no request. "
        .. "Exit status 1 when none does.",
      examples = { "exotel directory ip 203.0.113.77 --file /var/lib/exotel/directory" },
    },
  },
}
