-- Answers that are not what they seem, each as bytes from the wire: a failure must never look like a success.
local expect = require "spec.support.expect"
local world = require "spec.support.world"

local E164 = "+919876543210"
local SID = "trmum1f708622631150902801a1n"
local ONE = '{"request_id":"r1","method":"POST","http_code":200,"response":%s}'
local MANY = '{"request_id":"r1","method":"POST","http_code":%d,"metadata":%s,"response":[%s]}'

local function good(data) return '{"code":200,"error_data":null,"status":"success","data":' .. data .. "}" end

local function bad(status, code, message, description)
  return ('{"code":%d,"status":"failure","error_data":{"code":%s,"message":"%s","description":"%s"},"data":null}'):format(
    status, tostring(code), message, description)
end

describe("the envelope", function()
  local w

  before_each(function() w = world.new() end)
  after_each(function() w:close() end)

  local function answered(body, status)
    w:answer("*", body, status)
  end

  -- One call of each form of answer, reading and writing, with the answer that the sandbox gives.
  local function read() return w.client:get_trunk { trunk_sid = SID } end
  local function write() return w.client:map_phone_number { trunk_sid = SID, phone_number = E164 } end
  local function list() return w.client:list_phone_numbers { trunk_sid = SID } end
  local function delete() return w.client:unmap_phone_number { trunk_sid = SID, id = "41512" } end
  local function batch(count)
    local destinations = {}
    for i = 1, count or 2 do destinations[i] = { destination = ("sip%d.example.com:5061;transport=tls"):format(i) } end
    return w.client:add_destinations { trunk_sid = SID, destinations = destinations }
  end

  describe("with a failure inside a success", function()
    it("is the failure that the item says", function()
      answered(ONE:format(bad(409, 1008, "Duplicate resource", "PhoneNumber is mapped already")))
      local err = expect.failure("conflict", write())
      assert.equal(200, err.http_status)
      assert.equal(1008, err.code)
      assert.equal("Duplicate resource", err.message)
      assert.equal("PhoneNumber is mapped already", err.description)
      assert.equal("r1", err.request_id)
      assert.is_false(err.maybe_applied)
      assert.is_false(err.retryable)
      assert.equal(ONE:format(bad(409, 1008, "Duplicate resource", "PhoneNumber is mapped already")), err.body)
    end)

    local kinds = {
      { 400, 1001, "rejected" }, { 400, 1002, "rejected" }, { 400, 1007, "rejected" }, { 401, 1010, "authentication" },
      { 403, 1003, "permission" }, { 404, 1000, "not_found" }, { 409, 1008, "conflict" }, { 415, 1011, "rejected" },
      { 402, 402, "rejected" }, { 429, 429, "rate_limited" }, { 500, 500, "server" }, { 503, 503, "server" },
    }
    for _, row in ipairs(kinds) do
      it(("is %s for an item of %d / %d"):format(row[3], row[1], row[2]), function()
        answered(ONE:format(bad(row[1], row[2], "m", "d")))
        local err = expect.failure(row[3], write())
        assert.equal(row[2], err.code)
        assert.equal(row[3] == "server", err.maybe_applied)
      end)
    end

    it("is read from error_data when the item's code says 200 or is missing", function()
      answered(ONE:format('{"code":200,"status":"failure","error_data":{"code":1008,"message":"Duplicate resource"},"data":null}'))
      expect.failure("conflict", write())
      answered(ONE:format('{"status":"failure","error_data":{"code":1000,"message":"Not Found"},"data":null}'))
      expect.failure("not_found", write())
      answered(ONE:format('{"code":200,"status":"success","error_data":{"code":1002,"message":"Invalid parameter"},"data":{"id":"1"}}'))
      expect.failure("rejected", write())
    end)

    it("may have been applied when it contradicts itself", function()
      for _, item in ipairs {
        '{"code":200,"status":"failure","error_data":null,"data":{"id":"1"}}',
        '{"code":200,"status":"failure","error_data":{"code":4711,"message":"?"},"data":null}',
        '{"code":200,"status":"success","error_data":{},"data":{"id":"1"}}',
        '{"code":200,"status":"pending","error_data":null,"data":{"id":"1"}}',
        '{"code":302,"status":"success","error_data":null,"data":{"id":"1"}}',
        '{"code":0,"status":"success","error_data":null,"data":{"id":"1"}}',
      } do
        answered(ONE:format(item))
        assert.is_true(expect.failure("protocol", write()).maybe_applied, item)
        answered(ONE:format(item))
        assert.is_false(expect.failure("protocol", read()).maybe_applied, item)
      end
    end)

    it("takes numbers that come as strings", function()
      answered('{"request_id":"r1","http_code":"200","response":{"code":"409","status":"failure","error_data":{"code":"1008","message":"m"},"data":null}}')
      assert.equal(1008, expect.failure("conflict", write()).code)
    end)
  end)

  describe("with a success under an HTTP failure", function()
    for status, kind in pairs { [401] = "authentication", [403] = "permission", [404] = "not_found", [409] = "conflict", [500] = "server", [503] = "server" } do
      it("believes HTTP: " .. status, function()
        answered(ONE:format(good '{"id":"1"}'), status)
        local err = expect.failure(kind, write())
        assert.equal(status, err.http_status)
        assert.is_true(err.maybe_applied)
        answered(MANY:format(200, "{}", good '{"id":"1"}'), status)
        expect.failure(kind, list())
        answered(MANY:format(200, "{}", good '{"id":"1"}' .. "," .. good '{"id":"2"}'), status)
        expect.failure(kind, batch())
      end)
    end

    it("believes http_code where the item has no code", function()
      answered('{"http_code":404,"response":{"status":"success","data":{"id":"1"}}}')
      expect.failure("not_found", read())
    end)
  end)

  describe("of a batch", function()
    local function many(http_code, metadata, ...) return MANY:format(http_code, metadata, table.concat({ ... }, ",")) end

    it("that failed in part is no success: 207", function()
      local body = many(207, '{"total":3,"success":2,"failed":1}', good '{"id":"2543","destination":"sip:sip1.example.com:5061;transport=tls"}',
        bad(400, 1002, "Invalid parameter", "Destination not whitelisted"), good '{"id":"2544"}')
      answered(body, 207)
      local err = expect.failure("partial", batch(3))
      assert.equal(207, err.http_status)
      assert.same({
        { index = 1, sent = { destination = "sip1.example.com:5061;transport=tls" }, data = { id = "2543", destination = "sip:sip1.example.com:5061;transport=tls" } },
        { index = 3, sent = { destination = "sip3.example.com:5061;transport=tls" }, data = { id = "2544" } },
      }, err.succeeded)
      assert.same({
        { index = 2, sent = { destination = "sip2.example.com:5061;transport=tls" }, code = 1002, message = "Invalid parameter", description = "Destination not whitelisted" },
      }, err.failed)
      assert.equal("1 of 3 failed: Destination not whitelisted", err.message)
      assert.equal(1002, err.code)
      assert.equal(body, err.body)
      assert.is_false(err.maybe_applied)
      assert.is_false(err.retryable)
    end)

    it("that failed in part is no success: 200, or success in its metadata", function()
      answered(many(200, '{"total":2,"success":2,"failed":0}', good '{"id":"1"}', bad(409, 1008, "Duplicate resource", "d")), 200)
      local err = expect.failure("partial", batch())
      assert.equal(2, err.failed[1].index)
      assert.equal(1008, err.failed[1].code)
    end)

    it("that failed whole says what became of each", function()
      answered(many(207, '{"total":2,"success":0,"failed":2}', bad(400, 1002, "Invalid parameter", "a"), bad(409, 1008, "Duplicate resource", "b")), 207)
      local err = expect.failure("partial", batch())
      assert.same({}, err.succeeded)
      assert.equal(1, err.failed[1].index)
      assert.equal("a", err.failed[1].description)
      assert.equal(2, err.failed[2].index)
      assert.equal("Duplicate resource", err.failed[2].message)
      assert.equal("2 of 2 failed: a", err.message)
    end)

    it("whose item failed on the service's side may have been applied", function()
      answered(many(207, "{}", good '{"id":"1"}', bad(500, 500, "Internal", "d")), 207)
      assert.is_true(expect.failure("partial", batch()).maybe_applied)
      answered(many(207, "{}", good '{"id":"1"}', '{"code":200,"status":"success","error_data":null,"data":null}'), 207)
      local err = expect.failure("partial", batch())
      assert.is_true(err.maybe_applied)
      assert.equal(2, err.failed[1].index)
      assert.is_string(err.failed[1].message)
      answered(many(207, "{}", good '{"id":"1"}', "null"), 207)
      assert.is_true(expect.failure("partial", batch()).maybe_applied)
    end)

    it("refused as a whole is not partial", function()
      answered('{"request_id":"r1","http_code":400,"response":' .. bad(400, 1007, "Invalid request body,failed parsing", "d") .. "}", 400)
      local err = expect.failure("rejected", batch())
      assert.equal(1007, err.code)
      assert.is_nil(err.failed)
      assert.is_false(err.maybe_applied)
    end)

    it("with more or fewer items than were sent can't be understood", function()
      for _, items in ipairs { { good '{"id":"1"}' }, { good '{"id":"1"}', good '{"id":"2"}', good '{"id":"3"}' }, {} } do
        answered(many(200, "{}", (table.unpack or unpack)(items)))
        assert.is_true(expect.failure("protocol", batch(2)).maybe_applied)
      end
    end)

    it("that is one item can't be understood", function()
      answered(ONE:format(good '{"id":"1"}'))
      assert.is_true(expect.failure("protocol", batch(1)).maybe_applied)
    end)

    it("of settings leaves `failed` out of its metadata", function()
      answered(many(207, '{"total":2,"success":1}', good '{"name":"trunk_external_alias","value":"+919876543210"}', bad(400, 1002, "Invalid parameter", "Name is invalid")), 207)
      local err = expect.failure("partial", w.client:set_settings {
        trunk_sid = SID, settings = { { name = "trunk_external_alias", value = E164 }, { name = "colour", value = "blue" } },
      })
      assert.same({ name = "trunk_external_alias", value = E164 }, err.succeeded[1].sent)
      assert.same({ index = 2, sent = { name = "colour", value = "blue" }, code = 1002, message = "Invalid parameter", description = "Name is invalid" }, err.failed[1])
    end)

    it("keeps the order in which it was sent", function()
      answered(many(200, '{"total":2,"success":2,"failed":0}', good '{"id":"2"}', good '{"id":"1"}'))
      local data, info = batch()
      assert.same({ { id = "2" }, { id = "1" } }, data)
      assert.same({ total = 2, success = 2, failed = 0 }, info.metadata)
    end)
  end)

  describe("of a list", function()
    it("with an item that failed is no success", function()
      answered(MANY:format(200, "{}", good '{"id":"1"}' .. "," .. bad(500, 500, "Internal", "d")))
      local err = expect.failure("partial", list())
      assert.same({ { index = 1, data = { id = "1" } } }, err.succeeded)
      assert.equal(2, err.failed[1].index)
      assert.equal(500, err.failed[1].code)
      assert.is_false(err.maybe_applied)
    end)

    it("may be empty", function()
      answered(MANY:format(200, '{"page_size":50,"next_page_uri":null}', ""))
      local data, info = list()
      assert.same({}, data)
      assert.is_nil(info.next)
    end)

    it("says where the next page is", function()
      local nexts = {
        ["/v2/accounts/a/trunks/t/phone-numbers?offset=50&page_size=50"] = { offset = 50, page_size = 50 },
        ["/v2/accounts/a/trunks/t/phone-numbers?page_size=20&offset=40"] = { offset = 40, page_size = 20 },
        ["https://elsewhere.example/x?offset=7"] = { offset = 7 },
        ["?my_offset=3&offset=9"] = { offset = 9 },
      }
      for uri, expected in pairs(nexts) do
        answered(MANY:format(200, '{"next_page_uri":"' .. uri .. '"}', good '{"id":"1"}'))
        local _, info = list()
        assert.same(expected, info.next)
      end
      answered(MANY:format(200, '{"next_page_uri":""}', good '{"id":"1"}'))
      assert.is_nil(select(2, list()).next)
    end)

    it("whose next page can't be found is no success", function()
      for _, uri in ipairs { '"/x?page=2"', '"/x?offset=abc"', '"/x?offset=-5"', '"/x?offset=99999999999999999999"', '"/x?offset="', "17", "{}", "true" } do
        answered(MANY:format(200, '{"next_page_uri":' .. uri .. "}", good '{"id":"1"}'))
        expect.failure("protocol", list())
      end
    end)

    it("that is one item is a list of one, and says so", function()
      answered(ONE:format(good '{"exophone":"+919876543210","trunk_sid":"t1"}'))
      local data, info = w.client:find_trunk_map { exophone = E164 }
      assert.same({ { exophone = E164, trunk_sid = "t1" } }, data)
      assert.same({ "the service answered one item where a list was expected" }, info.warnings)
    end)

    it("stands where one item is expected: not understood", function()
      answered(MANY:format(200, "{}", good '{"id":"1"}'))
      assert.is_true(expect.failure("protocol", write()).maybe_applied)
    end)
  end)

  describe("in another shape", function()
    it("is a RestException", function()
      answered('{"RestException":{"Status":429,"Message":"Too many requests","Code":"RATE_LIMIT_EXCEEDED"}}', 429)
      local err = expect.failure("rate_limited", write())
      assert.equal("RATE_LIMIT_EXCEEDED", err.code)
      assert.equal("Too many requests", err.message)
      assert.is_false(err.maybe_applied)
      answered('{"RestException":{"Status":403,"Message":"No","Code":34001}}', 200)
      err = expect.failure("permission", write())
      assert.equal(34001, err.code)
      answered('{"RestException":{"Status":"404","Message":"No such trunk"}}', 404)
      assert.equal("No such trunk", expect.failure("not_found", read()).message)
      answered('{"RestException":{"Status":200,"Message":"odd"}}', 200)
      assert.is_true(expect.failure("protocol", write()).maybe_applied)
      answered('{"RestException":{"Message":"boom"}}', 502)
      assert.is_true(expect.failure("server", write()).maybe_applied)
    end)

    it("is an error inside the response", function()
      answered('{"request_id":"r2","http_code":429,"response":{"error":{"code":"RATE_LIMIT_EXCEEDED","message":"slow down"}}}', 429)
      local err = expect.failure("rate_limited", write())
      assert.equal("RATE_LIMIT_EXCEEDED", err.code)
      assert.equal("slow down", err.message)
      assert.equal("r2", err.request_id)
      answered('{"http_code":429,"response":{"error":{"code":4290,"message":"slow down"}}}', 200)
      assert.equal(4290, expect.failure("rate_limited", write()).code)
      answered('{"http_code":200,"response":{"error":{"code":1,"message":"?"}}}', 200)
      assert.is_true(expect.failure("protocol", write()).maybe_applied)
    end)

    local strange = {
      html = "<html><body>200 OK</body></html>", empty = "", blank = " \n", word = "OK", ["null"] = "null", number = "17",
      string = '"success"', array = "[]", ["empty object"] = "{}", ["no response"] = '{"http_code":200,"request_id":"r"}',
      ["null response"] = '{"http_code":200,"response":null}', ["word response"] = '{"http_code":200,"response":"ok"}',
      ["another API's"] = '{"status":"success","data":{"id":"1"}}', truncated = '{"http_code":200,"response":{"code":200,"status":"succ',
      ["two values"] = '{"http_code":200,"response":{"code":200,"status":"success","data":{"id":"1"}}}{}',
      ["trailing comma"] = '{"http_code":200,"response":{"code":200,"status":"success","data":{"id":"1"},}}',
      ["single quotes"] = "{'http_code':200,'response':{'code':200,'status':'success','data':{'id':'1'}}}",
      ["leading zero"] = '{"http_code":200,"response":{"code":200,"status":"success","data":{"mask":032}}}',
      ["control character"] = '{"http_code":200,"response":{"code":200,"status":"success","data":{"id":"a\nb"}}}',
      ["lone surrogate"] = '{"http_code":200,"response":{"code":200,"status":"success","data":{"id":"\\ud800"}}}',
      ["raw NUL"] = '{"http_code":200,"response":{"code":200,"status":"success","data":{"id":"4\0001"}}}',
      ["NUL behind it"] = '{"http_code":200,"response":{"code":200,"status":"success","data":{"id":"41"}}}\0',
      ["escaped NUL"] = '{"http_code":200,"response":{"code":200,"status":"success","data":{"id":"4\\u00001"}}}',
      ["escaped NUL in a key"] = '{"http_code":200,"response":{"code":200,"status":"success","data":{"id\\u0000x":"1"}}}',
      ["deep arrays"] = ("["):rep(100000), ["deep arrays, closed"] = ("["):rep(100000) .. ("]"):rep(100000),
      ["deep objects"] = ('{"a":'):rep(100000), ["deep data"] = ONE:format(good(('{"a":'):rep(200) .. "1" .. ("}"):rep(200))),
      ["many values"] = ONE:format(good('{"a":[' .. ("0,"):rep(300000) .. "0]}")),
    }

    for name, body in pairs(strange) do
      it("is not understood: " .. name, function()
        answered(body)
        local err = expect.failure("protocol", write())
        assert.is_true(err.maybe_applied)
        assert.is_false(err.retryable)
        assert.equal(200, err.http_status)
        assert.equal(body:sub(1, 64 * 1024), err.body)
        answered(body)
        assert.is_false(expect.failure("protocol", read()).maybe_applied)
        answered(body)
        expect.failure("protocol", list())
        answered(body)
        assert.is_true(expect.failure("protocol", batch()).maybe_applied)
        answered(body)
        assert.is_true(expect.failure("protocol", delete()).maybe_applied)
      end)
    end

    it("comes under an HTTP failure, whose kind it then is", function()
      for _, body in ipairs { "<html>Bad Gateway</html>", "", "upstream timed out", "[]", '{"message":"no"}', '{"response":nul' } do
        for status, kind in pairs { [400] = "rejected", [401] = "authentication", [404] = "not_found", [429] = "rate_limited", [502] = "server" } do
          answered(body, status)
          local err = expect.failure(kind, write())
          assert.equal(status, err.http_status)
          assert.equal(body, err.body)
          assert.equal(kind == "server", err.maybe_applied)
        end
      end
    end)

    it("is a short text that says why", function()
      answered("upstream timed out\n", 504)
      assert.equal("upstream timed out", expect.failure("server", write()).message)
      answered('{"message":"no route"}', 404)
      assert.equal("no route", expect.failure("not_found", write()).message)
    end)

    it("has an HTTP status that no API call is answered with", function()
      for _, status in ipairs { 301, 302, 304, 307 } do
        answered(status == 304 and "" or ONE:format(good '{"id":"1"}'), status)
        local err = expect.failure("protocol", write())
        assert.equal(status, err.http_status)
        assert.is_true(err.maybe_applied)
      end
    end)
  end)

  describe("without data", function()
    it("is no success, though a deletion may be", function()
      for _, data in ipairs { "null", '"41512"', "[]", "true", "17" } do
        answered(ONE:format(good(data)))
        assert.is_true(expect.failure("protocol", write()).maybe_applied, data)
        answered(ONE:format(good(data)))
        expect.failure("protocol", read())
        answered(ONE:format(good(data)))
        expect.failure("protocol", list())
        answered(ONE:format(good(data)))
        local deleted, info = delete()
        assert.same({}, deleted)
        assert.same({ "the service confirmed the deletion without saying what was deleted" }, info.warnings)
      end
      answered(ONE:format '{"code":200,"status":"success"}')
      expect.failure("protocol", write())
    end)

    it("may be a failed deletion all the same", function()
      answered(ONE:format(bad(404, 1000, "Not Found", "d")))
      expect.failure("not_found", delete())
      answered(ONE:format(bad(500, 500, "Internal", "d")), 500)
      assert.is_true(expect.failure("server", delete()).maybe_applied)
      answered("", 200)
      assert.is_true(expect.failure("protocol", delete()).maybe_applied)
    end)
  end)

  describe("that is not JSON but for a bare word", function()
    it("is read, and says so", function()
      answered(ONE:format(good '{"id":"41512","mode": pstn,"a":[one, two-3]}'))
      local data, info = write()
      assert.same({ id = "41512", mode = "pstn", a = { "one", "two-3" } }, data)
      assert.same({ "the answer was not JSON: 3 bare words read as a string" }, info.warnings)
    end)

    it("leaves good JSON and its words alone", function()
      answered(ONE:format(good '{"mode":null,"a":true,"b":false,"c":"pstn"}'))
      local data, info = write()
      assert.same({ a = true, b = false, c = "pstn" }, data)
      assert.same({}, info.warnings)
      answered(ONE:format(good '{"mode":null,"a":true,"b":flow}'))
      assert.same({ a = true, b = "flow" }, (write()))
    end)

    it("stays a failure where it is one", function()
      answered('{"http_code":200,"response":{"code":409,"status":failure,"error_data":{"code":1008,"message":Duplicate},"data":null}}')
      expect.failure("conflict", write())
    end)

    it("is not read where a key or nothing but a word stands", function()
      for _, data in ipairs { '{id:"1"}', '{"id":}', '{"mode":pst n}', '{"mode":pstn"}', '{"id":"1" x}', '{"mode":+91}', '{"mode":1x}', '{"mode":@}' } do
        answered(ONE:format(good(data)))
        expect.failure("protocol", write())
      end
    end)
  end)

  describe("and its values", function()
    local function data_of(text)
      answered(ONE:format(good(text)))
      return (assert(read()))
    end

    it("keep an id a string, whichever way it came", function()
      assert.same({ id = "41512", trunk_sid = "17", user_id = "0", plain = 41512 }, data_of '{"id":41512,"trunk_sid":17,"user_id":0,"plain":41512}')
      assert.same({ id = "123456789012345678" }, data_of '{"id":123456789012345678}')
      assert.same({ id = "123456789012345678" }, data_of '{"id":"123456789012345678"}')
      assert.same({ other = "123456789012345678", negative = "-1234567890123456" }, data_of '{"other":123456789012345678,"negative":-1234567890123456}')
    end)

    it("keep a request id a string", function()
      answered('{"request_id":123456789012345678901,"http_code":200,"response":' .. good '{"id":"1"}' .. "}")
      assert.equal("123456789012345678901", select(2, read()).request_id)
    end)

    it("are integers when they are whole, else floats", function()
      local data = data_of '{"a":32,"b":-7,"c":0,"d":999999999999999,"e":1.5,"f":1e2,"g":2.0}'
      assert.same({ a = 32, b = -7, c = 0, d = 999999999999999, e = 1.5, f = 100, g = 2 }, data)
      if not math.type then return end
      for name, value in pairs(data) do assert.equal(name == "e" and "float" or "integer", math.type(value)) end
    end)

    it("are nil for null, and false for false", function()
      local data = data_of '{"mode":null,"flag":false,"list":[],"object":{}}'
      assert.is_nil(data.mode)
      assert.is_false(data.flag)
      assert.same({ flag = false, list = {}, object = {} }, data)
    end)

    it("are text as it was meant", function()
      assert.same({ s = 'a"b\\c/d\b\f\n\r\t\195\188\240\159\147\158' }, data_of [[{"s":"a\"b\\c\/d\b\f\n\r\t\u00fc\ud83d\udcde"}]])
      assert.same({ ["key with space"] = "\195\188" }, data_of '{"key with space":"\195\188"}')
    end)

    it("may stand behind a byte order mark and between white space", function()
      answered("\239\187\191 \r\n\t" .. ONE:format(good ' { "id" : "1" } ') .. "\n\n")
      assert.same({ id = "1" }, (read()))
    end)

    it("may be many, and deep", function()
      local items = {}
      for i = 1, 2000 do items[i] = good(('{"id":"%d"}'):format(i)) end
      answered(MANY:format(200, "{}", table.concat(items, ",")))
      local data = assert(list())
      assert.equal(2000, #data)
      assert.equal("2000", data[2000].id)
      local deep = data_of(('{"a":'):rep(50) .. "1" .. ("}"):rep(50))
      for _ = 1, 50 do deep = deep.a end
      assert.equal(1, deep)
    end)
  end)

  it("is kept with a failure to 64 KiB, and not with a success", function()
    answered(("x"):rep(64 * 1024 + 1))
    assert.equal(64 * 1024, #expect.failure("protocol", write()).body)
    answered(("x"):rep(64 * 1024))
    assert.equal(64 * 1024, #expect.failure("protocol", write()).body)
    answered(ONE:format(good '{"id":"1"}'))
    assert.is_nil(select(2, write()).body)
  end)
end)
