-- The annotations for editors (doc/luals) describe all of the library's public interface, and nothing else.
local annotations = require "spec.support.annotations"
local bulk = require "exotel.bulk"
local child = require "spec.support.child"
local core = require "exotel.core"
local exotel = require "exotel"
local kamailio = require "exotel.kamailio"
local provision = require "exotel.provision"
local sandbox = require "exotel.sandbox"
local trunk = require "exotel.trunk"
local types = require "spec.support.luals_types"
local world = require "spec.support.world"

local found = annotations.read()

local function names(list)
  local sorted = {}
  for name in pairs(list) do sorted[#sorted + 1] = tostring(name) end
  table.sort(sorted)
  return table.concat(sorted, " ")
end

local function fields(class) return annotations.fields(found, class) end

local function public_methods(methods)
  local set = {}
  for name, value in pairs(methods) do
    if type(value) == "function" and not name:find("^__") then set[name] = true end
  end
  return set
end

-- Adds the names of the tables' fields to a set.
local function collect(set, ...)
  for i = 1, select("#", ...) do
    for name in pairs((select(i, ...))) do set[name] = true end
  end
  return set
end

local TYPES = { string = "string", id = "string|integer", integer = "integer" }

local function check_parameters(parameters, class)
  local described, wanted = fields(class), {}
  for _, parameter in ipairs(parameters) do
    local where = class .. "." .. parameter.name
    wanted[parameter.name] = true
    assert(described[parameter.name], where .. " is missing")
    assert.equal(not parameter.required, described[parameter.name].optional, where)
    local type = described[parameter.name].type
    if parameter.fields then
      check_parameters(parameter.fields, type:match("^(.*)%[%]$"))
    elseif parameter.name == "mode" then
      assert.equal('"pstn"|"flow"', type)
    else
      assert.equal(TYPES[parameter.type], type, where)
    end
  end
  assert.equal(names(wanted), names(described), class)
end

local OPTION_TYPES = { seconds = "number", count = "integer", limit = "integer|false", boolean = "boolean", string = "string" }

local function check_option(option, described)
  local type = described.type
  if option.type == "function" then assert.truthy(type:find("^fun%("), option.name)
  elseif option.name == "store" then assert.equal("exotel.store.Store", type)
  elseif option.name == "region" then assert.equal('"mumbai"|"singapore"', type)
  else assert.equal(OPTION_TYPES[option.type], type, option.name) end
  if option.default == nil then return end
  local default = described.text:match("%(([^()]*)%)$")
  local value = tonumber(default) or default == "true"
  assert.equal(option.default, value, option.name)
end

local function check_options(options, class, more)
  local described, wanted = fields(class), collect({}, more or {})
  for _, option in ipairs(options) do
    wanted[option.name] = true
    assert(described[option.name], class .. "." .. option.name .. " is missing")
    check_option(option, described[option.name])
  end
  assert.equal(names(wanted), names(described))
end

-- Every field seen is described, and every field that is not optional is seen.
local function check_fields(data, class)
  local described = fields(class)
  for field in pairs(data) do assert.truthy(described[field], class .. "." .. tostring(field)) end
  for field, description in pairs(described) do
    assert.is_true(description.optional or data[field] ~= nil, class .. "." .. field)
  end
end

-- Every option described is known: `call` gets each of them with a value of a wrong type.
local function check_taken(class, call, pattern)
  for name in pairs(fields(class)) do
    assert.error_matches(function() call { [name] = coroutine.create(call) } end, pattern)
  end
end

local function read_sources()
  local pipe = assert(io.popen("find lua/exotel -name '*.lua' ! -path '*/sandbox/*' -exec cat {} +"))
  local text = pipe:read("*a")
  pipe:close()
  return text
end

describe("the annotations", function()
  local w

  before_each(function() w = world.new() end)
  after_each(function() w:close() end)

  for _, operation in ipairs(core.operations) do
    it("have " .. operation.name .. " with all its arguments", function()
      assert.is_true(found.functions["exotel.client.Client"][operation.name])
      check_parameters(operation.parameters, "exotel.operation." .. operation.name .. ".arguments")
    end)
  end

  it("have types that can be read, of names that there are", function()
    local known, count = {}, 0
    for name in ("string number integer boolean table any lightuserdata true false"):gmatch("%a+") do known[name] = true end
    for _, set in ipairs { found.classes, found.aliases } do collect(known, set) end
    annotations.each_type(function(text, line)
      local good, used = pcall(types.read, text)
      assert.is_true(good, line .. ": " .. tostring(used))
      for _, name in ipairs(used) do assert.is_true(known[name], line .. ": " .. name) end
      count = count + 1
    end)
    assert.is_true(count > 300)
  end)

  it("have every operation's name", function()
    local all, lists = {}, {}
    for _, operation in ipairs(core.operations) do
      all[operation.name] = true
      if operation.answer == "list" then lists[operation.name] = true end
    end
    assert.equal(names(all), names(found.aliases["exotel.Operation"]))
    assert.equal(names(lists), names(found.aliases["exotel.ListOperation"]))
  end)

  it("have every option of a client, with its default", function() check_options(core.options().client, "exotel.Options") end)

  it("have every option of a call", function()
    check_options(core.options().call, "exotel.client.CallOptions")
    check_options(core.options().call, "exotel.trunk.Options", { ensure = true })
  end)

  it("have the methods that there are", function()
    local classes = {
      ["exotel.client.Client"] = core.client_methods, ["exotel.client.Call"] = core.call_methods,
      ["exotel.trunk.Trunk"] = getmetatable(trunk.attach(w.client, "any")).__index,
      ["exotel.sandbox.Sandbox"] = getmetatable(w.sb).__index,
      ["exotel.provision.Plan"] = getmetatable(provision.plan(w.client, { trunk_name = "any" })).__index,
      ["exotel.provision.Report"] = getmetatable(provision.apply(w.client, { trunk_name = "any" })).__index,
    }
    for class, methods in pairs(classes) do
      assert.equal(names(public_methods(methods)), names(found.functions[class]), class)
    end
  end)

  it("have the functions of the modules", function()
    local modules = { exotel = exotel, ["exotel.trunk"] = trunk, ["exotel.kamailio"] = kamailio, ["exotel.sandbox"] = sandbox,
      ["exotel.error"] = require "exotel.error", ["exotel.provision"] = provision, ["exotel.bulk"] = bulk,
      ["exotel.json"] = require "exotel.json" }
    for name, module in pairs(modules) do
      assert.equal(names(public_methods(module)), names(found.functions[name]), name)
    end
  end)

  it("have every kind of error", function()
    local kinds = { unavailable = true }
    for _, kind in ipairs(core.error_kinds) do kinds[kind] = true end
    local described = found.aliases["exotel.error.Kind"]
    assert.equal(names(kinds), names(described))
    for kind in read_sources():gmatch('kind = "([%w_]+)"') do assert.is_true(described[kind], kind) end
  end)

  it("have every field of an error", function()
    local seen, items = {}, {}
    local function fail(operation, arguments)
      local data, err = w.client[operation](w.client, arguments)
      assert.is_nil(data)
      collect(seen, err)
      return err
    end
    fail("create_trunk", { trunk_name = "not good" })
    local path = child.write("{\n")
    assert(os.rename(path, path .. ".json"))
    collect(seen, select(2, provision.load(path .. ".json")))
    os.remove(path .. ".json")
    collect(seen, select(2, provision.plan(w.client, {})))
    local sid = w:trunk()
    w.sb:fault { before = "get_trunk", status = 429, headers = { ["Retry-After"] = "90" } }
    fail("get_trunk", { trunk_sid = sid })
    collect(seen, select(2, w.sb:client { retries = 2 }:get_trunk({ trunk_sid = "none" }, { keep_answer = true })))
    w.sb:fault { before = "get_trunk", status = 429, headers = { ["Retry-After"] = "90" } }
    collect(seen, select(2, w.sb:client { retries = 2 }:get_trunk { trunk_sid = sid }))
    local partial = fail("add_destinations", {
      trunk_sid = sid, destinations = { { destination = "sip.example.com:5061;transport=tls" }, { destination = "203.0.113.9:5061" } },
    })
    collect(items, partial.succeeded[1], partial.failed[1])
    assert.equal(names(seen), names(fields("exotel.error.Error")))
    assert.equal(names(items), names(fields("exotel.error.Item")))
  end)

  it("have every field of what a call tells besides its data", function()
    local sid = w:trunk()
    local t = trunk.attach(w.client, sid)
    for _, number in ipairs { "+919876543210", "+919876543211" } do assert(t:map_number(number)) end
    local _, page = w.client:list_phone_numbers({ trunk_sid = sid, page_size = 1 }, { keep_answer = true })
    local _, adopted = t:map_number("+919876543210", { ensure = true })
    assert.equal(names(collect({}, page, adopted)), names(fields "exotel.client.Info"))
    assert.equal(names(page.next), names(fields "exotel.client.Page"))
    assert.equal(names(page.answer), names(fields "exotel.client.Answer"))
  end)

  it("have every field of an event", function()
    local seen = {}
    local client = assert(w.sb:client { retries = 1, backoff = 0, log = function(event) collect(seen, event) end })
    w.sb:fault { before = "list_trunks", status = 503 }
    assert(client:list_trunks {})
    assert.equal(names(seen), names(fields "exotel.client.Event"))
  end)

  it("have every field of what the service answers", function()
    local t = assert(trunk.create(w.client, { trunk_name = "outbound_trunk" }))
    local number, ip = "+919876543210", "44.248.146.11"
    local answers = {
      Trunk = t, PhoneNumber = t:map_number(number, "flow"), WhitelistedIp = t:whitelist_ip(ip),
      Destination = t:add_destination(ip .. ":5061;transport=tls"), Setting = t:set_alias(number),
      Credential = t:create_credential { user_name = "pbx", password = "secret_1", friendly_name = "desk" },
      TrunkMap = w.client:find_trunk_map { exophone = number }[1],
    }
    for name, data in pairs(answers) do check_fields(data, "exotel.answers." .. name) end
  end)

  it("have options of the sandbox that it takes, and the keys of faults", function()
    check_taken("exotel.sandbox.Options", sandbox.start, "should be")
    for name in pairs(fields "exotel.sandbox.Fault") do
      local _, message = pcall(w.sb.fault, w.sb, { [name] = function() end })
      assert.is_nil(tostring(message):find("unknown key", 1, true), name)
    end
    for name in pairs(fields "exotel.sandbox.Fields") do
      assert.is_true(w.sb[name] ~= nil or name == "ca_file", name)
    end
  end)

  it("have options of the module for Kamailio that it takes", function()
    check_taken("exotel.kamailio.Options", kamailio.setup, "expected%)")
  end)

  it("have what a specification may hold, and options that provisioning and bulk take", function()
    for name, description in pairs(fields "exotel.provision.Specification") do
      local value = description.type:find("[]", 1, true) and {} or description.type:find("^table") and {} or "+919876543210"
      local good, err = provision.plan(w.client, { trunk_name = "any", [name] = value })
      assert.is_true(good ~= nil or not tostring(err):find("is unknown", 1, true), name)
    end
    for _, operation in ipairs(core.operations) do
      for _, parameter in ipairs(operation.name == "update_trunk" and operation.parameters or {}) do
        assert.truthy(fields("exotel.provision.Specification")[parameter.name], parameter.name)
      end
    end
    local spec = { trunk_name = "any" }
    check_taken("exotel.provision.PlanOptions", function(options) provision.plan(w.client, spec, options) end, "expected%)")
    check_taken("exotel.provision.ApplyOptions", function(options) provision.apply(w.client, spec, options) end, "expected%)")
    check_taken("exotel.bulk.Options", function(options) bulk.map_numbers(w.client, "none.csv", options) end, "expected%)")
  end)

  it("have what plans and reports hold", function()
    local spec = { trunk_name = "any", whitelisted_ips = { "44.248.146.11" }, destinations = { "44.248.146.11:5061" } }
    local report, rules = assert(provision.apply(w.client, spec)), {}
    check_fields(report, "exotel.provision.ReportFields")
    check_fields(report.changes[1], "exotel.provision.Outcome")
    local plan = assert(provision.plan(w.client, { trunk_name = "any", whitelisted_ips = {} }, { prune = true }))
    check_fields(plan, "exotel.provision.PlanFields")
    check_fields(plan.kept[1], "exotel.provision.Kept")
    check_fields(plan.trunks[1], "exotel.provision.TrunkName")
    plan = assert(provision.plan(w.client, { trunk_name = "any", whitelisted_ips = {}, destinations = {} }, { prune = true }))
    check_fields(plan.changes[1], "exotel.provision.Change")
    check_fields(plan.refused[1], "exotel.provision.Refusal")
    for rule in pairs(found.aliases["exotel.provision.Rule"]) do rules[#rules + 1] = rule end
    assert(provision.plan(w.client, spec, { allow = rules }))
  end)

  it("have what a bulk run tells", function()
    local path, results = child.write("phone_number\n+91 98765 43210\n12\n"), os.tmpname()
    os.remove(results)
    local numbers = assert(bulk.read_numbers(path))
    check_fields(numbers, "exotel.bulk.NumbersFields")
    for row in numbers:each() do check_fields(row, "exotel.bulk.Row") end
    local summary = assert(bulk.map_numbers(w.client, path, {
      trunk_sid = w:trunk(), results = results, failed = results .. ".failed",
      progress = function(progress) check_fields(progress, "exotel.bulk.Progress") end,
    }))
    check_fields(summary, "exotel.bulk.Summary")
    check_fields(summary.reasons[1], "exotel.bulk.Reason")
    os.remove(summary.failed_rows)
    os.remove(path)
    os.remove(results)
  end)
end)
