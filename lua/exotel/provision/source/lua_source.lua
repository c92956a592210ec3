--- The table that a file in Lua returns, as it is written there: see exotel.provision.source.tree.
local lua_file = require "exotel.provision.source.lua_file"
local lua_tokens = require "exotel.provision.source.lua_tokens"
local tree = require "exotel.provision.source.tree"

local M = {}

local OPENING = { ["function"] = true, ["if"] = true, ["do"] = true, ["repeat"] = true }
local CLOSING = { ["end"] = true, ["until"] = true }
local CONSTANTS = { ["true"] = true, ["false"] = true, ["nil"] = true }
local keywords = {}
for word in ([[and break do else elseif end false for function goto if in local nil not or repeat return then true until
  while]]):gmatch("%a+") do keywords[word] = true end

-- Tokens, with the comments before them -------------------------------------------------------------------------------

local Parser = {}
Parser.__index = Parser

function Parser:advance()
  local last = self.token and self.token.last_line or 1
  self.last_line, self.inner = last, #self.comments
  local token = self.next_token()
  while token.type == "comment" do
    token.blank = token.line - last > 1
    last = token.last_line
    table.insert(self.comments, token)
    token = self.next_token()
  end
  token.blank = token.line - last > 1
  self.token = token
end

function Parser:is(text) return self.token.text == text and self.token.type ~= "string" end

function Parser:take_comments()
  local comments = self.comments
  self.comments = {}
  return comments
end

-- Before these a comment belongs to what stands before it. "": the end of the file.
local ENDS = { [","] = true, [";"] = true, ["}"] = true, [""] = true }

-- Takes the comments that stand behind what ended last, on its line, and after which the line or the entry ends.
function Parser:take_trailing()
  local line = self.last_line
  local trailing, rest = {}, {}
  for i, comment in ipairs(self.comments) do
    local next_one = self.comments[i + 1] or self.token
    local ends_line = next_one.line > comment.last_line or ENDS[next_one.text] or next_one.type == "comment"
    local is_behind = #rest == 0 and comment.line == line and comment.last_line == line and ends_line
    table.insert(is_behind and trailing or rest, comment)
  end
  self.comments = rest
  return trailing
end

-- Literals ------------------------------------------------------------------------------------------------------------

--- lua_source.value(text) → the value of a literal; nil where it isn't known.
function M.value(text)
  local plain = text:match('^"([^"\\]*)"$') or text:match("^'([^'\\]*)'$")
  if plain then return plain end
  return (lua_file.run("return " .. text, ""))
end

-- As people write it, where that says the same.
local function string_text(text)
  local plain = text:match("^'([^'\"\\]*)'$")
  return plain and '"' .. plain .. '"' or text
end

local function name_text(text, key)
  local is_name = type(key) == "string" and key:find("^[%a_][%w_]*$") and not keywords[key]
  if is_name then return key end
  return text:find("^%[") and "[ " .. text .. " ]" or "[" .. text .. "]"
end

-- Expressions ---------------------------------------------------------------------------------------------------------

local function is_end_of_entry(parser) return parser:is "," or parser:is ";" or parser:is "}" end

-- Up to what ends an entry, or behind the last token.
local function skip_expression(parser, line)
  local depth = 0
  while parser.token.type ~= "end" do
    if depth == 0 and is_end_of_entry(parser) then break end
    local text = parser.token.type ~= "string" and parser.token.text
    if text == "(" or text == "{" or text == "[" or OPENING[text] then depth = depth + 1 end
    if text == ")" or text == "}" or text == "]" or CLOSING[text] then depth = depth - 1 end
    parser:advance()
  end
  return { type = "computed", line = line }
end

-- → what may be a literal, or the beginning of an expression; or nil. A minus is left behind where no number follows.
local function read_literal(parser)
  local token, sign = parser.token, ""
  if parser:is "-" then
    sign = "-"
    parser:advance()
  end
  local kind = parser.token.type
  local fits = kind == "number" or (sign == "" and (kind == "string" or CONSTANTS[parser.token.text]))
  if not fits then return nil end
  local text = kind == "string" and string_text(parser.token.text) or sign .. parser.token.text
  local node = { type = "literal", text = text, line = token.line, last_line = parser.token.last_line }
  parser:advance()
  return node
end

local read_table

local function read_value(parser)
  local line = parser.token.line
  local node
  if parser:is "{" then node = read_table(parser) else node = read_literal(parser) end
  if node and (is_end_of_entry(parser) or parser.token.type == "end") then return node end
  return skip_expression(parser, line)
end

-- Tables --------------------------------------------------------------------------------------------------------------

