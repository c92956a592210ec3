--- What a test of exotel.bulk starts from: a sandbox with the trunks "main" and "other", a client, and files.
local assert = require "luassert"
local bulk = require "exotel.bulk"
local files = require "spec.support.bulk"
local world = require "spec.support.world"

local unpack = unpack or table.unpack -- luacheck: compat

local bulk_run = { HEADER = "line,phone_number,trunk_sid,mode,outcome,id,kind,message,original\n" }

local function start(t, client_options, sandbox_options)
  if t.w then t.w:close() end
  t.w = world.new(sandbox_options, client_options or { backoff = 0, rate_limit = false })
  t.sid, t.other = t.w:trunk("main"), t.w:trunk("other")
end

local function map(t, options)
  local all = { results = t.paths.results, trunk_sid = t.sid }
  for name, value in pairs(options or {}) do all[name] = value or nil end
  return bulk.map_numbers(t.w.client, t.paths.csv, all)
end

local function csv(t, ...) files.write(t.paths.csv, table.concat({ ... }, "\n") .. "\n") end

local function numbers(t, count)
  local lines = { "phone_number" }
  for i = 1, count do lines[i + 1] = files.number(i) end
  csv(t, unpack(lines))
end

local function number_of(request) return request.body:match('"phone_number":"([^"]+)"') end

local function sent(t)
  local list = {}
  for _, request in ipairs(t.w.sb:requests()) do
    if request.operation == "map_phone_number" then list[#list + 1] = number_of(request) end
  end
  table.sort(list)
  return list
end

local function outcomes(t)
  local results, held = files.results(t.paths.results), files.held(t.w.sb:state())
  for _, result in pairs(results) do assert.is_nil(files.lie(result, held)) end
  return results
end

--- bulk_run.new() → { w, sid and other (the trunks'), paths } with these functions, which take no self:
--   start([client options [, sandbox options]])  begins anew with another client and sandbox
--   map([options])    runs map_numbers for trunk "main"; an option that is false is left out
--   csv(line, …)      makes the CSV of these lines
--   numbers(count)    makes a CSV of as many good rows
--   sent()            → the numbers that were sent, in order
--   outcomes()        → the results by line, after checking that each is true of the sandbox
function bulk_run.new()
  local t = { paths = files.new() }
  for name, f in pairs { start = start, map = map, csv = csv, numbers = numbers, sent = sent, outcomes = outcomes } do
    t[name] = function(...) return f(t, ...) end
  end
  t.start()
  return t
end

--- Stops it all; for after_each.
function bulk_run.close(t)
  t.w:close()
  files.remove(t.paths)
end

--- The summary has these counts, and no others but 0.
function bulk_run.assert_summary(expected, summary)
  local all = { done = 0, present = 0, failed = 0, unknown = 0, not_tried = 0 }
  for name, count in pairs(expected) do all[name] = count end
  all.total = all.done + all.present + all.failed + all.unknown + all.not_tried
  local counts = {}
  for name in pairs(all) do counts[name] = summary[name] end
  assert.same(all, counts)
end

return bulk_run
