--- Where a URI leads: addresses, ports and transports, by RFC 3263. NAPTR is not asked for: where the URI names no
-- transport, SRV is, for each.
local run = require "exotel.sip.run"
local sip_core = require "exotel.sip.core"
local uris = require "exotel.sip.uri"

local M = {}

-- Addresses that are tried: more are said, and left.
local MOST = 16

local SERVICES = {
  udp = { { "_sip._udp.", "udp" } }, tcp = { { "_sip._tcp.", "tcp" } }, tls = { { "_sips._tcp.", "tls" } },
  any = { { "_sip._udp.", "udp" }, { "_sip._tcp.", "tcp" }, { "_sips._tcp.", "tls" } },
}

local ADVICE = {
  none = "check the name: Exotel has to find it in the public DNS, as an A record or by SRV",
  failed = "check this machine's name servers (/etc/resolv.conf), and those of the domain: another name server can be "
    .. "asked, as 1.1.1.1",
  ["."] = "the SRV record's target is \".\", which means that there is no service: correct it, or name a port",
}

-- A question ----------------------------------------------------------------------------------------------------------

-- → "found", records, how many there are in all; "none" or "failed", a message
local function ask(test, question, name)
  local resolver, message = sip_core.resolver(test.name_servers)
  if not resolver then return "failed", message end
  resolver[question](resolver, name)
  local state, answer, count = run.until_true(resolver, test.step_ends, function()
    local now, records, all = resolver:poll()
    if now ~= "waits" then return now, records, all end
  end)
  resolver:close()
  if not state then return "failed", "no name server answered in time" end
  return state, answer, count
end

-- What it comes to ----------------------------------------------------------------------------------------------------

-- What is found: targets, in the order in which they are to be tried, each once; problems { text, advice }.
local function new_place() return { targets = {}, problems = {}, seen = {}, lines = {} } end

local function add_problem(place, name, state, message)
  place.problems[#place.problems + 1] = { text = ("%s: %s"):format(name, message), advice = ADVICE[state] }
end

local function add_target(place, target)
  local key = target.address .. " " .. target.port
  if place.seen[key] then return end
  place.seen[key] = true
  if #place.targets < MOST then place.targets[#place.targets + 1] = target else place.left = true end
end

local function target_of(server, address)
  return {
    address = address, port = server.port, transport = server.transport, host = server.name,
    family = address:find(":", 1, true) and "IPv6" or "IPv4", priority = server.priority, weight = server.weight,
  }
end

-- `server`: { name, port, transport, priority, weight }
local function add_server(test, place, server)
  local state, records, count = ask(test, "ask_addresses", server.name)
  if state ~= "found" then return add_problem(place, server.name, state, records) end
  place.left = place.left or count > #records
  local addresses = {}
  for i, record in ipairs(records) do
    addresses[i] = record.name
    add_target(place, target_of(server, record.name))
  end
  place.lines[#place.lines + 1] = ("%s is %s"):format(server.name, table.concat(addresses, ", "))
end

-- SRV -----------------------------------------------------------------------------------------------------------------

local function add_servers(test, place, name, transport, records, count)
  place.left = count > #records
  place.lines[1] = ("%s: %d server%s"):format(name, #records, #records == 1 and "" or "s")
  for _, record in ipairs(records) do
    if record.name == "." or record.name == "" then
      add_problem(place, name, ".", "there is no such service")
    else
      record.transport = transport
      add_server(test, place, record)
    end
  end
end

-- → whether there are any, or it can't be known
local function find_servers(test, place, uri)
  for _, service in ipairs(SERVICES[uri.transport or "any"]) do
    local name = service[1] .. uri.host
    local state, records, count = ask(test, "ask_servers", name)
    if state == "found" then add_servers(test, place, name, service[2], records, count)
    elseif state == "failed" then add_problem(place, name, state, records) end
    if state ~= "none" then return true end
  end
end

-- All of it -----------------------------------------------------------------------------------------------------------

local function result(place)
  if place.left then place.lines[#place.lines + 1] = ("only %d of the addresses are tried"):format(MOST) end
  return place.targets, table.concat(place.lines, ", "), place.problems
end

--- locate(test, uri) → targets, each { address, family ("IPv4" or "IPv6"), port, transport, host, priority, weight };
-- what was found, as a line; what is wrong, each { text, advice }. `test`: { name_servers, step_ends }.
function M.locate(test, uri)
  local place = new_place()
  local transport = uri.transport or "udp"
  local server = { name = uri.host, port = uri.port or uris.default_port(transport), transport = transport }
  if uri.is_address then
    add_target(place, target_of(server, uri.host))
    return place.targets, "an address", place.problems
  end
  if uri.port or not find_servers(test, place, uri) then add_server(test, place, server) end
  return result(place)
end

return M
