--- Used by both configurations: keeps the trunk's numbers in shared memory, and switches a number to "pstn".
-- The account comes from EXOTEL_*, as for every client; EXOTEL_TRUNK_SID is the SID of the trunk.
local exotel = require "exotel"
local kamailio = require "exotel.kamailio"
local trunk = require "exotel.trunk"

-- luacheck: globals KSR exotel_pump exotel_read_numbers exotel_to_pstn exotel_switched

local SID = os.getenv("EXOTEL_TRUNK_SID") or error("EXOTEL_TRUNK_SID is not set: it names the trunk", 0)

-- The htable maps phone numbers to "<id> <mode>"; its key "read" exists once the numbers have been read.
local NUMBERS, READ = "numbers", "read"

kamailio.setup { timeout = 10 }
exotel_pump = kamailio.pump

-- The numbers --------------------------------------------------------------------------------------------------------

local function store(list)
  local keep = { [READ] = true }
  for _, number in ipairs(list) do
    keep[number.phone_number] = true
    KSR.htable.sht_sets(NUMBERS, number.phone_number, number.id .. " " .. (number.mode or "pstn"))
  end
  KSR.htable.sht_sets(NUMBERS, READ, "yes")
  return keep
end

local function drop_others(keep)
  local gone = {}
  KSR.htable.sht_iterator_start("i", NUMBERS)
  while KSR.htable.sht_iterator_next("i") > 0 do
    local key = KSR.pv.get("$shtitkey(i)")
    if not keep[key] then gone[#gone + 1] = key end
  end
  KSR.htable.sht_iterator_end("i")
  for _, key in ipairs(gone) do KSR.htable.sht_rm(NUMBERS, key) end
end

local told

-- Logs one line when reading begins to fail and one when it works again, not one a minute.
local function tell(err)
  local kind = err and err.kind
  if kind == told then return end
  told = kind
  if err then KSR.err("numbers: " .. tostring(err) .. "; those known stay\n")
  else KSR.notice("numbers: read again\n") end
end

--- Reads the trunk's numbers. It blocks: it is for the start, before there are workers, and for a process of its own.
-- If the service cannot be reached, the numbers read before are kept.
function exotel_read_numbers()
  local client = assert(exotel.client { deadline = 5 })
  local list, err = trunk.attach(client, SID):list_numbers()
  client:close()
  if list then drop_others(store(list)) end
  tell(err)
  return 1
end

-- The voice bot failed -----------------------------------------------------------------------------------------------

local function entry(number)
  local id, mode = (KSR.htable.sht_get(NUMBERS, number) or ""):match("^(%S+) (%S+)$")
  return id, mode
end

--- Switches the number in $avp(did) to "pstn", so that its next calls don't reach the bot. Waits for nothing.
function exotel_to_pstn()
  local number = KSR.pv.get("$avp(did)")
  local id, mode = entry(number)
  if mode ~= "flow" then return 1 end
  KSR.htable.sht_sets(NUMBERS, number, id .. " pstn") -- so that one of many failing calls requests it
  local arguments = { trunk_sid = SID, id = id, phone_number = number, mode = "pstn" }
  local taken, err = kamailio.post("update_phone_number", arguments, "exotel_switched")
  if not taken then exotel_switched(arguments, nil, err) end
  return 1
end

--- Called with the result, in the pump's process. If the switch failed, the next call that fails tries it again.
function exotel_switched(arguments, data, err)
  local number = arguments.phone_number
  if data then return KSR.notice(number .. " is in mode pstn now\n") end
  KSR.htable.sht_sets(NUMBERS, number, arguments.id .. " flow")
  KSR.err(number .. " is still in mode flow: " .. tostring(err) .. "\n")
end
