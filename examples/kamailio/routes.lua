--- The routes of kamailio.cfg in Lua, for kemi.cfg. The calls to Exotel are in exotel.lua.

-- luacheck: globals KSR ksr_htable_event ksr_request_route ksr_bot_failed exotel_read_numbers exotel_to_pstn

local BOT = os.getenv("BOT") or "sip:127.0.0.1:5080"
local FALLBACK = os.getenv("FALLBACK") or "sip:127.0.0.1:5090"

--- At the start, before there are workers: this may block.
function ksr_htable_event(event)
  if event == "htable:mod-init" then exotel_read_numbers() end
end

-- Whether a DID is not mapped to the trunk. Until the numbers have been read once, none counts as unknown.
local function is_unknown(number)
  return KSR.htable.sht_get("numbers", "read") == "yes" and KSR.htable.sht_get("numbers", number) == nil
end

local function in_dialog()
  if KSR.rr.loose_route() > 0 or KSR.is_method("ACK") then KSR.tm.t_relay()
  else KSR.sl.sl_send_reply(404, "Not Here") end
end

local function to_bot(number)
  KSR.rr.record_route()
  KSR.pv.sets("$avp(did)", number)
  KSR.pv.sets("$du", BOT)
  KSR.tm.t_on_failure("ksr_bot_failed")
  KSR.tm.t_set_fr(30000, 3000)
  KSR.tm.t_relay()
end

function ksr_request_route()
  if KSR.maxfwd.process_maxfwd(10) < 0 then return KSR.sl.sl_send_reply(483, "Too Many Hops") end
  if KSR.is_method("CANCEL") then return KSR.tm.t_check_trans() > 0 and KSR.tm.t_relay() end
  if KSR.siputils.has_totag() > 0 then return in_dialog() end
  KSR.tm.t_check_trans()
  local number = KSR.pv.get("$rU")
  if is_unknown(number) then return KSR.sl.sl_send_reply(404, "Unknown DID") end
  if not KSR.is_method("INVITE") then return KSR.sl.sl_send_reply(200, "OK") end
  to_bot(number)
end

function ksr_bot_failed()
  if KSR.tm.t_is_canceled() > 0 or KSR.tm.t_check_status("408|5[0-9][0-9]") < 0 then return end
  exotel_to_pstn()
  KSR.pv.sets("$du", FALLBACK)
  KSR.tm.t_relay()
end
