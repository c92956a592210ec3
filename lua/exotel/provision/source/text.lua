--- The bytes of a file as text: UTF-8 without a byte order mark, lines that end in "\n".
local M = {}

local UTF16 = 'is UTF-16, which Windows programs call "Unicode": save it as UTF-8'

-- Marks of other encodings, and what a text in them begins with when it has none.
local function other_encoding(bytes)
  if bytes:find("^\255\254") or bytes:find("^\254\255") then return UTF16 end
  if bytes:sub(1, 1) ~= "\27" and bytes:sub(1, 4):find("\0", 1, true) then return UTF16 end
end

-- As Lua counts them: "\r\n" and "\n\r" end one line.
local function with_newlines(text)
  local parts, from = {}, 1
  while true do
    local at = text:find("[\r\n]", from)
    if not at then break end
    local pair = text:sub(at, at + 1)
    parts[#parts + 1] = text:sub(from, at - 1)
    from = at + ((pair == "\r\n" or pair == "\n\r") and 2 or 1)
  end
  parts[#parts + 1] = text:sub(from)
  return table.concat(parts, "\n")
end

--- text.decode(bytes) → text; or nil, message.
function M.decode(bytes)
  local message = other_encoding(bytes)
  if message then return nil, message end
  local text = bytes:gsub("^\239\187\191", "")
  return text:find("\r", 1, true) and with_newlines(text) or text
end

return M
