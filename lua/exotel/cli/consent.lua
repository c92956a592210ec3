--- Consent to changes of an account whose profile says `protected = true`: its sid is typed, or given by --account.
-- --yes answers other questions only.
local account = require "exotel.cli.account"
local errors = require "exotel.cli.errors"
local prompt = require "exotel.cli.terminal.prompt"
local screen = require "exotel.cli.terminal.screen"

local M = {}

--- consent.check_account(chosen, sid): raises when the account that was chosen is not the one that --account names.
-- `sid`: what was given by it, or nil
function M.check_account(chosen, sid)
  if sid == nil or sid == chosen.account_sid then return end
  if sid == "" then errors.usage("--account names no account: it is empty") end
  errors.config("--account names %s, but the account is %s, from %s: nothing was sent", sid, account.title(chosen),
    chosen.source)
end

--- consent.get(chosen, sid): asks for the sid of a protected account; raises when there is nobody to ask, or another
-- word was typed.
function M.get(chosen, sid)
  if not chosen.is_protected or sid then return end
  if not screen.can_ask() then
    errors.usage("the profile [%s] is protected: changes need its account SID, by --account SID where there is no "
      .. "terminal to type it on; --yes is not enough", chosen.profile)
  end
  local question = "The profile %s is protected, and this changes the account %s.\nIts account SID, to go on: "
  local agreed = prompt.confirm_word(chosen.account_sid, question, chosen.profile, account.title(chosen))
  if not agreed then errors.fail("that is not its account SID: nothing was changed") end
end

return M
