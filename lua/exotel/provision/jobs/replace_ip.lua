--- One IP of a trunk by another, with the destinations on it: what is new comes first and is read back, and only then
-- what is old goes.
local check = require "exotel.calls.check"
local compare = require "exotel.resources.compare"
local copies = require "exotel.resources.copies"
local count = require "exotel.provision.plan.count"
local errors = require "exotel.error"
local ipv4 = require "exotel.resources.ipv4"
local kinds = require("exotel.resources.kinds").by_name
local outcomes = require "exotel.provision.jobs.outcome"
local pages = require "exotel.calls.pages"
local plain = require "exotel.text.plain"
local render = require "exotel.provision.plan.render"
local reports = require "exotel.provision.apply.report"
local removal = require "exotel.calls.removal"
local settle_wait = require "exotel.calls.settle_wait"
local text_options = require "exotel.provision.plan.text_options"

local M = {}

local SOME_TRUNK = "trunk" -- where only the other arguments are checked

local function fail(kind, format, ...)
  return nil, errors.new { kind = kind, operation = "replace_ip", message = format:format(...) }
end

-- What is asked for ---------------------------------------------------------------------------------------------------

-- "203.0.113.0/24" → { ip, mask, key, address }; or nil, err
local function read_ip(client, text)
  local ip, mask = text:match("^(.-)/(%d+)$")
  local fields = { ip = ip or text, mask = tonumber(mask) or 32 }
  local err = check(client, "whitelist_ip", { trunk_sid = SOME_TRUNK, ip = fields.ip, mask = fields.mask })
  if err then return nil, err end
  fields.key, fields.address = kinds.whitelisted_ip.key(fields), ipv4.address(fields.ip)
  return fields
end

-- → the trunk as it is now, { trunk, ips, destinations }, as far as it can be understood; or nil, err
local function read_trunk(client, trunk_sid)
  local trunk, err = client:get_trunk { trunk_sid = trunk_sid }
  if not trunk then return nil, err end
  local state = { trunk = trunk }
  for name, kind in pairs { ips = kinds.whitelisted_ip, destinations = kinds.destination } do
    local list
    list, err = pages.complete(client, kind.list, { trunk_sid = trunk_sid })
    if not list then return nil, err end
    state[name] = compare.readable(kind, list)
  end
  return state
end

-- What is on the old IP -----------------------------------------------------------------------------------------------

local function entry_of(state, ip)
  for _, entry in ipairs(state.ips) do
    if compare.key(kinds.whitelisted_ip, entry) == ip.key then return entry end
  end
end

-- Whether another entry than that of the IP whitelists an address.
local function is_covered(state, ip, address)
  for _, entry in ipairs(state.ips) do
    local fields = kinds.whitelisted_ip.fields(entry)
    if kinds.whitelisted_ip.key(fields) ~= ip.key and kinds.whitelisted_ip.covers(fields, address) then return true end
  end
  return false
end

local function address_of(existing) return kinds.destination.needs.of(compare.key(kinds.destination, existing)) end

-- One in a form that is not understood may be on it: "sips:" before the address.
local function names_address(existing, ip)
  local text = "|" .. tostring(existing.destination) .. "|"
  return text:find("[^%d.]" .. ip.ip:gsub("%.", "%%.") .. "[^%d.]") ~= nil
end

