--- What exists as a specification.
local compare = require "exotel.resources.compare"
local kinds = require "exotel.resources.kinds"
local pages = require "exotel.calls.pages"
local reader = require "exotel.provision.spec.reader"

local M = {}

local function trunk_fields(trunk)
  local spec = {}
  for _, name in ipairs(reader.trunk_fields) do
    if type(trunk[name]) == "string" then spec[name] = trunk[name] end
  end
  return spec
end

--- export.export(client, trunk_sid) → specification, or nil, err.
function M.export(client, trunk_sid)
  local trunk, err = client:get_trunk { trunk_sid = trunk_sid }
  if not trunk then return nil, err end
  local spec = trunk_fields(trunk)
  for _, kind in ipairs(kinds.all) do
    local existing
    existing, err = pages.all(client, kind.list, { trunk_sid = trunk_sid })
    if not existing then return nil, err end
    spec[kind.spec_key] = kind:export_entries(compare.readable(kind, existing))
  end
  return spec
end

return M
