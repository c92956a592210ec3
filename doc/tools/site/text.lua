--- Writing Markdown.
local M = {}

--- A page under construction: page:add(format, ...), page:text().
local Page = {}
Page.__index = Page

function M.page(title)
  local page = setmetatable({ lines = {} }, Page)
  page:add("# %s\n", title)
  return page
end

function Page:add(format, ...) self.lines[#self.lines + 1] = select("#", ...) > 0 and format:format(...) or format end

function Page:text() return (table.concat(self.lines, "\n"):gsub("\n\n\n+", "\n\n"):gsub("\n+$", "")) .. "\n" end

--- Rows under titles, none where there are no rows.
function Page:table(titles, rows)
  if #rows == 0 then return end
  self:add("\n| %s |\n|%s", table.concat(titles, " | "), (" --- |"):rep(#titles))
  for _, row in ipairs(rows) do self:add("| %s |", table.concat(row, " | ")) end
  self:add("")
end

function Page:code(language, code) self:add("\n```%s\n%s\n```\n", language, (code:gsub("\n$", ""))) end

local function unindented(block)
  local margin = block:match("^ *")
  return (("\n" .. block):gsub("\n" .. margin, "\n"):gsub("^\n", ""):gsub("%s+$", ""))
end

local function fenced(block)
  local code = unindented(block)
  return ("\n```%s\n%s\n```\n"):format((loadstring or load)(code) and "lua" or "text", code)
end

--- A comment with its examples, which are indented there, as code that is coloured where it is Lua.
function M.with_examples(comment)
  local lines, block = {}, nil
  for line in (comment .. "\n"):gmatch("(.-)\n") do
    local in_code = line:find("^    ") or (block and line == "")
    if block and not in_code then lines[#lines + 1], block = fenced(table.concat(block, "\n")), nil end
    if in_code then block = block or {} end
    local target = block or lines
    target[#target + 1] = line
  end
  if block then lines[#lines + 1] = fenced(table.concat(block, "\n")) end
  return table.concat(lines, "\n")
end

--- Text that means nothing in Markdown. An underscore in a word means nothing there.
function M.plain(text)
  local escaped = " " .. text:gsub("[\\`*%[%]<>|#]", "\\%0") .. " "
  return (escaped:gsub("([^%w_])_", "%1\\_"):gsub("_([^%w_])", "\\_%1"):sub(2, -2))
end

--- A code span in a cell of a table.
function M.code(text)
  if text == "" then return "" end
  return "`" .. text:gsub("|", "&#124;") .. "`"
end

-- In a code span an entity would be shown as it is written, so that a "|" takes HTML.
function M.type(text)
  return "<code>" .. text:gsub("&", "&amp;"):gsub("<", "&lt;"):gsub(">", "&gt;"):gsub("|", "&#124;") .. "</code>"
end

--- A comment's text, which is Markdown, in one line of a table.
function M.cell(text) return (text:gsub("%s+", " "):gsub("|", "\\|"):gsub("<(%a)", "&lt;%1")) end

function M.read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

function M.write(path, text)
  assert(os.execute("mkdir -p '" .. path:match("^(.*)/") .. "'"))
  local file = assert(io.open(path, "wb"))
  assert(file:write(text))
  assert(file:close())
end

return M
