--- Plans as text: JSON, without passwords, with a digest of all of it. That guards against accidents, such as an edit
-- or a damaged copy, and not against somebody who means harm: who can change the text can compute the digest, too.
local core = require "exotel.core"
local json = require "exotel.json"
local writer = require "exotel.provision.spec.writer"

local M = {}

local FORMAT = 2
-- Names the algorithm, so that another one can follow.
local DIGEST = "sha256:"

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
    exotel_plan = FORMAT, account = content.account, made_at = content.made_at,
    specifications = specifications_of(content),
    options = {
      prune = options.prune, allow = json.array(options.allow), rotate = json.array(options.rotate),
      only = options.only and json.array(options.only),
    },
    trunks = json.array(plan.trunks), changes = json.array(plan.changes), refused = json.array(plan.refused),
    kept = json.array(plan.kept), extras = json.array(plan.extras), left_out = json.array(plan.left_out),
  }
end

-- The digest of a document as it is read: of what it says, not of how it is indented.
local function digest_of(read)
  local plain = {}
  for name, value in pairs(read) do plain[name] = value end
  plain.digest = nil
  return DIGEST .. core.sha256(json.encode(plain))
end

local function encode(plan, content)
  local text = json.encode(document(plan, content))
  local read, message = json.decode(text)
  if message then error(message, 0) end
  read.digest = digest_of(read)
  return json.encode(read, { indent = 2 }) .. "\n"
end

--- plan_file.write(plan, content) → text, or nil, message. `content`: its specifications or desired_trunks, options and
-- account.
function M.write(plan, content)
  local good, result = pcall(encode, plan, content)
  if not good then return nil, result end
  return result
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

-- What goes with a trunk: lists of keys, by resource.
local function is_contents(contents)
  if contents == nil then return true end
  if type(contents) ~= "table" then return false end
  for _, keys in pairs(contents) do
    if not is_list(keys, is_string) then return false end
  end
  return true
end

local function is_change(change)
  if not (has_names(change) and is_contents(change.contents)) then return false end
  for _, name in ipairs { "from", "to" } do
    local lacks = change[name] == nil and change.action ~= "update"
    if not lacks and type(change[name]) ~= "table" then return false end
  end
  return true
end

local function is_document(read)
  local options = type(read) == "table" and read.options
  return type(options) == "table" and is_list(options.allow, is_string) and is_list(options.rotate, is_string)
    and (options.only == nil or is_list(options.only, is_string)) and is_list(read.left_out, has_strings("trunk_name"))
    and type(read.account) == "string" and type(read.made_at) == "string"
    and type(read.specifications) == "table" and is_list(read.changes, is_change)
    and is_list(read.trunks, has_strings("trunk_name"))
    and is_list(read.refused, has_strings("rule", "trunk_name", "message"))
    and is_list(read.kept, has_strings("trunk_name", "resource", "key", "needed_by"))
    and is_list(read.extras, has_strings("trunk_name", "resource", "key"))
end

local function other_format(format)
  local age = type(format) == "number" and format < FORMAT and "an older" or "another"
  return ("the plan was saved by %s version of this library (format %s, and this one reads %d): plan again"):format(age,
    tostring(format):sub(1, 20), FORMAT)
end

--- plan_file.read(text) → what plan_file.write took of a plan, and its content; or nil, message.
function M.read(text)
  local read, message = json.decode(text)
  if message then return nil, "the text is no saved plan, or was cut short: " .. message end
  local format = type(read) == "table" and read.exotel_plan
  if not format then return nil, "the text is no saved plan" end
  if format ~= FORMAT then return nil, other_format(format) end
  if read.digest ~= digest_of(read) then
    return nil, "the plan was edited or damaged after it was saved (its digest doesn't fit): plan again"
  end
  if not is_document(read) then return nil, "the text is no saved plan" end
  local given = read.options
  local options = { prune = given.prune == true, allow = given.allow, rotate = given.rotate, only = given.only }
  return read, {
    specifications = read.specifications, options = options, account = read.account, made_at = read.made_at,
  }
end

return M
