--- exotel trunk: create, list, show, update, delete.
local arguments = require "exotel.cli.arguments"
local delete = require "exotel.cli.commands.trunk.delete"
local errors = require "exotel.cli.errors"
local listing = require "exotel.cli.listing"
local resolve = require "exotel.cli.resolve"
local trunks = require "exotel.trunk"

local FIELDS = {
  "trunk_name", "trunk_sid", "status", "domain_name", "nso_code", "auth_type", "registration_enabled",
  "edge_preference", "secure_trunking", "date_created", "date_updated",
}
local COLUMNS = { { field = "trunk_name" }, { field = "trunk_sid" }, { field = "status" }, { field = "date_created" } }
local CHANGEABLE = {
  "trunk_name", "nso_code", "domain_name", "auth_type", "status", "registration_enabled", "edge_preference",
  "secure_trunking",
}

local function create(app, args)
  local fields = { trunk_name = args.name, nso_code = args.nso_code, domain_name = args.domain_name }
  local trunk, info = app:write("the trunk " .. args.name .. " was created", function(client)
    return trunks.create(client, fields, { ensure = true })
  end, { conflict = "`exotel trunk update` changes it" })
  local formats = { done = "created trunk %s (%s)", present = "already so: trunk %s (%s)" }
  app.out:ensured(info, trunk, formats, trunk.trunk_name, trunk.trunk_sid)
  app:remark(info)
end

local function list(app, args)
  local show = listing.new(app, args, COLUMNS, FIELDS)
  show(errors.assert(trunks.list(app:client())), "no trunk yet: exotel trunk create NAME")
end

local function show(app, args) app.out:item(FIELDS, resolve.trunk(app:client(), args.trunk)) end

local function option_of(field) return "--" .. field:gsub("_", "-") end

local function update(app, args)
  local fields, names = {}, {}
  for _, field in ipairs(CHANGEABLE) do
    fields[field] = args[field]
    if args[field] then names[#names + 1] = field .. " " .. args[field] end
  end
  if #names == 0 then errors.usage("nothing to change: say what, for example %s NAME", option_of(CHANGEABLE[1])) end
  local trunk = resolve.trunk(app:client(), args.trunk)
  local name, what = resolve.name(trunk), table.concat(names, ", ")
  local changed, info = app:write(("%s was set to %s"):format(name, what), function() return trunk:update(fields) end)
  app:done(info, changed, "trunk %s: %s", name, what)
end

local TRUNK = arguments.trunk

-- For completion: those that are known; what else it takes the service says.
local VALUES = {
  nso_code = { "ANY-ANY" }, auth_type = { "IP-WHITELIST" }, status = { "active", "inactive" },
  registration_enabled = { "enabled", "disabled" }, edge_preference = { "auto" },
  secure_trunking = { "enabled", "disabled" },
}

local function change_options()
  local options = {}
  for i, field in ipairs(CHANGEABLE) do
    options[i] = {
      name = option_of(field), value = "VALUE", text = "The new " .. field .. ".", complete = VALUES[field],
    }
  end
  return options
end

return {
  name = "trunk",
  summary = "Create, list, show, update and delete trunks.",
  verbs = {
    {
      name = "create", summary = "Create a trunk; one of that name that exists is a success.", run = create,
      arguments = { { name = "NAME", text = "1 to 16 letters, digits and underscores." } },
      options = {
        { name = "--nso-code", value = "CODE", complete = VALUES.nso_code, text = "ANY-ANY unless given." },
        { name = "--domain-name", value = "NAME", text = "<account_sid>.pstn.exotel.com unless given." },
      },
      examples = { "exotel trunk create outbound_trunk" },
    },
    {
      name = "list", summary = "List the trunks of the account.", run = list,
      options = listing.options, columns = COLUMNS,
      more = "Columns, for scripts: trunk_name, trunk_sid, status, date_created. Also, with --columns: domain_name, "
        .. "nso_code, auth_type, registration_enabled, edge_preference, secure_trunking, date_updated.",
      examples = {
        "exotel trunk list", "exotel trunk list | cut -f1", "exotel trunk list --columns trunk_name,auth_type",
      },
    },
    {
      name = "show", summary = "Show a trunk's fields.", run = show, arguments = { TRUNK },
      examples = { "exotel trunk show outbound_trunk" },
    },
    {
      name = "update", summary = "Change fields of a trunk.", run = update,
      arguments = { TRUNK }, options = change_options(),
      examples = {
        "exotel trunk update outbound_trunk --trunk-name main", "exotel trunk update main --status inactive",
      },
    },
    delete,
  },
}