-- → those on the IP, or, of a range, those that only this range whitelists; and others that name its address
local function destinations_on(state, ip)
  local on, others = {}, {}
  for _, existing in ipairs(state.destinations) do
    local address = address_of(existing)
    local inside = address and ipv4.in_network(address, ip.address, ip.mask)
    if inside and (ip.mask == 32 or not is_covered(state, ip, address)) then on[#on + 1] = existing
    elseif not address and ip.mask == 32 and names_address(existing, ip) then others[#others + 1] = existing end
  end
  return on, others
end

-- The plan ------------------------------------------------------------------------------------------------------------

-- Where on the new address: port and parameters as they are.
local function new_destination(existing, new)
  local fields = kinds.destination.fields(existing)
  local bare = kinds.destination.export_entry(existing, {}) -- without sip:
  return {
    destination = (bare:gsub("^[%d.]+", new.ip)), priority = fields.priority, weight = fields.weight,
  }
end

-- The specification of what has to be there before anything goes.
local function addition(state, on, new)
  local spec = {
    trunk_name = state.trunk.trunk_name, trunk_sid = state.trunk.trunk_sid, as_is = { "trunk_name" },
    whitelisted_ips = { { ip = new.ip, mask = new.mask } }, destinations = {},
  }
  local keys, by_key = {}, copies.staying(kinds.destination, on)
  for key in pairs(by_key) do keys[#keys + 1] = key end
  table.sort(keys)
  for i, key in ipairs(keys) do spec.destinations[i] = new_destination(by_key[key], new) end
  return spec
end

local function removal_of(state, kind, existing)
  local fields = kind.fields(existing)
  return {
    action = "remove", resource = kind.name, key = kind.key(fields), from = fields, id = existing.id,
    trunk_name = state.trunk.trunk_name, trunk_sid = state.trunk.trunk_sid,
  }
end

local function kept_of(state, old, needed_by)
  return {
    trunk_name = state.trunk.trunk_name, resource = "whitelisted_ip", key = old.key,
    needed_by = tostring(needed_by.destination),
  }
end

-- What goes at the end, and what stays since something else needs it.
local function removals(state, old, on, others)
  local list, kept, entry = {}, {}, entry_of(state, old)
  for i, existing in ipairs(on) do list[i] = removal_of(state, kinds.destination, existing) end
  for i, other in ipairs(others) do kept[i] = kept_of(state, old, other) end
  if entry and #others == 0 then list[#list + 1] = removal_of(state, kinds.whitelisted_ip, entry) end
  return list, kept
end

local function objection(state, old, new, on)
  local name, range = tostring(state.trunk.trunk_name), kinds.whitelisted_ip.range_of(new.ip, new.mask)
  if old.key == new.key then return "invalid_argument", "the new IP is the old one" end
  if range then return "invalid_argument", ("%s has host bits: %s is the range"):format(new.key, range) end
  if #on > 0 and (old.mask < 32 or new.mask < 32) then
    return "conflict", ("%s is on %s: which address of a range it is to have can't be told, so add and remove "
      .. "destinations by themselves"):format(plain(on[1].destination), old.mask < 32 and old.key or old.ip)
  end
  if #on == 0 and not entry_of(state, old) and not entry_of(state, new) then
    return "not_found", ("%s is not whitelisted on %s, and no destination is on it"):format(old.key, name)
  end
end

local Replacement = {}

--- replacement:summary() → "3 to add, 0 to change, 3 to remove".
function Replacement:summary() return count.planned(self) end

--- replacement:text([options]) → as a plan's.
function Replacement:text(options)
  return render.text(self, self.changes, self:summary(), text_options.checked(options, text_options.plan))
end

local metatable = {
  __index = Replacement, __name = "exotel.replacement", __tostring = function(self) return self:text() end,
}

local function new_replacement(state, fields)
  local name = { trunk_name = state.trunk.trunk_name or "", trunk_sid = state.trunk.trunk_sid }
  fields.trunks, fields.trunk_name, fields.trunk_sid, fields.extras = { name }, name.trunk_name, name.trunk_sid, {}
  return setmetatable(fields, metatable)
end

--- replace_ip.plan(client, trunk_sid, old, new, options, make_plan) → a replacement, or nil, err. `make_plan`:
-- provision.plan.
function M.plan(client, trunk_sid, old_text, new_text, options, make_plan)
  local old, new, state, err
  old, err = read_ip(client, old_text)
  if old then new, err = read_ip(client, new_text) end
  if new then state, err = read_trunk(client, trunk_sid) end
  if not state then return nil, err end
  local on, others = destinations_on(state, old)
  local kind, message = objection(state, old, new, on)
  if kind then return fail(kind, "%s", message) end
  local spec = addition(state, on, new)
  local plan, plan_err = make_plan(client, spec)
  if not plan then return nil, plan_err end
  local list, kept = removals(state, old, on, others)
  if options.keep_old then list, kept = {}, {} end
  local changes = {}
  for _, part in ipairs { plan.changes, list } do
    for _, change in ipairs(part) do changes[#changes + 1] = change end
  end
  return new_replacement(state, {
    changes = changes, kept = kept, refused = plan.refused, spec = spec, removals = list, old = old, new = new,
  })
end

-- Doing it ------------------------------------------------------------------------------------------------------------

local function find(kind, list, key)
  for _, existing in ipairs(list) do
    if compare.key(kind, existing) == key then return existing end
  end
end

-- → what of the specification the service doesn't show, or shows otherwise, as text; or nil
local function lacks(state, spec)
  local ip = spec.whitelisted_ips[1]
  if not find(kinds.whitelisted_ip, state.ips, kinds.whitelisted_ip.key(ip)) then return ip.ip end
  for _, entry in ipairs(spec.destinations) do
    local fields = kinds.destination.fields(entry)
    local existing = find(kinds.destination, state.destinations, fields.destination)
    if not existing or compare.difference(kinds.destination, existing, fields) then return entry.destination end
  end
end

-- Reads until all that is new is there. → the trunk's state, or nil, err
local function verify(client, replacement)
  local wait = settle_wait.new(client, nil)
  while true do
    local state, err = read_trunk(client, replacement.trunk_sid)
    if not state then return nil, err end
    local missing = lacks(state, replacement.spec)
    if not missing then return state end
    if not wait:pause() then
      return fail("protocol", "the service doesn't show %s: nothing was removed", plain(missing))
    end
  end
end

-- → nil when no destination needs the IP any more, or the err that names one: what somebody has added meanwhile, or
-- what was removed here and is shown yet. Reads may lag behind.
local function still_needed(client, replacement, key)
  local wait = settle_wait.new(client, nil)
  while true do
    local state, err = read_trunk(client, replacement.trunk_sid)
    if not state then return err end
    local on, others = destinations_on(state, replacement.old)
    local needing = on[1] or others[1]
    if not needing then return nil end
    if not wait:pause() then
      return select(2, fail("conflict", "%s is left: %s still needs it", key, plain(needing.destination)))
    end
  end
end

local function remove(client, change)
  local kind = kinds[change.resource]
  return removal.remove(client, kind.remove, { trunk_sid = change.trunk_sid, id = change.id })
end

-- → nil, or err. The IP goes last, and only when nothing needs it by then.
local function remove_all(client, replacement, list, options)
  for _, change in ipairs(list) do
    if options.stop and options.stop() then return outcomes.stopped("replace_ip") end
    local err = change.resource == "whitelisted_ip" and still_needed(client, replacement, change.key)
    if err then return err end
    local removed, more = remove(client, change)
    change.outcome, change.err = outcomes.of_removal(removed, more)
    if not removed then return more end
  end
end

local function copy(change)
  local result = { outcome = "not_tried", due = true }
  for name, value in pairs(change) do result[name] = value end
  return result
end

-- A report of the changes that were made, and of those that are still to come.
local function report_of(replacement, made)
  local report = reports.new(replacement.trunks, {})
  local list = {}
  for _, change in ipairs(made and made.changes or {}) do
    if change.resource ~= "trunk" then report.changes[#report.changes + 1] = change end
  end
  for i, change in ipairs(replacement.removals) do
    list[i] = copy(change)
    report.changes[#report.changes + 1] = list[i]
  end
  report.kept = replacement.kept
  return report, list
end

--- replace_ip.run(client, replacement, options, apply) → report, or nil, err, report. `apply`: provision.apply.
function M.run(client, replacement, options, apply)
  local made, err, partly = apply(client, replacement.spec, { stop = options.stop, progress = options.progress })
  local report, list = report_of(replacement, made or partly)
  if err then return nil, err, report end
  local state
  state, err = verify(client, replacement)
  if not state then return nil, err, report end
  err = remove_all(client, replacement, list, options)
  if err then return nil, err, report end
  return report
end

return M
