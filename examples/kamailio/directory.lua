--- Used by directory.cfg: whose call a request is, and where it goes, by the directory of the account. No call waits
-- for the service. The account comes from EXOTEL_*, as for every client.
local kamailio = require "exotel.kamailio"

-- luacheck: globals KSR exotel_pump exotel_route exotel_next

kamailio.setup {
  directory = {
    path = os.getenv("EXOTEL_DIRECTORY") or "/var/lib/exotel/directory",
    every = tonumber(os.getenv("EXOTEL_EVERY") or 300),
  },
}
exotel_pump = kamailio.pump

-- Where Exotel's calls come from: the addresses that the vendor has told you, separated by spaces.
local EDGES = {}
for address in (os.getenv("EXOTEL_EDGES") or ""):gmatch("%S+") do EDGES[address] = true end

local function answer(verdict, trunk, destination)
  KSR.pv.sets("$var(verdict)", verdict)
  KSR.pv.sets("$avp(trunk)", trunk or "")
  KSR.pv.sets("$var(destination)", destination or "")
end

-- The destinations that did not answer this call.
local function down_of()
  local down = {}
  for uri in (KSR.pv.get("$avp(down)") or ""):gmatch("%S+") do down[uri] = true end
  return down
end

local function to_destination(trunk, down)
  local uri = kamailio.directory():destination(trunk, down)
  if not uri then return answer("unavailable", trunk) end
  answer("inbound", trunk, uri)
  KSR.pv.sets("$avp(tried)", uri)
end

--- Sets $var(verdict): `inbound`, a call to one of the account's numbers, with $var(destination); `outbound`, a call of
-- a PBX whose address is whitelisted on $avp(trunk); `unknown`, a number that is on no trunk; `unavailable`, one whose
-- trunk has no destination left; `stranger`, a call from anywhere else.
function exotel_route()
  local d, source = kamailio.directory(), KSR.pv.get("$si")
  if EDGES[source] then
    local trunk = d:number(KSR.pv.get("$rU"), "trunk_sid")
    if not trunk then return answer("unknown") end
    return to_destination(trunk)
  end
  local trunk = d:ip(source, "trunk_sid")
  answer(trunk and "outbound" or "stranger", trunk)
end

--- After a destination has failed: the next one.
function exotel_next()
  KSR.pv.sets("$avp(down)", (KSR.pv.get("$avp(down)") or "") .. " " .. (KSR.pv.get("$avp(tried)") or ""))
  to_destination(KSR.pv.get("$avp(trunk)"), down_of())
end
