--- What specs of provisioning share: a specification of everything, and what plans, reports and the service say then.
local assert = require "luassert"
local core = require "exotel.core"
local json = require "exotel.json"
local provision = require "exotel.provision"

local provisioning = {}

provisioning.E164, provisioning.OTHER = "+919876543210", "+918040264208"

function provisioning.full()
  return {
    trunk_name = "outbound_trunk",
    phone_numbers = { provisioning.E164, { phone_number = provisioning.OTHER, mode = "flow" } },
    whitelisted_ips = { "44.248.146.11", { ip = "203.0.113.0", mask = 24 } },
    destinations = { "44.248.146.11:5061;transport=tls", "sip.company.com:5060;transport=tcp" },
    alias = provisioning.E164,
  }
end

--- The changes that make all of it, as provisioning.lines puts them.
provisioning.ALL = {
  "create trunk outbound_trunk",
  "add whitelisted_ip 44.248.146.11/32",
  "add whitelisted_ip 203.0.113.0/24",
  "add phone_number +919876543210",
  "add phone_number +918040264208",
  "add setting trunk_external_alias",
  "add destination 44.248.146.11:5061;transport=tls",
  "add destination sip.company.com:5060;transport=tcp",
}

--- What the service holds then, as provisioning.stored puts it.
provisioning.COMPLETE = {
  numbers = { "+919876543210 nil", "+918040264208 flow" },
  ips = { "44.248.146.11/32", "203.0.113.0/24" },
  destinations = { "sip:44.248.146.11:5061;transport=tls", "sip:sip.company.com:5060;transport=tcp" },
  settings = { "trunk_external_alias=+919876543210" },
}

--- The changes of a plan or report in short: "add phone_number +91…", with the outcome behind it.
function provisioning.lines(changes)
  local list = {}
  for i, change in ipairs(changes) do
    list[i] = change.action .. " " .. change.resource .. " " .. change.key
    if change.outcome then list[i] = list[i] .. ": " .. change.outcome end
  end
  return list
end

function provisioning.with_outcome(list, outcome)
  local result = {}
  for i, line in ipairs(list) do result[i] = line .. ": " .. outcome end
  return result
end

--- What the service holds of the first trunk, in short.
function provisioning.stored(w)
  local t = w.sb:state().trunks[1]
  local state = { numbers = {}, ips = {}, destinations = {}, settings = {} }
  for i, item in ipairs(t.numbers) do state.numbers[i] = item.phone_number .. " " .. tostring(item.mode) end
  for i, item in ipairs(t.ips) do state.ips[i] = item.ip .. "/" .. item.mask end
  for i, item in ipairs(t.destinations) do state.destinations[i] = item.destination end
  for i, item in ipairs(t.settings) do state.settings[i] = item.name .. "=" .. item.value end
  return state
end

--- One field of each, in one line.
function provisioning.names(items, name)
  local list = {}
  for i, item in ipairs(items) do list[i] = item[name] end
  return table.concat(list, " ")
end

--- A copy of a specification with some fields changed.
function provisioning.copy(spec, changes)
  local result = {}
  for name, value in pairs(spec) do result[name] = value end
  for name, value in pairs(changes) do result[name] = value end
  return result
end

--- The service is as the specifications say: planning shows no change, and applying writes nothing.
function provisioning.assert_nothing_to_do(w, specs, options)
  assert.same({}, assert(provision.plan(w.client, specs, options)).changes)
  assert.is_true(assert(provision.check(w.client, specs, options)))
  w.sb:reset_requests()
  local report = assert(provision.apply(w.client, specs, options))
  for _, change in ipairs(report.changes) do assert.equal("present", change.outcome) end
  assert.equal("", w:writes())
end

--- A saved plan, read as JSON and changed, with a digest that fits.
function provisioning.sealed(document)
  local bare = provisioning.copy(document, {})
  bare.digest = nil
  local read = assert(json.decode(json.encode(bare)))
  read.digest = "sha256:" .. core.sha256(json.encode(read))
  return json.encode(read)
end

return provisioning
