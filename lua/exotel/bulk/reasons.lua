--- Why rows failed: in few words, so that those of one kind can be counted.
local M = {}

--- reasons.of(err) → an error without what is peculiar to one request.
function M.of(err)
  local text = err.message or tostring(err)
  if err.description and err.description ~= "" then text = text .. ": " .. err.description end
  return text
end

--- reasons.recorded(message) → the same of an error as a results file has it.
function M.recorded(message)
  local text = message:gsub("^[%w_]+: [%l_]+ ?%b(): ", ""):gsub("^[%w_]+: [%l_]+: ", "")
  return (text:gsub(" %[request [^%]]*%]", ""):gsub(" %(after %d+ attempts%)", ""))
end

-- The reason without the number and the lines of one row.
local function kind_of(reason, number)
  local from, to
  if number and number:sub(1, 1) == "+" then from, to = reason:find(number, 1, true) end
  if from then reason = reason:sub(1, from - 1) .. "the number" .. reason:sub(to + 1) end
  return (reason:gsub("stands in line %d+", "stands in an earlier line"))
end

local function by_count(a, b)
  if a.count ~= b.count then return a.count > b.count end
  return a.message < b.message
end

--- reasons.count(rows) → an array of { message, count }, the most frequent first.
function M.count(rows)
  local list, found = {}, {}
  for i, reason in pairs(rows.reasons) do
    local message = rows.outcomes[i] == "failed" and kind_of(reason, rows:number(i))
    if message and not found[message] then
      found[message] = { message = message, count = 0 }
      list[#list + 1] = found[message]
    end
    if message then found[message].count = found[message].count + 1 end
  end
  table.sort(list, by_count)
  return list
end

return M
