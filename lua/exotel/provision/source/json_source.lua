--- What a file in JSON holds, as it is written there: see exotel.provision.source.tree.
local json = require "exotel.json"
local json_tokens = require "exotel.provision.source.json_tokens"
local tree = require "exotel.provision.source.tree"

local M = {}

--- json_source.value(text) → the value of a literal; nil of null.
function M.value(text)
  if text:find('^"[^\\]*$') then return text:sub(2, -2) end
  return (json.decode(text))
end

local function read_member(reader, entry)
  entry.name, entry.key = reader.token.text, M.value(reader.token.text)
  reader.advance()
  reader.advance()
end

local read_value

local function read_container(reader)
  local node, closing = tree.table(reader.token.line), "}"
  if reader.token.text == "[" then node.is_array, closing = true, "]" end
  reader.advance()
  while reader.token.text ~= closing do
    local entry = { line = reader.token.line }
    if not node.is_array then read_member(reader, entry) end
    entry.node = read_value(reader)
    tree.add(node, entry)
    if reader.token.text == "," then reader.advance() end
  end
  node.last_line = reader.token.line
  reader.advance()
  return node
end

function read_value(reader)
  local token = reader.token
  if token.type == "symbol" then return read_container(reader) end
  reader.advance()
  return { type = "literal", text = token.text, line = token.line, last_line = token.line }
end

--- json_source.read(text) → { root (a node) }. The text must be JSON.
function M.read(text)
  local next_token, reader = json_tokens.reader(text), {}
  function reader.advance() reader.token = next_token() end
  reader.advance()
  return { root = read_value(reader) }
end

return M
