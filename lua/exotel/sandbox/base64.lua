--- Base64, without bit operations, which not every Lua has.

local ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

local function encode_group(group)
  local a, b, c = group:byte(1, 3)
  local bits = a * 65536 + (b or 0) * 256 + (c or 0)
  local digits = {}
  for i = 4, 1, -1 do
    local digit = bits % 64
    digits[i], bits = ALPHABET:sub(digit + 1, digit + 1), (bits - digit) / 64
  end
  return table.concat(digits, "", 1, #group + 1) .. ("="):rep(3 - #group)
end

--- Encodes a string.
local function encode(text)
  return (text:gsub("..?.?", encode_group))
end

return { encode = encode }
