--- Plans as Markdown, for a pull request. What comes from elsewhere stands in code only, so that no name is markup, a
-- link or a mention, whatever it is made of.
local M = {}

-- A section with more lines than this is folded away.
local OPEN_MAX = 10

local function longest_run_of_backticks(text)
  local longest = 0
  for run in text:gmatch("`+") do longest = math.max(longest, #run) end
  return longest
end

-- A fence that nothing in the text can close.
local function block(text)
  local fence = ("`"):rep(math.max(3, longest_run_of_backticks(text) + 1))
  return fence .. "diff\n" .. text .. "\n" .. fence
end

-- In HTML: all but letters and digits by number.
local function html_code(text)
  local escaped = text:gsub("[^%w \128-\255]", function(c) return ("&#%d;"):format(c:byte()) end)
  return "<code>" .. escaped .. "</code>"
end

local function details(summary, content)
  return ("<details>\n<summary>%s</summary>\n\n%s\n\n</details>"):format(summary, content)
end

-- The heading is HTML, too: there a name is not looked at by Markdown.
local function section_text(section)
  local content = block(table.concat(section.lines, "\n"))
  local title = "trunk " .. html_code(section.title)
  if #section.lines <= OPEN_MAX then return ("<p>%s</p>\n\n%s"):format(title, content) end
  return details(("%s: %d lines"):format(title, #section.lines), content)
end

--- markdown.document(count, remarks, sections) → Markdown text. `remarks`: an array of lines; `sections`: an array of {
-- title, lines }, all of it made plain.
function M.document(count, remarks, sections)
  local parts = { "**" .. count .. "**" }
  for _, remark in ipairs(remarks) do parts[#parts + 1] = "<p>" .. html_code(remark) .. "</p>" end
  for _, section in ipairs(sections) do parts[#parts + 1] = section_text(section) end
  return table.concat(parts, "\n\n") .. "\n"
end

return M
