--- The objects in the service's answers: the fields of each, in the order of the vendor's examples.

local json = require "exotel.sandbox.json"

local shapes = {}

local function shape(...)
  local keys = { ... }
  return function(values) return json.record(keys, values) end
end

shapes.trunk = shape("trunk_name", "date_created", "date_updated", "trunk_sid", "status", "domain_name", "auth_type",
  "registration_enabled", "edge_preference", "nso_code", "secure_trunking", "destination_uris", "whitelisted_ips",
  "credentials", "phone_numbers")
shapes.phone_number = shape("id", "phone_number", "trunk_sid", "date_created", "date_updated", "mode")
shapes.whitelisted_ip = shape("id", "mask", "trunk_sid", "ip", "friendly_name", "date_created", "date_updated")
shapes.destination = shape("id", "destination", "date_created", "date_updated", "type", "priority", "weight",
  "trunk_sid")
shapes.setting = shape("name", "value", "trunk_sid", "date_created", "date_updated")
-- These two: V. A password is never shown.
shapes.credential = shape("id", "trunk_sid", "user_name", "friendly_name", "date_created", "date_updated")
shapes.trunk_map = shape("exophone", "trunk_sid", "mode", "date_created", "date_updated")

return shapes
