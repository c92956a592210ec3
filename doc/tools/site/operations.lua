--- The pages of the operations, one for each resource: requests and arguments from the core's table, answers and errors
-- as the sandbox gives them, examples from doc/tools/operation_examples.lua.
local core = require "exotel.core"
local examples = require "doc.tools.operation_examples"
local json = require "exotel.json"
local sandbox = require "exotel.sandbox"
local text = require "doc.tools.site.text"

local M = {}

local RESOURCES = {
  { part = "trunks", title = "Trunks", answer = "Trunk" },
  { part = "phone-numbers", title = "Phone numbers", answer = "PhoneNumber" },
  { part = "whitelisted-ips", title = "Whitelisted IPs", answer = "WhitelistedIp" },
  { part = "destination-uris", title = "Destination URIs", answer = "Destination" },
  { part = "settings", title = "Settings and the caller ID", answer = "Setting" },
  { part = "credentials", title = "Credentials", answer = "Credential" },
  { part = "trunk-maps", title = "Trunk maps", answer = "TrunkMap" },
}

local SOURCES = { S = "the vendor's reference (S)", V = "the vendor's samples (V); its reference does not have it" }

local REPEATS = {
  [true] = "Repeated after a failure that may pass: doing it twice is as doing it once.",
  [false] = "Repeated only when it certainly had no effect.",
}

local ANSWERS = {
  item = "an object of the type", list = "one page, an array of the type",
  batch = "an array, in the order sent, of the type",
}

-- The last part of the path that is not an argument.
local function resource_of(operation)
  local resource
  for part in operation.path:gmatch("[^/]+") do
    if not part:find("{", 1, true) then resource = part end
  end
  return resource
end

--- Where an operation is on the site, as page and anchor, or nil for what is none.
function M.place(name)
  for _, operation in ipairs(core.operations) do
    if operation.name == name then return ("reference/operations/%s.html#%s"):format(resource_of(operation), name) end
  end
end

local function argument_rows(parameters, prefix, rows)
  for _, parameter in ipairs(parameters) do
    local notes = {}
    if parameter.rule then notes[1] = text.code(parameter.rule) end
    if parameter.default then notes[#notes + 1] = "default " .. text.code(tostring(parameter.default)) end
    if parameter.secret then notes[#notes + 1] = "never shown in an error or a log" end
    if parameter.fields then notes[#notes + 1] = "at least one of these" end
    local name, required = text.code(prefix .. parameter.name), parameter.required and "yes" or ""
    rows[#rows + 1] = { name, required, text.cell(table.concat(notes, "; ")) }
    if parameter.fields then argument_rows(parameter.fields, prefix .. parameter.name .. "[].", rows) end
  end
  return rows
end

local function error_rows(example)
  local rows = {}
  for i, failure in ipairs(example.fails or {}) do
    rows[i] = { text.code(failure.kind), tostring(failure.code), text.cell(failure.when) }
  end
  return rows
end

-- Each example on a sandbox of its own, whose ids and dates follow from its options: the pages are the same each time.
local function answer_of(example)
  local sb = assert(sandbox.start { seed = 1, clock = "manual" })
  local client = assert(sb:client())
  local sid, items = examples.prepare(client)
  local answer = examples.run(example.lua, client, sid, items)
  client:close()
  sb:stop()
  return answer
end

local function add_errors(page, example)
  page:add("\n**Errors**, beside [those of every operation](index.md#errors-of-every-operation):\n")
  local rows = error_rows(example)
  if #rows == 0 then page:add("none.\n") else page:table({ "kind", "code", "when" }, rows) end
end

local function add_operation(page, operation, resource)
  local example = examples.operations[operation.name]
  page:add("\n## %s\n", operation.name)
  page:add("%s %s\n", operation.summary, example.text or "")
  page:code("text", operation.method .. " /v2/accounts/<account_sid>" .. operation.path)
  page:table({ "argument", "required", "form" }, argument_rows(operation.parameters, "", {}))
  if operation.needs_change then page:add("At least one of the fields that change something has to be given.\n") end
  page:add("%s Known from %s.\n", REPEATS[operation.repeatable], SOURCES[operation.source])
  page:add("\n**In Lua**")
  page:code("lua", example.lua)
  page:add("\n**In the shell**")
  page:code("sh", example.command)
  page:add("\n**Answer**: `data` is %s [%s](answers.md#%s), as", ANSWERS[operation.answer], resource.answer,
    resource.answer:lower())
  page:code("json", json.encode(answer_of(example), { indent = 2 }))
  add_errors(page, example)
end

local function page_of(resource)
  local page = text.page(resource.title)
  page:add("The examples are about a trunk that has one of each. In Lua `client` is a "
    .. "[client](../../guides/client-options.md), `sid` (in the shell `$SID`) the trunk's trunk_sid, and `number`, "
    .. "`ip`, `destination` and `credential` are what is on it.\n")
  for _, operation in ipairs(core.operations) do
    if resource_of(operation) == resource.part then add_operation(page, operation, resource) end
  end
  return page:text()
end

local COMMON = {
  { "`invalid_argument`", "", "an argument is missing, unknown, or breaks its rule: `err.field` names it, and nothing "
    .. "was sent" },
  { "`authentication`", "1010", "key or token are wrong, or belong to another region" },
  { "`permission`", "1003", "the account may not do that" },
  { "`rejected`", "1001, 1002, 1007", "the service refuses a value that passed the check here" },
  { "`rate_limited`", "", "more than 200 requests a minute, and the wait would be too long" },
  { "`server`, `network`, `timeout`, `tls`, `protocol`", "", "no answer, or none that can be trusted: of a write "
    .. "`err.maybe_applied` says whether it may have had effect" },
}

local function overview()
  local page = text.page("Operations")
  page:add("Each is a method of the client, which takes one table, and returns `data, info`, or `nil, err`: "
    .. "[calling operations](../../guides/calling-operations.md).\n")
  local rows = {}
  for _, resource in ipairs(RESOURCES) do
    for _, operation in ipairs(core.operations) do
      if resource_of(operation) == resource.part then
        local link = ("[`%s`](%s.md#%s)"):format(operation.name, resource.part, operation.name)
        rows[#rows + 1] = { link, text.cell(operation.summary), operation.source }
      end
    end
  end
  page:table({ "operation", "", "from" }, rows)
  page:add("\n## Errors of every operation\n")
  page:table({ "kind", "code", "when" }, COMMON)
  page:add("[Handling errors](../../guides/handling-errors.md) says what to do about each kind.\n")
  return page:text()
end

--- Writes them below the folder. → { { title, page } ... }
function M.write(folder)
  local list = { { "Operations", "reference/operations/index.md" } }
  text.write(folder .. "/" .. list[1][2], overview())
  for _, resource in ipairs(RESOURCES) do
    local path = "reference/operations/" .. resource.part .. ".md"
    text.write(folder .. "/" .. path, page_of(resource))
    list[#list + 1] = { resource.title, path }
  end
  return list
end

return M
