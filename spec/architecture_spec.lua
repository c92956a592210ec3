-- The layers: which file may include, call or require which. These tables enforce what doc/architecture.md describes.
--
-- What a name on the left matches may use whatever else it matches, and what is listed on the right. "x*" matches every
-- name that starts with x; the longest match counts. C files are named without ".c" and ".h"; <curl> is a library: its
-- headers and functions.
local C = {
  ["exotel/base/*"]             = "",
  ["exotel/api/*"]              = "exotel/base/*",
  ["exotel/api/request"]        = "exotel/api/* exotel/base/* <cjson>",
  ["exotel/transport/*"]        = "exotel/base/* exotel/api/*",
  ["exotel/transport/curl_*"]   = "exotel/base/* exotel/api/* exotel/transport/* <curl>",
  -- SIP beside the service: name servers, datagrams, the reader. It knows nothing of calls, nor of the base, which has
  -- states (the page that is wiped in a fork): exotel.sip.core would have them a second time.
  ["exotel/sip/*"]              = "",
  ["exotel/sip/resolver"]       = "<cares>",
  ["exotel/transport/response"] = "exotel/transport/transport <curl>",
  ["exotel/directory/*"]        = "exotel/base/*",
  ["exotel/engine/*"]           = "exotel/base/* exotel/api/* exotel/transport/transport",
  -- The one file that names both the engine and libcurl.
  ["exotel/engine/open"]        = "exotel/base/* exotel/engine/* exotel/transport/curl_transport",
  -- Not exotel/api/envelope: the binding gets items from the engine and reads no envelopes.
  ["lua/*"]        = "exotel/base/* exotel/api/kind exotel/api/operation exotel/api/validate exotel/api/value exotel/engine/* <lua>",
  ["lua/directory*"] = "lua/* exotel/base/* exotel/directory/* <lua>",
  ["lua/json"]     = "lua/* exotel/base/* exotel/api/json exotel/api/json_value <lua>",
  ["lua/names"]    = "lua/* exotel/api/json_value <lua>",
  ["lua/core"]     = "lua/* exotel/base/* exotel/api/* exotel/transport/curl_ca <lua>",
  ["lua/sip/*"]    = "lua/compat lua/fields lua/socket lua/version_check exotel/sip/* <lua>",
  ["lua/stream"]   = "lua/* exotel/base/* exotel/api/kind exotel/transport/curl_stream <lua>",
  ["lua/fields"]   = "lua/compat <lua>", -- in exotel.core and exotel.sip.core, as is socket
  ["lua/socket"]   = "lua/compat <lua>",
  ["lua/compat"]   = "<lua>", -- shared with the sandbox, like version_check
  ["lua/version_check"] = "lua/compat <lua>",
  ["sandbox/*"]    = "lua/compat lua/version_check <lua> <microhttpd> <gnutls>",
}

local LIBRARIES = { -- name, headers, functions
  { "<lua>", "^lu?a%w*%.h$", "^luaL?_" },
  { "<curl>", "^curl/", "^curl_" },
  { "<cjson>", "^cjson/", "^cJSON_" },
  { "<cares>", "^ares", "^ares_" },
  { "<microhttpd>", "^microhttpd%.h$", "^MHD_" },
  { "<gnutls>", "^gnutls/", "^gnutls_" },
}

-- The modules directly in lua/exotel. Those in folders below are internal.
local PUBLIC = "exotel exotel.bulk exotel.cli exotel.client exotel.directory exotel.error exotel.json exotel.kamailio exotel.overview exotel.provision"
  .. " exotel.sandbox exotel.sip exotel.store exotel.trunk"

