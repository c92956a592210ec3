-- The stand-in for the service: lua/exotel/sandbox.
local rules = "lua/exotel/sandbox/rules.lua"
local paging = "lua/exotel/sandbox/paging.lua"
local limiter = "lua/exotel/sandbox/rate_limiter.lua"
local problem = "lua/exotel/sandbox/problem.lua"
local service = "lua/exotel/sandbox/service.lua"
local routes = "lua/exotel/sandbox/routes.lua"
local put = "lua/exotel/sandbox/put.lua"
local json = "lua/exotel/sandbox/json.lua"
local faults = "lua/exotel/sandbox/faults.lua"
local envelope = "lua/exotel/sandbox/envelope.lua"
local history = "lua/exotel/sandbox/history.lua"
local late = "lua/exotel/sandbox/late.lua"
local ids = "lua/exotel/sandbox/ids.lua"
local handler = "lua/exotel/sandbox/handler.lua"
local collection = "lua/exotel/sandbox/collection.lua"
local index = "lua/exotel/sandbox/number_index.lua"
local options = "lua/exotel/sandbox/options.lua"
local trunk = "lua/exotel/sandbox/trunk.lua"
local operations = "lua/exotel/sandbox/operations/"

return {
  { file = rules, as_is = 'word("TrunkName", 16)', wrong = 'word("TrunkName", 17)', why = "17 characters" },
  { file = rules, as_is = 'integer("Mask", 16, 32)', wrong = 'integer("Mask", 8, 32)', why = "a mask of 8" },
  { file = rules, as_is = "#digits >= 7 and #digits <= 15", wrong = "#digits >= 7 and #digits <= 16", why = "16 digits" },
  { file = rules, as_is = "tonumber(part) > 255 or part:find(\"^0%d\")", wrong = "tonumber(part) > 255", why = "a leading zero" },
  { file = rules, as_is = "tonumber(port) > 65535 then", wrong = "tonumber(port) > 65536 then", why = "the port 65536" },
  { file = rules, as_is = 'if #values[name] == 0 then return nil, problem.new(1001, title .. " is empty") end', wrong = "", why = "a batch of nothing" },
  { file = rules, as_is = "if next(values) == nil then", wrong = "if false then", why = "an update of nothing" },
  { file = rules, as_is = 'return kind == "number" and value == math.floor(value) end', wrong = 'return kind == "number" end', why = "half a mask" },
  { file = paging, as_is = "local more = offset + size < #items", wrong = "local more = offset + size <= #items", why = "a next page that is empty" },
  { file = paging, as_is = "math.max(1, #items - offset - size + 1)", wrong = "math.max(1, #items - offset - size)", why = "an entry too much" },
  { file = paging, as_is = 'read_count(query, "page_size", "PageSize", 1, default_size)', wrong = 'read_count(query, "page_size", "PageSize", 0, default_size)', why = "a page of nothing" },
  { file = limiter, as_is = "local WINDOW = 60", wrong = "local WINDOW = 59", why = "the window" },
  { file = limiter, as_is = "limiter.times[limiter.first] <= now - WINDOW do", wrong = "limiter.times[limiter.first] < now - WINDOW - 1 do", why = "the window's end" },
  { file = limiter, as_is = "if limiter.last - limiter.first + 1 < limiter.limit then", wrong = "if limiter.last - limiter.first + 1 <= limiter.limit then", why = "one more than the limit" },
  { file = limiter, as_is = 'headers[#headers + 1] = { "Retry-After",', wrong = 'headers[#headers + 1] = { "X-Retry-After",', why = "Retry-After" },
  { file = problem, as_is = "[1003] = { status = 403,", wrong = "[1003] = { status = 401,", why = "S: 1003 is a 403" },
  { file = problem, as_is = '[1008] = { status = 409,', wrong = '[1008] = { status = 400,', why = "S: 1008 is a duplicate" },
  { file = envelope, as_is = "return problem.code == 1008 and 200 or problem.status", wrong = "return problem.status", why = "S: a duplicate comes in an HTTP 200" },
  { file = envelope, as_is = "failed > 0 and 207 or 200", wrong = "200", why = "S: 207 where some failed" },
  { file = envelope, as_is = "batch.of_settings and COUNTS_OF_SETTINGS or COUNTS", wrong = "COUNTS", why = "S: settings have no count of failures" },
  { file = service, as_is = "if arguments.account_sid ~= state.account_sid then return problem.new(1003) end", wrong = "", why = "another account" },
  { file = service, as_is = 'credentials == state.authorization', wrong = 'credentials ~= ""', why = "any token" },
  { file = service, as_is = '~= "application/json" then return problem.new(1011, content_type) end', wrong = '== "text/html" then return problem.new(1011, content_type) end', why = "the type of a body" },
  { file = service, as_is = "  catch_up(state, now)\n  return handle_now", wrong = "  return handle_now", why = "requests that come late" },
  { file = service, as_is = 'if state.history and request.method == "GET" then', wrong = "if false then", why = "reads that lag behind" },
  { file = service, as_is = 'if request.method ~= "GET" then remember(state, now) end', wrong = "", why = "reads that lag behind" },
  { file = service, as_is = "  if status == 204 then body = \"\" end\n", wrong = "", why = "a 204 has no body",
    equivalent = "libmicrohttpd sends no body with a 204; only an old one might" },
  { file = routes, as_is = 'if segments[i] == "" then return nil end', wrong = "", why = "an empty segment" },
  { file = routes, as_is = 'split((path:gsub("%.json$", "")))', wrong = "split(path)", why = "paths that end in .json" },
  { file = routes, as_is = "if values[name] == nil then values[name] = value end", wrong = "values[name] = value", why = "the first of two" },
  { file = put, as_is = "if not list.fields[name] then fail", wrong = "if false then fail", why = "a field that there is not" },
  { file = put, as_is = 'if read[list] then fail("%s is there under two names", name) end', wrong = "", why = "one list under two names" },
  { file = put, as_is = "trunk.add(state, made, replaced and trunk.remove(state, replaced))", wrong = "trunk.add(state, made)", why = "a trunk that is put again replaces the other" },
  { file = put, as_is = "if object[list.key] == nil then fail", wrong = "if false then fail", why = "an entry without its name" },
  { file = json, as_is = "local MAX_DEPTH = 100", wrong = "local MAX_DEPTH = 1000000", why = "a body that is nested without end" },
  { file = json, as_is = 'if position <= #text then fail("invalid character after the value", position) end', wrong = "", why = "more follows the value" },
  { file = json, as_is = "if high < 0xD800 or high > 0xDFFF then", wrong = "if true then", why = "a surrogate" },
  { file = json, as_is = 'fail("control character in a string", stop)', wrong = "parts[#parts + 1], position = letter, stop + 1", why = "a control character" },
  { file = json, as_is = "if text:find('[%c\"\\\\]') then text =", wrong = "if false then text =", why = "an answer that is no JSON" },
  { file = faults, as_is = "if fault.times < 1 then table.remove(list, index) end", wrong = "table.remove(list, index)", why = "a fault that comes several times" },
  { file = faults, as_is = "    fault.skip = fault.skip - 1\n", wrong = "", why = "a fault that comes later" },
  { file = faults, as_is = 'if #targets ~= 1 then fail', wrong = "if #targets < 1 then fail", why = "before, after or on" },
  { file = faults, as_is = 'if FRAMING[name:lower()] then fail', wrong = "if false then fail", why = "Content-Length is the server's" },
  { file = history, as_is = "past[2] and clock.has_come(past[2].time + past.lag, now)", wrong = "past[2] and clock.has_come(past[2].time, now)", why = "reads that lag behind" },
  { file = history, as_is = "if last.time < now then", wrong = "if true then", why = "two writes at one time",
    equivalent = "of two states of one time the earlier is forgotten as soon as it would be read" },
  { file = late, as_is = "while index > 1 and queue[index - 1].due > due do", wrong = "while false do", why = "late requests in the order of their time" },
  { file = ids, as_is = "counters[kind] = math.max(counters[kind], number)", wrong = "", why = "an id that was put is given again" },
  { file = ids, as_is = 'return "trmum1" .. hex(18) .. "1a1n"', wrong = 'return "trmum1" .. hex(17) .. "1a1n"', why = "S: the length of a sid" },
  { file = handler, as_is = "if timepiece.is_moved then date(reply, now) end", wrong = "", why = "the Date of a clock that was moved" },
  { file = operations .. "trunks.lua", as_is = "refusal = refusal or check_name(state, values.trunk_name)\n", wrong = "", why = "S: the name is unique in the account" },
  { file = operations .. "trunks.lua", as_is = "check_name(state, values.trunk_name, call.trunk.fields)", wrong = "check_name(state, values.trunk_name)", why = "a trunk that keeps its name" },
  { file = operations .. "trunks.lua", as_is = "for _, credential in ipairs(deleted.credentials) do orphaned[#orphaned + 1] = credential end", wrong = "local _ = orphaned", why = "credentials of a trunk that was deleted" },
  { file = operations .. "trunks.lua", as_is = "local found = sid and only(state, sid) or state.trunks", wrong = "local found = state.trunks", why = "one trunk by its sid" },
  { file = operations .. "trunks.lua", as_is = "if is_any_ignored then return rules.read(body, {}, heeded) end", wrong = "", why = "an update of ignored fields only" },
  { file = operations .. "phone_numbers.lua", as_is = "if state.owned and not state.owned[number] then return problem.new(1000) end", wrong = "", why = "a number that isn't the account's" },
  { file = operations .. "phone_numbers.lua", as_is = "if number_index.find(state.mapped, number) then", wrong = "if false then", why = "V: a number is mapped once, also to another trunk" },
  { file = operations .. "phone_numbers.lua", as_is = "if values and values.phone_number ~= number.phone_number then", wrong = "if false then", why = "S: the number is the one that has the id" },
  { file = operations .. "phone_numbers.lua", as_is = "  number_index.remove(state.mapped, number)\n", wrong = "", why = "a number that was taken off may be mapped again" },
  { file = operations .. "phone_numbers.lua", as_is = "if not trunk_sid or number.trunk_sid == trunk_sid then", wrong = "if true then", why = "maps of one trunk only" },
  { file = operations .. "phone_numbers.lua", as_is = "if not rules.is_e164(exophone) then", wrong = "if false then", why = "a look-up of what is no number" },
  { file = operations .. "destinations.lua", as_is = "if address and not is_whitelisted(trunk, address) then", wrong = "if false then", why = "an IP is whitelisted first" },
  { file = operations .. "destinations.lua", as_is = "2 ^ (32 - entry.mask)", wrong = "2 ^ 0", why = "an IP in a network that is whitelisted" },
  { file = operations .. "destinations.lua", as_is = 'destination = "sip:" .. text', wrong = "destination = text", why = "S: sip: comes before what was sent" },
  { file = operations .. "settings.lua", as_is = "if not setting then\n", wrong = "if true then\n", why = "S: one of each name" },
  { file = operations .. "settings.lua", as_is = 'if name == "" then return "problem", problem.new(1001, "Name is mandatory") end', wrong = "", why = "a removal of nothing" },
  { file = operations .. "whitelisted_ips.lua", as_is = "refusal = refusal or check_new(call.trunk, values.ip, mask)\n", wrong = "", why = "V: one ip and mask once" },
  { file = operations .. "whitelisted_ips.lua", as_is = "values.mask or entry.mask, entry)", wrong = "values.mask or entry.mask)", why = "an IP that is set to what it is" },
  { file = operations .. "whitelisted_ips.lua", as_is = "values.ip, values.mask or entry.mask", wrong = "values.ip, values.mask or 32", why = "a mask left out stays as it was" },
  { file = operations .. "credentials.lua", as_is = "refusal = refusal or check_user(call.trunk, values.user_name)\n", wrong = "", why = "one of each user name" },
  { file = operations .. "credentials.lua", as_is = "check_user(call.trunk, values.user_name, credential)", wrong = "check_user(call.trunk, values.user_name)", why = "a credential that keeps its name" },
  { file = operations .. "credentials.lua", as_is = "local found = id and only(call.trunk, id) or call.trunk.credentials", wrong = "local found = call.trunk.credentials", why = "one credential by its id" },
  { file = collection, as_is = "  object.date_updated = now\n", wrong = "", why = "the date of an update" },
  { file = index, as_is = "if #found == 0 then index[mapping.phone_number] = nil end", wrong = "", why = "a number that is on no trunk any more" },
  { file = trunk, as_is = "for _, mapping in ipairs(removed.numbers) do number_index.remove(state.mapped, mapping) end", wrong = "", why = "S: numbers are deleted with the trunk" },
  { file = trunk, as_is = "return copy_lists(original, { fields = copy(original.fields) })", wrong = "return copy_lists(original, { fields = original.fields })", why = "an earlier state that later updates change" },
  { file = rules, as_is = "or check_mandatory(body, mandatory)\n", wrong = "\n", why = "S: 1001 for what is missing" },
  { file = rules, as_is = "if body[name] ~= json.null then return body[name] end", wrong = "return body[name]", why = "a null counts as not given" },
  { file = rules, as_is = "    local refusal = rules.check_types(item, fields)\n    if refusal then return refusal end\n", wrong = "", why = "one wrong type in a batch fails the whole request" },
  { file = rules, as_is = "count >= 2 and #host <= 253", wrong = "count >= 1 and #host <= 253", why = "a name of one label" },
  { file = rules, as_is = 'not last:find("^%d+$")', wrong = "true", why = "a malformed IP that is taken for a name" },
  { file = rules, as_is = 'integer("Weight", 0, 65535)', wrong = 'integer("Weight", 0, 65536)', why = "65536" },
  { file = options, as_is = "if not rule[2](value) then", wrong = "if false then", why = "an option that is wrong" },
  { file = handler, as_is = "if options.keep_requests then requests", wrong = "if true then requests", why = "requests that are not to be kept" },
  { file = handler, as_is = 'headers[name] and headers[name] .. ", " .. value or value', wrong = "value", why = "a header that came twice" },
}
