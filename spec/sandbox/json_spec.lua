-- The sandbox's own JSON, which the client's is held against.
local json = require "exotel.sandbox.json"

describe("the sandbox's JSON", function()
  it("reads characters beyond the first plane, and half of one as unknown", function()
    assert.equal("\240\159\152\128", json.decode('"\\ud83d\\ude00"'))
    assert.equal("\239\191\189x", json.decode('"\\ud83dx"'))
    assert.equal("\195\169", json.decode('"\\u00e9"'))
  end)

  it("refuses what is nested too deeply, controls in strings, and what follows", function()
    assert.truthy(json.decode(("["):rep(100) .. ("]"):rep(100)))
    local _, message = json.decode(("["):rep(101) .. ("]"):rep(101))
    assert.truthy(message:find("nested too deeply", 1, true), message)
    for _, bad in ipairs { '"a\nb"', "{} x", "[1,]", "01", "" } do assert.is_nil((json.decode(bad)), bad) end
  end)

  it("writes what it reads again, whatever is in it", function()
    for _, text in ipairs { 'a "b" \\ c', "line\nbreak\0\31\127", "\195\169" } do
      assert.equal(text, json.decode(json.encode(json.array { text }))[1])
    end
    assert.equal('["a\\"\\n\\u0001"]', json.encode(json.array { 'a"\n\1' }))
  end)
end)
