--- The tokens of a text that is JSON, as lua_tokens gives those of Lua; a word (null, true) is a "name".
local M = {}

local function quoted_end(text, at)
  local from = at + 1
  while true do
    local stop = text:find('[\\"]', from)
    if not stop then return #text end
    if text:sub(stop, stop) == '"' then return stop end
    from = stop + 2
  end
end

local function recognise(text, at)
  if text:sub(at, at) == '"' then return "string", quoted_end(text, at) end
  local _, stop = text:find("^[%w+.-]+", at)
  if stop then return text:find("^[%d-]", at) and "number" or "name", stop end
  return "symbol", at
end

--- json_tokens.reader(text) → a function that gives the next token.
function M.reader(text)
  local at, line = 1, 1
  return function()
    local start = text:find("%S", at) or #text + 1
    local _, newlines = text:sub(at, start - 1):gsub("\n", "")
    line = line + newlines
    if start > #text then return { type = "end", text = "", line = line, last_line = line } end
    local kind, stop = recognise(text, start)
    at = stop + 1
    return { type = kind, text = text:sub(start, stop), line = line, last_line = line }
  end
end

return M
