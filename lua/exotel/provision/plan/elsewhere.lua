--- Where what a plan would add is on a trunk already. Asked of the service, so only for some: with more to add it would
-- take longer than the plan is worth, and the service refuses what is wrong.
local engine = require("exotel.core").engine
local values = require "exotel.resources.values"

local M = {}

-- Look-ups that one plan makes at most.
local LOOKUPS = 20

-- What the service answered, in the order asked; nil for what failed, which tells nothing.
local function ask(client, requests)
  local answers = {}
  if #requests == 0 or engine.closed(client) then return answers end
  for i, result in ipairs(client:batch(requests)) do answers[i] = result.data end
  return answers
end

local function where_requests(steps)
  local requests = {}
  for i = 1, math.min(#steps, LOOKUPS) do
    local operation, arguments = steps[i].kind.one_trunk.where(steps[i].key)
    requests[i] = { operation, arguments }
  end
  return requests
end

-- → an array of { step, trunk_sid (of the other trunk) }
local function find_all(client, steps)
  local found, requests = {}, where_requests(steps)
  local answers = ask(client, requests)
  for i = 1, #requests do
    local step = steps[i]
    local other = answers[i] and step.kind.one_trunk.found(answers[i], step.target.trunk_sid)
    if other then found[#found + 1] = { step = step, trunk_sid = other } end
  end
  return found
end

-- Which of the plan's targets each trunk is, and what those are called that are none.
local function targets_by_sid(targets)
  local by_sid = {}
  for _, target in ipairs(targets) do
    if target.trunk_sid then by_sid[target.trunk_sid] = target end
  end
  return by_sid
end

local function names_by_sid(client, found, known)
  local requests, sids, names = {}, {}, {}
  for _, one in ipairs(found) do
    local sid = one.trunk_sid
    if not known[sid] and not names[sid] then
      sids[#sids + 1], requests[#requests + 1], names[sid] = sid, { "get_trunk", { trunk_sid = sid } }, true
    end
  end
  local answers = ask(client, requests)
  for i, sid in ipairs(sids) do names[sid] = answers[i] and answers[i].trunk_name or nil end
  return names
end

-- The names of the trunks that are to be created.
local function names_to_create(targets)
  local names = {}
  for _, target in ipairs(targets) do
    if not target.trunk_sid and not target.deletion then names[target.trunk_name] = true end
  end
  return names
end

--- elsewhere.find(client, targets, steps) → an array of { step, title and name (of the trunk that has it), trunk_sid,
-- target (that trunk, where it is part of the plan) }. `steps`: additions of what can be on one trunk only.
function M.find(client, targets, steps)
  local all, known, found = find_all(client, steps), targets_by_sid(targets), {}
  local names, created = names_by_sid(client, all, known), names_to_create(targets)
  for _, one in ipairs(all) do
    one.target = known[one.trunk_sid]
    one.name = one.target and one.target.trunk_name or names[one.trunk_sid]
    one.title = values.trunk_title(one.name, one.trunk_sid)
    -- A trunk that somebody else has made since the trunks were read is the one that was to be created.
    if not created[names[one.trunk_sid]] then found[#found + 1] = one end
  end
  return found
end

return M
