--- Texts of answers as they may be sent to others: what identifies an account, its trunks, numbers and addresses is
-- left out. Kept is what is known to be harmless; a text is not searched for what might be secret.
--
-- `private` below is an array of texts that are known to identify, such as the account's sid.
local M = {}

local LONGEST_TEXT, LONGEST_WORD, LONGEST_BODY = 200, 24, 4000

local function escaped(text) return (text:gsub("%p", "%%%0")) end

-- Whatever its letters' case.
local function pattern_of(text)
  return (escaped(text:lower()):gsub("%a", function(letter) return "[" .. letter .. letter:upper() .. "]" end))
end

local function without_private(text, private)
  for _, one in ipairs(private) do
    if one ~= "" then text = text:gsub(pattern_of(one), "<...>") end
  end
  return text
end

-- A word of plain letters, with the signs that a sentence has around it.
local function is_word(word)
  return #word <= LONGEST_WORD and word:find("^[\"'(]*%a[%a_'-]*[\"')]*[.,:;!?]*$") ~= nil
end

-- Codes and limits. More digits, or several in a row, may be a telephone number.
local function is_number(word) return word:find("^[\"'(]*%d%d?%d?%d?[\"')]*[.,:;!?]*$") ~= nil end

-- Which of the words may be shown: an array of booleans.
local function shown(words)
  local fine = {}
  for i, word in ipairs(words) do
    local alone = not is_number(words[i - 1] or "") and not is_number(words[i + 1] or "")
    fine[i] = is_word(word) or (is_number(word) and alone)
  end
  return fine
end

--- A message as it may be sent.
function M.text(text, private)
  local words = {}
  for word in without_private(text, private):sub(1, LONGEST_TEXT):gmatch("%S+") do words[#words + 1] = word end
  local fine, kept = shown(words), {}
  for i, word in ipairs(words) do
    local last = kept[#kept]
    if fine[i] then kept[#kept + 1] = word
    elseif last ~= "<...>" then kept[#kept + 1] = "<...>" end
  end
  return table.concat(kept, " ")
end

-- Bodies -------------------------------------------------------------------------------------------------------------

-- Members that hold words of the service's.
local WORDS = {
  status = true, method = true, mode = true, type = true, auth_type = true, nso_code = true, edge_preference = true,
  registration_enabled = true, secure_trunking = true,
}
local MESSAGES = { message = true, description = true, error = true, Message = true, Code = true, code = true }
local NUMBERS = {
  code = true, http_code = true, Status = true, Code = true, status = true, page_size = true, success = true,
  failed = true, mask = true, priority = true, weight = true, retry_after = true,
}
local LITERALS = { ["true"] = true, ["false"] = true, null = true, pstn = true, flow = true }

local function class_of(text)
  if text == "" then return "" end
  if text:find("^%d+$") then return "<digits>" end
  if text:find("^%d%d%d%d%-%d%d%-%d%dT") then return "<date>" end
  return text:find("^/") and "<path>" or text:find("^sip:") and "<sip uri>" or "<text>"
end

local function string_value(key, text, private)
  if WORDS[key] and #text <= LONGEST_WORD and text:find("^[%a_-]+$") then return M.text(text, private) end
  if MESSAGES[key] then return M.text(text, private) end
  return class_of(text)
end

local function bare_value(key, word)
  if LITERALS[word] or (NUMBERS[key] and word:find("^%d%d?%d?%d?%d?$")) then return word end
  return word:find("^%-?%d") and "<number>" or "<word>"
end

local function key_name(text) return #text <= 40 and text:find("^%a[%a_]*$") and text or "<name>" end

-- The string that begins at `at`, without its quotes, and what follows it; nil where it doesn't end.
local function read_string(body, at)
  local stop = at
  repeat
    stop = body:find('["\\]', stop + 1)
    if not stop then return nil end
    local is_escape = body:sub(stop, stop) == "\\"
    if is_escape then stop = stop + 1 end
  until not is_escape
  return body:sub(at + 1, stop - 1), stop + 1
end

local function take_string(state, at)
  local text, after = read_string(state.body, at)
  if not text then return '"<cut>', #state.body + 1 end
  if state.body:find("^%s*:", after) then
    state.key = key_name(without_private(text, state.private))
    return '"' .. state.key .. '"', after
  end
  return '"' .. string_value(state.key, text, state.private) .. '"', after
end

-- → the next piece as it may be sent, and where the one after it begins
local function take(state, at)
  local sign = state.body:match("^[{}%[%]:,]", at)
  if sign then return sign, at + 1 end
  local _, space = state.body:find("^%s+", at)
  if space then return "", space + 1 end
  if state.body:sub(at, at) == '"' then return take_string(state, at) end
  local word = state.body:match("^[^%s{}%[%]:,\"]+", at)
  return bare_value(state.key, word), at + #word
end

--- The skeleton of an answer's body: its names, codes and messages, and of what sort the values are. Of what is no JSON
-- only how long it is.
function M.body(body, private)
  if not body:find("^%s*[{%[]") then return ("<%d bytes, no JSON>"):format(#body) end
  local state, pieces, length, at = { body = body, private = private }, {}, 0, 1
  while at <= #body and length < LONGEST_BODY do
    local piece
    piece, at = take(state, at)
    pieces[#pieces + 1], length = piece, length + #piece
  end
  return table.concat(pieces) .. (at <= #body and "<cut>" or "")
end

return M
