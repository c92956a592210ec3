-- What holds for all requests: the envelope, access, pages of lists, the rate limit.
local curl = require "spec.support.curl"
local raw_client = require "spec.support.raw_client"

local url, options_of, request = raw_client.url, raw_client.options_of, raw_client.request
local data_of, create_trunk, new_trunk = raw_client.data_of, raw_client.create_trunk, raw_client.new_trunk
local assert_refused, keys_in_order, null = raw_client.assert_refused, raw_client.keys_in_order, raw_client.null

describe("sandbox", function()
  local sb

  local function start(options) sb = raw_client.start(options) end

  before_each(function() start() end)

  after_each(raw_client.stop)

  describe("the envelope", function()
    it("has the keys and their order of the reference", function()
      local path = new_trunk()
      local reply = request("GET", path)
      keys_in_order(reply.body, {
        "request_id", "method", "http_code", "response", "code", "error_data", "status", "data",
      })
      assert.equal("GET", reply.json.method)
      assert.equal(200, reply.json.http_code)
      assert.equal(null, reply.json.response.error_data)
      assert.truthy(reply.json.request_id:find("^%x+$"))
      assert.equal(32, #reply.json.request_id)
      assert.equal("application/json", reply.headers["content-type"])
    end)

    it("gives every request an id of its own", function()
      local first, second = request("GET", "/trunks").json.request_id, request("GET", "/trunks").json.request_id
      assert.not_equal(first, second)
    end)
  end)

  describe("access", function()
    it("needs the right key and token", function()
      for _, user in ipairs({ "sandbox_key:wrong", "wrong:sandbox_token", "sandbox_key:", ":" }) do
        assert_refused(curl.request(url("/trunks"), { user = user }), 401, 1010)
      end
      assert_refused(curl.request(url("/trunks")), 401, 1010)
      assert_refused(curl.request(url("/trunks"), { headers = { "Authorization: Bearer c2FuZGJveA==" } }), 401, 1010,
        "Authorization failed")
      assert.equal(200, request("GET", "/trunks").status)
    end)

    it("takes whatever key and token it was started with", function()
      start({ api_key = "k", api_token = "t:oken é", account_sid = "acme_1" })
      assert.equal(200, request("GET", "/trunks").status)
    end)

    it("forbids another account", function()
      assert_refused(request("GET", "/v2/accounts/other/trunks"), 403, 1003)
    end)

    it("knows no other paths or methods", function()
      assert_refused(request("GET", "/nothing"), 404, 1000)
      assert_refused(request("GET", "/v2/accounts"), 404, 1000)
      assert_refused(request("GET", "/v2/accounts//trunks"), 404, 1000)
      assert_refused(request("GET", "/trunks//phone-numbers"), 404, 1000)
      assert.equal(405, request("PATCH", "/trunks").status)
      assert.equal(405, request("POST", "/trunk-maps", "{}").status)
    end)

    it("takes .json at the end of any path, and escaped paths", function()
      local path = new_trunk()
      assert.equal(200, request("GET", path .. ".json").status)
      assert.equal(200, request("GET", path .. "/phone-numbers.json?offset=0").status)
      assert.equal(200, request("GET", (path:gsub("trmum", "%%74rmum"))).status)
      assert.equal(200, request("GET", "/trunks.json").status)
    end)

    it("refuses a body that isn't declared as JSON", function()
      local options = options_of("POST", "{}")
      for _, header in ipairs({ "Content-Type: text/plain", "Content-Type:", "Content-Type: application/jsonx" }) do
        options.headers = { header }
        assert_refused(curl.request(url("/trunks"), options), 415, 1011)
      end
      options.headers = { "Content-Type: Application/JSON; charset=utf-8" }
      assert_refused(curl.request(url("/trunks"), options), 400, 1001)
    end)

    it("refuses a body that isn't a JSON object", function()
      for _, body in ipairs({
        '{"trunk_name":"a"', "", "null", "[]", '"x"', "{'a':1}", '{"a":01}', '{"a":1,}', '{"a":pstn}', '{"a":"\\x"}',
        "{} {}", '{"a":1.}', '{"a":+1}', '{"a":"\n"}', ("["):rep(300),
      }) do
        assert_refused(request("POST", "/trunks", body), 400, 1007)
      end
    end)
  end)

  describe("lists", function()
    local path

    before_each(function()
      path = new_trunk() .. "/phone-numbers"
      for i = 1, 5 do data_of(request("POST", path, ('{"phone_number":"+9198765432%02d"}'):format(i))) end
    end)

    local function ids(reply)
      local found = {}
      for i, item in ipairs(reply.json.response) do found[i] = item.data.id end
      return table.concat(found, " ")
    end

    it("come in one page of 50 unless told otherwise", function()
      local reply = request("GET", path)
      keys_in_order(reply.body, {
        "request_id", "method", "http_code", "metadata", "page_size", "first_page_uri", "prev_page_uri",
        "next_page_uri", "response",
      })
      assert.equal(50, reply.json.metadata.page_size)
      assert.equal("/v2/accounts/sandbox1" .. path .. "?offset=0&page_size=50", reply.json.metadata.first_page_uri)
      assert.equal(null, reply.json.metadata.prev_page_uri)
      assert.equal(null, reply.json.metadata.next_page_uri)
      assert.equal("41516 41515 41514 41513 41512", ids(reply))
    end)

    it("lead from page to page and back", function()
      local pages, uri = {}, "/v2/accounts/sandbox1" .. path .. "?page_size=2"
      local reply
      while uri ~= null do
        reply = request("GET", uri)
        pages[#pages + 1] = ids(reply)
        uri = reply.json.metadata.next_page_uri
      end
      assert.same({ "41516 41515", "41514 41513", "41512" }, pages)
      reply = request("GET", reply.json.metadata.prev_page_uri)
      assert.equal("41514 41513", ids(reply))
    end)

    it("are empty beyond the end, and end exactly there", function()
      assert.equal("", ids(request("GET", path .. "?offset=5")))
      assert.equal(null, request("GET", path .. "?offset=3&page_size=2").json.metadata.next_page_uri)
      assert.equal("41516", ids(request("GET", path .. "?offset=0&page_size=1")))
    end)

    it("refuse a page that isn't one", function()
      for _, query in ipairs({ "offset=-1", "offset=x", "page_size=0", "page_size=1.5", "offset=" }) do
        assert_refused(request("GET", path .. "?" .. query), 400, 1002)
      end
    end)

    it("take the first of two values that a query has for one name", function()
      assert.equal("41515", ids(request("GET", path .. "?page_size=1&offset=1&page_size=3&offset=x")))
    end)

    it("have the size that the sandbox was started with", function()
      start({ page_size = 1 })
      create_trunk("one")
      create_trunk("two")
      local reply = request("GET", "/trunks")
      assert.equal(1, #reply.json.response)
      assert.equal("/v2/accounts/sandbox1/trunks?offset=1&page_size=1", reply.json.metadata.next_page_uri)
    end)
  end)

  describe("the rate limit", function()
    it("is off", function()
      assert.is_nil(request("GET", "/trunks").headers["x-ratelimit-limit"])
    end)

    it("lets so many requests through in 60 seconds of the service's clock", function()
      start({ rate_limit = 2 })
      local first = request("GET", "/trunks")
      assert.equal("2", first.headers["x-ratelimit-limit"])
      assert.equal("1", first.headers["x-ratelimit-remaining"])
      assert.equal("0", request("GET", "/trunks").headers["x-ratelimit-remaining"])
      local refused = request("GET", "/trunks")
      assert.equal(429, refused.status)
      local exception = { Status = 429, Message = "Too many requests", Code = "RATE_LIMIT_EXCEEDED" }
      assert.same(exception, refused.json.RestException)
      assert.truthy(tonumber(refused.headers["retry-after"]) <= 60)
      assert.truthy(tonumber(refused.headers["x-ratelimit-reset"]) > 1.6e9)
      sb:advance(61)
      assert.equal(200, request("GET", "/trunks").status)
    end)
  end)
end)
