--- Plans as text: JSON, without passwords.
local json = require "exotel.json"
local writer = require "exotel.provision.spec.writer"

local M = {}

local FORMAT = 1

-- Writing -------------------------------------------------------------------------------------------------------------

local function specifications_of(content)
  if content.specifications then return content.specifications end
  local list = json.array {}
  for i, desired in ipairs(content.desired_trunks) do list[i] = writer.plain(desired) end
  return list
end

local function document(plan, content)
  local options = content.options
  return {
    exotel_plan = FORMAT, account = content.account, specifications = specifications_of(content),
    options = {
      prune = options.prune, allow = json.array(options.allow), rotate = json.array(options.rotate),
    },
    trunks = json.array(plan.trunks), changes = json.array(plan.changes), refused = json.array(plan.refused),
    kept = json.array(plan.kept), extras = json.array(plan.extras),
  }
end

--- plan_file.write(plan, content) → text, or nil, message. `content`: its specifications or desired_trunks, options and
-- account.
function M.write(plan, content)
  local good, result = pcall(json.encode, document(plan, content), { indent = 2 })
  if not good then return nil, result end
  return result .. "\n"
end

-- Reading: nothing is taken for granted -------------------------------------------------------------------------------

local function is_list(list, is_item)
  if type(list) ~= "table" then return false end
  for _, item in ipairs(list) do
    if not is_item(item) then return false end
  end
  return true
end

local function is_string(value) return type(value) == "string" end

local function has_strings(...)
  local names = { ... }
  return function(value)
    for _, name in ipairs(names) do
      if type(value) ~= "table" or type(value[name]) ~= "string" then return false end
    end
    return true
  end
end

local has_names = has_strings("action", "resource", "key", "trunk_name")

local function is_change(change)
  if not has_names(change) then return false end
  for _, name in ipairs { "from", "to" } do
    local lacks = change[name] == nil and change.action ~= "update"
    if not lacks and type(change[name]) ~= "table" then return false end
  end
  return true
end

local function is_document(read)
  local options = type(read) == "table" and read.options
  return type(options) == "table" and is_list(options.allow, is_string) and is_list(options.rotate, is_string)
    and type(read.account) == "string" and type(read.specifications) == "table" and is_list(read.changes, is_change)
    and is_list(read.trunks, has_strings("trunk_name"))
    and is_list(read.refused, has_strings("rule", "trunk_name", "message"))
    and is_list(read.kept, has_strings("trunk_name", "resource", "key", "needed_by"))
    and is_list(read.extras, has_strings("trunk_name", "resource", "key"))
end

--- plan_file.read(text) → what plan_file.write took of a plan, and its content; or nil, message.
function M.read(text)
  local read, message = json.decode(text)
  if message then return nil, "no saved plan: " .. message end
  local format = type(read) == "table" and read.exotel_plan
  if format and format ~= FORMAT then
    return nil, "the plan was saved by another version of this library: plan again"
  end
  if not format or not is_document(read) then return nil, "no saved plan" end
  local options = { prune = read.options.prune == true, allow = read.options.allow, rotate = read.options.rotate }
  return read, { specifications = read.specifications, options = options, account = read.account }
end

return M
