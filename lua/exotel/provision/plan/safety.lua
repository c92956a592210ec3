--- What an apply refuses before any write: what would cut calls off unless it is allowed, and what can't be done.
local passwords = require "exotel.provision.plan.passwords"
local resources = require "exotel.resources.kinds"

local M = {}

--- The rules that `allow` can name.
M.rules = { last_ip = true, last_destination = true, shrink = true }

local last = { whitelisted_ip = "last_ip", destination = "last_destination" }
local words = {
  whitelisted_ip = "whitelisted IP", destination = "destination", phone_number = "phone number",
  credential = "credential",
}

local function count_keys(kind, items)
  local seen, count = {}, 0
  for _, item in ipairs(items) do
    local key = kind.key(kind.fields(item))
    if not seen[key] then seen[key], count = true, count + 1 end
  end
  return count
end

local function permits(rule) return (' (allow = { "%s" } permits it)'):format(rule) end

local function message_of(rule, resource, name, before, after)
  if rule ~= "shrink" then
    return ("prune would remove the last %s of %s%s"):format(words[resource], name, permits(rule))
  end
  return ("prune would leave %d of %d %ss of %s%s"):format(after, before, words[resource], name, permits(rule))
end

-- The rule that emptying or halving a list breaks, or nil. Of a list that is emptied only the sharper one is named.
local function rule_of(resource, before, after)
  if before == 0 then return nil end
  if after == 0 and last[resource] then return last[resource] end
  if after * 2 < before then return "shrink" end
end

local function kept_of(place, resource)
  local count = 0
  for _, kept in ipairs(place.kept) do
    if kept.step.resource == resource then count = count + 1 end
  end
  return count
end

-- Settings are no list: one more or less cuts nothing off.
local function cut_of(place, resource, allow)
  local wants, items = place.wanted[resource], place.actual[resource]
  if not (words[resource] and wants.managed and items) then return nil end
  local before, after = count_keys(resources.kinds[resource], items), #wants + kept_of(place, resource)
  local rule = rule_of(resource, before, after)
  if not rule or allow[rule] then return nil end
  local message = message_of(rule, resource, place.trunk_name, before, after)
  return { rule = rule, trunk_name = place.trunk_name, resource = resource, message = message }
end

local function add_cuts(refused, place, allow)
  for _, resource in ipairs(resources.order) do refused[#refused + 1] = cut_of(place, resource, allow) end
end

local function add_passwords(refused, place)
  for _, step in ipairs(place.additions) do
    local want = step.want
    if passwords.lacking(step) then
      refused[#refused + 1] = {
        rule = "password", trunk_name = place.trunk_name, resource = "credential", field = want.place .. ".password",
        message = ("%s of %s needs a password: %s has neither password nor password_env"):format(want.key,
          place.trunk_name, want.place),
      }
    end
  end
end

--- guard.refused(places, options) → an array of { rule, trunk_name, resource, message }. `options`: prune, allow (a set
-- of rules). The rule "password", which nothing allows, is a credential that has to be made and has no password.
function M.refused(places, options)
  local refused = {}
  for _, place in ipairs(places) do
    if options.prune then add_cuts(refused, place, options.allow) end
    add_passwords(refused, place)
  end
  return refused
end

return M
