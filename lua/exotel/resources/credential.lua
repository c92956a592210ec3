--- SIP digest credentials of a trunk.
local items = require "exotel.resources.items"
local kind = require "exotel.resources.kind"
local password = require "exotel.resources.password"
local values = require "exotel.resources.values"

local credential = kind.new {
  name = "credential", noun = "credential",
  key_fields = { user_name = true },
  required = { "user_name" },
  compared = { "friendly_name" },

  list = "list_credentials", add = "create_credential", update = "update_credential", remove = "delete_credential",

  spec_key = "credentials",
  entry_names = { "user_name", "password", "password_env", "friendly_name" },
  examples = { user_name = "pbx" }, words = { login = "user_name", secret = "password", name = "friendly_name" },

  safety = {},
  password = password,
}

-- Never the password: the service doesn't show it, nor does anything made of these fields.
function credential.fields(source)
  return { user_name = values.text(source.user_name), friendly_name = values.text(source.friendly_name) }
end

function credential.key(fields) return fields.user_name end

function credential.add_arguments(item)
  return {
    user_name = item.fields.user_name, password = password.of(item), friendly_name = item.fields.friendly_name,
  }
end

function credential.update_arguments(item, existing, step)
  return {
    id = existing.id, friendly_name = item.fields.friendly_name, password = step.rotates and password.of(item) or nil,
  }
end

-- In a specification --------------------------------------------------------------------------------------------------

function credential:check_entry(reading, entry, path)
  return items.check_entry(self, reading, password.checked_entry(entry, path), path)
end

credential.plain_entry = password.plain_entry

function credential.export_entry(_, fields) return fields end

return credential
