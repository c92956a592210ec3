--- The kinds of resources that a trunk has. To add one: a file of its own beside this one, and its name here.
local credential = require "exotel.resources.credential"
local destination = require "exotel.resources.destination"
local phone_number = require "exotel.resources.phone_number"
local setting = require "exotel.resources.setting"
local whitelisted_ip = require "exotel.resources.whitelisted_ip"

local M = {}

--- In an order that works: what others need goes before them.
M.all = { whitelisted_ip, credential, phone_number, setting, destination }

--- In the order in which a person writes them.
M.as_written = { phone_number, whitelisted_ip, destination, setting, credential }

--- By name.
M.by_name = {}
for _, kind in ipairs(M.all) do M.by_name[kind.name] = kind end

--- kinds.dependent(kind) → the kind that needs this one, or nil.
function M.dependent(kind)
  for _, other in ipairs(M.all) do
    if other.needs and other.needs.kind == kind then return other end
  end
end

return M
