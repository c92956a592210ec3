-- exotel status: the account at a glance, as a tree, as JSON, for Graphviz and as a page.
local browser = require "spec.support.browser"
local child = require "spec.support.child"
local command = require "spec.support.command"
local files = require "spec.support.bulk"
local json = require "exotel.json"
local overview = require "exotel.overview"
local page = require "exotel.cli.commands.status.page"
local sandbox = require "exotel.sandbox"

local UTF8, ASCII = { LC_ALL = "C.UTF-8" }, { LC_ALL = "C" }
local HOSTILE = "<script>alert(1)</script>\"'&\226\128\174\27[2J"

local OUT = {
  trunk_name = "outbound", trunk_sid = "sidout", alias = "+919876543210",
  numbers = { "+919876543210", { phone_number = "+918040264208", mode = "flow" } },
  ips = { "44.248.146.11", { ip = "203.0.113.0", mask = 24 } },
  destinations = {
    { id = "21", destination = "sip:44.248.146.11:5061;transport=tls", priority = 0, weight = 70 },
    { id = "22", destination = "sip:198.51.100.7:5060", priority = 1, weight = 30 },
  },
  credentials = { { user_name = "pbx1", password = "secret_1", friendly_name = "office" } },
}

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

describe("exotel status", function()
  local sb, paths, host

  setup(function()
    sb, paths = assert(sandbox.start()), files.new()
    host = sb:environment().EXOTEL_BASE_URL:match("//(.*)$")
    sb:put(OUT)
    sb:put { trunk_name = "客服_प्रयास", trunk_sid = "sidwide" }
  end)
  teardown(function()
    sb:stop()
    files.remove(paths)
  end)
  after_each(function() sb:clear_faults() end)

  local function exotel(arguments, env) return command.run(sb, arguments, { env = env }) end

  local TREE = [[
account sandbox1 at HOST: 2 trunks, 2 numbers, 2 IPs, 2 destinations, 1 credential
! 4 warnings

outbound (sidout)
├── ! 198.51.100.7:5060;transport=udp is on an IP that is not whitelisted
├── caller ID +919876543210
├── 2 numbers
│   ├── +918040264208  flow
│   └── +919876543210  pstn
├── 2 IPs
│   ├── 203.0.113.0/24
│   └── 44.248.146.11
├── 2 destinations
│   ├── sip:44.248.146.11:5061;transport=tls  priority 0, weight 70
│   └── sip:198.51.100.7:5060  priority 1, weight 30
└── 1 credential
    └── pbx1  office

客服_प्रयास (sidwide)
├── ! no numbers: nobody can call it, and outbound calls have no caller ID
├── ! no destinations: inbound calls lead nowhere
└── ! no IPs and no credentials: outbound calls are not possible
]]

  it("shows a tree with what is odd, by ASCII where the locale has no more", function()
    exotel("status", UTF8):says(0, (TREE:gsub("HOST", host)), "")
    local typed = TREE:gsub("HOST", host):gsub("├── ", "|-- "):gsub("└── ", "`-- "):gsub("│", "|")
    exotel("status", ASCII):says(0, typed, "")
  end)

  it("shows the trunks that are named, each once, and says which name is none", function()
    local shown = exotel("status outbound sid:sidout name:outbound", UTF8):says(0, nil, "").out
    assert.equal((TREE:gsub("HOST", host):gsub("2 trunks", "1 trunk"):gsub("4 warnings", "1 warning"):gsub("\n\n客.*", "\n")), shown)
    exotel("status outbuond"):says(1, "", 'exotel: no trunk is called "outbuond" (did you mean "outbound"?); `exotel trunk list` shows those there are\n')
  end)

  it("on a terminal folds long lists and goes on below what is too long", function()
    local numbers = {}
    for i = 1, 14 do numbers[i] = ("+9198000000%02d"):format(i) end
    sb:put { trunk_name = "many", trunk_sid = "sidmany", numbers = numbers, ips = { "1.1.1.1" }, destinations = { "1.1.1.1:5060" } }
    local at_40 = command.at_terminal(sb, "status many outbound", {}, { env = { LC_ALL = "C.UTF-8", COLUMNS = "40", NO_COLOR = "1" } }).out
    assert.truthy(at_40:find("\n├── 14 numbers\n│   ├── +919800000001  pstn\n", 1, true), at_40)
    assert.truthy(at_40:find("  pstn\n│   └── and 4 more (--full lists them)\n", 1, true), at_40)
    assert.truthy(at_40:find("\n├── ! 198.51.100.7:5060;transport=udp is\n│     on an IP that is not whitelisted\n", 1, true), at_40)
    assert.truthy(exotel("status many", UTF8).out:find("│   └── +919800000014  pstn\n", 1, true))
    assert.truthy(exotel("status many --dot").out:find("+919800000010  pstn\\land 4 more\\l", 1, true))
    assert.truthy(exotel("status many --dot --full").out:find("+919800000014  pstn\\l", 1, true))
  end)

  it("is an object with --json: all that the service said, and what is odd", function()
    local account = json.decode(exotel("status outbound sid:sidwide --json"):says(0, nil, "").out)
    assert.equal("sandbox1", account.account_sid)
    assert.is_true(account.complete)
    assert.same({ trunks = 2, phone_numbers = 2, whitelisted_ips = 2, destinations = 2, credentials = 1, warnings = 4, unread = 0 }, account.counts)
    local trunk = account.trunks[1]
    assert.equal("+919876543210", trunk.caller_id)
    assert.equal("flow", trunk.phone_numbers[1].mode)
    assert.equal("22", trunk.destinations[2].id)
    assert.same({ rule = "ip_missing", resource = "destination", key = "198.51.100.7:5060;transport=udp", ids = { "22" },
      message = "198.51.100.7:5060;transport=udp is on an IP that is not whitelisted" }, trunk.warnings[1])
    local text = exotel("status sid:sidwide --json").out
    for _, name in ipairs { "phone_numbers", "whitelisted_ips", "destinations", "settings", "credentials", "unread" } do
      assert.truthy(text:find(('"%s": []'):format(name), 1, true), text)
    end
    assert.truthy(text:find('"caller_id": null', 1, true))
    assert.is_nil(text:find("secret_1", 1, true))
  end)

  it("says what could not be read, and ends with status 3", function()
    sb:fault { on = "list_whitelisted_ips", status = 403, times = true }
    local shown = exotel("status outbound", UTF8):says(3, nil, "").out
    assert.truthy(shown:find("1 trunk, 2 numbers, ? IPs, 2 destinations", 1, true), shown)
    assert.truthy(shown:find("\n! 1 unread list\n\noutbound (sidout)\n├── ! the IPs could not be read: list_whitelisted_ips: permission (HTTP 403", 1, true), shown)
    assert.is_nil(shown:find("is on an IP", 1, true))
    local account = json.decode(exotel("status outbound --json"):says(3).out)
    assert.is_false(account.complete)
    assert.is_nil(account.trunks[1].whitelisted_ips)
    assert.same({ 2 }, { account.counts.phone_numbers, account.counts.whitelisted_ips })
    assert.equal("permission", account.trunks[1].unread[1].kind)
    assert.truthy(exotel("status outbound --json").out:find('"whitelisted_ips": null', 1, true))
    local path = paths.folder .. "/unread.html"
    exotel("status outbound --html " .. path):says(3, "", ("The page is in %s: 1 trunk, 2 numbers, ? IPs, 2 destinations, 1 credential\n"
      .. "exotel: warning: 1 list could not be read\n"):format(path))
    assert.truthy(read(path):find("<h2>1 list could not be read</h2>", 1, true))
    assert.truthy(read(path):find(">IPs could not be read</text>", 1, true))
  end)

  it("writes the page to standard output when it is asked to", function()
    assert.truthy(exotel("status --html -"):says(0, nil, "").out:find("^<!doctype html>\n.*</html>\n$"))
  end)

  it("refuses what can't be before it reads anything", function()
    sb:reset_requests()
    exotel("status --dot --html x.html"):says(64, "", "exotel: --dot and --html exclude each other\n")
    exotel("status --html ''"):says(64, "", "exotel: --html takes the name of a file\n")
    exotel("status --html /nowhere/x.html"):says(1, "", "exotel: /nowhere/x.html can't be written: No such file or directory\n")
    exotel("status --html " .. paths.folder):says(1, "", ("exotel: %s can't be written: it is a folder\n"):format(paths.folder))
    assert.same({}, sb:requests())
  end)

  it("ends quietly when nobody reads on", function()
    local result = exotel("status", UTF8)
    assert.equal(0, result.status)
    local cut = command.run(sb, "status --dot --full", { shell = "EXOTEL | head -n 1; echo ${PIPESTATUS[0]}" })
    assert.truthy(cut.out:find("^digraph exotel {\n"), cut.out)
    assert.equal("", cut.err)
  end)

  describe("with names that are meant to harm", function()
    local shown

    setup(function()
      sb:put { trunk_name = HOSTILE, trunk_sid = "sidbad", numbers = { HOSTILE }, destinations = { "sip:" .. HOSTILE .. ":5060" },
        credentials = { { user_name = HOSTILE, friendly_name = HOSTILE } }, alias = HOSTILE, ips = { HOSTILE } }
      local path = paths.folder .. "/bad.html"
      exotel("status sid:sidbad --html " .. path):says(0, "")
      shown = read(path)
    end)
    teardown(function() assert(sb:client()):delete_trunk { trunk_sid = "sidbad" } end)

    it("has none of them as markup, and hides nothing", function()
      assert.is_nil(shown:find("<script>alert", 1, true))
      assert.truthy(shown:find("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;\\u{202E} [2J", 1, true))
      for _, bad in ipairs { "\226\128\174", "\27" } do assert.is_nil(shown:find(bad, 1, true)) end
      assert.equal(1, select(2, shown:gsub("<script>", "")))
    end)

    it("makes a picture that Graphviz takes #plain", function()
      local dot = exotel("status --dot --full"):says(0, nil, "").out
      assert.truthy(dot:find("\\\"'&amp;\\\\u{202E} [2J", 1, true), dot)
      local input = child.write(dot)
      local svg, status = child.finish(child.start("dot -Tsvg " .. input))
      os.remove(input)
      assert.equal(0, status, svg)
      assert.truthy(svg:find("客服_प्रयास", 1, true), svg)
      assert.truthy(svg:find("&lt;script&gt;alert(1)", 1, true), svg)
    end)
  end)

  describe("--html", function()
    it("is a file that stands for itself, for its owner only", function()
      local path = paths.folder .. "/account.html"
      exotel("status --html " .. path .. " -q"):says(0, "", "")
      assert.equal("600", child.output("stat -c %a " .. path))
      local shown = read(path)
      assert.truthy(shown:find("^<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf%-8\">\n<meta http%-equiv=\"Content%-Security%-Policy\" content=\"default%-src 'none'; "))
      for _, outside in ipairs { "<link", "<img", "src=", "@import", "url(", "<iframe", "http:", "https:" } do
        assert.is_nil(shown:find(outside, 1, true), outside)
      end
      assert.equal(0, select(2, shown:gsub("%son%a+=", "")) + select(2, shown:gsub("style=", "")))
      for _, part in ipairs { "style", "script" } do
        local input = child.write(shown:match("<" .. part .. ">(.-)</" .. part .. ">"))
        assert.truthy(shown:find(part .. "-src 'sha256-" .. child.output("openssl dgst -sha256 -binary " .. input .. " | base64") .. "'", 1, true), part)
        os.remove(input)
      end
      assert.equal(6, select(2, shown:gsub("<svg ", "")))
      assert.equal(3, select(2, shown:gsub('<details class="trunk" id="t%d" data%-name="[^"]*" open>', "")))
    end)

    it("reads well at 420 and 1400 pixels with 200 trunks and 10,000 numbers, folded and searched #plain", function()
      local big, path = assert(sandbox.start()), paths.folder .. "/big.html"
      for i = 1, 200 do
        local numbers = {}
        for k = 1, 50 do numbers[k] = ("+9198%04d%04d"):format(i, k) end
        big:put { trunk_name = i == 7 and "客服中心_上海" or i == 8 and HOSTILE or ("trunk_%03d"):format(i), numbers = numbers,
          ips = i > 3 and { "44.248.146.11" } or {}, destinations = { "44.248.146.11:5061;transport=tls" } }
      end
      local account = assert(overview.read(assert(big:client { rate_limit = false })))
      big:stop()
      files.write(path, page.text(account, 0))
      local found = browser.look(path, { 420, 1400 }, [[
        var tools = document.querySelector(".tools"), field = document.querySelector("input"), result = {
          trunks: document.querySelectorAll("details.trunk").length, open: document.querySelectorAll("details.trunk[open]").length,
          numbers: document.querySelectorAll("h3 + .items li").length, tools: !tools.hidden, button: tools.querySelector("button").textContent,
          overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
          warnings: document.querySelector(".note h2").textContent, harmed: window.harmed === true,
        };
        function shown(selector) {
          return Array.from(document.querySelectorAll(selector)).filter(function (one) { return window.getComputedStyle(one).display !== "none"; }).length;
        }
        result.wide = shown(".picture.wide"); result.narrow = shown(".picture.narrow");
        tools.querySelector("button").click();
        result.unfolded = document.querySelectorAll("details.trunk[open]").length;
        result.overflow_unfolded = document.documentElement.scrollWidth - document.documentElement.clientWidth;
        tools.querySelector("button").click();
        field.value = "+91 98 0020-0003";
        field.dispatchEvent(new window.Event("input"));
        window.setTimeout(function () {
          result.found = tools.querySelector("output").textContent;
          result.shown = Array.from(document.querySelectorAll("details.trunk")).filter(function (one) { return !one.hidden && one.open; }).length;
          window.dispatchEvent(new window.Event("beforeprint"));
          result.printed = document.querySelectorAll("details.trunk[open]").length;
          done(result);
        }, 1000);
      ]])
      for width, wide in pairs { ["420"] = 0, ["1400"] = 200 } do
        assert.same({
          trunks = 200, open = 0, numbers = 10397, tools = true, button = "Unfold all", overflow = 0, warnings = "6 warnings", harmed = false,
          wide = wide, narrow = 200 - wide, unfolded = 200, overflow_unfolded = 0, found = "1 entry on 1 trunk", shown = 1, printed = 200,
        }, found[width])
      end
    end)
  end)
end)
