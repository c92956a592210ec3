--- What a change leaves stranded: calls that nothing brings in or lets out any more. It is said before the change is
-- made. What would leave a trunk whose parts contradict each other (a destination on an IP that is not whitelisted) is
-- not done by --yes alone.
local errors = require "exotel.cli.errors"
local prompt = require "exotel.cli.terminal.prompt"
local resolve = require "exotel.cli.resolve"
local screen = require "exotel.cli.terminal.screen"

local M = {}

M.force = { name = "--force", text = "Do it although destinations need it." }

local ALIAS = "trunk_external_alias"

-- What would be stranded: arrays of sentences, with `blocks` where --yes is not enough
-- ----------------------------------

-- What can't be read is said, and is no reason not to do what was asked for.
local function read(found, what, list, err)
  if list then return list end
  found[#found + 1] = ("%s could not be read: %s"):format(what, tostring(err))
end

local function names_of(destinations)
  local names = {}
  for i, one in ipairs(destinations) do names[i] = tostring(one.destination) end
  return table.concat(names, ", ")
end

-- Whether anything is left that lets calls out.
local function lets_out(found, trunk, ips, credentials)
  ips = ips or read(found, "the IPs", trunk:list_ips())
  credentials = credentials or read(found, "the credentials", trunk:list_credentials())
  return not (ips and credentials) or #ips + #credentials > 1
end

--- By an IP that goes, or is changed into `new` ({ ip, mask }).
function M.of_ip(trunk, item, new)
  local found = {}
  local needing = errors.assert(trunk:destinations_needing_ip(item.id, new))
  if #needing > 0 then
    found[1], found.blocks = ("%s would be on an IP that is not whitelisted"):format(names_of(needing)), true
  end
  if not new and not lets_out(found, trunk) then
    found[#found + 1] = "it is the last IP, and there is no credential: no outbound calls are possible then"
  end
  return found
end

--- By a credential that goes.
function M.of_credential(trunk)
  local found = {}
  if not lets_out(found, trunk) then
    found[1] = "it is the last credential, and there is no IP: no outbound calls are possible then"
  end
  return found
end

--- By a destination that goes.
function M.of_destination(trunk)
  local found = {}
  local destinations = read(found, "the destinations", trunk:list_destinations())
  if destinations and #destinations == 1 then found[1] = "it is the last destination: no inbound calls come in then" end
  return found
end

-- → the caller ID, or nil
local function alias_of(found, trunk)
  for _, setting in ipairs(read(found, "the caller ID", trunk:list_settings()) or {}) do
    if setting.name == ALIAS then return setting.value end
  end
end

--- By a number that goes.
function M.of_number(trunk, item)
  local found = {}
  if alias_of(found, trunk) == item.phone_number then found[1] = "it is the caller ID (alias) of the trunk" end
  return found
end

-- Where a number is mapped, by the service's map: a trunk's list may have hundreds of pages.
local function maps_of(client, number)
  local maps, err = client:find_trunk_map { exophone = number }
  if not maps and err.kind == "not_found" then return {} end
  return maps, err
end

--- By a caller ID. Outbound calls need it among the trunk's numbers.
function M.of_alias(client, trunk, value)
  local found = {}
  local maps = read(found, "where the number is mapped", maps_of(client, value))
  for _, map in ipairs(maps or {}) do
    if map.trunk_sid == trunk.trunk_sid then return found end
  end
  if maps then found[1] = ("%s is not mapped to %s"):format(value, resolve.name(trunk)) end
  return found
end

--- The numbers of a list that are the caller ID of a trunk. → a sentence, or nil
function M.alias_among(trunk, numbers)
  local found = {}
  local alias = alias_of(found, trunk)
  for _, number in ipairs(numbers) do
    if number == alias then
      return ("%s is the caller ID (alias) of %s"):format(number, resolve.name(trunk))
    end
  end
  return found[1]
end

-- Saying it -----------------------------------------------------------------------------------------------------------

--- Before a question.
function M.show(found)
  found.blocks = nil
  for _, sentence in ipairs(found) do prompt.show(screen.format("  ! %s\n", sentence)) end
end

--- Where nothing is asked. Raises what --yes is not enough for. What is left is an array of sentences.
function M.tell(app, args, found)
  if found.blocks and not args.force then
    errors.fail("nothing was changed: %s -- --force does it all the same", table.concat(found, "; "))
  end
  found.blocks = nil
  if app.out.json then return end
  for _, sentence in ipairs(found) do app.out:warn("%s", sentence) end
end

return M
