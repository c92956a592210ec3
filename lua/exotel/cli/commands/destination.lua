--- exotel destination: add, list, update, remove, test.
local additions = require "exotel.cli.additions"
local arguments = require "exotel.cli.arguments"
local errors = require "exotel.cli.errors"
local resolve = require "exotel.cli.resolve"
local sip_test = require "exotel.cli.sip_test"
local strands = require "exotel.cli.strands"
local trunk_items = require "exotel.cli.trunk_items"
local trunks = require "exotel.trunk"

local kind = {
  noun = "destination", command = "destination", verb = "remove",
  columns = {
    { field = "destination" }, { field = "priority" }, { field = "weight" }, { field = "type" }, { field = "id" },
    { field = "date_created" },
  },
  list = "destinations", more = { "date_updated" },
  items = function(trunk) return trunk:list_destinations() end,
  matches = function(item, text) return trunks.same_destination(item.destination, text) end,
  title = function(item) return item.destination end,
  remove = function(_, trunk, item) return trunk:remove_destination(item.id) end,
  strands = strands.of_destination,
}

local function add(app, args)
  local items = {}
  for i, uri in ipairs(args.uri) do
    items[i] = { destination = uri, priority = args.priority, weight = args.weight }
  end
  return additions.run(app, args.trunk, {
    resource = "destination", noun = "destination", items = items, texts = args.uri,
    formats = { done = "added %s to %s, id %s", present = "already so: %s on %s, id %s" },
    values = function(trunk, data) return { data.destination, resolve.name(trunk), data.id } end,
    unknown = "was added",
    advice = { conflict = "`exotel destination update` changes priority and weight" },
  })
end

local function list(app, args) return trunk_items.list(app, args, kind) end

local function update(app, args)
  if not (args.priority or args.weight) then errors.usage("nothing to change: say --priority, --weight or both") end
  local trunk, item = trunk_items.find(app, args, args.uri, kind)
  local data, info = app:write(("%s was changed"):format(item.destination), function(client)
    return client:update_destination {
      trunk_sid = trunk.trunk_sid, id = item.id, priority = args.priority, weight = args.weight,
    }
  end)
  app:done(info, data, "%s: priority %s, weight %s", item.destination, data.priority, data.weight)
end

local function remove(app, args) trunk_items.remove(app, args, args.uri, kind) end

local TRUNK = arguments.trunk
local URI = { name = "URI", text = "HOST:PORT;transport=tls, tcp or udp. An IP has to be whitelisted first." }
local LEVELS = {
  { name = "--priority", value = "N", whole = true, text = "0 to 65535; lower ones are tried first." },
  { name = "--weight", value = "N", whole = true, text = "0 to 65535: the share among those of one priority." },
}
local LISTED = arguments.item("URI", "The destination, with or without sip:")

return {
  name = "destination",
  summary = "Destination URIs of inbound calls: add, list, update, remove, test.",
  verbs = {
    {
      name = "add", summary = "Add destinations; one that leads to the same place is a success.", run = add,
      arguments = { TRUNK, arguments.several(URI, URI.text) }, options = LEVELS, more = additions.more,
      examples = {
        "exotel destination add inbound '44.248.146.11:5061;transport=tls'",
        "exotel destination add inbound '44.248.146.11:5060' '44.248.146.12:5060' --priority 2",
      },
    },
    {
      name = "list", summary = "List a trunk's destinations, or those of all trunks.", run = list,
      arguments = { trunk_items.optional_trunk }, options = trunk_items.list_options, columns = kind.columns,
      more = "Columns, for scripts: destination, priority, weight, type, id, date_created; with --all destination, "
        .. "trunk, priority, weight, type, id, date_created.",
      examples = { "exotel destination list inbound", "exotel destination list --all --columns destination,trunk" },
    },
    {
      name = "update", summary = "Change priority or weight of a destination.", run = update,
      arguments = { TRUNK, LISTED },
      options = LEVELS,
      examples = { "exotel destination update inbound '44.248.146.11:5061;transport=tls' --priority 2" },
    },
    {
      name = "remove", summary = "Take a destination off a trunk. Asks first.", run = remove,
      arguments = { TRUNK, LISTED }, options = { arguments.yes },
      examples = { "exotel destination remove inbound id:2543" },
    },
    {
      name = "test", summary = "Find out whether destinations answer: addresses, connection, certificate, SIP OPTIONS.",
      run = sip_test.run, arguments = { sip_test.argument }, options = sip_test.options,
      more = "Exit status 0 when all answer, else 1. The requests come from this machine: a firewall may treat them "
        .. "otherwise than Exotel's. No account is needed for URIs. With --verbose also what a certificate is for and "
        .. "until when, and the methods that a server takes.",
      examples = {
        "exotel destination test inbound",
        "exotel destination test 'sip:44.248.146.11:5061;transport=tls'",
        "exotel destination test sip:pbx.example.com --name-server 1.1.1.1",
      },
    },
  },
}