local LUA = {
  ["exotel.text.*"]            = "exotel.core",
  ["exotel.files.*"]           = "exotel.core",
  ["exotel.error"]             = "exotel.core exotel.text.*",
  ["exotel.json"]              = "exotel.core",
  ["exotel.calls.*"]           = "exotel.core exotel.error",
  ["exotel.calls.nginx*"]      = "exotel.core exotel.error exotel.calls.* ngx.semaphore",
  ["exotel.store*"]            = "exotel.core exotel.error exotel.store.*",
  ["exotel.client"]            = "exotel.core exotel.error exotel.calls.*",
  ["exotel"]                   = "exotel.core exotel.error exotel.calls.* exotel.client exotel.store",
  ["exotel.resources.*"]       = "exotel.core exotel.error exotel.text.* exotel.json exotel.calls.*",
  ["exotel.trunk"]             = "exotel exotel.core exotel.error exotel.text.* exotel.calls.* exotel.resources.*",
  ["exotel.provision.source.*"] = "exotel.core exotel.json",
  ["exotel.provision.spec.*"]  = "exotel.core exotel.error exotel.text.* exotel.json exotel.calls.* exotel.resources.* exotel.provision.source.*",
  ["exotel.provision.plan.*"]  = "exotel.core exotel.error exotel.text.* exotel.json exotel.calls.* exotel.resources.* exotel.provision.spec.*",
  ["exotel.provision.apply.*"] = "exotel.core exotel.error exotel.json exotel.calls.* exotel.resources.* exotel.provision.plan.*",
  ["exotel.provision.jobs.*"]  = "exotel.core exotel.error exotel.text.* exotel.calls.* exotel.resources.* exotel.provision.plan.* exotel.provision.apply.*",
  ["exotel.provision"]         = "exotel.error exotel.calls.* exotel.provision.*",
  ["exotel.overview*"]         = "exotel.core exotel.error exotel.json exotel.calls.* exotel.resources.* exotel.overview.*",
  ["exotel.bulk.*"]            = "exotel.core exotel.error exotel.calls.* exotel.resources.*",
  ["exotel.bulk"]              = "exotel exotel.error exotel.calls.* exotel.bulk.*",
  ["exotel.directory*"]        = "exotel exotel.core exotel.error exotel.calls.* exotel.resources.* ffi",
  ["exotel.kamailio*"]         = "exotel exotel.core exotel.error exotel.calls.* exotel.directory",
  ["exotel.sip.*"]             = "exotel.core exotel.calls.*",
  ["exotel.sip"]               = "exotel.core exotel.error exotel.calls.* exotel.sip.*",
  -- Independent of the client, so that the two can't share a mistake; only sandbox:client() makes one.
  ["exotel.sandbox.*"]         = "",
  ["exotel.sandbox.state_keeper"] = "exotel.sandbox.* exotel.files.*", -- how a file is written is no rule of the service
  ["exotel.sandbox"]           = "exotel exotel.sandbox.*",
  -- Public modules only, and the ways of text to a terminal and to a file.
  ["exotel.cli*"]              = PUBLIC .. " exotel.text.* exotel.files.* argparse posix.*",
  ["bin/exotel"]               = "exotel.cli posix.*",
}

-- ---- reading the tree -----------------------------------------------------------------------------------------------

