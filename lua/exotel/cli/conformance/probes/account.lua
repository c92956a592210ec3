--- Probes of the account and of trunks as such.
local common = require "exotel.cli.conformance.probes.common"
local scratch = require "exotel.cli.conformance.scratch"
local trunks = require "exotel.trunk"

local M = {}

local ONE = { page_size = 1 }

--- For facts that ask nothing of their own.
function M.nothing() return { status = 200, ok = true } end

function M.account(run) return run:ask("list_trunks", ONE) end

function M.wrong_token(run)
  local client = run.other_clients.wrong_token
  if not client then run:skip("there is no client with a wrong token") end
  return run:ask("list_trunks", ONE, nil, client)
end

function M.other_region(run)
  local client = run.other_clients.other_region
  if not client then run:skip("the account's address is that of no region") end
  return run:ask("list_trunks", ONE, nil, client)
end

-- What has the name already is not ours: another name.
function M.created(run)
  for _ = 1, 2 do
    local seen, made = scratch.create(run, run:new_name())
    run.sid, run.scratch = made.sid, made
    if made.sid or seen.error ~= 1008 then return seen end
  end
  run:skip("two names of eight random letters are both taken")
end

function M.created_again(run) return (scratch.create(run, run.scratch.name)) end

function M.created_any_any(run) return (scratch.create(run, run:new_name(), { nso_code = "any any" })) end

function M.listed(run)
  return run:read("list_trunks", nil, function(seen) return #common.items(seen) > 0 end)
end

-- The new name is in the journal before the trunk has it.
function M.renamed(run)
  local name = run:new_name()
  scratch.expect_name(run, run.scratch, name)
  local seen = run:ask_trunk("update_trunk", { trunk_name = name })
  seen.wanted = name
  return seen
end

function M.got(run)
  local renamed = run:see("renamed")
  local wanted = renamed.ok and renamed.wanted or run.scratch.name
  local function fits(seen) return seen.ok and common.data(seen).trunk_name == wanted end
  local seen = run:read("get_trunk", nil, fits)
  seen.has_change = renamed.ok and fits(seen)
  return seen
end

-- A read: that it might be somebody's would do no harm.
function M.got_unknown(run)
  return run:ask("get_trunk", { trunk_sid = "trmum1" .. trunks.generate_password(22):lower() })
end

-- When it is gone -----------------------------------------------------------------------------------------------------

function M.got_deleted(run)
  local seen = run:read("get_trunk", nil, function(seen) return not seen.ok end)
  seen.is_of_trunk = nil -- its not being there is what was asked for
  return seen
end

function M.deleted_again(run) return run:ask("delete_trunk", { trunk_sid = run.sid }) end

return M
