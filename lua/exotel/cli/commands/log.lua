--- exotel log: shows the log of writes.
local errors = require "exotel.cli.errors"
local file = require "exotel.cli.write_log.file"
local json = require "exotel.json"
local since = require "exotel.cli.write_log.since"

-- Lines that are shown unless more are asked for.
local LAST = 20

-- Reading -------------------------------------------------------------------------------------------------------------

-- → entries, oldest first, and how many lines are none
local function read()
  local text, message = file.read()
  if not text then errors.fail("%s", message) end
  local entries, damaged = {}, 0
  for line in text:gmatch("[^\n]+") do
    local entry = json.decode(line)
    if type(entry) == "table" and type(entry.time) == "string" then entries[#entries + 1] = entry
    else damaged = damaged + 1 end
  end
  return entries, damaged
end

-- A line may know a trunk by its sid only: others say what that is called.
local function name_trunks(entries)
  local names = {}
  for _, entry in ipairs(entries) do
    if entry.trunk_sid then names[entry.trunk_sid] = entry.trunk_name or names[entry.trunk_sid] end
  end
  for _, entry in ipairs(entries) do entry.trunk_name = entry.trunk_name or names[entry.trunk_sid or ""] end
end

-- Choosing ------------------------------------------------------------------------------------------------------------

local function is_trunk(entry, text)
  local how, word = text:match("^(%a+):(.*)$")
  if how == "sid" then return entry.trunk_sid == word end
  if how == "name" then return entry.trunk_name == word end
  return entry.trunk_sid == text or entry.trunk_name == text
end

local function fits(entry, args, from)
  if args.trunk and not is_trunk(entry, args.trunk) then return false end
  if args.profile and entry.profile ~= args.profile then return false end
  if args.account and entry.account ~= args.account then return false end
  return not from or entry.time >= from
end

local function last_of(list, count)
  local last = {}
  for i = math.max(1, #list - count + 1), #list do last[#last + 1] = list[i] end
  return last
end

local function choose(entries, args)
  local from, chosen = args.since and since.read(args.since), {}
  for _, entry in ipairs(entries) do
    if fits(entry, args, from) then chosen[#chosen + 1] = entry end
  end
  local most = args.lines or (args.since or args.all) and #chosen or LAST
  return last_of(chosen, most)
end

-- Showing -------------------------------------------------------------------------------------------------------------

local COLUMNS = {
  { field = "time" }, { field = "account" }, { field = "who" }, { field = "trunk" }, { field = "operation" },
  { field = "subject" }, { field = "outcome" }, { field = "request_id" },
}

-- What a person knows it by; of a trunk the column says that.
local KEYS = { "phone_number", "ip", "destination", "user_name", "name" }

local function subject_of(about)
  for _, key in ipairs(KEYS) do
    if about[key] then return key, tostring(about[key]) end
  end
  return "id", about.id and "id:" .. tostring(about.id)
end

-- The rest of what was sent, as name=value.
local function details_of(about, key)
  local parts = {}
  for name, value in pairs(about) do
    local is_shown = name == key or name == "id" or name == "trunk_name"
    if not is_shown then parts[#parts + 1] = tostring(name) .. "=" .. tostring(value) end
  end
  table.sort(parts)
  return table.concat(parts, " ")
end

local function subject_text(about)
  local key, subject = subject_of(about)
  local details = details_of(about, key)
  return (subject or "") .. (subject and details ~= "" and " " or "") .. details
end

local function row_of(entry)
  local about = type(entry.about) == "table" and entry.about or {}
  local failed = entry.kind and entry.outcome ~= "done"
  return {
    time = entry.time, account = entry.account, who = entry.who, operation = entry.operation,
    trunk = entry.trunk_name or about.trunk_name or entry.trunk_sid, subject = subject_text(about),
    outcome = failed and ("%s (%s)"):format(tostring(entry.outcome), tostring(entry.kind)) or entry.outcome,
    request_id = entry.request_id,
  }
end

local function log(app, args)
  if args.trunk == "" then errors.usage("--trunk names no trunk: the name is empty") end
  local entries, damaged = read()
  name_trunks(entries)
  local chosen = choose(entries, args)
  local rows = {}
  for i, entry in ipairs(chosen) do rows[i] = app.out.json and entry or row_of(entry) end
  app.out:list(COLUMNS, rows, "no write is logged" .. (args.trunk and " of that trunk" or ""))
  if damaged > 0 then app.out:warn("%d lines of the log are damaged", damaged) end
end

return {
  name = "log",
  summary = "Show what was changed from here: a line for each write that was sent.",
  run = log,
  options = {
    { name = "-n --lines", value = "N", whole = true, text = "The last N; 20 unless given, all with --since." },
    { name = "--all", text = "All that are kept." },
    { name = "--since", value = "WHEN", text = "A date or time in UTC, as 2026-11-26T09:30, or an age: 30m, 12h, 7d." },
    { name = "--trunk", value = "TRUNK", text = "Only this trunk, by its name or trunk_sid." },
  },
  more = "Every command of this user on this machine writes it, a line at once when the outcome of a write is known: "
    .. "done, failed, or maybe applied (a reply was lost; what the command found out afterwards stands in its own "
    .. "output). --profile and --account show one account's. No secret is in it. Columns, for scripts: time (UTC), "
    .. "account, who, trunk, operation, subject, outcome, request_id; --json has all that is known. It makes no "
    .. "request. The file is ~/.local/state/exotel/log; the older half is in log.1.",
  examples = {
    "exotel log", "exotel log --trunk outbound_trunk --since 7d", "exotel log --since 2026-11-26 --json",
  },
}