local function lines_of(command, ...)
  local lines = {}
  local pipe = assert(io.popen(command:format(...)))
  for line in pipe:lines() do lines[#lines + 1] = line end
  pipe:close()
  return lines
end

local function read(path)
  local file = assert(io.open(path))
  local text = file:read("*a")
  file:close()
  return text
end

-- Edges are { [from] = { [to] = true } }.
local function add(edges, from, to)
  edges[from] = edges[from] or {}
  if to and to ~= from then edges[from][to] = true end
end

local function library(field, text)
  for _, row in ipairs(LIBRARIES) do
    if text:find(row[field]) then return row[1] end
  end
end

local function part_of(path) return (path:gsub("^.*csrc/", ""):gsub("%.[cho]$", "")) end

local function includes()
  local edges = {}
  for _, path in ipairs(lines_of("find csrc -name '*.[ch]'")) do
    local part = part_of(path)
    add(edges, part)
    for quote, name in ("\n" .. read(path)):gmatch('\n%s*#%s*include%s*([<"])([^>"]+)') do
      local target = quote == "<" and library(2, name) or quote == '"' and part_of(name)
      if target then add(edges, part, target) end
    end
  end
  return edges
end

-- The build under test, as build/lua5.4-plain, and what it shares with those for other Luas.
local OUT = assert(package.cpath:match("^([^;]*)/%?"))
local C_OUT = OUT:gsub("lua[^-/]*(%-[^/]*)$", "c%1")

-- → the paths of all object files
local function objects()
  local paths = {}
  for _, source in ipairs(lines_of("find csrc -name '*.c'")) do
    local folder = source:find("^csrc/exotel/") and C_OUT or OUT
    local path = folder .. "/" .. source:gsub("c$", "o")
    assert(io.open(path), path .. " is not there: make build"):close()
    paths[#paths + 1] = path
  end
  return paths
end

-- Uses of functions and variables that another file defines.
local function calls()
  local edges, home, used = {}, {}, {}
  for _, line in ipairs(lines_of("nm -A -P %s", table.concat(objects(), " "))) do
    local path, symbol, kind = line:match("^(.-): (%S+) (%a)")
    local part = part_of(path)
    add(edges, part)
    if kind:find("[Uw]") then used[#used + 1] = { part, symbol } elseif kind:find("%u") then home[symbol] = part end
  end
  for _, use in ipairs(used) do
    local target = home[use[2]] or library(3, use[2])
    if target then add(edges, use[1], target) end
  end
  return edges
end

local function module_of(path)
  return (path:gsub("^lua/", ""):gsub("%.lua$", ""):gsub("/init$", ""):gsub("^exotel.*", function(m) return (m:gsub("/", ".")) end))
end

-- Finds require "x", require("x"), later.require "x" and pcall(require, "x"); require("x." .. name) counts for all modules below x.
local function requires()
  local edges, modules = {}, lines_of("find lua bin/exotel -name '*.lua' -o -path bin/exotel")
  for _, path in ipairs(modules) do
    local module = module_of(path)
    add(edges, module)
    local code = ("\n" .. read(path)):gsub("%-%-%[%[.-%]%]", ""):gsub("%-%-[^\n]*", "")
    for name in code:gmatch("require[%s(,]*[\"']([%w_.]+)[\"']") do
      for _, other in ipairs(name:find("%.$") and modules or {}) do
        if module_of(other):sub(1, #name) == name then add(edges, module, module_of(other)) end
      end
      if not name:find("%.$") then add(edges, module, name) end
    end
  end
  return edges
end

-- ---- judging it -----------------------------------------------------------------------------------------------------

local function fits(name, pattern)
  if pattern:sub(-1) ~= "*" then return name == pattern end
  return name:sub(1, #pattern - 1) == pattern:sub(1, -2)
end

local function rule_of(name, rules)
  local longest
  for pattern in pairs(rules) do
    if fits(name, pattern) and #pattern > #(longest or "") then longest = pattern end
  end
  return longest
end

local function allowed(from, to, rules)
  local rule = rule_of(from, rules)
  for pattern in (rule .. " " .. rules[rule]):gmatch("%S+") do
    if fits(to, pattern) then return true end
  end
  return false
end

local function sorted(set)
  local list = {}
  for name in pairs(set) do list[#list + 1] = name end
  table.sort(list)
  return list
end

-- → a line "from uses to" for each edge that no rule allows
local function violations(edges, rules)
  local found = {}
  for _, from in ipairs(sorted(edges)) do
    if not rule_of(from, rules) then found[#found + 1] = from .. " has no place in the layers" end
    for _, to in ipairs(rule_of(from, rules) and sorted(edges[from]) or {}) do
      if not allowed(from, to, rules) then found[#found + 1] = from .. " uses " .. to end
    end
  end
  return table.concat(found, "\n")
end

-- → "a > b > a", or ""
local function cycle(edges)
  local path, place, done = {}, {}, {}
  local function visit(name)
    path[#path + 1] = name
    place[name] = #path
    for _, to in ipairs(sorted(edges[name] or {})) do
      if place[to] then return table.concat(path, " > ", place[to]) .. " > " .. to end
      local found = not done[to] and visit(to)
      if found then return found end
    end
    path[#path], place[name], done[name] = nil, nil, true
  end
  for _, name in ipairs(sorted(edges)) do
    local found = not done[name] and visit(name)
    if found then return found end
  end
  return ""
end

describe("the layers #plain", function()
  for _, kind in ipairs { { "includes of C", includes, C }, { "calls of C", calls, C }, { "requires of Lua", requires, LUA } } do
    it("are kept by the " .. kind[1], function() assert.equal("", violations(kind[2](), kind[3])) end)
    it("have no cycle in the " .. kind[1], function() assert.equal("", cycle(kind[2]())) end)
  end

  it("show in lua/exotel: the public modules and nothing else", function()
    local modules = {}
    for _, path in ipairs(lines_of("ls -d lua/exotel/*.lua")) do modules[module_of(path)] = true end
    assert.equal(PUBLIC, table.concat(sorted(modules), " "))
  end)
end)

describe("the check of the layers", function()
  local RULES = { ["low/*"] = "", ["high/*"] = "low/*", ["high/door"] = "<curl>" }

  it("names what a part may not use", function()
    local edges = { ["high/a"] = { ["low/x"] = true, ["high/b"] = true, ["<curl>"] = true }, ["high/door"] = { ["<curl>"] = true },
      ["low/x"] = { ["high/a"] = true }, other = {} }
    assert.equal("high/a uses <curl>\nlow/x uses high/a\nother has no place in the layers", violations(edges, RULES))
  end)

  it("names a cycle", function()
    assert.equal("b > c > b", cycle { a = { b = true }, b = { c = true }, c = { b = true } })
    assert.equal("", cycle { a = { b = true, c = true }, b = { c = true } })
  end)

  it("reads includes and requires", function()
    assert.is_true(includes()["exotel/transport/curl_transport"]["<curl>"])
    assert.is_true(includes()["exotel/engine/open"]["exotel/transport/curl_transport"])
    assert.is_true(requires()["exotel.sandbox.service"]["exotel.sandbox.operations.trunks"])
    assert.is_true(requires()["bin/exotel"]["exotel.cli"])
    assert.is_true(requires()["exotel.trunk"]["exotel.calls.pages"]) -- by later.require
  end)

  it("reads calls #plain", function()
    assert.is_true(calls()["exotel/transport/curl_transport"]["<curl>"])
    assert.is_true(calls()["exotel/engine/open"]["exotel/engine/client"])
    assert.is_true(calls()["lua/core"]["<lua>"])
  end)
end)
