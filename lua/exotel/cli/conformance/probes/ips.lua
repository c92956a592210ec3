--- Probes of whitelisted IPs, and of requests that are refused. The addresses are nobody's: they are for documentation
-- (RFC 5737) and benchmarks (RFC 2544).
local answer = require "exotel.cli.conformance.answer"
local common = require "exotel.cli.conformance.probes.common"

local M = {}

local IP, OTHER_IP, THIRD_IP, RANGE = "192.0.2.10", "192.0.2.20", "192.0.2.30", "198.18.0.0"

local function id_of(run) return common.id_of(run, "ip", "whitelisted IP") end

local function whitelist(run, ip, mask, options)
  return run:ask_trunk("whitelist_ip", { ip = ip, mask = mask }, options)
end

function M.ip(run) return whitelist(run, IP) end

-- The first write that is read back, by which it is found out how far reads are behind. Both operations are the
-- reference's.
function M.ip_read(run)
  local id = id_of(run)
  local function fits(seen) return common.item(seen, id) ~= nil end
  local seen, waited = run:read("list_whitelisted_ips", nil, fits)
  if answer.tells(seen) then run:found_lag(waited, fits(seen)) end
  return seen
end

function M.ip_again(run)
  id_of(run)
  return whitelist(run, IP)
end

function M.mask_16(run) return whitelist(run, RANGE, 16) end
function M.mask_15(run) return whitelist(run, RANGE, 15) end

function M.ip_changed(run)
  return run:ask_trunk("update_whitelisted_ip", { id = id_of(run), ip = OTHER_IP, mask = 32 })
end

function M.ip_read_changed(run)
  local id, changed = id_of(run), run:see("ip_changed")
  if not changed.ok then return changed end
  local function fits(seen) return (common.item(seen, id) or {}).ip == OTHER_IP end
  local seen = run:read("list_whitelisted_ips", nil, fits)
  seen.has_it = fits(seen)
  return seen
end

function M.ip_removed(run) return run:ask_trunk("remove_whitelisted_ip", { id = id_of(run) }) end

local REMOVAL = { first = "ip_removed", again = "ip_removed_again", list = "list_whitelisted_ips" }

function M.ip_gone(run) return common.check_gone(run, REMOVAL, id_of(run)) end

function M.ip_removed_again(run)
  common.only_after(run, "ip_removed", "the IP was not removed")
  return run:ask_trunk("remove_whitelisted_ip", { id = id_of(run) })
end

-- An id that was ours: another one might be somebody else's.
function M.ip_changed_when_gone(run)
  common.only_after(run, "ip_removed", "the IP was not removed")
  return run:ask_trunk("update_whitelisted_ip", { id = id_of(run), ip = THIRD_IP, mask = 32 })
end

-- Requests that are refused: what is accepted all the same is on the scratch trunk only.

function M.field_missing(run) return whitelist(run, THIRD_IP, nil, { body = "{}" }) end
function M.value_invalid(run) return whitelist(run, "999.0.2.1") end
function M.body_cut(run) return whitelist(run, THIRD_IP, nil, { body = '{"ip":' }) end
function M.type_wrong(run) return whitelist(run, THIRD_IP, nil, { body = '{"ip":5}' }) end
function M.content_type(run) return whitelist(run, THIRD_IP, nil, { content_type = "text/plain" }) end

return M
