--- Markdown as far as the tests need it: its code blocks, its headings and its links.
local markdown = {}

function markdown.read(path)
  local file = assert(io.open(path))
  local text = file:read("*a")
  file:close()
  return text
end

--- The fenced blocks of a file, in order: { language ("" if none), code, file }. A Lua block that begins with a comment
-- of nothing but a file's name is that file.
function markdown.blocks(path)
  local list = {}
  for language, code in markdown.read(path):gmatch("\n```(%w*)\n(.-\n)```\n") do
    list[#list + 1] = { language = language, code = code, file = code:match("^%-%- ([%w_]+%.lua)\n") }
  end
  return list
end

--- The indented block of a file whose first line begins so, without the indent.
function markdown.indented(path, beginning)
  local text, lines = markdown.read(path), {}
  local from = text:find("\n    " .. beginning, 1, true) + 1
  for line in text:sub(from):gmatch("([^\n]*)\n") do
    if line ~= "" and not line:find("^    ") then break end
    lines[#lines + 1] = line:sub(5)
  end
  return (table.concat(lines, "\n"):gsub("\n+$", "") .. "\n")
end

-- As the pages of a forge name the place of a heading.
local function anchor_of(heading)
  local text = heading:lower():gsub("`", ""):gsub("%[([^%]]*)%]%b()", "%1")
  return (text:gsub("[^%w%s_-]", ""):gsub("%s", "-"))
end

local function without_code(text) return (text:gsub("\n```.-\n```", "\n")) end

--- The places that a link into a text may lead to, as a set.
function markdown.anchors(text)
  local set = {}
  for heading in ("\n" .. without_code(text)):gmatch("\n#+ ([^\n]+)") do set[anchor_of(heading)] = true end
  return set
end

--- The targets of all links of a text.
function markdown.links(text)
  local list = {}
  for target in without_code(text):gsub("`[^`\n]*`", ""):gmatch("%]%(([^)%s]+)%)") do list[#list + 1] = target end
  return list
end

return markdown
