--- Any text as a word without spaces, and back.
local M = {}

function M.escape(text)
  return (text:gsub("[^%w@.:_/%-%[%]]", function(byte) return ("%%%02X"):format(byte:byte()) end))
end

function M.unescape(word)
  return (word:gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end))
end

return M
