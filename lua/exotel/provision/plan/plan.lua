--- Plans: what an apply would do, to be read, kept in a file and applied later.
local changes = require "exotel.provision.plan.changes"
local engine = require("exotel.core").engine
local errors = require "exotel.error"
local passwords = require "exotel.provision.plan.passwords"
local saved = require "exotel.provision.plan.plan_file"
local specs = require "exotel.provision.spec.reader"
local text = require "exotel.provision.plan.render"

local M = {}

local Plan = {}

-- What applying a plan takes: not among its fields, so that nothing that prints them shows a password.
-- { specifications or wanteds, options, account, marks (of its changes), clear (who has a password in the clear) }
local contents = setmetatable({}, { __mode = "k" })

local function summary(list)
  local n = #list
  return n == 0 and "nothing to change" or n .. (n == 1 and " change" or " changes")
end

--- plan:summary() → "nothing to change", or how many changes.
function Plan:summary() return summary(self.changes) end

local metatable = {
  __index = Plan, __name = "exotel.plan", __tostring = function(self) return text.sections(self, summary) end,
}

local function marks_of(list)
  local marks = {}
  for i, change in ipairs(list) do marks[i] = changes.mark(change) end
  return marks
end

local function new(fields, content)
  local only = #fields.trunks == 1 and fields.trunks[1] or {}
  local plan = setmetatable({
    trunks = fields.trunks, changes = fields.changes, refused = fields.refused, kept = fields.kept,
    trunk_name = only.trunk_name, trunk_sid = only.trunk_sid,
  }, metatable)
  content.marks = marks_of(plan.changes)
  contents[plan] = content
  return plan
end

local function account_of(client)
  local account_sid, host = engine.account(client)
  return account_sid .. " at " .. host
end

-- The credential whose password would be needed and stands in the specification itself; or nil.
local function in_the_clear(steps)
  for _, step in ipairs(steps) do
    local want = step.want
    if passwords.needed(step) and want.password ~= nil and want.password_env == nil then return step.key end
  end
end

--- plans.new(client, wanteds, draft, options) → a plan. `options`: prune, and allow and rotate (lists).
function M.new(client, wanteds, draft, options)
  local fields = {
    trunks = changes.trunks(draft.places), changes = changes.all(draft.steps), refused = draft.refused,
    kept = changes.kept(draft.places),
  }
  return new(fields, {
    wanteds = wanteds, options = options, account = account_of(client), clear = in_the_clear(draft.steps),
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
  if content.clear then
    return config(("the password of %s stands in the specification, and a saved plan holds none: use password_env")
      :format(content.clear))
  end
  local result, message = saved.write(self, content)
  if not result then return config(message) end
  return result
end

--- plans.restore(text) → the plan that was saved, or nil, err of kind "config".
function M.restore(text_of_plan)
  local fields, content = saved.read(text_of_plan)
  if not fields then return config(content) end
  return new(fields, content)
end

-- Applying -----------------------------------------------------------------------------------------------------------

--- plans.content(plan, client) → what is wanted, options; or nil, err: it is another account's, or can't be read.
function M.content(plan, client)
  local content, here = contents[plan], account_of(client)
  if content.account ~= here then
    return config(("the plan was made for account %s, and this client is for %s"):format(content.account, here))
  end
  if content.wanteds then return content.wanteds, content.options end
  local wanteds, err = specs.read(client, content.specifications)
  if not wanteds then return nil, err end
  return wanteds, content.options
end

-- The first of `list` whose mark is not among `marks`.
local function first_new(list, marks)
  local known = {}
  for _, mark in ipairs(marks) do known[mark] = true end
  for _, change in ipairs(list) do
    if not known[changes.mark(change)] then return change end
  end
end

local function conflict(message)
  return errors.new {
    kind = "conflict", operation = "provision",
    message = "the service has changed since the plan was made: " .. message,
  }
end

local function told(change) return ('"%s" of %s'):format(text.line(change), change.trunk_name) end

--- plans.conflict(plan, steps) → nil when what is due now is what the plan says; else err of kind "conflict".
function M.conflict(plan, steps)
  local now, marks = changes.all(steps), contents[plan].marks
  local new_one, gone = first_new(now, marks), first_new(plan.changes, marks_of(now))
  if gone then return conflict("no longer due is " .. told(gone)) end
  if new_one then return conflict("not in the plan is " .. told(new_one)) end
  if #now ~= #marks then return conflict("what is due now is not what it says") end
end

return M
