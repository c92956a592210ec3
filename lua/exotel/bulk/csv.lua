--- Comma-separated values by RFC 4180: lines read from a file in pieces, fields in and out.
local M = {}

-- Bytes read at a time, and the most that a record may have, so that a quote left open doesn't swallow the file.
local PIECE, LONGEST = 16 * 1024, 64 * 1024

local BYTE_ORDER_MARK = "\239\187\191"

--- csv.lines(file) → an iterator over the lines of a file open for reading: the text without its end ("\n" or
-- "\r\n"), and whether it had one; nil after the last. For a line that can't be read, or is longer than 64 KiB: false,
-- a message and the part that was read.
function M.lines(file)
  local kept, from = "", 1
  return function()
    while true do
      local stop = kept:find("\n", from, true)
      if stop then
        local line = kept:sub(from, stop - 1)
        from = stop + 1
        return (line:gsub("\r$", "")), true
      end
      kept, from = kept:sub(from), 1
      if #kept > LONGEST then return false, "a line is longer than 64 KiB", kept end
      local piece, message = file:read(PIECE)
      if message then return false, message end
      if not piece then
        local rest = kept
        kept = ""
        if rest ~= "" then return rest, false end
        return nil
      end
      kept = kept .. piece
    end
  end
end

-- A field in quotes that begins at `from`. → its text and its last position, or nil when the quote is never closed
local function quoted_field(text, from)
  local at = from + 1
  while true do
    local quote = text:find('"', at, true)
    if not quote then return nil end
    if text:sub(quote + 1, quote + 1) ~= '"' then return (text:sub(from + 1, quote - 1):gsub('""', '"')), quote end
    at = quote + 2
  end
end

local function field(text, from)
  if text:sub(from, from) == '"' then return quoted_field(text, from) end
  local comma = text:find(",", from, true)
  local last = comma and comma - 1 or #text
  return text:sub(from, last), last
end

--- csv.fields(text) → an array of the fields of a record; or nil, message; the message is nil when a quote is left
-- open.
function M.fields(text)
  local fields, from = {}, 1
  while true do
    local value, last = field(text, from)
    if not value then return nil end
    fields[#fields + 1] = value
    local after = text:sub(last + 1, last + 1)
    if after == "" then return fields end
    if after ~= "," then return nil, string.format("something follows the closing quote of value %d", #fields) end
    from = last + 2
  end
end

-- A record that begins with `text` and may continue on further lines. → its fields, or nil when it is malformed, or
-- false when the file can't be read any further; a message; and its number of lines
local function record(next_line, text)
  local count = 1
  while true do
    local fields, message = M.fields(text)
    if fields or message then return fields, message, count end
    local more, trouble = next_line()
    if more == nil then return false, "a quote is never closed" end
    if not more then return false, trouble end
    text, count = text .. "\n" .. more, count + 1
    if #text > LONGEST then return false, "a value in quotes is longer than 64 KiB: is its quote closed?" end
  end
end

--- csv.records(file) → an iterator over the records of a file open for reading, without a byte order mark: the
-- number of its first line, its fields; or its number, nil and a message for a record that is malformed; or its
-- number, false and a message when the file can't be read any further. nil after the last.
function M.records(file)
  local next_line, number = M.lines(file), 1
  return function()
    local text, message = next_line()
    if text == nil then return nil end
    local first = number
    if not text then return first, false, message end
    if first == 1 and text:sub(1, 3) == BYTE_ORDER_MARK then text = text:sub(4) end
    local fields, trouble, count = record(next_line, text)
    number = number + (count or 0)
    return first, fields, trouble
  end
end

local function quote(value)
  if not value:find('[",%c]') then return value end
  return '"' .. value:gsub("%c+", " "):gsub('"', '""') .. '"'
end

--- csv.line(fields) → the line of a record, with its end; control characters become spaces, so that it is one line.
function M.line(fields)
  local texts = {}
  for i, value in ipairs(fields) do texts[i] = quote(value) end
  return table.concat(texts, ",") .. "\n"
end

return M
