--- Earlier states, for reads that are behind.

local clock = require "exotel.sandbox.clock"
local trunk = require "exotel.sandbox.trunk"

local history = {}

-- A state to read: what it holds is a copy, the rest (the account, how long a page is) the original's.
local function copy(state)
  local copied = { trunks = {}, by_sid = {}, mapped = {} }
  for _, original in ipairs(state.trunks) do trunk.add(copied, trunk.copy(original)) end
  return setmetatable(copied, { __index = state })
end

--- `lag`: seconds by which reads are behind. The state as it is now counts as having been so always.
function history.new(lag, state)
  return { lag = lag, { time = -math.huge, state = copy(state) } }
end

-- What is older than the newest state that a read may see is never read again.
local function forget_old(past, now)
  while past[2] and clock.has_come(past[2].time + past.lag, now) do table.remove(past, 1) end
end

--- Keeps the state as it has become at the time `now`.
function history.record(past, state, now)
  forget_old(past, now)
  local last = past[#past]
  if last.time < now then
    past[#past + 1] = { time = now, state = copy(state) }
  else
    last.state = copy(state)
  end
end

--- → the state as a read at the time `now` sees it
function history.state_at(past, now)
  forget_old(past, now)
  return past[1].state
end

return history
