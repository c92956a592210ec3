--- The types of the Lua language server's annotations, read as it reads them, since it isn't there to ask.
local types = {}

local parse

-- What follows a symbol, or nil when it isn't there.
local function after(text, symbol)
  if text:sub(1, #symbol) == symbol then return text:sub(#symbol + 1) end
end

local function expect(text, symbol)
  return after(text, symbol) or error(("%q expected at %q"):format(symbol, text), 0)
end

-- Items between commas, until `closing`. → what follows
local function parse_list(text, closing, parse_item)
  local rest = after(text, closing)
  while not rest do
    text = parse_item(text)
    rest = after(text, closing)
    if not rest then text = expect(text, ",") end
  end
  return rest
end

local function parse_argument(names)
  return function(text)
    local rest = text:match("^[%a_][%w_]*%??(.*)$") or error(("a name expected at %q"):format(text), 0)
    local type = after(rest, ":")
    return type and parse(type, names) or rest
  end
end

local function parse_function(text, names)
  local rest = parse_list(text, ")", parse_argument(names))
  local result = after(rest, ":")
  return result and parse(result, names) or rest
end

local function parse_name(text, names)
  local name, rest = text:match("^([%a_][%w_.]*)(.*)$")
  if not name then error(("a type expected at %q"):format(text), 0) end
  names[#names + 1] = name
  local parameters = after(rest, "<")
  if not parameters then return rest end
  return parse_list(parameters, ">", function(item) return parse(item, names) end)
end

local function parse_unit(text, names)
  if after(text, "fun(") then return parse_function(after(text, "fun("), names) end
  if after(text, "(") then return expect(parse(after(text, "("), names), ")") end
  return text:match('^"[^"]*"(.*)$') or parse_name(text, names)
end

-- Reads one type off the front. → what follows it; its names are put into `names`
function parse(text, names)
  local rest = parse_unit(text, names)
  while after(rest, "[]") do rest = after(rest, "[]") end
  local another = after(rest, "|")
  if another then return parse(another, names) end
  return after(rest, "?") or rest
end

--- Reads the type at the front of a text, with a space or nothing behind it. → its names; raises what is wrong
function types.read(text)
  local names = {}
  local rest = parse(text, names)
  if rest ~= "" and rest:sub(1, 1) ~= " " then error(("not part of a type: %q"):format(rest), 0) end
  return names
end

return types
