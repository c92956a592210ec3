--- An account in the environment: in our variables, or in those of the vendor's samples where none of ours names an
-- account. Each set is taken as a whole: half of one and half of the other may be two accounts.
local environment = require "exotel.cli.environment"
local errors = require "exotel.cli.errors"

local M = {}

local OURS = { "EXOTEL_ACCOUNT_SID", "EXOTEL_API_KEY", "EXOTEL_API_TOKEN" }
local ADDRESSES = { "EXOTEL_REGION", "EXOTEL_SUBDOMAIN", "EXOTEL_BASE_URL" }
local VENDORS = { "EXO_ACCOUNT_SID", "EXO_AUTH_KEY", "EXO_AUTH_TOKEN", "EXO_SUBSCRIBIX_DOMAIN" }
local OPTIONS = { "account_sid", "api_key", "api_token", "subdomain" }

-- → those of the variables that are set, those that are not
local function split(names)
  local set, missing = {}, {}
  for _, name in ipairs(names) do
    local list = environment.get(name) and set or missing
    list[#list + 1] = name
  end
  return set, missing
end

local function check_whole(set, missing)
  if #missing > 0 then
    errors.config("%s is set, but not %s: the vendor's variables are taken all or not at all", set[1], missing[1])
  end
  local address = split(ADDRESSES)[1]
  if address then
    errors.config("%s is set beside the vendor's %s: the two sets are not mixed; unset one, or set %s, too", address,
      set[1], table.concat(OURS, ", "))
  end
end

local function from_ours(set)
  for _, name in ipairs((split(ADDRESSES))) do set[#set + 1] = name end
  return { options = {}, variables = set, account_sid = environment.get(OURS[1]) }
end

local function from_vendors(set, missing)
  check_whole(set, missing)
  local options = {}
  for i, name in ipairs(VENDORS) do options[OPTIONS[i]] = environment.get(name) end
  return { options = options, variables = set, account_sid = options.account_sid, is_vendors = true }
end

--- account_variables.find() → { options (for exotel.client; empty where it reads the variables itself), variables (that
-- it comes from), account_sid, is_vendors }, or nil when no account is in the environment. Raises when the vendor's
-- variables are not whole.
function M.find()
  local ours = split(OURS)
  if #ours > 0 then return from_ours(ours) end
  local vendors, missing = split(VENDORS)
  if #vendors > 0 then return from_vendors(vendors, missing) end
end

--- account_variables.has_ours() → whether one of our variables names an account.
function M.has_ours() return #split(OURS) > 0 end

return M
