--- Probes of credentials and settings. Their passwords are random, and kept nowhere.
local common = require "exotel.cli.conformance.probes.common"
local trunks = require "exotel.trunk"

local M = {}

local NAME, OTHER_NAME, LENGTH = "conf_name", "conf_other", 16

local function create(run, user_name, friendly_name, password)
  return run:ask_trunk("create_credential", {
    user_name = user_name, password = password or trunks.generate_password(LENGTH), friendly_name = friendly_name,
  })
end

local function id_of(run) return common.id_of(run, "credential", "credential") end

function M.credential(run) return create(run, "conf_user", NAME) end

-- Without it a list of one could not be told from one that is not filtered.
function M.second_credential(run) return create(run, "conf_user1", NAME) end

function M.credential_again(run)
  id_of(run)
  return create(run, "conf_user", NAME)
end

function M.friendly_hyphen(run) return create(run, "conf_user2", "conf-name") end
function M.friendly_long(run) return create(run, "conf_user3", ("n"):rep(33)) end

function M.password_hyphen(run)
  local password = trunks.generate_password(LENGTH)
  return create(run, "conf_user4", NAME, password:sub(1, 8) .. "-" .. password:sub(9))
end

function M.credential_changed(run)
  return run:ask_trunk("update_credential", { id = id_of(run), friendly_name = OTHER_NAME })
end

function M.credentials_read(run)
  local id, changed = id_of(run), run:see("credential_changed")
  local function has_change(seen) return (common.item(seen, id) or {}).friendly_name == OTHER_NAME end
  local seen = run:read("list_credentials", nil, function(seen)
    return common.item(seen, id) ~= nil and (not changed.ok or has_change(seen))
  end)
  seen.has_it, seen.has_change = common.item(seen, id) ~= nil, has_change(seen)
  return seen
end

function M.credentials_of_id(run)
  local id = id_of(run)
  common.id_of(run, "second_credential", "second credential")
  local seen = run:read("list_credentials", { id = id }, function(seen) return common.item(seen, id) ~= nil end)
  seen.has_it = common.item(seen, id) ~= nil and #seen.items == 1
  return seen
end

function M.credential_deleted(run) return run:ask_trunk("delete_credential", { id = id_of(run) }) end

local REMOVAL = { first = "credential_deleted", again = "credential_deleted_again", list = "list_credentials" }

function M.credential_gone(run) return common.check_gone(run, REMOVAL, id_of(run)) end

function M.credential_deleted_again(run)
  common.only_after(run, "credential_deleted", "the credential was not deleted")
  return run:ask_trunk("delete_credential", { id = id_of(run) })
end

-- Where a setting was removed they were read.
function M.settings(run)
  if run.settings then return run:take_over(run.settings) end
  return (run:read("list_settings", nil, function(seen) return seen.ok end))
end

return M
