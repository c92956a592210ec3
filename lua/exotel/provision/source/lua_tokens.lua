--- The tokens of a text in Lua that compiles. A token is { type, text, line, last_line (where it begins and ends) };
-- types are "comment", "string", "number", "name", "symbol", and "end" behind the last one.
local M = {}

-- Symbols of two characters that have to be told from their first.
local PAIRS = { ["=="] = true, ["~="] = true, ["<="] = true, [">="] = true, [".."] = true, ["::"] = true }

-- → where a text between long brackets ends, or nil: none begins here
local function long_end(text, at)
  local level = text:match("^%[(=*)%[", at)
  if not level then return nil end
  local _, stop = text:find("]" .. level .. "]", at + #level + 2, true)
  return stop or #text
end

local function quoted_end(text, at)
  local quote, from = text:sub(at, at), at + 1
  while true do
    local stop = text:find("[\\" .. quote .. "]", from)
    if not stop then return #text end
    if text:sub(stop, stop) == quote then return stop end
    from = stop + 2
  end
end

local function comment_end(text, at)
  return long_end(text, at + 2) or (text:find("\n", at, true) or #text + 1) - 1
end

-- Digits, and the sign of an exponent.
local function number_end(text, at)
  local exponent = text:find("^0[xX]", at) and "[pP]" or "[eE]"
  local _, stop = text:find("^[%w_.]+", at)
  while text:find("^" .. exponent .. "[+-]%w", stop) do
    _, stop = text:find("^[%w_.]+", stop + 2)
  end
  return stop
end

local function symbol_end(text, at)
  if text:sub(at, at + 2) == "..." then return at + 2 end
  return PAIRS[text:sub(at, at + 1)] and at + 1 or at
end

-- → kind, where the token that begins at `at` ends
local function recognise(text, at)
  local c = text:sub(at, at)
  if text:find("^%-%-", at) then return "comment", comment_end(text, at) end
  if c == "'" or c == '"' then return "string", quoted_end(text, at) end
  if c == "[" and long_end(text, at) then return "string", long_end(text, at) end
  if text:find("^%.?%d", at) then return "number", number_end(text, at) end
  local _, stop = text:find("^[%a_\128-\255][%w_\128-\255]*", at)
  if stop then return "name", stop end
  return "symbol", symbol_end(text, at)
end

local function count_newlines(text)
  local _, count = text:gsub("\n", "")
  return count
end

--- lua_tokens.reader(text) → a function that gives the next token.
function M.reader(text)
  local at, line = 1, 1
  return function()
    local start = text:find("%S", at) or #text + 1
    line = line + count_newlines(text:sub(at, start - 1))
    if start > #text then return { type = "end", text = "", line = line, last_line = line } end
    local kind, stop = recognise(text, start)
    local token = { type = kind, text = text:sub(start, stop), line = line }
    line = line + count_newlines(token.text)
    token.last_line, at = line, stop + 1
    return token
  end
end

return M
