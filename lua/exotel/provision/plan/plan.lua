--- Plans: what an apply would do, to be read, kept in a file and applied later.
local changes = require "exotel.provision.plan.changes"
local count = require "exotel.provision.plan.count"
local engine = require("exotel.core").engine
local errors = require "exotel.error"
local line = require "exotel.provision.plan.line"
local passwords = require "exotel.provision.plan.passwords"
local plan_file = require "exotel.provision.plan.plan_file"
local reader = require "exotel.provision.spec.reader"
local render = require "exotel.provision.plan.render"
local text_options = require "exotel.provision.plan.text_options"

local M = {}

local Plan = {}

-- What is needed to apply a plan: { specifications or desired_trunks, options, account, made_at, fingerprints (of its
-- changes), in_clear (the key of what has its password in the specification itself) }. It is not among its fields, so
-- that nothing that prints these shows a password.
local contents = setmetatable({}, { __mode = "k" })

--- plan:summary() → "3 to add, 1 to change, 0 to remove, 2 extra".
function Plan:summary() return count.planned(self) end

--- plan:text([options]) → what a person reads. `options`: as provision.TextOptions.
function Plan:text(options)
  return render.text(self, self.changes, self:summary(), text_options.checked(options, text_options.plan))
end

--- plan:markdown([options]) → the same for a pull request.
function Plan:markdown(options)
  return render.markdown(self, self:summary(), text_options.checked(options, text_options.plan))
end

local metatable = {
  __index = Plan, __name = "exotel.plan", __tostring = function(self) return self:text() end,
}

local function fingerprints_of(list)
  local fingerprints = {}
  for i, change in ipairs(list) do fingerprints[i] = changes.fingerprint(change) end
  return fingerprints
end

local function new(fields, content)
  local only = #fields.trunks == 1 and fields.trunks[1] or {}
  local plan = setmetatable({
    trunks = fields.trunks, changes = fields.changes, refused = fields.refused, kept = fields.kept,
    extras = fields.extras, left_out = fields.left_out, account = content.account, made_at = content.made_at,
    trunk_name = only.trunk_name, trunk_sid = only.trunk_sid,
  }, metatable)
  content.fingerprints = fingerprints_of(plan.changes)
  contents[plan] = content
  return plan
end

--- plans.account(client) → which account a plan is for, as text.
function M.account(client)
  local account_sid, host = engine.account(client)
  return account_sid .. " at " .. host
end

local function first_in_clear(steps)
  for _, step in ipairs(steps) do
    if passwords.is_in_clear(step) then return step.key end
  end
end

--- plans.new(account, desired_trunks, changeset, options) → a plan. `account`: as plans.account has it; `options`:
-- prune, and allow, rotate and only (lists; only may be nil).
function M.new(account, desired_trunks, changeset, options)
  local fields = {
    trunks = changes.trunks(changeset.targets), changes = changes.all(changeset.steps), refused = changeset.refused,
    kept = changes.kept(changeset.targets), extras = changes.extras(changeset.targets),
    left_out = changes.left_out(changeset.left_out),
  }
  return new(fields, {
    desired_trunks = desired_trunks, options = options, account = account, made_at = os.date("!%Y-%m-%dT%H:%M:%SZ"),
    in_clear = first_in_clear(changeset.steps),
  })
end

--- plans.is(value) → whether it is a plan.
function M.is(value) return contents[value] ~= nil end

-- Saving -------------------------------------------------------------------------------------------------------------

local function config(message)
  return nil, errors.new { kind = "config", operation = "provision", message = message }
end

--- plan:save() → JSON text that provision.restore reads; or nil, err of kind "config". The text holds no password: a
-- plan that needs one which stands in the specification itself can't be saved; name a variable with password_env.
function Plan:save()
  local content = contents[self]
  if content.in_clear then
    return config(("the password of %s stands in the specification, and a saved plan holds none: use password_env")
      :format(content.in_clear))
  end
  local result, message = plan_file.write(self, content)
  if not result then return config(message) end
  return result
end

--- plans.restore(text) → the plan that was saved, or nil, err of kind "config".
function M.restore(text)
  local fields, content = plan_file.read(text)
  if not fields then return config(content) end
  return new(fields, content)
end

-- Applying -----------------------------------------------------------------------------------------------------------

--- plans.content(plan, client) → the desired trunks, options; or nil, err: the plan is for another account, or can't be
-- read.
function M.content(plan, client)
  local content, here = contents[plan], M.account(client)
  if content.account ~= here then
    return config(("the plan was made for account %s, and this client is for %s"):format(content.account, here))
  end
  if content.desired_trunks then return content.desired_trunks, content.options end
  local desired_trunks, err = reader.read(client, content.specifications)
  if not desired_trunks then return nil, err end
  return desired_trunks, content.options
end

-- The first change of `list` whose fingerprint is not among `fingerprints`.
local function first_new(list, fingerprints)
  local known = {}
  for _, fingerprint in ipairs(fingerprints) do known[fingerprint] = true end
  for _, change in ipairs(list) do
    if not known[changes.fingerprint(change)] then return change end
  end
end

local function conflict(message)
  return errors.new {
    kind = "conflict", operation = "provision",
    message = "the service has changed since the plan was made: " .. message,
  }
end

local function quoted(change) return ('"%s" of %s'):format(line.change(change), change.trunk_name) end

--- plans.conflict(plan, steps) → nil when what is due now is what the plan says; else err of kind "conflict".
function M.conflict(plan, steps)
  local now, planned = changes.all(steps), contents[plan].fingerprints
  local new_one, gone = first_new(now, planned), first_new(plan.changes, fingerprints_of(now))
  if gone then return conflict("no longer due is " .. quoted(gone)) end
  if new_one then return conflict("not in the plan is " .. quoted(new_one)) end
end

return M
