-- The guides' examples, run as a reader would: all Lua of a guide is one script, in a fresh process against the sandbox.
-- Those for servers and other hosts, and that for the command, are run by other specs.
local child = require "spec.support.child"
local core = require "exotel.core"
local dkjson = require "dkjson"
local markdown = require "spec.support.markdown"
local sandbox = require "exotel.sandbox"
local seed = require "spec.support.seed"

local GUIDES = {
  "first-trunk", "installing", "client-options", "calling-operations", "trunk-objects", "handling-errors",
  "retries-and-rate-limit", "several-hosts", "provisioning-as-code", "bulk-import", "event-loops",
  "testing-with-the-sandbox", "from-the-vendors-curl", "directory", "does-it-answer",
}
local RUN_ELSEWHERE = { "openresty", "kamailio", "command-line", "conformance", "operators", "embedding" }
local PASSWORD = "secret_1" -- for the guide that takes one from the environment

local function path_of(guide) return "doc/guides/" .. guide .. ".md" end

local function write(path, text)
  local file = assert(io.open(path, "w"))
  file:write(text)
  file:close()
end

local function make_folder()
  local folder = os.tmpname()
  os.remove(folder)
  assert(os.execute("mkdir " .. folder))
  return folder
end

-- Writes the guide's files into the folder, and all its other Lua blocks, as one script, into main.lua. → the files' names
local function lay_out(guide, folder)
  local script, files = {}, {}
  for _, block in ipairs(markdown.blocks(path_of(guide))) do
    if block.file then
      write(folder .. "/" .. block.file, block.code)
      files[#files + 1] = block.file
    elseif block.language == "lua" then
      script[#script + 1] = block.code
    end
  end
  write(folder .. "/main.lua", table.concat(script))
  return files
end

local function run(folder, script, environment)
  environment = environment or {}
  environment.PBX_PASSWORD = PASSWORD
  local command = child.command(script, environment):gsub("^env ", "env --chdir=" .. folder .. " ")
  return child.finish(child.start(command))
end

describe("the guide", function()
  local sb, folder

  before_each(function() sb, folder = assert(sandbox.start()), make_folder() end)
  after_each(function()
    sb:stop()
    os.execute("rm -rf " .. folder)
  end)

  for _, guide in ipairs(GUIDES) do
    it(guide .. " runs as it stands", function()
      lay_out(guide, folder)
      local output, status = run(folder, "main.lua", sb:environment())
      assert.equal(0, status, output)
    end)
  end

  it("is run, whichever it is", function()
    local known, there = {}, {}
    for _, list in ipairs { GUIDES, RUN_ELSEWHERE } do
      for _, guide in ipairs(list) do known[#known + 1] = path_of(guide) end
    end
    local pipe = assert(io.popen("ls doc/guides/*.md"))
    for path in pipe:lines() do there[#there + 1] = path end
    pipe:close()
    table.sort(known)
    table.sort(there)
    assert.same(there, known)
  end)

  for _, guide in ipairs(GUIDES) do
    it(guide .. " has examples", function() assert.is_true(#markdown.blocks(path_of(guide)) >= 1) end)
  end

  it("client-options lists every option of a client", function()
    local options = markdown.read(path_of "client-options"):match("\n| option | environment | meaning |\n(.-)\n\n")
    for _, option in ipairs(core.options().client) do assert.truthy(options:find("`" .. option.name .. "`", 1, true), option.name) end
  end)

  it("handling-errors lists every kind of error", function()
    local kinds = markdown.read(path_of "handling-errors"):match("\n| kind | when | what to do |\n(.-)\n\n")
    for _, kind in ipairs(core.error_kinds) do assert.truthy(kinds:find("`" .. kind .. "`", 1, true), kind) end
  end)

  it("testing-with-the-sandbox has a spec that passes #plain", function()
    assert.same({ "office.lua", "office_spec.lua" }, lay_out("testing-with-the-sandbox", folder))
    local busted = assert(io.popen("command -v busted")):read("*l")
    local output, status = run(folder, busted .. " --lpath='./?.lua;" .. package.path .. "' --cpath='" .. package.cpath .. "' office_spec.lua")
    assert.equal(0, status, output)
    assert.truthy(output:find("4 successes / 0 failures / 0 errors", 1, true), output)
  end)

  it("first-trunk leaves nothing behind, and does what it says on the way", function()
    lay_out("first-trunk", folder)
    assert.equal(0, select(2, run(folder, "main.lua", sb:environment())))
    local done = {}
    for _, request in ipairs(sb:requests()) do
      if request.method ~= "GET" then done[#done + 1] = request.operation end
    end
    assert.equal("create_trunk whitelist_ip map_phone_number set_settings add_destinations update_phone_number delete_trunk",
      table.concat(done, " "))
    assert.same({}, sb:state().trunks)
  end)
end)

describe("the guide from the vendor's curl samples", function()
  -- A request as one line, with its fields in a fixed order.
  local function line(method, target, body)
    local value = body and dkjson.decode(body)
    return method .. " " .. target .. " " .. (value and dkjson.encode(value, { keyorder = {
      "trunk_name", "nso_code", "domain_name", "phone_number", "mode", "ip", "mask", "name", "value",
    } }) or "")
  end

  local function samples()
    local list = {}
    for _, block in ipairs(markdown.blocks(path_of "from-the-vendors-curl")) do
      local method, target = block.code:match('^curl %-X (%u+) "%$EXOTEL([^"]*)"')
      if method then
        local body = block.code:match("%-d '([^']*)'")
        target = "/v2/accounts/sandbox1" .. target:gsub("%$TRUNK", "SID")
        list[#list + 1] = line(method, target, body and body:gsub("<your_sid>", "sandbox1"))
      end
    end
    return list
  end

  local function vendors()
    local list = {}
    for i, example in ipairs(seed.examples()) do
      local body = example.body and example.body:gsub("<your_sid>", "sandbox1")
      list[i] = line(example.method, seed.target(example.url, "sandbox1", "SID"), body)
    end
    return list
  end

  it("has every one of them", function()
    local here, there = samples(), vendors()
    table.sort(here)
    table.sort(there)
    assert.same(there, here)
  end)

  it("has beside each the Lua that sends the same request", function()
    local sb, folder = assert(sandbox.start()), make_folder()
    lay_out("from-the-vendors-curl", folder)
    local output, status = run(folder, "main.lua", sb:environment())
    assert.equal(0, status, output)
    local sid, sent = nil, {}
    for i, request in ipairs(sb:requests()) do
      sid = sid or request.target:match("/trunks/(%w+)/")
      sent[i] = line(request.method, request.target, request.body ~= "" and request.body or nil)
    end
    for i, text in ipairs(sent) do sent[i] = text:gsub(sid, "SID") end
    assert.same(samples(), sent)
    sb:stop()
    os.execute("rm -rf " .. folder)
  end)
end)
