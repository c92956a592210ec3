--- Which steps send a password.
local M = {}

--- passwords.is_needed(step) → whether it sends one: something that has a password is made, or gets a new one.
function M.is_needed(step)
  local has_one = step.kind ~= nil and step.kind.password ~= nil
  return has_one and not step.present and (step.action == "add" or step.rotates or false)
end

--- passwords.is_missing(step) → whether it needs one, and the specification has none.
function M.is_missing(step) return M.is_needed(step) and step.kind.password.is_missing(step.item) end

--- passwords.fault(client, step) → nil, or err of kind "config": it needs one, and what the specification names can't
-- be used.
function M.fault(client, step)
  if M.is_needed(step) then return step.kind.password.fault(client, step.item) end
end

--- passwords.fetch(client, step) → nil, or err of kind "config": it sends one, and that can't be had. What a plan
-- needs has been found by M.fault; a step that is due only since then may need another.
function M.fetch(client, step)
  if M.is_needed(step) then return step.kind.password.fetch(client, step.item) end
end

--- passwords.is_in_clear(step) → whether it needs one that stands in the specification itself.
function M.is_in_clear(step) return M.is_needed(step) and step.kind.password.in_clear(step.item) end

return M
