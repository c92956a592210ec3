--- Phone numbers that are mapped to a trunk.
local kind = require "exotel.resources.kind"
local request = require "exotel.calls.request"
local values = require "exotel.resources.values"

local phone_number = kind.new {
  name = "phone_number", noun = "phone number",
  key_fields = { phone_number = true },
  required = { "phone_number" },
  compared = { "mode" },

  list = "list_phone_numbers", add = "map_phone_number", update = "update_phone_number", remove = "unmap_phone_number",

  spec_key = "phone_numbers", short = "phone_number", entry_names = { "phone_number", "mode" },
  examples = { phone_number = "+919876543210" }, choices = { mode = { "pstn", "flow" } },
  words = { did = "phone_number", e164 = "phone_number", type = "mode", routing = "mode" },

  one_trunk = { twice = "number_twice", elsewhere = "number_elsewhere" },
  safety = {},
}

-- A mode that was never set behaves as pstn.
function phone_number.fields(source)
  return { phone_number = values.text(source.phone_number), mode = values.text(source.mode) or "pstn" }
end

function phone_number.key(fields) return fields.phone_number end

function phone_number.add_arguments(item) return { phone_number = item.fields.phone_number, mode = item.entry.mode } end

function phone_number.update_arguments(item, existing)
  return { id = existing.id, phone_number = item.fields.phone_number, mode = item.fields.mode }
end

function phone_number.export_entry(_, fields) return fields.mode == "pstn" and fields.phone_number or fields end

-- Where a number is ---------------------------------------------------------------------------------------------------

function phone_number.one_trunk.where(key) return "find_trunk_map", { exophone = key } end

function phone_number.one_trunk.found(maps, trunk_sid)
  for _, map in ipairs(maps) do
    if map.trunk_sid and map.trunk_sid ~= trunk_sid then return map.trunk_sid end
  end
end

function phone_number.elsewhere(client, trunk_sid, fields, options)
  local maps = request.make(client, "find_trunk_map", { exophone = fields.phone_number }, options)
  local other = phone_number.one_trunk.found(maps or {}, trunk_sid)
  if not other then return nil end
  local trunk = request.make(client, "get_trunk", { trunk_sid = other }, options) or {}
  return ("%s is mapped to another trunk, %s"):format(fields.phone_number, values.trunk_title(trunk.trunk_name, other))
end

return phone_number
