--- Reads what stands before the cursor in bash, as bash does, and writes a word so that bash takes it as it is.
local M = {}

-- One word of the line. Fields: text (without its quotes); quote ("'", '"' or nil, where the line ends within them);
-- kept: how much of the text bash leaves where it is, since it completes from there on: from the last character that
-- breaks words for it, or from the last quote.
local function new_word() return { text = "", kept = 0, has_begun = false } end

local function add(word, text)
  word.text, word.has_begun = word.text .. text, true
end

local function open_quote(word, quote)
  word.quote, word.has_begun, word.before_quote = quote, true, word.kept
  word.kept = #word.text
end

-- What breaks words doesn't do so in what was quoted up to here.
local function close_quote(word) word.quote, word.kept = nil, word.before_quote end

local function read_quoted(line, position, word)
  local letter, following = line:sub(position, position), line:sub(position + 1, position + 1)
  if letter == word.quote then close_quote(word)
  elseif word.quote == '"' and letter == "\\" and following:find('["\\$`]') then
    add(word, following)
    return position + 2
  else add(word, letter) end
  return position + 1
end

local function read_unquoted(line, position, word, breaks)
  local letter = line:sub(position, position)
  if letter == "\\" then
    add(word, line:sub(position + 1, position + 1))
    return position + 2
  end
  if letter == "'" or letter == '"' then
    open_quote(word, letter)
    return position + 1
  end
  add(word, letter)
  if breaks:find(letter, 1, true) then word.kept = #word.text end
  return position + 1
end

--- shell_line.read(line, breaks) → the words that are complete, without quotes; and the one that is not: { text, quote,
-- kept }. `breaks`: COMP_WORDBREAKS, the characters by which bash's completion breaks words.
function M.read(line, breaks)
  local words, word, position = {}, new_word(), 1
  while position <= #line do
    if word.quote then position = read_quoted(line, position, word)
    elseif line:find("^%s", position) then
      if word.has_begun then words[#words + 1] = word.text end
      word, position = new_word(), position + 1
    else position = read_unquoted(line, position, word, breaks) end
  end
  return words, word
end

-- Between double quotes a "!" can't be kept from recalling the shell's history.
local ESCAPES = {
  ["'"] = function(text) return (text:gsub("'", "'\\''")) end,
  ['"'] = function(text) return not text:find("!", 1, true) and text:gsub('["\\$`]', "\\%0") or nil end,
}

local function unquoted(text) return (text:gsub("[^%w_@%%+,./:=^\128-\255-]", "\\%0")) end

--- shell_line.quoted(text, word) → what bash has to put in the place of the rest of `word` for it to be `text`; nil
-- where that can't be, since it begins otherwise or can't be quoted so.
function M.quoted(text, word)
  if text:sub(1, word.kept) ~= word.text:sub(1, word.kept) then return nil end
  return (ESCAPES[word.quote] or unquoted)(text:sub(word.kept + 1))
end

return M
