--- Runs of exotel conformance in this process, against a sandbox.
local facts = require "exotel.cli.conformance.facts"
local run = require "exotel.cli.conformance.run"
local sandbox = require "exotel.sandbox"

local Conformance = {}
Conformance.__index = Conformance

local conformance = {}

conformance.NUMBER = "+919876543210"

--- The set of what was found in all runs of this process: "mask_15 holds".
conformance.seen = {}

--- conformance.new([sandbox options]) → { sb, client }: an account with one other trunk, whose clock stands still.
function conformance.new(options)
  local all = { rate_limit = 200, clock = "manual" }
  for name, value in pairs(options or {}) do all[name] = value or nil end
  local sb = assert(sandbox.start(all))
  local self = setmetatable({ sb = sb, journal = {} }, Conformance)
  self.client = assert(sb:client { rate_limit = false, settle_wait = 0, backoff = 0 })
  self.other = sb:put { trunk_name = "other", trunk_sid = "other_sid", numbers = { "+918040264208" }, ips = { "44.248.146.11" } }
  sb:reset_requests()
  return self
end

function Conformance:close()
  self.client:close()
  self.sb:stop()
end

-- Keeps what was written, and where the trunks of it stood when it was written.
local function journal_of(self)
  return { write = function(_, trunks)
    local copies = {}
    for i, trunk in ipairs(trunks) do copies[i] = { name = trunk.name, other_name = trunk.other_name, sid = trunk.sid } end
    self.journal[#self.journal + 1] = copies
  end }
end

--- Runs it. `ways`: how the sandbox behaves; `options`: those of run.run that differ. → what it found, with its results
-- by id as `by`
function Conformance:run(ways, options)
  self.sb:behave(ways or {})
  local all = {
    private = { self.sb.account_sid, self.sb.api_key, self.sb.api_token }, journal = journal_of(self),
    sleep = function(seconds) self.sb:advance(seconds) end, stopped = function() return false end, progress = function() end,
    other_clients = { wrong_token = self.sb:client { api_token = "wrong" }, other_region = self.sb:client { api_key = "nobody" } },
  }
  for name, value in pairs(options or {}) do all[name] = value end
  self.sb:advance(60)
  local found = run.run(self.client, all)
  found.by = {}
  for _, result in ipairs(found.results) do
    found.by[result.fact.id] = result
    conformance.seen[result.fact.id .. " " .. result.verdict] = true
  end
  return found
end

--- A `progress` that runs `action` before a fact is tried.
function conformance.before(id, action)
  local at
  for i, fact in ipairs(facts) do at = fact.id == id and i - 1 or at end
  return function(done)
    if done == at then action() end
  end
end

--- The facts of a verdict, by id: what was seen, or why it was not tried.
function conformance.of(found, verdict)
  local texts = {}
  for id, result in pairs(found.by) do
    if result.verdict == verdict then texts[id] = result.seen or result.reason end
  end
  return texts
end

--- The trunks that the sandbox holds, in one line.
function Conformance:trunks()
  local names = {}
  for i, trunk in ipairs(self.sb:state().trunks) do names[i] = trunk.trunk_name end
  return table.concat(names, " ")
end

return conformance
