--- The objects in the service's answers.

local json = require "exotel.sandbox.json"

local shapes = {}

--- The fields of each kind of object, in the order of the vendor's examples.
shapes.fields = {
  trunk = {
    "trunk_name", "date_created", "date_updated", "trunk_sid", "status", "domain_name", "auth_type",
    "registration_enabled", "edge_preference", "nso_code", "secure_trunking", "destination_uris", "whitelisted_ips",
    "credentials", "phone_numbers",
  },
  phone_number = { "id", "phone_number", "trunk_sid", "date_created", "date_updated", "mode" },
  whitelisted_ip = { "id", "mask", "trunk_sid", "ip", "friendly_name", "date_created", "date_updated" },
  destination = {
    "id", "destination", "date_created", "date_updated", "type", "priority", "weight", "trunk_sid",
  },
  setting = { "name", "value", "trunk_sid", "date_created", "date_updated" },
  -- These two: V. A password is never shown.
  credential = { "id", "trunk_sid", "user_name", "friendly_name", "date_created", "date_updated" },
  trunk_map = { "exophone", "trunk_sid", "mode", "date_created", "date_updated" },
}

-- By the kind's name a function of an object's values → the record of json.
for kind, fields in pairs(shapes.fields) do
  shapes[kind] = function(values) return json.record(fields, values) end
end

return shapes
