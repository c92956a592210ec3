--- A specification and what the service holds, each as text that says all that matters: equal texts, equal state.
local provision = require "exotel.provision"
local resources = require "exotel.resources"

local desired = {}

local function sorted(list)
  table.sort(list)
  return table.concat(list, "\n")
end

local function add(lines, kind, ...)
  lines[#lines + 1] = table.concat({ kind, ... }, " ")
end

local function table_of(entry, key) return type(entry) == "table" and entry or { [key] = entry } end

--- What a specification asks for, one line a thing.
function desired.wanted(spec)
  local lines = {}
  add(lines, "trunk", spec.trunk_name, spec.domain_name or "sandbox1.pstn.exotel.com")
  for _, entry in ipairs(spec.phone_numbers or {}) do
    local number = table_of(entry, "phone_number")
    add(lines, "number", number.phone_number, number.mode or "pstn")
  end
  for _, entry in ipairs(spec.whitelisted_ips or {}) do
    local ip = table_of(entry, "ip")
    add(lines, "ip", ip.ip, ip.mask or 32)
  end
  for _, entry in ipairs(spec.destinations or {}) do
    add(lines, "destination", resources.canonical_destination(table_of(entry, "destination").destination))
  end
  for name, value in pairs(spec.settings or {}) do add(lines, "setting", name, value) end
  if spec.alias then add(lines, "setting", "trunk_external_alias", spec.alias) end
  return sorted(lines)
end

--- What a sandbox holds in all, one line a thing: a second one of anything is a second line.
function desired.held(state)
  local lines = {}
  for _, trunk in ipairs(state.trunks) do
    add(lines, "trunk", trunk.trunk_name, trunk.domain_name)
    for _, number in ipairs(trunk.numbers) do add(lines, "number", number.phone_number, number.mode or "pstn") end
    for _, ip in ipairs(trunk.ips) do add(lines, "ip", ip.ip, ip.mask) end
    for _, item in ipairs(trunk.destinations) do add(lines, "destination", resources.canonical_destination(item.destination)) end
    for _, setting in ipairs(trunk.settings) do add(lines, "setting", setting.name, setting.value) end
  end
  return sorted(lines)
end

local words = { phone_number = "number", whitelisted_ip = "ip", destination = "destination", setting = "setting" }

local function line_of(change)
  if change.resource == "phone_number" then return ("number %s %s"):format(change.key, (change.to or change.from).mode) end
  if change.resource == "whitelisted_ip" then return "ip " .. change.key:gsub("/", " ") end
  if change.resource == "setting" then return ("setting %s %s"):format(change.key, (change.to or change.from).value) end
  return words[change.resource] .. " " .. change.key
end

-- What an outcome says of whether a thing is there; nil: nothing.
local function claim(change)
  local good = change.outcome == "done" or change.outcome == "present"
  if change.outcome == "unknown" or change.outcome == "not_tried" then return nil end
  return good == (change.action ~= "remove")
end

-- How many changes of a report have each line: of several of one thing nobody can tell which one is there.
local function count_lines(report)
  local counts = {}
  for _, change in ipairs(report.changes) do
    local line = change.resource ~= "trunk" and line_of(change)
    if line then counts[line] = (counts[line] or 0) + 1 end
  end
  return counts
end

--- What a report says and the service belies, as text; nil when all of it is true.
function desired.lie(report, state)
  local held, counts = "\n" .. desired.held(state) .. "\n", count_lines(report)
  for _, change in ipairs(report.changes) do
    local line = change.resource ~= "trunk" and line_of(change)
    local claimed = counts[line] == 1 and claim(change)
    if counts[line] == 1 and claimed ~= nil and claimed ~= (held:find("\n" .. line .. "\n", 1, true) ~= nil) then
      return tostring(report) .. "\nbut the service holds\n" .. held
    end
  end
end

--- Raises with all the parts, one a line, unless `good`.
function desired.check(good, ...)
  if good then return end
  local parts = {}
  for i = 1, select("#", ...) do parts[i] = tostring((select(i, ...))) end
  error(table.concat(parts, "\n"), 0)
end

--- Applies a job ({ spec, options }) until it says done; what it reports on the way has to be true, unless something may
-- arrive late. `options`: times (4), late (false). → how often it was applied
function desired.apply_until_done(client, sb, job, name, options)
  options = options or {}
  local report, err, partly
  for i = 1, options.times or 4 do
    report, err, partly = provision.apply(client, job.spec, job.options)
    local lie = not options.late and desired.lie(report or partly, sb:state())
    desired.check(not lie, name, lie)
    if report then return i end
  end
  desired.check(false, name, "never done", err, partly)
end

--- The service holds exactly what a job says, and one more run sends no write.
function desired.assert_settled(client, sb, job, name)
  local held, wanted = desired.held(sb:state()), desired.wanted(job.spec)
  desired.check(held == wanted, name, "the service holds", held, "and should hold", wanted)
  sb:clear_faults()
  sb:reset_requests()
  local report, err = provision.apply(client, job.spec, job.options)
  desired.check(report, name, err)
  for _, request in ipairs(sb:requests()) do desired.check(request.method == "GET", name, "a write when all is done", request.operation) end
  for _, change in ipairs(report.changes) do desired.check(change.outcome == "present", name, report) end
end

return desired
