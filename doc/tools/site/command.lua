--- The manual of the command: a page for each command, made from the tables that the parser and the manual page are
-- made from, and one for what holds for all of them.
local commands = require "exotel.cli.commands"
local manual = require "doc.tools.site.manual"
local synopsis = require "exotel.cli.synopsis"
local text = require "doc.tools.site.text"

local unpack = table.unpack or unpack

local M = {}

local function add_arguments(page, command)
  local rows = {}
  for i, argument in ipairs(command.arguments or {}) do
    rows[i] = { text.code(argument.name), text.cell(text.plain(argument.text)) }
  end
  page:table({ "argument", "meaning" }, rows)
end

local function add_options(page, options)
  local rows = {}
  for i, option in ipairs(options or {}) do
    local name = option.name:gsub(" ", ", ") .. (option.value and " " .. option.value or "")
    local notes = text.plain(option.text) .. (option.required and " Required." or "")
      .. (option.many and " Several may be given." or "")
    rows[i] = { text.code(name), text.cell(notes) }
  end
  page:table({ "option", "meaning" }, rows)
end

local function add_command(page, name, command)
  page:code("text", table.concat({ "exotel " .. name, unpack(synopsis.parts(command)) }, " "))
  page:add("%s\n", text.plain(command.summary))
  add_arguments(page, command)
  add_options(page, command.options)
  if command.more then page:add("%s\n", text.plain(command.more)) end
  if #(command.examples or {}) > 0 then page:code("sh", table.concat(command.examples, "\n")) end
end

local function page_of(command)
  local page = text.page("exotel " .. command.name)
  if not command.verbs then
    add_command(page, command.name, command)
    return page:text()
  end
  page:add("%s\n", text.plain(command.summary))
  for _, verb in ipairs(command.verbs) do
    page:add("\n## %s %s\n", command.name, verb.name)
    add_command(page, command.name .. " " .. verb.name, verb)
  end
  return page:text()
end

local function overview()
  local page = text.page("The manual")
  page:add("%s Each command has a page. The same is said by `exotel --help` and `man exotel`; "
    .. "the [guide](../guides/command-line.md) shows it at work.\n", commands.description)
  local rows = {}
  for i, command in ipairs(commands.list) do
    rows[i] = { ("[`exotel %s`](%s.md)"):format(command.name, command.name), text.cell(text.plain(command.summary)) }
  end
  page:table({ "command", "" }, rows)
  page:add("\n## Options of every command\n")
  add_options(page, commands.options)
  page:add("%s", manual.markdown(require "exotel.cli.commands.man.sections"))
  return page:text()
end

--- Writes them below the folder. → { { title, page } ... }
function M.write(folder)
  local list = { { "The manual", "command/index.md" } }
  text.write(folder .. "/command/index.md", overview())
  for _, command in ipairs(commands.list) do
    local path = "command/" .. command.name .. ".md"
    text.write(folder .. "/" .. path, page_of(command))
    list[#list + 1] = { "exotel " .. command.name, path }
  end
  return list
end

return M
