-- What is wrong with a specification is refused before anything is written, and named.
local exotel = require "exotel"
local expect = require "spec.support.expect"
local provision = require "exotel.provision"
local provisioning = require "spec.support.provisioning"
local world = require "spec.support.world"

local E164, OTHER = provisioning.E164, provisioning.OTHER

describe("exotel.provision", function()
  local w

  before_each(function() w = world.new() end)
  after_each(function() w:close() end)

  local function plan(specs, options) return provision.plan(w.client, specs, options) end
  local function apply(specs, options) return provision.apply(w.client, specs, options) end

  describe("a specification", function()
    -- field named → the specification's part that is wrong, what the message must say
    local wrong = {
      ["trunk_name"] = { { trunk_name = "out bound" }, "1 to 16" },
      ["nso_code"] = { { nso_code = "any any" }, "ANY%-ANY" },
      ["domain_name"] = { { domain_name = "example.com" }, "pstn" },
      ["numbers"] = { { numbers = {} }, "unknown" },
      ["phone_numbers"] = { { phone_numbers = E164 }, "list" },
      ["whitelisted_ips"] = { { whitelisted_ips = { x = "44.248.146.11" } }, "list" },
      ["destinations"] = { { destinations = { [1] = "a.example.com:5061", [3] = "b.example.com:5061" } }, "" },
      ["phone_numbers[2]"] = { { phone_numbers = { E164, "919876543210" } }, "start with" },
      ["phone_numbers[3]"] = { { phone_numbers = { E164, OTHER, exotel.null } }, "string or a table" },
      ["phone_numbers[1]"] = { { phone_numbers = { 919876543210 } }, "string or a table" },
      ["phone_numbers[1].phone_number"] = { { phone_numbers = { { phone_number = "9" } } }, "E%.164" },
      ["phone_numbers[1].mode"] = { { phone_numbers = { { phone_number = E164, mode = "bot" } } }, "pstn" },
      ["phone_numbers[1].id"] = { { phone_numbers = { { phone_number = E164, id = "1" } } }, "unknown" },
      ["phone_numbers[1].trunk_sid"] = { { phone_numbers = { { phone_number = E164, trunk_sid = "x" } } }, "unknown" },
      ["credentials[1].trunk_sid"] = { { credentials = { { user_name = "pbx", trunk_sid = "x" } } }, "unknown" },
      ["destinations[1].trunk_sid"] = { { destinations = { { destination = "b.example.com:5061", trunk_sid = "x" } } }, "unknown" },
      ["whitelisted_ips[1]"] = { { whitelisted_ips = { "2001:db8::1" } }, "IPv6" },
      ["whitelisted_ips[2].mask"] = { { whitelisted_ips = { "44.248.146.11", { ip = "203.0.113.0", mask = 8 } } }, "16 to 32" },
      ["whitelisted_ips[1].ip"] = { { whitelisted_ips = { { mask = 24 } } }, "missing" },
      ["destinations[1]"] = { { destinations = { "sip.company.com" } }, "port" },
      ["destinations[1].destination"] = { { destinations = { { destination = "sip.company.com" } } }, "port" },
      ["destinations[2].weight"] = { { destinations = { "a.example.com:5061", { destination = "b.example.com:5061", weight = 65536 } } }, "0 to 65535" },
      ["destinations[1].priority"] = { { destinations = { { destination = "b.example.com:5061", priority = "1" } } }, "integer" },
      ["destinations[1].id"] = { { destinations = { { destination = "b.example.com:5061", id = "1" } } }, "unknown" },
      ["status"] = { { status = "" }, "empty" },
      ["registration_enabled"] = { { registration_enabled = true }, "a string" },
      ["trunk_sid"] = { { trunk_sid = "" }, "empty" },
      ["credentials[1]"] = { { credentials = { "pbx" } }, "must be a table" },
      ["credentials[1].user_name"] = { { credentials = { { password = "x" } } }, "missing" },
      ["credentials[1].password"] = { { credentials = { { user_name = "pbx", password = "no spaces!" } } }, "letters, digits" },
      ["credentials[1].friendly_name"] = { { credentials = { { user_name = "pbx", password = "x", friendly_name = "a b" } } }, "letters, digits" },
      ["credentials[1].secret"] = { { credentials = { { user_name = "pbx", secret = "x" } } }, "unknown" },
      ["credentials[1].password_env"] = { { credentials = { { user_name = "pbx", password_env = "A B" } } }, "environment variable" },
      ["credentials[2].password_env"] = { { credentials = { { user_name = "a", password = "x" }, { user_name = "pbx", password = "x", password_env = "PBX" } } }, "exclude" },
      ["alias"] = { { alias = "9876543210" }, "E%.164" },
      ["settings.trunk_external_alias"] = { { settings = { trunk_external_alias = "1" } }, "E%.164" },
      ["settings"] = { { settings = "x" }, "table" },
    }

    for field, row in pairs(wrong) do
      it("that is wrong is refused before anything is written: " .. field, function()
        local spec = { trunk_name = "outbound_trunk" }
        for name, value in pairs(row[1]) do spec[name] = value end
        local err = expect.refused(field, plan(spec))
        assert.truthy(err.message:find(field, 1, true) == 1, err.message)
        assert.truthy(err.message:find(row[2]), err.message)
        local _, applied, report = apply(spec)
        assert.equal(field, applied.field)
        assert.same({}, report.changes)
        assert.equal("", w:writes())
        assert.falsy(err.message:find("no spaces", 1, true))
      end)
    end

    -- The second entry of each means what the first does.
    local twice = {
      ["phone_numbers[2]"] = { phone_numbers = { E164, { phone_number = E164, mode = "flow" } } },
      ["whitelisted_ips[2]"] = { whitelisted_ips = { "44.248.146.11", { ip = "44.248.146.11", mask = 32 } } },
      ["destinations[2]"] = { destinations = { "sip.company.com:5061;transport=tls", "sip:SIP.company.com:5061;transport=tls" } },
      ["credentials[2]"] = { credentials = { { user_name = "pbx" }, { user_name = "pbx", friendly_name = "x" } } },
    }

    for field, part in pairs(twice) do
      it("that names a thing twice is refused before any request: " .. field, function()
        local spec = { trunk_name = "outbound_trunk" }
        for name, value in pairs(part) do spec[name] = value end
        local err = expect.refused(field, plan(spec))
        assert.truthy(err.message:find("twice"), err.message)
        assert.same({}, w.sb:requests())
      end)
    end

    it("that is one of an array is named only when there are others", function()
      expect.refused("phone_numbers[1]", plan { { trunk_name = "a", phone_numbers = { "1" } } })
      expect.refused("whitelisted_ips", plan { { trunk_name = "a", whitelisted_ips = { nil, "192.0.2.1" } } })
    end)

    it("that is no table, or has no name, is refused", function()
      expect.refused("specification", plan("outbound_trunk"))
      expect.refused("specification", plan(nil))
      expect.refused("trunk_name", plan {})
      assert.same({}, w.sb:requests())
    end)

    it("that contradicts itself is refused", function()
      local err = expect.refused("alias", plan { trunk_name = "outbound_trunk", alias = E164, settings = { trunk_external_alias = OTHER } })
      assert.truthy(err.message:find("contradicts"), err.message)
    end)
  end)
end)
