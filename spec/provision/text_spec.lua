-- Plans and reports as text and as Markdown.
local expect = require "spec.support.expect"
local json = require "exotel.json"
local provision = require "exotel.provision"
local provisioning = require "spec.support.provisioning"
local world = require "spec.support.world"

local E164, OTHER = provisioning.E164, provisioning.OTHER
local copy = provisioning.copy

local function numbers(count)
  local list = {}
  for i = 1, count do list[i] = ("+91987650%04d"):format(i) end
  return list
end

describe("exotel.provision: the text", function()
  local w

  local function plan(specs, options) return provision.plan(w.client, specs, options) end
  local function apply(specs, options) return provision.apply(w.client, specs, options) end

  before_each(function() w = world.new() end)
  after_each(function() w:close() end)

  describe("of a plan", function()
    it("has a line for each change, unless additions are to be folded", function()
      local p = assert(plan { trunk_name = "out", phone_numbers = numbers(11), whitelisted_ips = { "192.0.2.1", "192.0.2.2" } })
      local _, all = tostring(p):gsub("\n", "\n")
      assert.equal(15, all)
      assert.equal(tostring(p), p:text())
      assert.equal(tostring(p), p:text { fold = false })
      assert.equal(table.concat({
        "trunk out", "  + trunk out", "  + whitelisted_ip 192.0.2.1/32", "  + whitelisted_ip 192.0.2.2/32",
        "  + phone_number +919876500001 (mode=pstn)", "  + phone_number +919876500002 (mode=pstn)", "  + phone_number +919876500003 (mode=pstn)",
        "  + 8 more of phone_number (--full lists them)", "14 to add, 0 to change, 0 to remove, 0 extra",
      }, "\n"), p:text { fold = true, command = true })
      assert.truthy(p:text { fold = true }:find("\n  + 8 more of phone_number (fold = false lists them)\n", 1, true), p:text { fold = true })
      assert.equal("8 more of phone_number are missing (--full lists them)", p:text { fold = true, command = true, words = "drift" }:match("8 more[^\n]+"))
      assert.is_nil(assert(plan { trunk_name = "out", phone_numbers = numbers(10) }):text { fold = true }:find("more", 1, true))
    end)

    it("folds neither what changes nor what is removed, moved or refused", function()
      assert(apply { { trunk_name = "out", phone_numbers = numbers(36) }, { trunk_name = "two" } })
      local changed, list = {}, numbers(36)
      for i = 1, 12 do changed[i] = { phone_number = list[i], mode = "flow" } end
      local moved = {}
      for i = 13, 24 do moved[#moved + 1] = list[i] end
      local p = assert(plan({ { trunk_name = "out", phone_numbers = changed }, { trunk_name = "two", phone_numbers = moved } }, { prune = true }))
      assert.equal(tostring(p), p:text { fold = true })
      assert.equal("0 to add, 24 to change, 12 to remove, 0 extra", p:summary())
    end)

    it("says nothing of trunks that stay as they are", function()
      assert(apply { { trunk_name = "one" }, { trunk_name = "two" } })
      assert.equal("trunk two\n  + whitelisted_ip 192.0.2.1/32\n1 to add, 0 to change, 0 to remove, 0 extra",
        tostring(assert(plan { { trunk_name = "one" }, { trunk_name = "two", whitelisted_ips = { "192.0.2.1" } } })))
    end)

    it("says when it was made, and for whom", function()
      local p = assert(plan { trunk_name = "out" })
      assert.truthy(p.made_at:find("^%d%d%d%d%-%d%d%-%d%dT%d%d:%d%d:%d%dZ$"), p.made_at)
      local line = ("plan made %s %s UTC for account %s"):format(p.made_at:sub(1, 10), p.made_at:sub(12, 19), p.account)
      assert.equal(line .. "\n" .. tostring(p), p:text { origin = true })
      assert.truthy(p.account:find("^sandbox1 at "), p.account)
    end)

    it("takes the options that there are", function()
      local p = assert(plan { trunk_name = "out" })
      for _, method in ipairs { "text", "markdown" } do
        expect.raises("bad option 'colour' %(unknown%)", p[method], p, { colour = true })
        expect.raises("bad option 'fold' %(boolean expected%)", p[method], p, { fold = 1 })
        expect.raises("bad option 'words' %(\"plan\" or \"drift\" expected%)", p[method], p, { words = "report" })
      end
      local report = assert(apply { trunk_name = "out" })
      expect.raises("bad option 'words' %(unknown%)", report.text, report, { words = "drift" })
      expect.raises("bad option 'plan' %(table expected%)", report.text, report, { plan = "x" })
    end)
  end)

  describe("of a report", function()
    it("is what was due, or what went otherwise than a plan said", function()
      assert(apply { trunk_name = "out" })
      local spec = { trunk_name = "out", phone_numbers = { E164, OTHER }, whitelisted_ips = { "192.0.2.1" } }
      local p = assert(plan(spec))
      w.sb:fault { before = "map_phone_number", status = 400 }
      assert(w.client:whitelist_ip { trunk_sid = p.trunk_sid, ip = "192.0.2.1" })
      local _, err, report = apply(copy(spec, { alias = E164 }))
      local failed = "  + phone_number +919876543210 (mode=pstn): failed - " .. tostring(err)
      assert.equal(table.concat({
        "trunk out", failed, "  + phone_number +918040264208 (mode=pstn): done",
        "  + setting trunk_external_alias (value=+919876543210): done", "2 added, 0 changed, 0 removed, 1 failed",
      }, "\n"), tostring(report))
      assert.equal(table.concat({
        "trunk out", "    whitelisted_ip 192.0.2.1/32: present", failed, "  + setting trunk_external_alias (value=+919876543210): done",
        "2 added, 0 changed, 0 removed, 1 present, 1 failed",
      }, "\n"), report:text { plan = p })
    end)

    it("is only the count when all went as the plan said", function()
      local spec = { trunk_name = "out", phone_numbers = { E164 }, destinations = { { destination = "a.example.com:5060", priority = 1, weight = 1 } } }
      local p = assert(plan(spec))
      assert.equal("3 added, 0 changed, 0 removed", assert(apply(p)):text { plan = p })
      assert.equal("0 added, 0 changed, 0 removed", tostring(assert(apply(spec))))
    end)

    it("folds what was not tried, and nothing of what was done", function()
      local made = assert(apply { trunk_name = "two", whitelisted_ips = { "192.0.2.1" }, credentials = {}, settings = {}, phone_numbers = numbers(12) })
      assert.equal(tostring(made), made:text { fold = true })
      assert(apply({ trunk_name = "two", absent = true }, { allow = { "delete_trunk" } }))
      w.sb:fault { before = "map_phone_number", status = 401 }
      local spec = { trunk_name = "out", phone_numbers = numbers(20) }
      local _, _, report = apply(spec)
      assert.truthy(report:text { fold = true, command = true }:find("\n  + 16 more of phone_number (--full lists them): not_tried\n", 1, true), report:text { fold = true })
    end)
  end)

  describe("as Markdown", function()
    it("has the count first, and the lines in a block that shows them as they are", function()
      assert(apply { trunk_name = "out", phone_numbers = { E164 } })
      local p = assert(plan { trunk_name = "out", phone_numbers = { { phone_number = E164, mode = "flow" }, OTHER } })
      assert.equal(table.concat({
        "**1 to add, 1 to change, 0 to remove, 0 extra**", "", "<p>trunk <code>out</code></p>", "", "```diff",
        "~ phone_number +919876543210 (mode: pstn -> flow)", "+ phone_number +918040264208 (mode=pstn)", "```", "",
      }, "\n"), p:markdown())
      assert.truthy(p:markdown { words = "drift" }:find("\nphone_number +919876543210 is pstn, should be flow\n", 1, true))
      assert.equal("**0 to add, 0 to change, 0 to remove, 0 extra**\n", assert(plan { trunk_name = "out" }):markdown())
    end)

    it("folds long lists away, whole", function()
      local shown = assert(plan { trunk_name = "out", phone_numbers = numbers(10) }):markdown()
      assert.truthy(shown:find("\n<details>\n<summary>trunk <code>out</code>: 11 lines</summary>\n\n```diff\n+ trunk out\n", 1, true), shown)
      assert.truthy(shown:find("\n+ phone_number +919876500010 (mode=pstn)\n```\n\n</details>\n", 1, true), shown)
    end)

    it("says what is left out", function()
      local p = assert(plan({ { trunk_name = "a" }, { trunk_name = "b" } }, { only = { "a" } }))
      assert.truthy(p:markdown():find("\n\n<p><code>partial&#58; only a&#59; 1 other trunk of the file is left out</code></p>\n\n", 1, true), p:markdown())
    end)

    it("makes no markup, link or mention of what the service holds", function()
      local names = {
        "</summary></details><img src=x>", "@everyone", "[a](http://example.com)", "```", "`````", "<!-- -->", "#1 !2 www.example.com", "| a | b |",
        "a\nb", "\27[2J", "&lt;b&gt;", "**bold**", "/close", "~~~", "\226\128\174abc",
      }
      for _, name in ipairs(names) do
        w.sb:put { trunk_sid = "s1", trunk_name = name, numbers = {}, settings = { { name = name, value = name } } }
        local p = assert(plan({ trunk_sid = "s1", absent = true }))
        local settings = assert(plan({ trunk_sid = "s1", trunk_name = "x", settings = {} }, { prune = true }))
        for _, text in ipairs { p:markdown(), settings:markdown(), p:markdown { words = "drift" } } do
          local fence = text:match("\n(`+)diff\n")
          local before, block, after = text:match("^(.-)\n" .. fence .. "diff\n(.-)\n" .. fence .. "\n(.*)$")
          assert.is_nil(block:find(fence, 1, true), text)
          assert.equal("", after, text)
          assert.truthy(before:gsub("&#%d+;", ""):find("^%*%*[%w ,]+%*%*\n\n<p>trunk <code>[^<>@`&%[%]#*|/~!]*</code></p>\n$"), text)
        end
        w.sb:clear_faults()
        assert(w.client:delete_trunk { trunk_sid = "s1" })
      end
    end)
  end)

  describe("of a saved plan", function()
    local function saved() return assert(assert(plan { trunk_name = "out", phone_numbers = { E164 }, whitelisted_ips = { "192.0.2.1" } }):save()) end

    it("says the same, whoever has indented it", function()
      local p = assert(plan { trunk_name = "out", destinations = { { destination = "a.example.com:5060", priority = 1, weight = 20 } } })
      local text = assert(p:save())
      for _, other in ipairs { text, json.encode(json.decode(text)), json.encode(json.decode(text), { indent = 4 }), text:gsub("\n", "\r\n") .. "\n\n" } do
        local restored = assert(provision.restore(other))
        assert.equal(p:text { origin = true }, restored:text { origin = true })
        assert.equal(p:markdown { origin = true }, restored:markdown { origin = true })
        assert.equal(p.account, restored.account)
      end
    end)

    it("is refused when anything in it was changed", function()
      local text = saved()
      local changes = {
        { "192%.0%.2%.1", "192.0.2.2" }, { '"prune": false', '"prune": true' }, { '"out"', '"two"' }, { '"allow": %[%]', '"allow": ["last_ip"]' },
        { '"made_at": "2', '"made_at": "3' }, { '"sandbox1 at ', '"sandbox2 at ' }, { '"digest": "sha256:%x', '"digest": "sha256:g' },
        { '"digest": "sha256:', '"digest": "md5:' }, { '"digest": "[^"]+",', "" }, { '"digest": "[^"]+"', '"digest": 1' }, { "{", '{ "more": 1,' },
      }
      for _, change in ipairs(changes) do
        local edited, count = text:gsub(change[1], change[2], 1)
        assert.equal(1, count, change[1])
        local err = expect.failure("config", provision.restore(edited))
        assert.equal("the plan was edited or damaged after it was saved (its digest doesn't fit): plan again", err.message)
      end
    end)

    it("is refused when it is of another version", function()
      local text = saved()
      local err = expect.failure("config", provision.restore((text:gsub('"exotel_plan": 2', '"exotel_plan": 1'))))
      assert.equal("the plan was saved by an older version of this library (format 1, and this one reads 2): plan again", err.message)
      err = expect.failure("config", provision.restore((text:gsub('"exotel_plan": 2', '"exotel_plan": 3'))))
      assert.equal("the plan was saved by another version of this library (format 3, and this one reads 2): plan again", err.message)
    end)

    it("is refused when it ends too early, wherever", function()
      local text = saved()
      for size = 0, #text - 3, 7 do expect.failure("config", provision.restore(text:sub(1, size))) end
    end)
  end)
end)
