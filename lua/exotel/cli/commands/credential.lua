--- exotel credential: create, list, update, rotate, delete. Passwords come from a prompt, the environment or standard
-- input, or are generated.
local arguments = require "exotel.cli.arguments"
local errors = require "exotel.cli.errors"
local passwords = require "exotel.cli.password"
local resolve = require "exotel.cli.resolve"
local rotate = require "exotel.cli.commands.credential.rotate"
local strands = require "exotel.cli.strands"
local trunk_items = require "exotel.cli.trunk_items"

local kind = {
  noun = "credential", command = "credential", verb = "delete",
  columns = { { field = "user_name" }, { field = "friendly_name" }, { field = "id" }, { field = "date_created" } },
  list = "credentials", more = { "date_updated" },
  items = function(trunk) return trunk:list_credentials() end,
  matches = function(item, text) return item.user_name == text end,
  title = function(item) return item.user_name end,
  remove = function(_, trunk, item) return trunk:delete_credential(item.id) end,
  strands = strands.of_credential,
}

-- Verbs ---------------------------------------------------------------------------------------------------------------

local function create(app, args)
  passwords.check(app, args)
  local trunk = resolve.trunk(app:client(), args.trunk)
  local data, info = passwords.send(app, args, trunk, args.user, function(password)
    return app:write("the credential " .. args.user .. " was created", function()
      return trunk:create_credential { user_name = args.user, password = password, friendly_name = args.friendly_name }
    end, { conflict = "`exotel credential update` changes it" })
  end)
  passwords.done(app, args, info, data, "created the credential %s on %s, id %s", data.user_name, resolve.name(trunk),
    data.id)
end

local function list(app, args) return trunk_items.list(app, args, kind) end

local function changes(args)
  local password = args.password_env or args.password_stdin or args.new_password
  if not (password or args.user_name or args.friendly_name) then
    errors.usage("nothing to change: say --user-name, --friendly-name or --new-password")
  end
  return { user_name = args.user_name, friendly_name = args.friendly_name }, password
end

local function update(app, args)
  local fields, password = changes(args)
  local trunk, item = trunk_items.find(app, args, args.user, kind)
  if password then fields.password = passwords.given(app, args, trunk, item.user_name) end
  fields.trunk_sid, fields.id = trunk.trunk_sid, item.id
  local data, info = app:write(("the credential %s was changed"):format(item.user_name), function(client)
    return client:update_credential(fields)
  end)
  app:done(info, data, "changed the credential %s of %s%s", item.user_name, resolve.name(trunk),
    password and ", its password, too" or "")
end

local function delete(app, args) trunk_items.remove(app, args, args.user, kind) end

-- The command ---------------------------------------------------------------------------------------------------------

local TRUNK = arguments.trunk
local LISTED = arguments.item("USER", "The user name")
local FRIENDLY = { name = "--friendly-name", value = "NAME", text = "At most 32 letters, digits and underscores." }
local FROM_ENV, FROM_INPUT = passwords.options[1], passwords.options[2]

return {
  name = "credential",
  summary = "SIP credentials of a trunk: create, list, update, rotate, delete.",
  verbs = {
    {
      name = "create", summary = "Create a credential. Asks for the password unless told where it is.", run = create,
      arguments = { TRUNK, { name = "USER", text = "The user name." } },
      options = { FRIENDLY, FROM_ENV, FROM_INPUT, passwords.generating[1], passwords.generating[2] },
      examples = {
        "exotel credential create outbound_trunk pbx1",
        "exotel credential create outbound_trunk pbx1 --password-env PBX1_PASSWORD",
        "exotel credential create outbound_trunk pbx1 --generate-password --password-file pbx1.password",
      },
    },
    {
      name = "list", summary = "List a trunk's credentials, or those of all trunks, without passwords.", run = list,
      arguments = { trunk_items.optional_trunk }, options = trunk_items.list_options, columns = kind.columns,
      more = "Columns, for scripts: user_name, friendly_name, id, date_created; with --all user_name, trunk, "
        .. "friendly_name, id, date_created.",
      examples = { "exotel credential list outbound_trunk" },
    },
    {
      name = "update", summary = "Change a credential.", run = update, arguments = { TRUNK, LISTED },
      options = {
        { name = "--user-name", value = "NAME", text = "The new user name." }, FRIENDLY,
        { name = "--new-password", text = "Ask for a new password." }, FROM_ENV, FROM_INPUT,
      },
      examples = { "exotel credential update outbound_trunk pbx1 --new-password" },
    },
    rotate,
    {
      name = "delete", summary = "Delete a credential. Asks first.", run = delete, arguments = { TRUNK, LISTED },
      options = { arguments.yes }, examples = { "exotel credential delete outbound_trunk pbx1" },
    },
  },
}
