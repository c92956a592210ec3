-- Secrets: whatever the service or a proxy answers, no error and no event shows the token, the Authorization header or
-- a credential's password.
local base64 = require "exotel.sandbox.base64"
local child = require "spec.support.child"
local exotel = require "exotel"
local expect = require "spec.support.expect"
local provision = require "exotel.provision"
local raw_server = require "spec.support.raw_server"
local trunk = require "exotel.trunk"
local world = require "spec.support.world"

-- With every character that may be escaped; its Basic form has a slash, a plus and an equals sign.
local TOKEN = [[t/k"n\1+?>~>??>%~&<xy]]
local KEY = "key"
local BASIC = base64.encode(KEY .. ":" .. TOKEN)
local PASSWORD = "hunter2_Hunter2"
local SECRETS = { token = TOKEN, header = BASIC, password = PASSWORD }

local function each_byte(text, format)
  return (text:gsub(".", function(byte) return format:format(byte:byte()) end))
end

local function json(text) return (text:gsub('[\\"]', "\\%0")) end

-- The forms of a text in JSON.
local in_json = {
  ["as JSON"] = json,
  ["as JSON with slashes escaped"] = function(text) return (json(text):gsub("/", "\\/")) end,
  ["as JSON in numbers"] = function(text) return each_byte(text, "\\u%04x") end,
  ["as JSON in numbers, some"] = function(text)
    return (json(text):gsub("[+<>&?]", function(c) return ("\\u%04X"):format(c:byte()) end))
  end,
}

-- Its forms elsewhere.
local in_text = {
  ["as it is"] = function(text) return text end,
  ["as a URL has it"] = function(text)
    return (text:gsub("[^%w]", function(c) return ("%%%02X"):format(c:byte()) end))
  end,
  ["without its end"] = function(text) return (text:gsub("=+$", "")) end,
}

local forms = {}
for _, list in ipairs { in_json, in_text } do
  for _, write in pairs(list) do
    for _, secret in pairs(SECRETS) do forms[#forms + 1] = (write(secret):gsub("=+$", ""):gsub("%%3D$", ""):gsub("\\u003d$", "")) end
  end
end

-- All strings of a value, including its keys and its tostring.
local function dump(value, parts)
  parts = parts or {}
  if type(value) == "table" then
    parts[#parts + 1] = tostring(value)
    for key, item in pairs(value) do
      dump(key, parts)
      dump(item, parts)
    end
  else
    parts[#parts + 1] = tostring(value)
  end
  return parts
end

local function assert_clean(value)
  for _, text in ipairs(dump(value)) do
    for _, form in ipairs(forms) do
      if text:find(form, 1, true) then error("a secret shows as " .. form .. " in: " .. text, 2) end
    end
  end
end

assert(TOKEN:find('"', 1, true) and BASIC:find("/", 1, true) and BASIC:find("+", 1, true) and BASIC:find("=$"), BASIC)

describe("an answer that echoes a secret", function()
  local w, sid, events

  before_each(function()
    events = {}
    w = world.new({ api_key = KEY, api_token = TOKEN }, { retries = 1, backoff = 0, rate_limit = false, log = function(e) events[#events + 1] = e end })
    sid = w:trunk()
  end)
  after_each(function() w:close() end)

  local calls = {
    create_credential = function() return w.client:create_credential { trunk_sid = sid, user_name = "pbx", password = PASSWORD } end,
    update_credential = function() return w.client:update_credential { trunk_sid = sid, id = "1", password = PASSWORD } end,
  }

  -- The answer is read as a failure that shows no secret. → the error
  local function assert_hidden(body, status, headers)
    local err
    for operation, call in pairs(calls) do
      w.sb:clear_faults()
      w.sb:fault { on = operation, status = status, body = body, headers = headers, times = true }
      local data
      data, err = call()
      assert.is_nil(data)
      assert_clean(err)
      assert_clean(events)
      events = {}
      assert.equal(math.min(#body, 65536), #err.body)
      assert.truthy(err.body:find("***", 1, true), err.body)
    end
    return err
  end

  local envelopes = {
    message = [[{"request_id":"r","http_code":400,"response":{"code":400,"status":"failure","error_data":{"code":1002,"message":"no: %s."},"data":null}}]],
    description = [[{"request_id":"r","http_code":400,"response":{"code":400,"status":"failure","error_data":{"code":1002,"message":"no","description":"not %s!"},"data":null}}]],
    code = [[{"request_id":"r","http_code":400,"response":{"code":400,"status":"failure","error_data":{"code":"%s","message":"no"},"data":null}}]],
    request_id = [[{"request_id":"r %s","http_code":400,"response":{"code":400,"status":"failure","error_data":{"code":1002,"message":"no"},"data":null}}]],
    metadata = [[{"request_id":"r","http_code":400,"metadata":{"echo":"%s"},"response":{"code":400,"status":"failure","error_data":{"code":1002,"message":"no"},"data":null}}]],
    RestException = [[{"RestException":{"Status":400,"Message":"no %s","Code":"%s"}}]],
    ["response.error"] = [[{"request_id":"r","http_code":400,"response":{"error":{"code":"%s","message":"%s"}}}]],
    ["message alone"] = [[{"message":"%s"}]],
    ["what is no envelope"] = [==[{"headers":{"Authorization":"Basic %s","%s":1},"deep":[[["%s"]]]}]==],
    ["what is no JSON"] = [[{"request_id":"%s","http_code":]],
    ["bare words"] = [[{"request_id":"%s","word":bare,"http_code":400,"response":{"code":400,"status":"failure","error_data":{"code":1,"message":"%s"}}}]],
    ["two things at once"] = [[{"request_id":"%s%s","http_code":400,"response":{"code":400,"status":"failure","error_data":{"message":"%s%s"},"data":null}}]],
  }
  for place, envelope in pairs(envelopes) do
    it("in JSON shows none: " .. place, function()
      for _, write in pairs(in_json) do
        for _, secret in pairs(SECRETS) do
          local body = envelope:gsub("%%s", function() return write(secret) end)
          assert_hidden(body, 400)
          assert_hidden(body, 503)
          assert_hidden(body, 200)
        end
      end
    end)
  end

  for name, write in pairs(in_text) do
    it("in plain text or HTML shows none: " .. name, function()
      for _, secret in pairs(SECRETS) do
        local text = write(secret)
        assert_hidden(text, 502)
        assert_hidden("Bad request: " .. text .. " is not known here\r\n", 400)
        assert_hidden("<html><pre>Authorization: Basic " .. text .. "</pre></html>", 502)
        assert_hidden(text:rep(3), 200)
        assert_hidden(text .. (" "):rep(70000) .. text, 500, { ["Content-Type"] = "text/plain" })
      end
    end)
  end

  it("cut short shows none of what came whole", function()
    for _, secret in pairs(SECRETS) do
      w.sb:fault { on = "create_credential", status = 200, body = json(secret) .. (" "):rep(100), cut = #secret + 20 }
      local err = expect.failure("network", calls.create_credential())
      assert_clean(err)
      assert.truthy(err.body:find("***", 1, true))
    end
  end)

  it("shows no part of one that goes on behind what is kept", function()
    for _, secret in pairs(SECRETS) do
      local before = ("x"):rep(65536 - #secret + 1)
      local err = assert_hidden(before .. secret, 502)
      assert.equal("x" .. ("*"):rep(#secret - 3), err.body:sub(#before, -3))
    end
  end)

  it("in headers shows none", function()
    for _, secret in pairs(SECRETS) do
      w.sb:fault { on = "create_credential", status = 302, headers = { Location = "https://" .. secret, ["Retry-After"] = secret, ["X-Echo"] = secret, ["X-RateLimit-Reset"] = secret } }
      assert_clean(expect.failure("protocol", calls.create_credential()))
    end
    assert_clean(events)
  end)

  it("in the items of a batch shows none", function()
    for _, write in pairs(in_json) do
      for _, secret in pairs { TOKEN, BASIC } do
        local text = write(secret)
        w:answer("add_destinations", ([[{"request_id":"r","http_code":207,"metadata":{"total":2,"echo":"%s"},"response":[
          {"code":400,"status":"failure","error_data":{"code":"%s","message":"%s","description":"%s"},"data":null},
          {"code":200,"status":"success","error_data":null,"data":{"id":"1","%s":"%s"}}]}]]):gsub("%%s", function() return text end), 207)
        local err = expect.failure("partial", w.client:add_destinations {
          trunk_sid = sid, destinations = { { destination = "a.example:5060" }, { destination = "b.example:5060" } },
        })
        assert.equal(1, #err.failed)
        assert.equal(1, #err.succeeded)
        assert_clean(err)
        assert.truthy(err.failed[1].message:find("***", 1, true))
      end
    end
  end)

  it("in a page of a list shows none, however it is asked for", function()
    local body = ([[{"request_id":"%s","http_code":207,"metadata":{"next_page_uri":"%s"},"response":[
      {"code":403,"status":"failure","error_data":{"code":1003,"message":"%s"},"data":null}]}]]):gsub("%%s", function() return json(TOKEN) end)
    w.sb:fault { on = "list_phone_numbers", status = 207, body = body, times = true }
    assert_clean(expect.failure("partial", w.client:list_phone_numbers { trunk_sid = sid }))
    local good, raised = pcall(function()
      for _ in w.client:each("list_phone_numbers", { trunk_sid = sid }) do error("an item") end
    end)
    assert.is_false(good)
    assert_clean(raised)
    assert_clean(w.client:batch { { "list_phone_numbers", { trunk_sid = sid } } }[1].err)
    assert_clean({ trunk.attach(w.client, sid):list_numbers() })
    assert_clean({ trunk.attach(w.client, sid):map_number("+919876543210", { ensure = true }) })
    assert_clean({ provision.plan(w.client, { trunk_name = "outbound_trunk" }) })
    assert_clean({ provision.apply(w.client, { trunk_name = "outbound_trunk", phone_numbers = { "+919876543210" } }) })
    assert_clean(events)
  end)

  it("in the report of a run shows none", function()
    w.sb:fault { on = "whitelist_ip", status = 400, body = "refused: " .. BASIC }
    local report, err, partly = provision.apply(w.client, { trunk_name = "outbound_trunk", whitelisted_ips = { "192.0.2.1" } })
    assert.is_nil(report)
    assert_clean(err)
    assert_clean(partly)
    assert.truthy(tostring(partly):find("refused: ***", 1, true))
  end)

  it("in a request id that is cut for the log shows none", function()
    for before = 40, 79 do
      w.sb:fault { on = "list_trunks", status = 404, body = ('{"request_id":"%s%s"}'):format(("r"):rep(before), json(TOKEN)) }
      expect.failure("not_found", w.client:list_trunks {})
      local id = events[#events].request_id
      assert.equal(("r"):rep(before) .. ("*"):rep(math.min(#TOKEN, 79 - before)), id)
    end
  end)

  it("in a success shows it to nobody but the caller: no warning and no event", function()
    w:answer("get_trunk", ('{"request_id":"%s","http_code":200,"word":bare,"response":{"code":200,"status":"success","error_data":null,"data":{"trunk_sid":"t"}}}'):format(json(TOKEN)))
    local _, info = assert(w.client:get_trunk { trunk_sid = sid })
    assert.equal(1, #info.warnings)
    assert_clean(info.warnings)
    assert_clean(events)
  end)
end)

describe("a server that is no web server", function()
  local lines = {
    ["a status line"] = "HTTP/1.1 400 %s\r\nContent-Length: 0\r\n\r\n", ["a bad status line"] = "HTTP/9.9 %s\r\n\r\n", ["no status line"] = "%s\r\n\r\n",
    ["a bad header"] = "HTTP/1.1 200 OK\r\n%s\r\n\r\n", ["a bad length"] = "HTTP/1.1 200 OK\r\nContent-Length: %s\r\n\r\n",
    ["a bad encoding"] = "HTTP/1.1 200 OK\r\nTransfer-Encoding: %s\r\n\r\n", ["a bad chunk"] = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%s\r\n",
    ["a bad code"] = "HTTP/1.1 %s OK\r\nContent-Length: 0\r\n\r\n",
  }
  for name, text in pairs(lines) do
    it("shows none by " .. name, function()
      for _, secret in pairs(SECRETS) do
        local server = raw_server.start { { "reply-close", (text:gsub("%%s", function() return secret end)) } }
        local client = assert(exotel.client { account_sid = "a", api_key = KEY, api_token = TOKEN, base_url = server.base_url, retries = 0, timeout = 5 })
        local data, err = client:create_credential { trunk_sid = "t", user_name = "pbx", password = PASSWORD }
        assert.is_nil(data)
        assert_clean(err)
        client:close()
        server:stop()
      end
    end)
  end
end)

describe("what a client shows of itself", function()
  local w

  before_each(function() w = world.new({ api_key = KEY, api_token = TOKEN }) end)
  after_each(function() w:close() end)

  it("is no secret: client, call, trunk, errors before anything is sent", function()
    local call = w.client:start("create_credential", { trunk_sid = "t", user_name = "pbx", password = PASSWORD })
    assert_clean { tostring(w.client), tostring(call), tostring(trunk.attach(w.client, "t")) }
    call:cancel()
    assert_clean { call:result() }
    for _, arguments in ipairs { { password = PASSWORD .. "!" }, { password = PASSWORD, user_name = 1 }, { password = { PASSWORD } }, { password = PASSWORD, nonsense = true } } do
      arguments.trunk_sid = "t"
      assert_clean(expect.failure("invalid_argument", w.client:create_credential(arguments)))
    end
    assert.same({}, w.sb:requests())
  end)

  it("is no secret: what is said to a closed client or for a bad option", function()
    local _, message = pcall(exotel.client, { api_token = TOKEN, api_key = KEY, timeout = "soon" })
    assert_clean(message)
    _, message = pcall(exotel.client, { api_token = { TOKEN }, api_key = KEY })
    assert_clean(message)
    _, message = pcall(exotel.client, { api_token = TOKEN .. "\0", api_key = KEY })
    assert_clean(message)
    assert.truthy(message:find("api_token", 1, true))
  end)

  it("is no secret in a URL: neither token nor password stands in what is requested", function()
    assert(w.client:create_credential { trunk_sid = w:trunk(), user_name = "pbx", password = PASSWORD })
    local request = w:request()
    assert_clean(request.target)
    assert.equal("Basic " .. BASIC, request.headers.authorization)
    request.headers.authorization = nil
    assert_clean(request.headers)
  end)
end)

describe("credentials that can't be right", function()
  local GOOD = { account_sid = "sandbox1", api_key = "the_api_key", api_token = "the_api_token", region = "mumbai" }
  local VARIABLES = { account_sid = "EXOTEL_ACCOUNT_SID", api_key = "EXOTEL_API_KEY", api_token = "EXOTEL_API_TOKEN" }

  local function assert_refused(field, value)
    local options = {}
    for key, good in pairs(GOOD) do options[key] = good end
    options[field] = value
    local err = expect.failure("config", exotel.client(options))
    assert.equal(field, err.field)
    assert.truthy(err.message:find(VARIABLES[field], 1, true), err.message)
    assert.is_nil(tostring(err):find("the_api", 1, true), tostring(err))
    return err
  end

  for field in pairs(VARIABLES) do
    it("are refused with the name of the variable, and without its value: " .. field, function()
      local good = GOOD[field]
      for _, stray in ipairs { " ", "\n", "\r", "\t", "\r\n", "\127", "\194\160", "\226\128\139" } do
        assert_refused(field, good .. stray)
        assert_refused(field, stray .. good)
        local err = assert_refused(field, good:sub(1, 4) .. stray .. good:sub(5))
        assert.truthy(err.message:find("space, line break", 1, true), err.message)
      end
      assert.truthy(assert_refused(field, "").message:find("missing", 1, true))
    end)
  end

  it("are refused from the environment as well, and nothing is sent", function()
    local w = world.new()
    finally(function() w:close() end)
    for field, variable in pairs(VARIABLES) do
      for _, stray in ipairs { " ", "\n", "\r" } do
        local environment = w.sb:environment()
        environment[variable] = GOOD[field] .. stray
        local output, status = child.run([[
          local client, err = require("exotel").client()
          print(client, err.kind, err.field, err)
        ]], environment)
        assert.equal(0, status, output)
        assert.truthy(output:find("nil\tconfig\t" .. field, 1, true), output)
        assert.truthy(output:find(variable, 1, true), output)
        assert.is_nil(output:find("the_api", 1, true), output)
      end
    end
    assert.same({}, w.sb:requests())
  end)

  it("are refused in an address, and not shown", function()
    local addresses = {
      base_url = { "https://the_api_key:the_api_token@api.in.exotel.com", "https://the_api_key:the_api_token@api.in.exotel.com/v2", "https://the_api_token@127.0.0.1" },
      subdomain = { "the_api_key:the_api_token@api.in.exotel.com", "https://the_api_key:the_api_token@api.in.exotel.com", "@the_api_token@api.in.exotel.com" },
    }
    for field, list in pairs(addresses) do
      for _, address in ipairs(list) do
        local err = expect.failure("config", exotel.client { account_sid = "sandbox1", api_key = "the_api_key", api_token = "the_api_token", [field] = address })
        assert.equal(field, err.field)
        assert.is_nil(tostring(err):find("the_api", 1, true), tostring(err))
        assert.truthy(err.message:find("credentials", 1, true), err.message)
      end
    end
  end)
end)
