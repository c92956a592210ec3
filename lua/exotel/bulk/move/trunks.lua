--- The trunks of an account, and which numbers are on them.
local errors = require "exotel.error"
local pages = require "exotel.calls.pages"
local removal = require "exotel.calls.removal"
local values = require "exotel.resources.values"

local M = {}

-- A trunk's numbers may fill hundreds of pages.
local LIST_OPTIONS = { retries = 5 }

local Trunks = {}
Trunks.__index = Trunks

--- trunks.read(client) → the trunks of the account, in the service's order; or nil, err
function M.read(client)
  local list, err = pages.complete(client, "list_trunks", {})
  if not list then return nil, err end
  return setmetatable({ list = list }, Trunks)
end

local function fits(trunk, name, field) return type(trunk[field]) == "string" and trunk[field] == name end

--- The trunk that is called so by its sid or its name; a sid wins over another trunk's name. → trunk, or nil, err
function Trunks:find(name)
  for _, field in ipairs { "trunk_sid", "trunk_name" } do
    for _, trunk in ipairs(self.list) do
      if fits(trunk, name, field) then return trunk end
    end
  end
  return nil, errors.new {
    kind = "not_found", operation = "move", message = ("no trunk '%s' in this account"):format(name),
  }
end

--- The name and sid of a trunk, or what is known of it.
function Trunks:title(trunk_sid)
  local trunk = self:find(trunk_sid) or {}
  return values.trunk_title(trunk.trunk_name, trunk_sid)
end

--- trunks.numbers(client, trunk_sid [, options]) → the mapping of each number of a trunk, by number; none where the
-- trunk is gone. Or nil, err
function M.numbers(client, trunk_sid, options)
  options = options or LIST_OPTIONS
  local list, err = pages.complete(client, "list_phone_numbers", { trunk_sid = trunk_sid }, options)
  if not list and not removal.is_gone_with_trunk(client, trunk_sid, err, options) then return nil, err end
  local by_number = {}
  for _, item in ipairs(list or {}) do
    if type(item.phone_number) == "string" then by_number[item.phone_number] = item end
  end
  return by_number
end

--- trunks.of_number(client, phone_number) → the sid of the trunk that the service says it is mapped to, or nil; or nil,
-- err
function M.of_number(client, phone_number)
  local maps, err = pages.complete(client, "find_trunk_map", { exophone = phone_number })
  if not maps and err.kind == "not_found" then return nil end
  if not maps then return nil, err end
  return maps[1] and maps[1].trunk_sid or nil
end

return M
