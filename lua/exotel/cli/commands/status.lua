--- exotel status: the account at a glance, as a tree, as JSON, as a picture for Graphviz or as a page.
local dot = require "exotel.cli.commands.status.dot"
local errors = require "exotel.cli.errors"
local exotel = require "exotel"
local file = require "exotel.cli.file"
local json = require "exotel.json"
local overview = require "exotel.overview"
local page = require "exotel.cli.commands.status.page"
local resolve = require "exotel.cli.resolve"
local tree = require "exotel.cli.commands.status.tree"
local waits = require "exotel.cli.waits"
local words = require "exotel.cli.commands.status.words"

-- JSON ----------------------------------------------------------------------------------------------------------------

local LISTS = { "phone_numbers", "whitelisted_ips", "destinations", "settings", "credentials" }

local function unread_value(unread)
  local list = json.array {}
  for i, one in ipairs(unread) do list[i] = { list = one.list, kind = one.err.kind, text = tostring(one.err) } end
  return list
end

-- A list that could not be read is null: it is not known to be empty.
local function trunk_value(trunk)
  local value = {}
  for name, one in pairs(trunk) do value[name] = one end
  for _, name in ipairs(LISTS) do value[name] = trunk[name] and json.array(trunk[name]) or exotel.null end
  value.caller_id = trunk.caller_id or exotel.null
  value.warnings, value.unread = json.array(trunk.warnings), unread_value(trunk.unread)
  return value
end

-- A count is null where some lists could not be read.
local function counts_value(account)
  local counts = words.counts(account)
  for name in pairs(counts.unknown) do counts[name] = counts[name] and exotel.null end
  counts.unknown = nil
  return counts
end

local function document_of(account)
  local trunks = json.array {}
  for i, trunk in ipairs(account.trunks) do trunks[i] = trunk_value(trunk) end
  return {
    account_sid = account.account_sid, host = account.host, complete = account.complete,
    counts = counts_value(account), trunks = trunks,
  }
end

-- Reading -------------------------------------------------------------------------------------------------------------

local FORMS = { "json", "dot", "html" }

local function check_form(args)
  local given = {}
  for _, name in ipairs(FORMS) do
    if args[name] then given[#given + 1] = "--" .. name end
  end
  if #given > 1 then errors.usage("%s exclude each other", table.concat(given, " and ")) end
  if args.html == "" then errors.usage("--html takes the name of a file") end
  if args.html and args.html ~= "-" then file.check(args.html) end
end

local function read(app, args)
  local trunks = resolve.trunks(app:client(), args.trunk)
  local shown = waits.new(app, "Reading")
  local account, err = overview.read(app:client(), { trunks = trunks, progress = shown.progress, wait = shown.wait })
  shown.clear()
  return errors.assert(account, err)
end

-- Showing -------------------------------------------------------------------------------------------------------------

local function write_page(app, args, account)
  local text = page.text(account, os.time())
  if args.html == "-" then return app.out:text(text) end
  file.write(args.html, text)
  app.out:note("The page is in %s: %s", args.html, words.summary(words.counts(account)))
end

local function show(app, args, account)
  if app.out.json then return app.out:value(document_of(account)) end
  if args.dot then return app.out:text(dot.text(account, args.full)) end
  if args.html then return write_page(app, args, account) end
  app.out:text(tree.text(account, args.full))
end

local function status(app, args)
  check_form(args)
  local account = read(app, args)
  show(app, args, account)
  if account.complete then return errors.status.done end
  if args.dot or args.html then
    app.out:warn("%s could not be read", words.counted(words.counts(account).unread, "list"))
  end
  return errors.status.partly
end

return {
  name = "status",
  summary = "Show the account at a glance: trunks with all that they have, and what is odd.",
  run = status,
  arguments = { { name = "TRUNK", args = "*", text = "Only these trunks, by name or trunk_sid." } },
  options = {
    { name = "--dot", text = "A picture for Graphviz: exotel status --dot | dot -Tsvg > account.svg" },
    {
      name = "--html", value = "FILE",
      text = "Write a page with a picture of each trunk, which needs no network; - is standard output.",
    },
    { name = "--full", text = "List every number; on a terminal, and with --dot, long lists are folded." },
  },
  more = "A line with ! is a warning: a destination on an IP that is not whitelisted, equal destinations, a trunk "
    .. "without numbers, without destinations, without IPs and credentials, a caller ID that is not among the trunk's "
    .. "numbers, a status other than active. Exit status 0 also with warnings; 3 when some lists could not be read, "
    .. "which is said in their place. Five requests a trunk, or more for long lists, as many at a time as the rate "
    .. "limit allows.",
  examples = {
    "exotel status", "exotel status outbound_trunk bots", "exotel status --json | jq '.trunks[].warnings[].message'",
    "exotel status --html account.html",
  },
}
