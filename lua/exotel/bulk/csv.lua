--- Comma-separated values by RFC 4180, also with another separator: lines read from a file in pieces, fields in and
-- out.
local M = {}

-- Bytes read at a time, and the most that a record may have, so that a quote left open doesn't swallow the file.
local PIECE, LONGEST = 16 * 1024, 64 * 1024

-- → where the line ends that begins at `from`, and where the next one begins; nil when that is not known yet. What ends
-- in CR may go on with the LF of the same end.
local function line_end(kept, from, is_all)
  local stop = kept:find("[\r\n]", from)
  if not stop or stop == #kept and not is_all and kept:byte(stop) == 13 then return nil end
  local is_crlf = kept:byte(stop) == 13 and kept:byte(stop + 1) == 10
  return stop, stop + (is_crlf and 2 or 1)
end

--- csv.lines(file) → an iterator over the lines of a file open for reading: the text without its end ("\n", "\r\n" or
-- "\r"), and whether it had one; nil after the last. For a line that can't be read, or is longer than 64 KiB: false,
-- a message and the part that was read.
function M.lines(file)
  local kept, from, is_all = "", 1, false
  return function()
    while true do
      local stop, following = line_end(kept, from, is_all)
      if stop then
        local line = kept:sub(from, stop - 1)
        from = following
        return line, true
      end
      kept, from = kept:sub(from), 1
      if #kept > LONGEST then return false, "a line is longer than 64 KiB", kept end
      if is_all then
        local rest = kept
        kept = ""
        if rest ~= "" then return rest, false end
        return nil
      end
      local piece, message = file:read(PIECE)
      if message then return false, message end
      kept, is_all = kept .. (piece or ""), piece == nil
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

local function field(text, from, separator)
  if text:sub(from, from) == '"' then return quoted_field(text, from) end
  local stop = text:find(separator, from, true)
  local last = stop and stop - 1 or #text
  return text:sub(from, last), last
end

--- csv.fields(text [, separator]) → an array of the fields of a record; or nil, message; the message is nil when a
-- quote is left open. `separator`: a character, the comma when nil.
function M.fields(text, separator)
  local fields, from = {}, 1
  separator = separator or ","
  while true do
    local value, last = field(text, from, separator)
    if not value then return nil end
    fields[#fields + 1] = value
    local after = text:sub(last + 1, last + 1)
    if after == "" then return fields end
    if after ~= separator then return nil, string.format("something follows the closing quote of value %d", #fields) end
    from = last + 2
  end
end

-- A record that begins with `text` and may continue on further lines. → its fields, or nil when it is malformed, or
-- false when the file can't be read any further; a message; its number of lines; its text; and whether that has an end
local function record(next_line, text, ended, separator)
  local count = 1
  while true do
    local fields, message = M.fields(text, separator)
    if fields or message then return fields, message, count, text, ended end
    local more, trouble = next_line()
    if more == nil then return false, "a quote is never closed" end
    if not more then return false, trouble end
    text, count, ended = text .. "\n" .. more, count + 1, trouble
    if #text > LONGEST then return false, "a value in quotes is longer than 64 KiB: is its quote closed?" end
  end
end

--- csv.records(file [, separator]) → an iterator over the records of a file open for reading: the number of its first
-- line, its fields, nil, its text and whether that has an end; or its number, nil, a message and its text for a record
-- that is malformed; or its number, false and a message when the file can't be read any further. nil after the last.
function M.records(file, separator)
  local next_line, number = M.lines(file), 1
  return function()
    local text, ended = next_line()
    if text == nil then return nil end
    local first = number
    if not text then return first, false, ended end
    local fields, trouble, count, whole, has_end = record(next_line, text, ended, separator)
    number = number + (count or 0)
    return first, fields, trouble, whole, has_end
  end
end

--- csv.plain(value) → a value as `line` writes it: a run of control characters is a space.
function M.plain(value) return (value:gsub("%c+", " ")) end

local function quote(value)
  if not value:find('[",%c]') then return value end
  return '"' .. M.plain(value):gsub('"', '""') .. '"'
end

--- csv.line(fields) → the line of a record, with its end; control characters become spaces, so that it is one line.
function M.line(fields)
  local texts = {}
  for i, value in ipairs(fields) do texts[i] = quote(value) end
  return table.concat(texts, ",") .. "\n"
end

local function quote_as_it_is(value, separator)
  if not value:find('["\r\n]') and not value:find(separator, 1, true) then return value end
  return '"' .. value:gsub('"', '""') .. '"'
end

--- csv.record(fields, separator) → the text of a record, with its end. Its values are read again as they are; one with
-- a line break makes it several lines.
function M.record(fields, separator)
  local texts = {}
  for i, value in ipairs(fields) do texts[i] = quote_as_it_is(value, separator) end
  return table.concat(texts, separator) .. "\n"
end

return M
