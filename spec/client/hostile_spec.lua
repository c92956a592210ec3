-- Hostile servers: each leads to a clear error, in bounded memory and time, and the client stays usable.
local hostile = require "spec.support.hostile"
local sandbox = require "exotel.sandbox"

local MOST_MB = 40
-- A sanitizer's own memory would be counted as well.
local measured = os.getenv "LD_PRELOAD" == nil

local hex = hostile.hex
local MB = 1000 * 1000
local BODY_MAX = 16 * 1024 * 1024

local GOOD = '{"request_id":"r","http_code":200,"response":{"code":200,"error_data":null,"status":"success","data":{"id":"1"}}}'

local TOO_LARGE = "the answer is too large"
local NO_JSON = "the answer is no readable JSON"
local NOT_EXOTEL = "the answer is not Exotel's"

local function check_memory(peak)
  if measured then assert.is_true(peak < MOST_MB, ("%.1f MB"):format(peak)) end
end

local function check_outcome(outcome, kind, message)
  assert.equal(kind, outcome.kind, outcome.message)
  if message then assert.truthy(outcome.message:find(message, 1, true), outcome.message) end
end

describe("a hostile server #once", function()
  local server

  after_each(function()
    if server then server.stop() end
    server = nil
  end)

  -- One write to a server that does this, and another one, which must succeed as usual. → the first outcome
  local function suffer(options, ...)
    server = hostile.start(...)
    local environment = { URL = server.base_url, AGAIN = "1" }
    for name, value in pairs(options) do environment[name] = value end
    local first, second, peak = hostile.call(environment)
    check_memory(peak)
    check_outcome(second, "success", "41512")
    return first
  end

  local function expect(kind, message, ...)
    local outcome = suffer({}, ...)
    check_outcome(outcome, kind, message)
    assert.is_true(outcome.maybe_applied)
  end

  describe("with a body of 16 MiB", function()
    for kind, message in pairs {
      letters = NOT_EXOTEL, percent = NOT_EXOTEL, backslash = NOT_EXOTEL,
      half = NOT_EXOTEL, string = NO_JSON, numbers = NO_JSON, objects = NO_JSON, arrays = NO_JSON,
      words = NO_JSON, ids = NO_JSON, names = NO_JSON, nodes = NOT_EXOTEL,
    } do
      it("can't be understood: " .. kind, function() expect("protocol", message, "body", BODY_MAX, kind) end)
    end

    it("is an answer when it is one", function()
      check_outcome(suffer({}, "body", BODY_MAX, "spaces"), "success", "41512")
      server.stop()
      check_outcome(suffer({}, "body", BODY_MAX, "most"), "success", "1")
    end)

    it("is a refusal when it is one", function()
      check_outcome(suffer({}, "body", BODY_MAX, "refused"), "rejected", "ttttt")
    end)
  end)

  it("with a body of 100 MB is not read to its end", function() expect("protocol", TOO_LARGE, "body", 100 * MB, "spaces") end)

  it("whose headers never end is cut off", function()
    expect("protocol", TOO_LARGE, "headers")
    server.stop()
    expect("protocol", TOO_LARGE, "header")
  end)

  it("whose chunks never end is cut off", function()
    expect("protocol", TOO_LARGE, "chunks")
    server.stop()
    expect("protocol", TOO_LARGE, "chunk")
  end)

  it("with a gzip bomb finds nobody who unpacks it", function() expect("protocol", NOT_EXOTEL, "bomb", 20 * MB) end)

  for _, status in ipairs { 100, 102, 103 } do
    it("with interim answers without end is cut off: " .. status, function() expect("protocol", TOO_LARGE, "interim", status) end)
  end

  describe("with a wrong Content-Length:", function()
    local function reply(headers, body) return hex("HTTP/1.1 200 OK\r\n" .. headers .. "\r\n" .. body) end
    it("more than there is", function() expect("network", "the answer was cut short", "reply", reply("Content-Length: 5000\r\n", GOOD)) end)

    it("more than anybody would send", function()
      expect("network", "the answer was cut short", "reply", reply("Content-Length: 9223372036854775807\r\n", GOOD))
    end)

    for name, length in pairs { negative = "-1", ["no number"] = "banana" } do
      it(name, function()
        local outcome = suffer({}, "reply", reply("Content-Length: " .. length .. "\r\n", GOOD))
        assert.truthy(outcome.kind == "protocol" or outcome.kind == "network", outcome.kind)
      end)
    end

    it("too long a number is none: the connection's end is the answer's", function()
      check_outcome(suffer({}, "reply", reply("Content-Length: " .. ("9"):rep(40) .. "\r\n", GOOD)), "success", "1")
    end)

    it("less than there is: the rest is never taken for the next answer", function()
      local evil = "HTTP/1.1 200 OK\r\nContent-Length: " .. #GOOD .. "\r\n\r\n" .. GOOD
      local outcome = suffer({}, "keep", reply("Content-Length: 5\r\n", GOOD .. evil))
      check_outcome(outcome, "protocol", NO_JSON)
      server.stop()
      -- Whatever follows a whole answer belongs to no call.
      check_outcome(suffer({}, "keep", reply("Content-Length: " .. #GOOD .. "\r\n", GOOD .. evil)), "success", "1")
    end)
  end)

  it("that redirects elsewhere sends nothing there", function()
    local other = hostile.start("body", 100, "letters")
    local location = ("HTTP/1.1 307 Temporary Redirect\r\nLocation: %s/v2\r\nContent-Length: 0\r\n\r\n"):format(other.base_url)
    expect("protocol", "redirected", "keep", hex(location))
    assert.equal(0, other.stop())
  end)

  for name, text in pairs {
    ["HTTP/0.9"] = GOOD, garbage = ("\0\1\2\255"):rep(1000), ["HTTP/2 unasked"] = "HTTP/2 200\r\n\r\n{}",
    ["a header without a name"] = "HTTP/1.1 200 OK\r\n: x\r\n\r\n<html>", ["a NUL among the headers"] = "HTTP/1.1 200 OK\r\nA: b\0c\r\n\r\n{}",
  } do
    it("that speaks no HTTP can't be understood: " .. name, function() expect("protocol", nil, "reply", hex(text)) end)
  end

  -- Endless, so that only the total time can end it: no gap between two bytes is long enough to be noticed.
  describe("that sends byte by byte", function()
    local HEAD = "HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n"
    for name, text in pairs {
      ["its status line"] = { "HTTP/1.1 200 ", "O" }, ["its headers"] = { "HTTP/1.1 200 OK\r\n", "X-A: b\r\n" }, ["its body"] = { HEAD, " " },
      ["its chunks"] = { "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\n \r\n" },
      ["interim answers"] = { "HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 100 Continue\r\n\r\n" },
    } do
      it("gets no more time than any other: " .. name, function()
        server = hostile.start("drip", 0.05, hex(text[1]), hex(text[2]))
        local outcome, _, peak = hostile.call { URL = server.base_url, TIMEOUT = "0.3" }
        check_outcome(outcome, "timeout", "no answer in time")
        assert.is_true(outcome.maybe_applied)
        check_memory(peak)
      end)
    end
  end)

  describe("over TLS", function()
    local sb

    after_each(function() sb:stop() end)

    local function distrust(message, environment)
      environment.URL = environment.URL or sb.base_url
      local outcome, _, peak = hostile.call(environment)
      check_outcome(outcome, "tls", message)
      assert.is_false(outcome.maybe_applied)
      assert.same({}, sb:requests())
      check_memory(peak)
    end

    it("with a certificate that has expired gets nothing", function()
      sb = assert(sandbox.start { tls = { expired = true } })
      distrust("the server's certificate has expired", { CA = sb.ca_file })
    end)

    it("with a certificate for another name gets nothing", function()
      sb = assert(sandbox.start { tls = { name = "wrong.example" } })
      distrust("the server's certificate is for another name", { CA = sb.ca_file })
    end)

    it("with a certificate that it signed itself gets nothing", function()
      sb = assert(sandbox.start { tls = true })
      distrust("the server's certificate is from an unknown issuer", {})
    end)

    it("that speaks no TLS gets nothing", function()
      sb = assert(sandbox.start())
      distrust("no secure connection could be made", { URL = (sb.base_url:gsub("^http", "https")) })
    end)
  end)
end)
