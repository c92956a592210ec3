--- Bytes as hexadecimal digits: how tests and their servers in Perl tell each other what is no line of text.
local hex = {}

function hex.encode(bytes)
  return (bytes:gsub(".", function(byte) return ("%02x"):format(byte:byte()) end))
end

function hex.decode(text)
  return (text:gsub("%x%x", function(digits) return string.char(tonumber(digits, 16)) end))
end

return hex
