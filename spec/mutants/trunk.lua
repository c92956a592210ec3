-- Trunk objects, kinds of resources and ensure: lua/exotel/trunk.lua, lua/exotel/resources.
local ensure = "lua/exotel/resources/ensure.lua"
local copies = "lua/exotel/resources/copies.lua"
local duplicates = "lua/exotel/resources/duplicates.lua"
local compare = "lua/exotel/resources/compare.lua"
local ipv4 = "lua/exotel/resources/ipv4.lua"
local items = "lua/exotel/resources/items.lua"
local password = "lua/exotel/resources/password.lua"
local number = "lua/exotel/resources/phone_number.lua"
local ip = "lua/exotel/resources/whitelisted_ip.lua"
local destination = "lua/exotel/resources/destination.lua"
local setting = "lua/exotel/resources/setting.lua"
local validation = "lua/exotel/resources/validation.lua"
local values = "lua/exotel/resources/values.lua"
local ignored = "lua/exotel/resources/ignored.lua"
local trunk = "lua/exotel/trunk.lua"
local needs = "lua/exotel/resources/needs.lua"

return {
  { file = ipv4, as_is = "local size = 2 ^ (32 - mask)", wrong = "local size = 2 ^ (31 - mask)", why = "an IP that a destination needs is pruned" },
  { file = ipv4, as_is = "address = address * 256 + tonumber(part)", wrong = "address = address * 255 + tonumber(part)", why = "other addresses are in a range" },
  { file = copies, as_is = "if #one ~= #other then return #one < #other end", wrong = "", why = "ids are compared as numbers: 9 before 10" },
  { file = copies, as_is = "return one < other\n", wrong = "return one > other\n", why = "the one with the lowest id stays" },
  { file = copies, as_is = 'tostring(id):match("^0*(%d+)$")', wrong = 'tostring(id):match("^(%d+)$")', why = "leading zeros don't count" },
  { file = copies, as_is = "copies[#copies + 1] = is_first and stays or not is_first and one or nil", wrong = "copies[#copies + 1] = not is_first and one or nil", why = "a copy before the one that stays is not removed" },
  { file = compare, as_is = "if source[name] == nil then return false end", wrong = "", why = "an entry without what names it" },
  { file = compare, as_is = "if fields[name] ~= nil and fields[name] ~= found[name] then", wrong = "if fields[name] ~= found[name] then", why = "a field that is not given is left as it is" },
  { file = duplicates, as_is = "until not existing or shows_all(kind, existing, added) or not wait:pause()", wrong = "until true", why = "reads may lag behind" },
  { file = duplicates, as_is = "if is_missing and copies.is_before(stays, added) then", wrong = "if false then", why = "the copy that was just made stays where the list doesn't show it" },
  { file = ensure, as_is = "local REPEATS = 2", wrong = "local REPEATS = 20", why = "a write is sent without end" },
  { file = ensure, as_is = "if not needs_reading(info) then return true, nil, info end", wrong = "", why = "a refusal is read back" },
  { file = ensure, as_is = "doubt.lost = doubt.lost or info.maybe_applied", wrong = "doubt.lost = info.maybe_applied", why = "the first write may still take effect" },
  { file = ensure, as_is = "if decided or sendings > REPEATS or not wait:has_time() then", wrong = "if decided or sendings > REPEATS then", why = "never past the deadline" },
  { file = ensure, as_is = "  wait:restart()\n  return look_for", wrong = "  return look_for", why = "the second write is not looked for" },
  { file = ensure, as_is = 'if not wait:pause() then return err.kind == "conflict", nil, err end', wrong = "if not wait:pause() then return true, nil, err end", why = "what proves not to be there is sent again" },
  { file = ensure, as_is = "if engine.closed(wait.client) then return true, nil, err end", wrong = "", why = "somebody closes the client meanwhile" },
  { file = ensure, as_is = 'local asked = err.kind ~= "conflict" or not action.elsewhere', wrong = "local asked = true", why = "a number on another trunk is named" },
  { file = ensure, as_is = "if stays.id ~= data.id then info.adopted = true end", wrong = "", why = "somebody else's copy stays" },
  { file = ensure, as_is = "if existing then return judge(action, existing) end\n  local data", wrong = "local data", why = "a destination that is there is added again" },
  { file = ensure, as_is = "remove_all(client, kind, trunk_sid, others, info, wait)\n  if", wrong = "if", why = "copies stay" },
  { file = ensure, as_is = "difference then return nil, conflict(action.operation, difference, err) end", wrong = "difference and false then return nil, conflict(action.operation, difference, err) end", why = "what exists differently is a conflict" },
  { file = items, as_is = 'if items.by_key[key] then validation.raise(path, "stands in the specification twice: " .. key) end', wrong = "", why = "an item twice in a specification" },
  { file = items, as_is = 'if as_is ~= nil and as_is ~= true then validation.raise(path .. ".as_is", "must be true, or left out") end', wrong = "", why = "as_is = false passes for true" },
  { file = items, as_is = 'if fields.trunk_sid ~= nil then validation.raise(path .. ".trunk_sid", "is an unknown argument") end', wrong = "", why = "an entry for another trunk" },
  { file = password, as_is = 'if entry.password ~= nil then validation.raise(path .. ".password_env", "and password exclude each other") end', wrong = "", why = "one of two passwords" },
  { file = password, as_is = "  result.password = nil\n  return result", wrong = "  return result", why = "a saved plan holds no secret" },
  { file = password, as_is = 'if value == nil or value == "" then return', wrong = "if value == nil then return", why = "a variable that is empty" },
  { file = password, as_is = "if not good then return nil, config(item, message) end", wrong = "", why = "a password that breaks the rule" },
  { file = number, as_is = "if map.trunk_sid and map.trunk_sid ~= trunk_sid then return map.trunk_sid end", wrong = "if map.trunk_sid then return map.trunk_sid end", why = "this trunk is told as another one" },
  { file = number, as_is = 'mode = values.text(source.mode) or "pstn" }', wrong = "mode = values.text(source.mode) }", why = "a mode that was never set behaves as pstn" },
  { file = ip, as_is = "mask = values.number(source.mask) or 32 }", wrong = "mask = values.number(source.mask) or 24 }", why = "an address alone" },
  { file = ip, as_is = "return fields.ip .. \"/\" .. fields.mask end", wrong = "return fields.ip end", why = "the same address with two masks" },
  { file = ip, as_is = "return existing.mask == nil or tonumber(existing.mask) ~= nil end", wrong = "return true end", why = "a mask that can't be read" },
  { file = destination, as_is = 'transport == "tls" and "5061" or "5060"', wrong = 'transport == "tls" and "5060" or "5060"', why = "the port of SIP over TLS" },
  { file = destination, as_is = 'or "udp"\n', wrong = 'or "tcp"\n', why = "a destination without parameters is one over UDP" },
  { file = destination, as_is = "host:lower(), port, transport)", wrong = "host, port, transport)", why = "the host comes in other letters" },
  { file = destination, as_is = "  appends = true,\n", wrong = "", why = "the service takes a destination twice" },
  { file = destination, as_is = "return items.check(client, self.update, levels, path) or err", wrong = "return err", why = "a priority that breaks the rule" },
  { file = setting, as_is = "if by_name[ALIAS] and by_name[ALIAS] ~= spec.alias then", wrong = "if false then", why = "alias and settings that contradict each other" },
  { file = setting, as_is = "  table.sort(names)\n", wrong = "", why = "an order that is the same each time" },
  { file = validation, as_is = "if not by_value then error(err, 0) end", wrong = "", why = "a name that is wrong is not left to the service" },
  { file = validation, as_is = "or index < 1 or index > #value then", wrong = "then", why = "a list with holes",
    equivalent = "the count that follows finds the same" },
  { file = validation, as_is = "if value ~= core.null then copy[name] = value end", wrong = "copy[name] = value", why = "null is as if not given" },
  { file = values, as_is = "math.abs(number) >= 2 ^ 53", wrong = "math.abs(number) >= 2 ^ 5300", why = "a number that no integer holds" },
  { file = ignored, as_is = "is_plain(value) and tostring(value) ~= tostring(sent[name])", wrong = "tostring(value) ~= tostring(sent[name])", why = "a field that is not answered is no other value" },
  { file = ignored, as_is = "if source[name] == nil then source[name] = sent[name] end", wrong = "", why = "an answer without what names it" },
  { file = "lua/exotel/resources/kinds.lua", as_is = "M.all = { whitelisted_ip, credential, phone_number, setting, destination }", wrong = "M.all = { destination, credential, phone_number, setting, whitelisted_ip }", why = "IPs go before destinations" },
  { file = "lua/exotel/resources/kinds.lua", as_is = "M.as_written = { phone_number, whitelisted_ip, destination, setting, credential }", wrong = "M.as_written = { whitelisted_ip, phone_number, destination, setting, credential }", why = "the order in which files are written" },
  { file = "lua/exotel/resources/credential.lua", as_is = "password = step.rotates and password.of(item) or nil,", wrong = "password = password.of(item),", why = "a password is set again with every update" },
  { file = trunk, as_is = 'if type(trunk_sid) ~= "string" or trunk_sid == "" then error("trunk.attach', wrong = 'if type(trunk_sid) ~= "string" then error("trunk.attach', why = "a trunk without a sid" },
  { file = trunk, as_is = "  others.ensure = nil\n", wrong = "", why = "an option that the call doesn't know" },
  { file = trunk, as_is = "  return take_fields(self, data), info", wrong = "  return self, info", why = "an updated trunk carries its new fields" },
  { file = trunk, as_is = "if desired ~= nil and data[name] ~= desired then", wrong = "if false then", why = "a trunk that exists with another nso_code" },
  { file = trunk, as_is = 'setmetatable({}, { __mode = "k" })', wrong = "{}", why = "trunks are never collected" },
  { file = trunk, as_is = "  table.sort(list, function(a, b) return tostring(a.name) < tostring(b.name) end)\n", wrong = "", why = "a batch in the same order each time" },
  { file = ensure, as_is = "if data == nil and doubt.lost then info.maybe_applied = true end", wrong = "", why = "a doubt is forgotten" },
  { file = ensure, as_is = "if look_err then return true, nil, err end", wrong = "if look_err then return true, nil, look_err end", why = "the write's error is told, not the reading's" },
  { file = ensure, as_is = "if not engine.check(client, kind.add, arguments_of(kind, trunk_sid, fields), options) then", wrong = "if false then", why = "arguments that are wrong are refused before anything is read" },
  { file = ensure, as_is = "    warn(info, \"the service's list doesn't show it yet (id %s)\", tostring(data.id))\n", wrong = "", why = "what the list never shows is warned of" },
  { file = ensure, as_is = "if existing then return true, judge(action, existing, err) end", wrong = "if existing then return true, adopted(existing, err) end", why = "what exists differently is a conflict" },
  { file = ensure, as_is = "asked = true\n", wrong = "", why = "where a number is, is asked for once" },
  { file = copies, as_is = "return one ~= nil or (other == nil and tostring(a.id) < tostring(b.id))", wrong = "return tostring(a.id) < tostring(b.id)", why = "ids that are numbers come before all others" },
  { file = destination, as_is = 'text:gsub("^[sS][iI][pP]:", "")', wrong = 'text:gsub("^sip:", "")', why = "SIP: in capitals" },
  { file = destination, as_is = 'if not host or not (rest == "" or rest:find("^;")) then return bare end', wrong = "if not host then return bare end", why = "what is no host and port stays as it is" },
  { file = setting, as_is = 'required = { "name", "value" }', wrong = 'required = { "name" }', why = "a setting without a value is not set" },
  { file = ip, as_is = "return fields.mask == 32 and fields.ip or", wrong = "return", why = "an address alone is written as a string" },
  { file = number, as_is = 'return fields.mode == "pstn" and fields.phone_number or fields', wrong = "return fields", why = "a number without a mode is written as a string" },
  { file = needs, as_is = "if not need or is_met(needs, need, desired[needs.kind.name], fields_of_item) then return false end", wrong = "if not need then return false end", why = "an IP that the specification has is enough" },
  { file = trunk, as_is = "local others = take_fields({}, options)\n", wrong = "local others = options\n", why = "the options stay as they were" },
  { file = trunk, as_is = "local arguments = take_fields({}, fields)\n  local data", wrong = "local arguments = fields\n  local data", why = "the fields stay as they were" },
  { file = trunk, as_is = 'return call(self, "create_credential", take_fields({}, fields))', wrong = 'return call(self, "create_credential", fields)', why = "the fields stay as they were" },
  { file = trunk, as_is = "if fits(data) then return data end", wrong = "if fits(data) and next_page() ~= false then return data end", why = "a list is read no further than to what is sought" },
  { file = trunk, as_is = "all[i] = new(client, data)", wrong = "all[i] = data", why = "each of a list is a trunk" },
  { file = trunk, as_is = 'type(options.ensure) ~= "boolean"', wrong = "false", why = 'ensure = "no"' },
}
