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
}
