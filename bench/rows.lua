--- The bench's table: a row for each thing measured, a column for each program; the first one's number, and the others
-- as multiples of it.
local rows = {}

local TITLE, COLUMN = "%-27s", "%17s"

local function with_commas(number)
  local text = ("%.0f"):format(number):reverse():gsub("(%d%d%d)", "%1,")
  return (text:reverse():gsub("^,", ""))
end

--- The line of the programs' names, under what is measured.
function rows.head(title, programs)
  local line = TITLE:format(title)
  for _, program in ipairs(programs) do line = line .. COLUMN:format(program.name) end
  print("\n" .. line)
end

--- `values`: a number for each program, false where there is none. `unit`: of the first program's number.
function rows.row(title, values, unit)
  local line = TITLE:format("  " .. title)
  for i, value in ipairs(values) do
    local text = "-"
    if i == 1 and value then text = with_commas(value) .. (unit or "")
    elseif value then text = ("x %.2f"):format(value / values[1]) end
    line = line .. COLUMN:format(text)
  end
  print(line)
  io.stdout:flush()
end

--- Numbers that are ratios already.
function rows.ratios(title, values)
  local line = TITLE:format("  " .. title)
  for _, value in ipairs(values) do line = line .. COLUMN:format(value and ("x %.2f"):format(value) or "-") end
  print(line)
  io.stdout:flush()
end

return rows
