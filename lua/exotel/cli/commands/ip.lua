--- exotel ip: add, list, update, remove.
local arguments = require "exotel.cli.arguments"
local errors = require "exotel.cli.errors"
local resolve = require "exotel.cli.resolve"
local trunks = require "exotel.trunk"
local trunk_items = require "exotel.cli.trunk_items"

-- "203.0.113.0/24" → ip, mask; the mask is nil when there is none
local function read(text) return errors.assert(trunks.read_ip(text)) end

local function title(item) return ("%s/%d"):format(item.ip, item.mask or 32) end

local kind = {
  noun = "IP", command = "ip", verb = "remove",
  columns = { { field = "ip" }, { field = "mask", default = 32 }, { field = "id" }, { field = "date_created" } },
  items = function(trunk) return trunk:list_ips() end,
  matches = function(item, text) return item.ip == text or title(item) == text end,
  title = title,
  remove = function(_, trunk, item) return trunk:remove_ip(item.id) end,
}

local function add(app, args)
  local ip, mask = read(args.ip)
  local trunk = resolve.trunk(app:client(), args.trunk)
  local data, info = app:write(args.ip .. " was whitelisted", function()
    return trunk:whitelist_ip(ip, mask, { ensure = true })
  end)
  local formats = { done = "whitelisted %s on %s, id %s", present = "already so: %s on %s, id %s" }
  app.out:ensured(info, data, formats, title(data), trunk.trunk_name, data.id)
  app:remark(info)
end

local function list(app, args) trunk_items.list(app, args, kind) end

local function update(app, args)
  local ip, mask = read(args.new)
  local trunk, item = trunk_items.find(app, args, args.ip, kind)
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
  summary = "Whitelist IPs: add, list, update, remove.",
  verbs = {
    {
      name = "add", summary = "Whitelist an IP; one that is whitelisted already is a success.", run = add,
      arguments = { TRUNK, IP }, examples = { "exotel ip add outbound_trunk 44.248.146.11" },
    },
    {
      name = "list", summary = "List a trunk's IPs.", run = list, arguments = { TRUNK },
      more = "Columns, for scripts: ip, mask, id, date_created.", examples = { "exotel ip list outbound_trunk" },
    },
    {
      name = "update", summary = "Change a whitelisted IP to another.", run = update,
      arguments = { TRUNK, LISTED, { name = "NEW", text = "What it is to be: an address, or a range with /MASK." } },
      examples = { "exotel ip update outbound_trunk 44.248.146.11 44.248.146.12" },
    },
    {
      name = "remove", summary = "Take an IP off a trunk's whitelist. Asks first.", run = remove,
      arguments = { TRUNK, LISTED }, options = { arguments.yes },
      examples = { "exotel ip remove outbound_trunk 44.248.146.11" },
    },
  },
}
