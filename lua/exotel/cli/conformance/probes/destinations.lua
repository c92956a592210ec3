--- Probes of destination URIs. The names and addresses are nobody's: they are for documentation (RFC 2606, RFC 5737).
local common = require "exotel.cli.conformance.probes.common"

local M = {}

local FQDN, NOT_WHITELISTED = "sip.example.com", "203.0.113.9"
local GOOD = FQDN .. ":5061;transport=tls"
local HIGHEST = 65535

local function add(run, ...)
  local list = {}
  for i, destination in ipairs { ... } do list[i] = { destination = destination } end
  return run:ask_trunk("add_destinations", { destinations = list })
end

function M.two_destinations(run) return add(run, GOOD, NOT_WHITELISTED .. ":5061;transport=tls") end
function M.destination_refused(run) return add(run, NOT_WHITELISTED .. ":5062;transport=tls") end
function M.other_transports(run) return add(run, FQDN .. ":5062;transport=udp", FQDN .. ":5063") end

-- The id of the one that is good.
local function id_of(run)
  local seen = run:see("two_destinations")
  local first = common.items(seen)[1]
  local id = first and first.ok and common.data(first).id
  if not id then run:skip("there is no destination: %s", run:describe(seen)) end
  return id
end

function M.destination_again(run)
  id_of(run)
  return add(run, GOOD)
end

function M.weights(run)
  return run:ask_trunk("update_destination", { id = id_of(run), priority = HIGHEST, weight = HIGHEST })
end

function M.weight_beyond(run) return run:ask_trunk("update_destination", { id = id_of(run), weight = HIGHEST + 1 }) end

local function count_equal(seen)
  local count = 0
  for _, one in ipairs(common.items(seen)) do
    if tostring(common.data(one).destination):find(FQDN .. ":5061", 1, true) then count = count + 1 end
  end
  return count
end

local function has_weights(seen, id)
  local found = common.item(seen, id) or {}
  return found.priority == HIGHEST and found.weight == HIGHEST
end

-- One list for what was added again, and what was changed.
function M.destinations(run)
  local id, again, weights = id_of(run), run:see("destination_again"), run:see("weights")
  local seen = run:read("list_destinations", nil, function(seen)
    return (not again.ok or count_equal(seen) == 2) and (not weights.ok or has_weights(seen, id))
  end)
  seen.equal, seen.has_weights = count_equal(seen), has_weights(seen, id)
  return seen
end

-- The second and third of at least four entries: with an offset that counts pages they would be the third and fourth.
function M.second_page(run)
  local all = common.items(run:see("destinations"))
  if #all < 4 then run:skip("there are less than four destinations to be listed") end
  local seen = run:ask_trunk("list_destinations", { offset = 1, page_size = 2 })
  local first = common.data(common.items(seen)[1]).id
  seen.counts_entries = #common.items(seen) == 2 and first == common.data(all[2]).id
  seen.counts_pages = first ~= nil and first == common.data(all[3]).id
  return seen
end

function M.destination_removed(run) return run:ask_trunk("remove_destination", { id = id_of(run) }) end

local REMOVAL = { first = "destination_removed", again = "destination_removed_again", list = "list_destinations" }

function M.destination_gone(run) return common.check_gone(run, REMOVAL, id_of(run)) end

function M.destination_removed_again(run)
  common.only_after(run, "destination_removed", "the destination was not removed")
  return run:ask_trunk("remove_destination", { id = id_of(run) })
end

return M
