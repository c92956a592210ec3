-- Lists that change while they are read: by somebody else between two pages, or by whoever goes over them.
local expect = require "spec.support.expect"
local pages = require "exotel.calls.pages"
local trunk = require "exotel.trunk"
local world = require "spec.support.world"

local function number(i) return ("+9180402642%02d"):format(i) end

describe("a list that moves while it is read", function()
  local w, t

  before_each(function()
    w = world.new({ page_size = 2 })
    t = trunk.attach(w.client, w:trunk())
    for i = 1, 7 do assert(t:map_number(number(i))) end
    w.sb:reset_requests()
  end)
  after_each(function() w:close() end)

  -- The ids that are there, in the service's order.
  local function ids_there()
    local ids = {}
    for i, one in ipairs(assert(w.client:list_phone_numbers { trunk_sid = t.trunk_sid, page_size = 50 })) do ids[i] = one.id end
    return ids
  end

  -- Goes over the numbers; `act(i, item)` is called with each one in hand. → how often each id was given
  local function go_over(act)
    local given, i = {}, 0
    for item in t:numbers() do
      i = i + 1
      given[item.id] = (given[item.id] or 0) + 1
      act(i, item)
    end
    return given
  end

  local function expect_once(given, ids)
    for _, id in ipairs(ids) do assert.equal(1, given[id], id) end
  end

  it("leaves no entry out when one before it is removed", function()
    for at = 1, 6 do
      local ids = ids_there()
      local given = go_over(function(i) if i == at then assert(t:unmap_number(ids[1])) end end)
      expect_once(given, ids)
      assert(t:map_number(number(10 + at)))
    end
  end)

  it("gives no entry twice when one is added before it", function()
    for at = 1, 6 do
      local ids = ids_there()
      expect_once(go_over(function(i) if i == at then assert(t:map_number(number(20 + at))) end end), ids)
      assert.equal(#ids + 1, #ids_there())
    end
  end)

  it("gives each entry once while what it gives is removed", function()
    local ids = ids_there()
    expect_once(go_over(function(_, item) assert(t:unmap_number(item.id)) end), ids)
    assert.same({}, ids_there())
  end)

  it("gives each entry once while what it gives is removed one by one", function()
    local ids, given = ids_there(), {}
    for item in w.client:each("list_phone_numbers", { trunk_sid = t.trunk_sid, page_size = 1 }) do
      given[item.id] = (given[item.id] or 0) + 1
      assert(t:unmap_number(item.id))
    end
    expect_once(given, ids)
    assert.same({}, ids_there())
  end)

  it("gives each entry once while pages of it are removed", function()
    local ids = ids_there()
    local given = go_over(function(i)
      if i ~= 2 then return end
      for k = 1, 5 do assert(t:unmap_number(ids[k])) end
    end)
    expect_once(given, { ids[1], ids[2], ids[6], ids[7] })
  end)

  it("is an array of what was there when it was read as a whole", function()
    local ids = ids_there()
    local reading = w.client
    local lists = 0
    w.sb:reset_requests()
    -- The service's own operator, between the first page and the second.
    local all = {}
    local next_page = pages.new(reading, "list_phone_numbers", { trunk_sid = t.trunk_sid })
    for items in next_page do
      lists = lists + 1
      if lists == 1 then assert(t:unmap_number(ids[1])) end
      for _, item in ipairs(items) do all[#all + 1] = item.id end
    end
    table.sort(all)
    table.sort(ids)
    assert.same(ids, all)
    assert.equal(6, #assert(t:list_numbers()))
  end)

  describe("is read again", function()
    local PAGE = '{"http_code":200,"metadata":{%s},"response":[%s]}'

    local function answer(ids, more)
      local items = {}
      for i, id in ipairs(ids) do items[i] = ('{"code":200,"status":"success","data":{"id":"%s"}}'):format(id) end
      w:answer("list_phone_numbers", PAGE:format(more or "", table.concat(items, ",")))
    end

    local function after(offset) return ('"next_page_uri":"/x?offset=%d&page_size=2"'):format(offset) end

    local function collect(offset)
      local all, err = pages.all(w.client, "list_phone_numbers", { trunk_sid = t.trunk_sid, offset = offset })
      local ids = {}
      for i, item in ipairs(all or {}) do ids[i] = item.id end
      return all and ids, err
    end

    it("from its beginning, and is what it was then", function()
      answer({ "1", "2" }, after(2))
      answer({ "4", "5" }, after(3))
      answer({ "3", "4" }, after(2))
      answer({ "4", "5" })
      assert.same({ "3", "4", "5" }, (collect()))
      assert.equal(4, #w.sb:requests())
    end)

    it("as long as new entries come, and then no more", function()
      for i = 1, 40 do
        answer({ "a" .. math.min(i, 5), "b" .. math.min(i, 5) }, after(2))
        answer({ "c", "d" }, after(3))
      end
      local _, err = collect()
      expect.failure("conflict", nil, err)
      assert.equal(2 * (5 + 3 + 1), #w.sb:requests())
    end)

    it("not where offsets count something else than entries: the link is taken as it comes", function()
      answer({ "1", "2" }, after(1))
      answer({ "2", "3" }, after(7))
      answer({ "4" })
      assert.same({ "1", "2", "3", "4" }, (collect()))
      local queries = {}
      for i, request in ipairs(w.sb:requests()) do queries[i] = request.query or "" end
      assert.same({ "", "offset=1&page_size=2", "offset=7&page_size=2" }, queries)
    end)

    it("also where the service gives one entry a page, however many are asked for", function()
      answer({ "1" }, after(1))
      answer({ "1" }, after(1))
      answer({ "2" }, after(2))
      answer({ "3" }, after(2)) -- "1" was removed
      answer({ "2" }, after(1))
      answer({ "2" }, after(1))
      answer({ "3" })
      assert.same({ "2", "3" }, (collect()))
      assert.equal(7, #w.sb:requests())
    end)

    it("and is over when that one entry never changes", function()
      for _ = 1, 9 do answer({ "1" }, after(1)) end
      local _, err = collect()
      expect.failure("protocol", nil, err)
    end)

    it("and says how much of it is missing when it ends before its total", function()
      answer({ "1", "2" }, after(2) .. ',"total":5')
      answer({ "2", "3" }, '"total":5')
      local ids, short = collect()
      assert.same({ "1", "2", "3" }, ids)
      assert.equal("the list ends after 3 of 5 entries", short)
      answer({ "1", "2" }, '"total":2')
      assert.is_nil((select(2, collect())))
    end)

    it("and nothing is missing of one that begins later", function()
      answer({ "4", "5" }, '"total":5')
      assert.same({ { "4", "5" } }, { collect(3) })
    end)

    it("from its beginning after it was found to be incomplete, and gives what was missing", function()
      local next_page = pages.new(w.client, "list_phone_numbers", { trunk_sid = t.trunk_sid })
      answer({ "1", "2" }, '"total":3')
      assert.equal(2, #next_page())
      expect.failure("protocol", next_page())
      answer({ "1", "2", "3" }, '"total":3')
      assert.same({ { id = "3" } }, (next_page()))
      assert.same({}, { next_page() })
    end)
  end)
end)
