-- Every command and option, as the tables describe them, the parser takes them, help and the manual page tell of them.
-- In process: what a process makes of it is in usage_spec.
local commands = require "exotel.cli.commands"
local parser = require "exotel.cli.parser"
local screen = require "exotel.cli.terminal.screen"
local synopsis = require "exotel.cli.synopsis"
local words = require "exotel.cli.words"

-- Every command that runs: { noun, verb (nil where it has none), description, title }
local all = {}
for _, noun in ipairs(commands.list) do
  for _, verb in ipairs(noun.verbs or { false }) do
    all[#all + 1] = { noun = noun, verb = verb or nil, description = verb or noun, title = words.title(noun, verb or nil) }
  end
end

local function assert_has(text, part) assert.truthy(text:find(part, 1, true), part .. " is missing in\n" .. text) end

-- → what the parser makes of the words after the command's name: the description and what was given; or nil and what it
-- says
local function parse(command, given)
  local line = { command.noun.name, command.verb and command.verb.name }
  for _, one in ipairs(given) do line[#line + 1] = one end
  local good, description, args = pcall(parser.parse, commands, line)
  if good then return description, args end
  local text = parser.answer(description)
  return nil, text or description.message, text == nil and description.status or 0
end

local function refuses(command, given, message)
  local got, said, status = parse(command, given)
  assert.is_nil(got, command.title .. " takes " .. table.concat(given, " "))
  assert.same({ message .. "; see " .. command.title .. " --help", 64 }, { said, status })
end

-- Values that the parser takes.
local function value_of(element)
  if element.choices then return element.choices[1] end
  return element.whole and "7" or "x"
end

local function arguments_of(description, extra)
  local given = {}
  for i, argument in ipairs(description.arguments or {}) do given[i] = value_of(argument) end
  for _, option in ipairs(description.options or {}) do
    if option.required then
      given[#given + 1] = words.long(option)
      given[#given + 1] = value_of(option)
    end
  end
  for _, one in ipairs(extra or {}) do given[#given + 1] = one end
  return given
end

local function has_open_end(description)
  local last = (description.arguments or {})[#(description.arguments or {})]
  return last ~= nil and (last.args == "*" or last.args == "+")
end

local function target_of(option) return (words.long(option):gsub("^%-+", ""):gsub("-", "_")) end

describe("every command", function()
  it("takes its arguments, and each of its options", function()
    for _, command in ipairs(all) do
      local description = parse(command, arguments_of(command.description))
      assert.equal(command.description, description, command.title)
      for _, option in ipairs(words.options(commands, command.description)) do
        local is_answered = option == words.help or option == words.version
        if not is_answered and not option.required then
          local value = option.value and value_of(option)
          local _, args = parse(command, arguments_of(command.description, { words.long(option), value }))
          local expected = option.value and (option.whole and 7 or value) or true
          if option.many then expected = { value } end
          assert.same(expected, args[target_of(option)], command.title .. " " .. option.name)
        end
      end
    end
  end)

  it("says of a typo in an option what was meant", function()
    for _, command in ipairs(all) do
      for _, option in ipairs(words.options(commands, command.description)) do
        local name = words.long(option)
        local typo = name .. "x"
        refuses(command, arguments_of(command.description, { typo }), ('unknown option "%s": did you mean %s?'):format(typo, name))
      end
    end
  end)

  it("says which argument is missing, and when there is one too many", function()
    for _, command in ipairs(all) do
      for i, argument in ipairs(command.description.arguments or {}) do
        local is_needed = argument.args ~= "?" and argument.args ~= "*"
        local given = {}
        for j = 1, i - 1 do given[j] = value_of(command.description.arguments[j]) end
        local missing = argument.args == "+" and "argument '%s' requires at least 1 argument" or "missing argument '%s'"
        if is_needed and argument.args == "+" then missing = "missing argument '%s'" end
        if is_needed then refuses(command, given, missing:format(argument.name)) end
      end
      if not has_open_end(command.description) then
        refuses(command, arguments_of(command.description, { "one", "more" }), "too many arguments")
      end
    end
  end)

  it("says what is wrong with an option's value", function()
    for _, command in ipairs(all) do
      for _, option in ipairs(words.options(commands, command.description)) do
        local name, given = words.long(option), arguments_of(command.description)
        local function with(...) return arguments_of({ arguments = command.description.arguments }, { ... }) end
        if option.value then
          refuses(command, with(name), ("option '%s' requires an argument"):format(name))
          if option.choices then
            local choices, typo = table.concat(option.choices, "', '"), option.choices[1] .. "x"
            refuses(command, with(name, typo), ("argument for option '%s' must be one of '%s': did you mean %s?"):format(name,
              choices, option.choices[1]))
          elseif option.whole then
            refuses(command, with(name, "1.5"), '"1.5" is no whole number')
            refuses(command, with(name, ""), '"" is no whole number')
          end
        else
          given[#given + 1] = name .. "=1"
          refuses(command, given, ("option '%s' does not take arguments"):format(name))
        end
        if option.required then refuses(command, with(), ("missing option '%s'"):format(name)) end
      end
    end
  end)

  it("says which value of an argument was meant", function()
    for _, command in ipairs(all) do
      for i, argument in ipairs(command.description.arguments or {}) do
        if argument.choices then
          local given = arguments_of(command.description)
          given[i] = argument.choices[1] .. "x"
          refuses(command, given, ("argument '%s' must be one of '%s': did you mean %s?"):format(argument.name,
            table.concat(argument.choices, "', '"), argument.choices[1]))
        end
      end
    end
  end)
end)

describe("verbs", function()
  it("that list and remove have the other names that people type", function()
    local aliased = {}
    for _, command in ipairs(all) do
      local alias = command.verb and words.alias(command.noun, command.verb)
      if alias then
        local other = { noun = command.noun, verb = { name = alias } }
        local given = arguments_of(command.description)
        assert.equal(command.description, (parse(other, given)), command.title)
        aliased[#aliased + 1] = alias .. ": " .. command.title
      end
    end
    local text = table.concat(aliased, "\n")
    for _, command in ipairs(all) do
      local name = command.verb and command.verb.name
      if name == "list" then assert_has(text, "ls: " .. command.title) end
      if name == "delete" or name == "remove" or name == "unmap" then assert_has(text, "rm: " .. command.title) end
    end
  end)

  it("are found under another noun, and by other words", function()
    local function meant(word, following)
      local noun, verb = words.meant(commands, word, following)
      return noun and words.title(noun, verb)
    end
    for input, expected in pairs {
      trunks = "exotel trunk", TRUNK = "exotel trunk", ["phone-numbers"] = "exotel number", dids = "exotel number", ips = "exotel ip",
      whitelist = "exotel ip", aliases = "exotel alias", ["caller_id"] = "exotel alias", uris = "exotel destination",
      users = "exotel credential", drift = "exotel check", diff = "exotel plan", ["create trunk"] = "exotel trunk create",
      ["add number"] = "exotel number map", ["rm numbers"] = "exotel number unmap", ["show numbers"] = nil,
      ["rotate"] = "exotel credential rotate", ["find +91"] = "exotel number find", ["get trunk"] = "exotel trunk show",
    } do
      assert.equal(expected, meant(input:match("^(%S+) ?(%S*)$")), input)
    end
  end)
end)

local function help_of(command) return select(2, parse(command, { "--help" })) end

-- The column in which texts begin in help.
local TEXT = 26

-- Without line ends, and with one space where several were.
local function joined(text) return (text:gsub("%s+", " ")) end

describe("help", function()
  it("is shown whatever stands behind it, and what is wrong before it is said", function()
    local command = { noun = words.noun(commands, "trunk"), verb = { name = "create" }, title = "exotel trunk create" }
    assert.equal(help_of(command), select(2, parse(command, { "--help", "--bogus", "x" })))
    refuses(command, { "--bogus", "--help" }, 'unknown option "--bogus"')
  end)

  it("tells of each command how it is called, its arguments and options, all the text, and an example", function()
    for _, command in ipairs(all) do
      local help, description = help_of(command), command.description
      local usage = joined(help:match("^(.-)\n\n"))
      local parts, texts = synopsis.parts(description), joined(help:gsub("[^\n]*", function(line) return line:sub(TEXT) end))
      assert.equal(joined(("Usage: %s %s"):format(command.title, table.concat(parts, " "))):gsub(" $", ""), usage)
      for _, list in ipairs { description.arguments or {}, description.options or {}, commands.options } do
        for _, element in ipairs(list) do
          assert_has(help, element.name:match("%-%-%S+") or element.name)
          if list ~= commands.options then assert_has(texts, joined(element.text)) end
        end
      end
      assert_has(help, description.summary:match("^%S+ %S+"))
      if description.more then assert_has(joined(help), joined(description.more)) end
      assert_has(help:match("\nExamples:\n   .*"), command.title)
      for line in help:gsub("\nExamples:.*", ""):gmatch("[^\n]+") do assert.is_true(#line <= screen.width(), line) end
    end
  end)

  it("shows what may be left out, and what may come more than once", function()
    assert.equal("FIELD=COLUMN]...", table.concat(synopsis.parts(words.verb(words.noun(commands, "number"), "import")), " "):match("FIELD=%S+"))
    assert.equal("--mode MODE TRUNK NUMBER", table.concat(synopsis.parts(words.verb(words.noun(commands, "number"), "update")), " "))
    assert.equal("[--all] [--format FORMAT] [TRUNK ...]", table.concat(synopsis.parts(words.noun(commands, "export")), " "))
    assert.equal("FILE ...", synopsis.parts({ arguments = { { name = "FILE", args = "+" } } })[1])
    assert.equal("[TRUNK]", synopsis.parts({ arguments = { { name = "TRUNK", args = "?" } } })[1])
  end)

  it("has a synopsis that the parser takes", function()
    for _, command in ipairs(all) do
      local given = {}
      for _, part in ipairs(synopsis.parts(command.description)) do
        for one in part:gsub("[%[%]]", ""):gsub("%.%.%.", ""):gmatch("%S+") do given[#given + 1] = one end
      end
      for i, one in ipairs(given) do
        for _, list in ipairs { command.description.arguments or {}, command.description.options or {} } do
          for _, element in ipairs(list) do
            local is_value = element.value or not element.name:find("^%-")
            if is_value and one == (element.value or element.name) then given[i] = value_of(element) end
          end
        end
      end
      local choices = {} -- a value that several options have
      for _, option in ipairs(command.description.options or {}) do choices[words.long(option)] = option.value and value_of(option) end
      for i = 2, #given do given[i] = choices[given[i - 1]] or given[i] end
      assert.equal(command.description, (parse(command, given)), command.title .. " " .. table.concat(given, " "))
    end
  end)
end)

describe("the manual page", function()
  it("has every command with the same synopsis as help, and every argument and option", function()
    local page
    require("exotel.cli.commands.man").run { commands = commands, out = { text = function(_, text) page = text end } }
    local plain = page:gsub("\\(.)([BIR]?)", function(letter, font)
      return (letter == "f" or letter == "%") and (letter == "%" and font or "") or letter .. font
    end)
    for _, command in ipairs(all) do
      assert_has(page, ".SS \\fB" .. command.title .. "\\fR\n")
      local parts = synopsis.parts(command.description)
      assert_has(plain, "\n" .. joined(command.title .. " " .. table.concat(parts, " ")):gsub(" $", "") .. "\n")
      for _, list in ipairs { command.description.arguments or {}, words.options(commands, command.description) } do
        for _, element in ipairs(list) do
          assert_has(plain, "\n.TP\n" .. element.name:gsub(" ", ", "))
          assert_has(plain, element.text)
        end
      end
    end
    for _, line in ipairs { "\n.SH ACCOUNT\n", "\n.SH EXIT STATUS\n", "\n.SH INTERRUPTION\n" } do assert_has(page, line) end
    for line in page:gmatch("[^\n]+") do assert.is_nil(line:find("^'"), line) end
  end)
end)
