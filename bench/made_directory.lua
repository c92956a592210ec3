--- A directory of 100,000 numbers on 200 trunks.
local core = require "exotel.core"

local M = { TRUNKS = 200, EACH = 500 }

function M.number_text(i) return ("+91%010d"):format(7000000000 + i * 37) end

--- Its fields, without what is on it.
function M.trunk_of(t)
  return {
    trunk_sid = ("trmum1%026d"):format(t * 7919), trunk_name = "trunk_" .. t, status = "active",
    domain_name = "bench1.pstn.exotel.com", nso_code = "ANY-ANY", auth_type = "IP-WHITELIST",
    caller_id = M.number_text(t),
    registration_enabled = "disabled", edge_preference = "auto", secure_trunking = "disabled",
    date_created = "2026-01-23T09:24:59Z", date_updated = "2026-01-23T09:24:59Z",
  }
end

--- Writes it. `destination`: of all trunks, instead of three of their own
function M.write(path, destination)
  local now = core.directory_builder.clock()
  local builder = core.directory_builder.new("bench1", "api.in.exotel.com")
  for t = 1, M.TRUNKS do
    local index = builder:trunk(M.trunk_of(t), now)
    for i = (t - 1) * M.EACH + 1, t * M.EACH do
      builder:number(index, M.number_text(i), i % 2 == 0 and "flow" or "pstn", tostring(41512 + i))
    end
    for i = 1, 10 do builder:ip(index, ("203.0.%d.%d"):format(t, i), 32, tostring(t * 10 + i)) end
    for i = 1, 3 do
      builder:destination(index, destination or ("sip:203.0.%d.%d:5061;transport=tls"):format(t, i), i, 10, tostring(i))
    end
  end
  local snapshot = assert(builder:finish(now, now))
  assert(snapshot:write(path))
  snapshot:close()
end

return M
