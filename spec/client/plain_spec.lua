-- Text from elsewhere on its way to a terminal: what tostring makes of errors and trunks, and what stands in JSON.
local errors = require "exotel.error"
local json = require "exotel.json"
local plain = require "exotel.text.plain"
local provision = require "exotel.provision"
local provisioning = require "spec.support.provisioning"
local trunk = require "exotel.trunk"
local width = require "exotel.text.width"
local world = require "spec.support.world"

describe("columns of a text", function()
  local rows = {
    { 0, "" }, { 5, "plain" }, { 3, "Zoë" }, { 3, "Zoe\204\136" }, { 4, "中文" }, { 6, "日本語" }, { 4, "한국" },
    { 2, "\225\132\146\225\133\161\225\134\171" }, -- 한, as three jamo
    { 5, "प्रयास" }, { 2, "👩" }, { 4, "👩\226\128\141👧" }, { 2, "Ａ" }, { 4, "☃️ ⌚" }, { 1, "\255" }, { 2, "\228\184" },
    { 1, "\194\160" }, { 2, "\240\160\128\128" }, { 1, "\243\176\128\128" }, { 0, "\226\128\141" },
  }
  for _, row in ipairs(rows) do
    it(("of %q"):format(row[2]), function() assert.equal(row[1], width(row[2])) end)
  end
end)

describe("text as it may be shown", function()
  local rows = {
    -- Letters of all scripts, what joins them, and pictures made of several.
    { "plain" }, { "" }, { "é ß क्षि ไทย 中文 עברית العربية" }, { "क\226\128\141ष می\226\128\140خواهم 👩\226\128\141👧 🏴" },
    { "\194\160\195\191\223\191\224\160\128\239\191\189\244\143\191\191" },
    { "a\0b\27[2J\r\n\t\127c", "a b [2J c" },
    { "\194\128\194\155\194\159", "\\u{0080}\\u{009B}\\u{009F}" },
    { "a\216\156b\226\128\142\226\128\143c", "a\\u{061C}b\\u{200E}\\u{200F}c" },
    { "\226\128\168\226\128\169\226\128\170\226\128\174", "\\u{2028}\\u{2029}\\u{202A}\\u{202E}" },
    { "\226\129\166\226\129\169\226\129\175\239\187\191", "\\u{2066}\\u{2069}\\u{206F}\\u{FEFF}" },
    -- What has no width and joins nothing.
    { "a\226\128\139b\226\129\160c\226\129\165", "a\\u{200B}b\\u{2060}c\\u{2065}" },
    -- Bytes that are no UTF-8: alone, cut off, overlong, surrogates, beyond the last code.
    { "\128\155\159\255", "\\x80\\x9B\\x9F\\xFF" }, { "a\195", "a\\xC3" }, { "\226\128", "\\xE2\\x80" }, { "\240\159\145", "\\xF0\\x9F\\x91" },
    { "\195a\226\128b", "\\xC3a\\xE2\\x80b" }, { "\192\128\224\128\128", "\\xC0\\x80\\xE0\\x80\\x80" },
    { "\237\160\128", "\\xED\\xA0\\x80" }, { "\244\144\128\128\248", "\\xF4\\x90\\x80\\x80\\xF8" },
    { 12, "12" }, { true, "true" }, { false, "false" },
  }
  for _, row in ipairs(rows) do
    it(("of %q"):format(tostring(row[1])), function() assert.equal(row[2] or row[1], plain(row[1])) end)
  end

  it("of nothing", function() assert.equal("nil", plain(nil)) end)

  it("of an object, as it says itself", function()
    assert.equal("x y", plain(setmetatable({}, { __tostring = function() return "x\ny" end })))
  end)

  it("marks each control character where asked to", function() assert.equal("a??b\\x9B", plain("a\n\27b\155", "?")) end)

  it("of a long text", function()
    assert.equal(("é\\x9B"):rep(100000), plain(("é\155"):rep(100000)))
    assert.equal(" ", plain(("\0"):rep(1000000)))
  end)
end)

describe("what controls a terminal", function()
  local BAD = "a\27[2J\194\155b\226\128\174c\n\239\187\191"
  local SHOWN = "a [2J\\u{009B}b\\u{202E}c \\u{FEFF}"

  it("is not in an error as text", function()
    local err = errors.new { kind = "rejected", operation = "get_trunk", message = BAD, description = BAD, request_id = BAD, code = BAD, reason = BAD }
    assert.equal(("get_trunk: rejected (code %s): %s: %s [request %s] (%s)"):format(SHOWN, SHOWN, SHOWN, SHOWN, SHOWN), tostring(err))
    assert.equal(BAD, err.message)
  end)

  it("is not in trunks, plans and reports as text", function()
    local w = world.new()
    w.sb:put { trunk_sid = "s1", trunk_name = BAD, numbers = {}, settings = { { name = BAD, value = BAD } } }
    local found = assert(trunk.get(w.client, "s1"))
    assert.equal(("exotel.trunk: %s (s1)"):format(SHOWN), tostring(found))
    local spec = { trunk_name = "x", trunk_sid = "s1", phone_numbers = { "+919876543210" }, settings = {} }
    local plan = assert(provision.plan(w.client, spec, { prune = true }))
    local report = select(2, provision.apply(w.client, spec)) or {}
    local saved = plan:save():gsub('"trunk_name": "x"', function() return '"trunk_name": ' .. json.encode(BAD) end)
    local restored = assert(provision.restore(provisioning.sealed(json.decode(saved)))) -- somebody else may have written it
    assert.truthy(tostring(restored):find("trunk a?[2J", 1, true), tostring(restored))
    for _, text in ipairs { tostring(plan), tostring(report), tostring(restored) } do
      assert.is_nil(text:find("[%z\1-\9\11-\31\127]"), text)
      assert.is_nil(text:find("\194\155", 1, true) or text:find("\226\128\174", 1, true) or text:find("\239\187\191", 1, true), text)
    end
    w:close()
  end)

  it("is escaped in JSON and in Lua, and read the same", function()
    local text = json.encode { [BAD] = BAD }
    assert.equal('{"a\\u001b[2J\\u009bb\\u202ec\\n\\ufeff":"a\\u001b[2J\\u009bb\\u202ec\\n\\ufeff"}', text)
    assert.same({ [BAD] = BAD }, json.decode(text))
    local lua = provision.format({ trunk_name = BAD .. "é\155" }, "lua")
    assert.is_nil(lua:find("\194\155", 1, true) or lua:find("\226\128\174", 1, true) or lua:find("\155", 1, true), lua)
    assert.truthy(lua:find("é", 1, true), lua)
    assert.equal(BAD .. "é\155", (loadstring or load)(lua)().trunk_name) -- luacheck: ignore
  end)
end)
