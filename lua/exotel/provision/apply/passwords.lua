--- Fetches the passwords that steps send.
local passwords = require "exotel.provision.plan.passwords"

local M = {}

--- passwords.fetch(client, step) → nil, or err of kind "config": the step sends a password, and that can't be had.
function M.fetch(client, step)
  if passwords.is_needed(step) then return step.kind.password.fetch(client, step.item) end
end

--- passwords.fetch_all(client, steps) → nil, or the first err.
function M.fetch_all(client, steps)
  for _, step in ipairs(steps) do
    local err = M.fetch(client, step)
    if err then return err end
  end
end

return M
