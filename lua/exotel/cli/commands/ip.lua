--- exotel ip: add, list, update, replace, remove.
local additions = require "exotel.cli.additions"
local arguments = require "exotel.cli.arguments"
local errors = require "exotel.cli.errors"
local replace = require "exotel.cli.commands.ip.replace"
local resolve = require "exotel.cli.resolve"
local prompt = require "exotel.cli.terminal.prompt"
local screen = require "exotel.cli.terminal.screen"
local strands = require "exotel.cli.strands"
local trunks = require "exotel.trunk"
local trunk_items = require "exotel.cli.trunk_items"

-- "203.0.113.0/24" → ip, mask; the mask is nil when there is none
local function read(text) return errors.assert(trunks.read_ip(text)) end

local function title(item) return ("%s/%d"):format(item.ip, item.mask or 32) end

local kind = {
  noun = "IP", command = "ip", verb = "remove",
  columns = { { field = "ip" }, { field = "mask", default = 32 }, { field = "id" }, { field = "date_created" } },
  list = "whitelisted_ips", more = { "date_updated", "friendly_name" },
  items = function(trunk) return trunk:list_ips() end,
  matches = function(item, text) return item.ip == text or title(item) == text end,
  title = title,
  remove = function(_, trunk, item) return trunk:remove_ip(item.id) end,
  strands = strands.of_ip,
}

local function add(app, args)
  return additions.run(app, args.trunk, {
    resource = "whitelisted_ip", noun = "IP", items = args.ip, texts = args.ip,
    formats = { done = "whitelisted %s on %s, id %s", present = "already so: %s on %s, id %s" },
    values = function(trunk, data) return { title(data), resolve.name(trunk), data.id } end,
    unknown = "was whitelisted",
  })
end

local function list(app, args) return trunk_items.list(app, args, kind) end

-- Asks, as it never did, only where destinations need the IP.
local function confirm_update(app, args, trunk, item, found)
  local asks = found.blocks and not (args.yes or args.force) and screen.can_ask()
  if not asks then return strands.tell(app, args, found) end
  strands.show(found)
  local agreed = prompt.confirm("Change the IP %s of the trunk %s of the account %s to %s?", title(item),
    resolve.name(trunk), app:account(), args.new)
  if not agreed then errors.fail("nothing was changed") end
end

local function update(app, args)
  local ip, mask = read(args.new)
  local trunk, item = trunk_items.find(app, args, args.ip, kind)
  confirm_update(app, args, trunk, item, strands.of_ip(trunk, item, { ip = ip, mask = mask or item.mask }))
  local data, info = app:write(("%s was changed to %s"):format(title(item), args.new), function(client)
    return client:update_whitelisted_ip { trunk_sid = trunk.trunk_sid, id = item.id, ip = ip, mask = mask }
  end)
  app:done(info, data, "%s is %s now", title(item), title(data))
end

local function remove(app, args) trunk_items.remove(app, args, args.ip, kind) end

local TRUNK = arguments.trunk
local IP = { name = "IP", text = "An IPv4 address, or a range as 203.0.113.0/24 (the service may take no ranges)." }
local LISTED = arguments.item("IP", "The address, with /MASK where it is not the only one of that address")

return {
  name = "ip",
  summary = "Whitelist IPs: add, list, update, replace, remove.",
  verbs = {
    {
      name = "add", summary = "Whitelist IPs; one that is whitelisted already is a success.", run = add,
      arguments = { TRUNK, arguments.several(IP, IP.text) }, more = additions.more,
      examples = {
        "exotel ip add outbound_trunk 44.248.146.11", "exotel ip add outbound_trunk 44.248.146.12 44.248.146.13",
      },
    },
    {
      name = "list", summary = "List a trunk's IPs, or those of all trunks.", run = list,
      arguments = { trunk_items.optional_trunk }, options = trunk_items.list_options, columns = kind.columns,
      more = "Columns, for scripts: ip, mask, id, date_created; with --all ip, trunk, mask, id, date_created.",
      examples = { "exotel ip list outbound_trunk", "exotel ip list --all" },
    },
    {
      name = "update", summary = "Change a whitelisted IP to another.", run = update,
      arguments = { TRUNK, LISTED, { name = "NEW", text = "What it is to be: an address, or a range with /MASK." } },
      options = { strands.force, arguments.yes },
      more = "Asks where destinations need the old one; without a terminal it refuses then, unless --force is given. "
        .. "`exotel ip replace` takes the destinations along.",
      examples = { "exotel ip update outbound_trunk 44.248.146.11 44.248.146.12" },
    },
    replace,
    {
      name = "remove", summary = "Take an IP off a trunk's whitelist. Asks first.", run = remove,
      arguments = { TRUNK, LISTED }, options = { arguments.yes, strands.force },
      more = "Names the destinations that need it; --yes doesn't remove it then, unless --force is given, too.",
      examples = { "exotel ip remove outbound_trunk 44.248.146.11" },
    },
  },
}
