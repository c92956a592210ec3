--- The names of scratch trunks: `conf_` and eight random letters.
local trunks = require "exotel.trunk"

local M = {}

local LETTERS = 8

-- So many random letters and digits have enough letters among them, or another text is taken.
local DRAWN = 40

--- → a new one
function M.new()
  local letters
  repeat letters = trunks.generate_password(DRAWN):gsub("%A", ""):lower():sub(1, LETTERS) until #letters == LETTERS
  return "conf_" .. letters
end

--- Whether a name is of that form.
function M.fits(name) return type(name) == "string" and name:find("^conf_" .. ("%l"):rep(LETTERS) .. "$") ~= nil end

return M