-- "[" has been read. → key (nil where it is computed), its name as text
local function read_bracketed(parser)
  parser:advance()
  local token, depth = parser.token, 1
  parser:advance()
  if parser:is "]" and (token.type == "string" or token.type == "number") then
    local key = M.value(token.text)
    return key, name_text(string_text(token.text), key)
  end
  if token.text == "(" or token.text == "{" or token.text == "[" then depth = 2 end
  while depth > 0 and parser.token.type ~= "end" do
    if parser:is "[" or parser:is "(" or parser:is "{" then depth = depth + 1 end
    if parser:is "]" or parser:is ")" or parser:is "}" then depth = depth - 1 end
    if depth > 0 then parser:advance() end
  end
  return nil, "[computed]"
end

-- A name is a key when "=" follows, and else the beginning of an expression.
local function read_named(parser, entry)
  local name, line = parser.token.text, parser.token.line
  parser:advance()
  if parser:is "=" then
    entry.key, entry.name = name, name
    parser:advance()
    entry.node = read_value(parser)
  elseif CONSTANTS[name] and is_end_of_entry(parser) then
    entry.node = { type = "literal", text = name, line = line, last_line = line }
  else
    entry.node = skip_expression(parser, line)
  end
end

local function read_entry(parser)
  local entry = { line = parser.token.line, blank = parser.token.blank, before = parser:take_comments() }
  if parser:is "[" then
    entry.key, entry.name = read_bracketed(parser)
    parser:advance()
    parser:advance()
    entry.node = read_value(parser)
  elseif parser.token.type == "name" and not OPENING[parser.token.text] then
    read_named(parser, entry)
  else
    entry.node = read_value(parser)
  end
  return entry
end

local function append(list, more)
  for _, item in ipairs(more) do list[#list + 1] = item end
end

-- Those within the entry that has just been read. What stands behind it is left.
local function take_inner(parser)
  local inner, rest = {}, {}
  for i, comment in ipairs(parser.comments) do table.insert(i <= parser.inner and inner or rest, comment) end
  parser.comments = rest
  return inner
end

-- The comments behind an entry on its line, before or behind the separator; others that stand in it go before it.
local function finish_entry(parser, entry)
  append(entry.before, take_inner(parser))
  entry.after = parser:take_trailing()
  if parser:is "}" then return end
  append(entry.before, parser:take_comments())
  parser:advance()
  append(entry.after, parser:take_trailing())
end

function read_table(parser)
  local node = tree.table(parser.token.line)
  parser:advance()
  node.is_broken = parser.token.line > node.line
  while not parser:is "}" and parser.token.type ~= "end" do
    local entry = read_entry(parser)
    finish_entry(parser, entry)
    tree.add(node, entry)
  end
  node.tail, node.last_line = parser:take_comments(), parser.token.last_line
  parser:advance()
  return node
end

-- The file ------------------------------------------------------------------------------------------------------------

-- Up to a `return` that always runs. → whether there is one, and no other that isn't a function's; the line of the
-- first statement before it, or nil
local function find_return(parser)
  local blocks, functions, first = {}, 0, nil
  while parser.token.type ~= "end" do
    local text = parser.token.type == "name" and parser.token.text
    if text == "return" and functions == 0 then return #blocks == 0, first end
    first = first or parser.token.line
    if OPENING[text] then
      blocks[#blocks + 1] = text
      if text == "function" then functions = functions + 1 end
    elseif CLOSING[text] then
      if table.remove(blocks) == "function" then functions = functions - 1 end
    end
    parser:advance()
  end
  return false, first
end

--- lua_source.read(text) → { root (a node), statement (the line of the first one before `return`, or nil), head, tail
-- (comments before and behind the table), script (the first line, where it begins with "#"), blank (an empty line
-- stands before `return`) }; or nil where it isn't clear what the file returns. The text must compile.
function M.read(text)
  local script = text:match("^#[^\n]*")
  local next_token = lua_tokens.reader(script and "--" .. text or text)
  local parser = setmetatable({ next_token = next_token, comments = {} }, Parser)
  parser:advance()
  local is_clear, statement = find_return(parser)
  if not is_clear then return nil end
  local source = { statement = statement, script = script, blank = parser.token.blank }
  parser:advance()
  source.head = parser:take_comments()
  source.root = parser:is "{" and read_table(parser) or { type = "computed", line = parser.token.line }
  while parser:is ";" do parser:advance() end
  if parser.token.type ~= "end" then source.root = { type = "computed", line = source.root.line } end
  source.tail = parser:take_comments()
  return source
end

return M
