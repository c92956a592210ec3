-- The choice of a destination, by RFC 2782's rule.
local directories = require "spec.support.directories"
local directory = require "exotel.directory"

local A, B, C, D = "sip:a:5060;transport=tcp", "sip:b:5060", "sip:198.51.100.7:5061;transport=tls", "sip:d:5060"

describe("the choice of a destination", function()
  local folder, remove, drawn

  before_each(function()
    folder, remove = directories.folder()
    drawn = 0
  end)
  after_each(function() remove() end)

  local function open(destinations)
    directories.make(folder .. "/d", { { "sid", "one", destinations = destinations }, { "sid2", "bare" } })
    return assert(directory.open { folder .. "/d", random = function() return drawn end })
  end

  -- How often each is chosen when every number from 0 to 1 is drawn as often.
  local function shares(d, down, steps)
    local count = {}
    for i = 0, steps - 1 do
      drawn = i / steps
      local uri = d:destination("one", down) or "none"
      count[uri] = (count[uri] or 0) + 1
    end
    return count
  end

  it("is one of the lowest priority", function()
    local d = open { { A, 10, 1 }, { B, 0, 1 }, { C, 5, 100 } }
    assert.same({ [B] = 10 }, shares(d, nil, 10))
    local uri, entry = d:destination("sid")
    assert.equal(B, uri)
    assert.same({ destination = B, priority = 0, weight = 1, id = "3" }, entry)
  end)

  it("is in proportion to the weights", function()
    local d = open { { A, 1, 10 }, { B, 1, 30 }, { C, 1, 60 } }
    assert.same({ [A] = 1000, [B] = 3000, [C] = 6000 }, shares(d, nil, 10000))
  end)

  it("gives a weight of 0 a small chance", function()
    assert.same({ [A] = 100, [B] = 10000 }, shares(open { { A, 1, 0 }, { B, 1, 100 } }, nil, 10100))
  end)

  it("gives all the same chance where there are no weights", function()
    assert.same({ [A] = 100, [B] = 100, [C] = 100 }, shares(open { { A, 1, 0 }, { B, 1, 0 }, { C, 1 } }, nil, 300))
  end)

  it("leaves out what is down, however it is written", function()
    local d = open { { A, 1, 1 }, { B, 1, 1 }, { C, 2, 1 }, { D, 3, 1 } }
    assert.same({ [B] = 10 }, shares(d, { A }, 10))
    assert.same({ [B] = 10 }, shares(d, { "A:5060;transport=TCP" }, 10))
    assert.same({ [B] = 10 }, shares(d, { [A] = true }, 10))
    assert.same({ [C] = 10 }, shares(d, { A, "b" }, 10))
    assert.same({ [D] = 10 }, shares(d, { A, B, [C] = true }, 10))
    assert.same({ none = 10 }, shares(d, { A, B, C, D }, 10))
    assert.same({ [A] = 5, [B] = 5 }, shares(d, { [A] = false, [B] = false }, 10))
    assert.same({ [B] = 10 }, shares(d, { "a:5060;transport=tcp", "x", 5, {} }, 10))
  end)

  it("leaves out what is down between others, with weights and without", function()
    assert.same({ [A] = 5, [C] = 5 }, shares(open { { A, 1, 0 }, { B, 1, 0 }, { C, 1, 0 } }, { "b" }, 10))
    assert.same({ [A] = 30, [C] = 10 }, shares(open { { A, 1, 30 }, { B, 1, 20 }, { C, 1, 10 } }, { "b" }, 40))
  end)

  it("is another transport's or port's for itself", function()
    local d = open { { "sip:a:5060;transport=tcp", 1, 1 }, { "sip:a:5060;transport=tls", 2, 1 }, { "sip:a:5080;transport=tcp", 3, 1 } }
    assert.equal("sip:a:5060;transport=tls", (d:destination("one", { "a:5060;transport=tcp" })))
    assert.equal("sip:a:5080;transport=tcp", (d:destination("one", { "a:5060;transport=tcp", "a:5060;transport=tls" })))
  end)

  it("goes last to a priority that is not told", function()
    assert.same({ [B] = 10 }, shares(open { { A, nil, 9 }, { B, 65535, 1 } }, nil, 10))
  end)

  it("is nil for an unknown trunk, and for one without destinations", function()
    local d = open { { A, 1, 1 } }
    assert.is_nil(d:destination("two"))
    assert.is_nil(d:destination("bare"))
    assert.equal(1, select("#", d:destination("bare")))
    assert.error_matches(function() d:destination("one", A) end, "destination takes a list of what is down")
    assert.error_matches(function() d:destination(5) end, "string expected")
  end)
end)
