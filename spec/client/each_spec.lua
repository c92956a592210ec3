-- Lists over several pages.
local expect = require "spec.support.expect"
local world = require "spec.support.world"

local function page(ids, next_page_uri)
  local items = {}
  for i, id in ipairs(ids) do items[i] = ('{"code":200,"error_data":null,"status":"success","data":{"id":"%s"}}'):format(id) end
  local uri = next_page_uri and '"' .. next_page_uri .. '"' or "null"
  return ('{"request_id":"r","http_code":200,"metadata":{"page_size":2,"next_page_uri":%s},"response":[%s]}'):format(uri, table.concat(items, ","))
end

describe("client:each", function()
  local w, sid

  before_each(function()
    w = world.new { page_size = 2 }
    sid = w:trunk()
    for i = 1, 5 do assert(w.client:map_phone_number { trunk_sid = sid, phone_number = "+91804026420" .. i }) end
    w.sb:reset_requests()
  end)
  after_each(function() w:close() end)

  local function numbers(arguments)
    arguments = arguments or {}
    arguments.trunk_sid = sid
    return w.client:each("list_phone_numbers", arguments)
  end

  local function collect(iterator)
    local last = {}
    for item in iterator do last[#last + 1] = item.id or item.value or item.trunk_sid end
    return last
  end

  local function queries()
    local list = {}
    for i, request in ipairs(w.sb:requests()) do list[i] = request.query or "" end
    return list
  end

  it("goes over the items of all pages", function()
    local seen = {}
    for item in numbers() do seen[#seen + 1] = item.phone_number end
    assert.same({ "+918040264205", "+918040264204", "+918040264203", "+918040264202", "+918040264201" }, seen)
    assert.same({ "", "offset=1&page_size=2", "offset=2&page_size=2", "offset=3&page_size=2" }, queries())
  end)

  it("fetches a page only when its first item is needed", function()
    local next_item = numbers()
    assert.equal(0, #w.sb:requests())
    next_item()
    assert.equal(1, #w.sb:requests())
    next_item()
    assert.equal(1, #w.sb:requests())
    next_item()
    assert.equal(2, #w.sb:requests())
  end)

  it("asks for no page after the last, and stays at its end", function()
    local next_item = numbers()
    for _ = 1, 5 do assert.is_table(next_item()) end
    assert.is_nil(next_item())
    assert.is_nil(next_item())
    assert.equal(4, #w.sb:requests())
  end)

  it("keeps page_size and the other arguments, and starts where it is told", function()
    local arguments = { page_size = 3, offset = 1 }
    assert.equal(4, #collect(numbers(arguments)))
    assert.same({ "offset=1&page_size=3", "offset=3&page_size=3" }, queries())
    assert.same({ page_size = 3, offset = 1, trunk_sid = sid }, arguments)
    assert.equal(1, #collect(w.client:each("list_trunks", { trunk_sid = sid, page_size = 1 })))
    assert.equal("page_size=1&trunk_sid=" .. sid, queries()[3])
  end)

  it("asks for two entries where a page of one would be nothing but the overlap", function()
    assert.equal(5, #collect(numbers { page_size = 1 }))
    local asked = { "page_size=1" }
    for offset = 0, 3 do asked[#asked + 1] = ("offset=%d&page_size=2"):format(offset) end
    assert.same(asked, queries())
  end)

  it("reads one page of an operation that has no pages", function()
    assert(w.client:set_settings { trunk_sid = sid, settings = { { name = "trunk_external_alias", value = "+919876543210" } } })
    w.sb:reset_requests()
    assert.same({ "+919876543210" }, collect(w.client:each("list_settings", { trunk_sid = sid })))
    assert.equal(1, #collect(w.client:each("find_trunk_map", { exophone = "+918040264201" })))
    assert.equal("list_settings find_trunk_map", w:operations())
  end)

  it("has nothing of an empty list", function()
    assert.same({}, collect(w.client:each("list_destinations", { trunk_sid = sid })))
    assert.equal(1, #w.sb:requests())
  end)

  it("may stand in several loops at once", function()
    local count = 0
    for _ in numbers() do
      for _ in numbers() do count = count + 1 end
    end
    assert.equal(25, count)
  end)

  describe("raises the error object", function()
    local function failure(kind, iterator)
      local good, err = pcall(collect, iterator)
      assert.is_false(good)
      return expect.failure(kind, nil, err)
    end

    it("when a page can't be had", function()
      w.sb:fault { on = "list_phone_numbers", status = 403, skip = 1 }
      local seen = 0
      local good, err = pcall(function() for _ in numbers() do seen = seen + 1 end end)
      assert.is_false(good)
      assert.equal("permission", err.kind)
      assert.equal("list_phone_numbers", err.operation)
      assert.equal(2, seen)
    end)

    it("for a wrong argument, when the first item is fetched", function()
      assert.equal("offset", failure("invalid_argument", numbers { offset = -1 }).field)
      assert.same({}, w.sb:requests())
    end)

    it("and ends with it", function()
      w.sb:fault { on = "list_phone_numbers", status = 403 }
      local next_item = numbers()
      assert.is_false((pcall(next_item)))
      assert.is_nil(next_item())
      assert.equal(1, #w.sb:requests())
    end)

    it("when a page repeats", function()
      w.sb:fault { on = "list_phone_numbers", status = 200, body = page({ "1", "2" }, "/x?offset=2&page_size=2"), times = 100 }
      local err = failure("protocol", numbers())
      assert.truthy(err.message:find("same page twice"), err.message)
      assert.equal("list_phone_numbers", err.operation)
      assert.equal(10, #w.sb:requests())
    end)

    it("when a page repeats whose entries can't be told apart", function()
      local nameless = '{"http_code":200,"metadata":{"next_page_uri":"/x?offset=%d"},"response":[{"code":200,"data":{}}]}'
      w:answer("list_phone_numbers", nameless:format(1))
      w:answer("list_phone_numbers", nameless:format(2))
      assert.truthy(failure("protocol", numbers()).message:find("same page twice"))
      assert.equal(2, #w.sb:requests())
    end)

    it("when the next page is not a later one", function()
      for _, offset in ipairs { 0, 2, 1 } do
        w:answer("list_phone_numbers", page({ "1", "2" }, "/x?offset=2&page_size=2"))
        w:answer("list_phone_numbers", page({ "2", "3" }, ("/x?offset=%d&page_size=2"):format(offset)))
        local err = failure("protocol", numbers())
        assert.truthy(err.message:find("not a later one"), err.message)
      end
      w:answer("list_phone_numbers", page({ "1", "2" }, "/x?offset=0&page_size=2"))
      failure("protocol", numbers())
      assert.equal(7, #w.sb:requests())
    end)

    it("when pages without items never end", function()
      for i = 1, 4 do w:answer("list_phone_numbers", page({}, ("/x?offset=%d"):format(i < 4 and i or 3))) end
      failure("protocol", numbers())
      assert.equal(4, #w.sb:requests())
    end)
  end)

  it("goes on over a page without items", function()
    w:answer("list_phone_numbers", page({ "1" }, "/x?offset=2"))
    w:answer("list_phone_numbers", page({}, "/x?offset=4"))
    w:answer("list_phone_numbers", page({ "2" }))
    assert.same({ "1", "2" }, collect(numbers()))
  end)

  it("never contacts another host, whatever the next page's address says", function()
    local other = world.new()
    w:answer("list_phone_numbers", page({ "1", "2" }, other.sb.base_url .. "/v2/accounts/sandbox1/trunks/x/phone-numbers?offset=2&page_size=2"))
    w:answer("list_phone_numbers", page({ "2", "3" }))
    assert.same({ "1", "2", "3" }, collect(numbers()))
    assert.equal(0, #other.sb:requests())
    local requests = w.sb:requests()
    assert.equal("/v2/accounts/sandbox1/trunks/" .. sid .. "/phone-numbers?offset=1&page_size=2", requests[2].target)
    other:close()
  end)

  it("raises at once where it is misused", function()
    expect.raises("unknown operation 'list_numbers'", w.client.each, w.client, "list_numbers", {})
    expect.raises("unknown operation 'nil'", w.client.each, w.client)
    expect.raises("'get_trunk' does not answer a list", w.client.each, w.client, "get_trunk", { trunk_sid = sid })
    expect.raises("takes a table", w.client.each, w.client, "list_trunks")
  end)
end)
