-- The call's options keep_answer, body and content_type: the answer as it came, and requests that no arguments make.
local exotel = require "exotel"
local expect = require "spec.support.expect"
local raw_server = require "spec.support.raw_server"
local world = require "spec.support.world"

describe("the answer as it came", function()
  local w, client, trunk_sid

  before_each(function()
    w = world.new()
    client, trunk_sid = w.client, w:trunk()
  end)
  after_each(function() w:close() end)

  it("is kept of a success and of a failure, where it is asked for", function()
    local _, info = client:get_trunk({ trunk_sid = trunk_sid }, { keep_answer = true })
    assert.equal(200, info.answer.status)
    assert.truthy(info.answer.body:find('^{"request_id":"%x+","method":"GET"'))
    assert.truthy(info.answer.headers:find("^HTTP/1.1 200 [^\r\n]+\r\n"))
    assert.truthy(info.answer.headers:find("\r\nContent-Type: application/json\r\n", 1, true))
    local err = expect.failure("not_found", client:get_trunk({ trunk_sid = "none" }, { keep_answer = true }))
    assert.same({ 404, err.body }, { err.answer.status, err.answer.body })
    local _, plain = client:get_trunk { trunk_sid = trunk_sid }
    assert.is_nil(plain.answer)
    assert.is_nil(select(2, client:get_trunk { trunk_sid = "none" }).answer)
  end)

  it("is that of the last attempt, and none where none came", function()
    w.sb:fault { on = "get_trunk", status = 503, headers = { ["X-First"] = "yes" } }
    local _, info = client:get_trunk({ trunk_sid = trunk_sid }, { keep_answer = true, retries = 1 })
    assert.same({ 200, 2 }, { info.answer.status, info.attempts })
    assert.is_nil(info.answer.headers:find("X-First", 1, true))
    w.sb:fault { on = "get_trunk", drop = true, times = true }
    assert.is_nil(expect.failure("network", client:get_trunk({ trunk_sid = trunk_sid }, { keep_answer = true, retries = 0 })).answer)
    assert.is_nil(expect.refused("trunk_sid", client:get_trunk({ trunk_sid = "" }, { keep_answer = true })).answer)
  end)

  it("has all bytes of a body that is no JSON, and no secret, neither in its headers", function()
    local body = ("x"):rep(70000) .. "\0sandbox_token\0" .. ("y"):rep(100)
    w.sb:fault { on = "get_trunk", status = 404, body = body, headers = { ["X-Echo"] = "sandbox_token" } }
    local err = expect.failure("not_found", client:get_trunk({ trunk_sid = trunk_sid }, { keep_answer = true }))
    assert.same({ #body, 65536 }, { #err.answer.body, #err.body })
    expect.no_secret(err.answer.body .. err.answer.headers)
    assert.truthy(err.answer.headers:find("X-Echo: *************", 1, true))
    w.sb:fault { after = "get_trunk", headers = { ["X-Echo"] = "sandbox_token" } }
    local _, info = client:get_trunk({ trunk_sid = trunk_sid }, { keep_answer = true })
    expect.no_secret(info.answer.headers)
  end)

  it("has the headers of the last answer only, where others come before it", function()
    local server = raw_server.start {
      { "reply", "HTTP/1.1 103 Early Hints\r\nX-Early: yes\r\n\r\n" .. raw_server.answer(raw_server.success '{"id":"1"}') },
    }
    local options = { account_sid = "a", api_key = "k", api_token = "t", base_url = server.base_url }
    local _, info = assert(exotel.client(options)):list_trunks({}, { keep_answer = true })
    server:stop()
    assert.truthy(info.answer.headers:find("^HTTP/1.1 200 "), info.answer.headers)
    assert.is_nil(info.answer.headers:find("X-Early", 1, true))
  end)

  it("is kept of calls that are started", function()
    local call = client:start("list_trunks", {}, { keep_answer = true })
    while not call:finished() do client:poll(1) end
    local _, info = call:result()
    assert.equal(200, info.answer.status)
  end)
end)

describe("a body of one's own", function()
  local w, client

  before_each(function()
    w = world.new()
    client = w.client
  end)
  after_each(function() w:close() end)

  local function last() return w.sb:requests()[#w.sb:requests()] end

  it("is sent in place of the arguments'", function()
    local err = expect.failure("rejected", client:create_trunk({ trunk_name = "own" }, { body = '{"trunk_name":' }))
    assert.same({ 400, 1007 }, { err.http_status, err.code })
    assert.equal('{"trunk_name":', last().body)
    assert.equal("application/json", last().headers["content-type"])
    expect.failure("rejected", client:create_trunk({ trunk_name = "own" }, { body = "" }))
    assert.equal("", last().body)
  end)

  it("has the content type that is given, for this request only", function()
    for _ = 1, 2 do
      local err = expect.failure("rejected", client:create_trunk({ trunk_name = "own" }, { content_type = "text/plain" }))
      assert.same({ 415, 1011 }, { err.http_status, err.code })
    end
    local headers = last().headers
    assert.same({ "text/plain", "application/json", nil }, { headers["content-type"], headers.accept, headers.expect })
    assert(client:create_trunk { trunk_name = "own" })
    assert.equal("application/json", last().headers["content-type"])
    assert(client:list_trunks {})
    assert.is_nil(last().headers["content-type"])
  end)

  it("is misuse where none is sent, and where the content type is no header", function()
    expect.refused("body", client:list_trunks({}, { body = "{}" }))
    expect.refused("content_type", client:delete_trunk({ trunk_sid = "x" }, { content_type = "text/plain" }))
    for _, bad in ipairs { "", "text/plain\r\nX-More: 1", ("x"):rep(101), "t\127" } do
      expect.raises("bad option 'content_type' %(1 to 100 characters of ASCII expected%)",
        client.create_trunk, client, { trunk_name = "own" }, { content_type = bad })
    end
    expect.raises("bad option 'body'", client.create_trunk, client, { trunk_name = "own" }, { body = 5 })
    expect.raises("bad option 'keep_answer'", client.list_trunks, client, {}, { keep_answer = 1 })
    expect.raises("bad option 'body'", function() return exotel.client { body = "x" } end)
  end)
end)
