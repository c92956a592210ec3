--- Country codes, and what is known of national numbers.
local M = {}

-- By the ITU's plan: two zones have codes of one digit; these are those of two digits; all others have three, and begin
-- with one of these.
local TWO = " 20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 82"
  .. " 84 86 90 91 92 93 94 95 98 "
local THREE = " 21 22 23 24 25 26 29 35 37 38 42 50 59 67 68 69 80 85 87 88 96 97 99 "

-- Of these it is certain how many digits a national number has, and whether a 0 before them is no part of it.
local PLANS = { ["91"] = { digits = 10, has_prefix = true }, ["65"] = { digits = 8 }, ["1"] = { digits = 10 } }

local function has(list, code) return list:find(" " .. code .. " ", 1, true) ~= nil end

--- country.code(text) → the digits of a country code, which may have a plus before it; or nil when there is no such
-- code.
function M.code(text)
  local code = text:match("^%+?(%d+)$")
  if code == "1" or code == "7" then return code end
  if code and #code == 2 and has(TWO, code) then return code end
  if code and #code == 3 and has(THREE, code:sub(1, 2)) then return code end
end

-- Why a number of another length is refused.
local function wrong_length(digits, code, plan)
  local format = "has %d digits: a national number of country %s has %d"
  if digits:sub(1, 1) == "0" then
    digits, format = digits:sub(2), "has %d digits after its 0: a national number of country %s has %d"
  elseif #digits == plan.digits - 1 then
    format = "has %d digits where country %s has %d: was a 0 at its beginning lost?"
  end
  return format:format(#digits, code, plan.digits)
end

local function by_plan(digits, code, plan)
  if #digits == plan.digits and digits:sub(1, 1) ~= "0" then return "+" .. code .. digits end
  local prefixed = plan.has_prefix and digits:match("^0([1-9]%d*)$")
  if prefixed and #prefixed == plan.digits then return "+" .. code .. prefixed end
  if digits:sub(1, #code) == code and #digits == #code + plan.digits then return "+" .. digits end
  return nil, wrong_length(digits, code, plan)
end

--- country.complete(digits, code) → a national number in E.164, or nil and why that would be a guess: the end of a
-- sentence that begins with the number.
function M.complete(digits, code)
  if PLANS[code] then return by_plan(digits, code, PLANS[code]) end
  if digits:sub(1, 1) == "0" then
    return nil, ("begins with 0: whether that belongs to the number differs between countries; write +%s and what "
      .. "follows it"):format(code)
  end
  if digits:sub(1, #code) == code then
    return nil, ("begins with %s: whether that is the country code can't be told; write it with its +"):format(code)
  end
  local number = "+" .. code .. digits
  if #digits < 4 or #number > 16 then return nil, "is too short or too long for a national number" end
  return number
end

return M
