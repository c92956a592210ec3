-- exotel.sip against the real Kamailio, by udp, tcp and tls, with good and bad certificates, and against sipp. "#plain":
-- the servers do the work.
local child = require "spec.support.child"
local core = require "exotel.core"
local exotel = require "exotel"
local kamailio = require "spec.support.kamailio"
local sip = require "exotel.sip"
local sip_server = require "spec.support.sip_server"

local CONFIG = [[
#!KAMAILIO
debug=1
log_stderror=yes
children=1
tcp_children=1
enable_tls=yes
listen=udp:127.0.0.1:@PORT@
listen=tcp:127.0.0.1:@PORT@
listen=udp:[::1]:@PORT@
listen=tcp:[::1]:@PORT@
listen=tls:127.0.0.1:@GOOD@
listen=tls:127.0.0.1:@EXPIRED@
listen=tls:127.0.0.1:@OTHER@
listen=tls:127.0.0.1:@SOON@
listen=tls:[::1]:@GOOD@
loadmodule "sl.so"
loadmodule "textops.so"
loadmodule "tls.so"
modparam("tls", "config", "@FOLDER@/tls.cfg")
modparam("tls", "tls_force_run", 1)
request_route {
  if (is_method("OPTIONS")) {
    append_to_reply("Allow: INVITE, ACK, OPTIONS\r\n");
    sl_send_reply("200", "Here");
    exit;
  }
  sl_send_reply("405", "Method Not Allowed");
}
]]

local PROFILE = "[server:%s:%s]\nmethod = TLSv1.2+\nverify_certificate = no\nprivate_key = %s/key.pem\ncertificate = %s/%s.pem\n"

-- An issuer of the test's own, and certificates of its for 127.0.0.1, ::1 and localhost; for another name; of the past.
local CERTIFICATES = [[
cd %s && exec >/dev/null 2>&1
openssl req -x509 -newkey rsa:2048 -nodes -keyout ca-key.pem -out ca.pem -subj "/O=Tests/CN=Issuer of tests" -days 30
openssl req -newkey rsa:2048 -nodes -keyout key.pem -out here.csr -subj "/O=Tests/CN=localhost"
sign() { # name, alternative names, options
  printf 'subjectAltName=%%s\n' "$2" >$1.ext
  name=$1; shift 2
  openssl x509 -req -in here.csr -CA ca.pem -CAkey ca-key.pem -CAcreateserial -extfile $name.ext -out $name.pem "$@"
}
sign good DNS:localhost,DNS:pbx.test,IP:127.0.0.1,IP:::1 -days 30
sign soon DNS:localhost,IP:127.0.0.1 -days 3
sign other DNS:other.example -days 30
touch index; echo 01 >serial
printf '[ca]\ndefault_ca=d\n[d]\ndatabase=index\nserial=serial\nnew_certs_dir=.\ndefault_md=sha256\npolicy=p\n[p]\ncommonName=optional\norganizationName=optional\n' >ca.cnf
openssl ca -batch -config ca.cnf -in here.csr -cert ca.pem -keyfile ca-key.pem -extfile good.ext -out expired.pem \
  -startdate 20200101000000Z -enddate 20200201000000Z
]]

-- libcurl tells all names of a certificate with OpenSSL only.
local function names(list) return exotel.libraries().tls:find("OpenSSL") and list or {} end

describe("exotel.sip #plain", function()
  local folder, host, ports, ca

  setup(function()
    folder = kamailio.sh("mktemp -d"):gsub("\n", "")
    kamailio.sh(CERTIFICATES, folder)
    ca = folder .. "/ca.pem"
    ports = {}
    for _, name in ipairs { "GOOD", "EXPIRED", "OTHER", "SOON" } do ports[name] = kamailio.free_port() end
    local profiles = {}
    for name, port in pairs(ports) do
      profiles[#profiles + 1] = PROFILE:format("127.0.0.1", port, folder, folder, name:lower())
    end
    profiles[#profiles + 1] = PROFILE:format("[::1]", ports.GOOD, folder, folder, "good")
    profiles[#profiles + 1] = ("[server:default]\nprivate_key = %s/key.pem\ncertificate = %s/good.pem\n"):format(folder, folder)
    local path = child.write(table.concat(profiles, "\n"))
    ports.TLS_CONFIG = path
    host = kamailio.start { config = CONFIG:gsub("@FOLDER@/tls.cfg", path), values = ports }
    os.remove(path)
  end)
  teardown(function()
    local fine = host:stop()
    os.execute("rm -rf " .. folder)
    assert(fine)
  end)

  local function test(uri, options)
    options = options or {}
    options.ca_file = options.ca_file or ca
    return assert(sip.test(uri, options))
  end

  local function step_of(report, name)
    for _, step in ipairs(report.steps) do
      if step.step == name then return step end
    end
  end

  local function assert_answers(report)
    local last = report.steps[#report.steps]
    assert.is_true(report.answers, last.text)
    assert.equal(200, report.response.status)
    assert.equal("Here", report.response.reason)
    assert.equal("INVITE, ACK, OPTIONS", report.response.allow)
    assert.truthy(report.response.user_agent:find("^kamailio %("))
    return report
  end

  it("hears Kamailio by udp, tcp and tls, on IPv4 and IPv6", function()
    for _, place in ipairs { "127.0.0.1", "[::1]" } do
      for transport, port in pairs { udp = host.port, tcp = host.port, tls = ports.GOOD } do
        local report = assert_answers(test(("sip:%s:%d;transport=%s"):format(place, port, transport)))
        assert.equal(place == "[::1]" and "IPv6" or "IPv4", report.addresses[1].family)
        assert.equal(transport == "tls", report.certificate ~= nil)
      end
    end
    assert_answers(test("sips:localhost:" .. ports.GOOD))
  end)

  -- Made for so many days, a moment ago or in this very second.
  local function assert_days(days, certificate)
    assert.is_true(certificate.days_left == days or certificate.days_left == days - 1, certificate.days_left)
  end

  it("shows the certificate", function()
    local certificate = test("sips:127.0.0.1:" .. ports.GOOD).certificate
    assert.equal("localhost", certificate.name)
    assert.equal("Issuer of tests", certificate.issuer)
    assert_days(30, certificate)
    assert.is_true(math.abs(certificate.not_after - certificate.not_before - 30 * 86400) < 2)
    assert.same(names { "localhost", "pbx.test", "127.0.0.1", "0:0:0:0:0:0:0:1" }, certificate.names)
  end)

  it("says that a certificate is about to end", function()
    local report = assert_answers(test("sips:127.0.0.1:" .. ports.SOON))
    assert.equal("renew the certificate before it ends", step_of(report, "tls").advice)
    assert_days(3, report.certificate)
  end)

  -- → the step of TLS
  local function distrusted(port, options)
    local report = test("sip:127.0.0.1:" .. port .. ";transport=tls", options)
    assert.is_false(report.answers)
    assert.is_nil(report.response)
    assert.is_true(step_of(report, "connect").ok)
    assert.is_nil(step_of(report, "options"))
    local step = step_of(report, "tls")
    assert.is_false(step.ok)
    return step, report.certificate
  end

  it("trusts no expired certificate, and shows it", function()
    local step, certificate = distrusted(ports.EXPIRED)
    assert.truthy(step.text:find("has expired", 1, true), step.text)
    assert.truthy(step.text:find("localhost, from Issuer of tests, expired", 1, true), step.text)
    assert.truthy(step.advice:find("^renew the certificate"), step.advice)
    assert.is_true(certificate.days_left < -2000)
    assert.equal(1580515200, certificate.not_after) -- 2020-02-01
  end)

  it("trusts none for another name, and shows it; server_name says which it is", function()
    local step, certificate = distrusted(ports.OTHER)
    assert.truthy(step.text:find("is for another name", 1, true), step.text)
    assert.truthy(step.advice:find("^use a name that the certificate is for"), step.advice)
    assert.same(names { "other.example" }, certificate.names)
    assert_answers(test("sips:127.0.0.1:" .. ports.OTHER, { server_name = "other.example" }))
    distrusted(ports.GOOD, { server_name = "other.example" })
  end)

  it("trusts none of an unknown issuer", function()
    local step = distrusted(ports.GOOD, { ca_file = folder .. "/other.pem" })
    assert.truthy(step.text:find("unknown issuer", 1, true), step.text)
    assert.truthy(step.advice:find("private issuer", 1, true), step.advice)
  end)

  it("goes on where the certificate need not be trusted, and says what is wrong with it", function()
    for _, name in ipairs { "EXPIRED", "OTHER" } do
      local report = assert_answers(test("sips:127.0.0.1:" .. ports[name], { verify = false }))
      local step = step_of(report, "tls")
      assert.is_true(step.ok)
      assert.truthy(step.text:find("the server's certificate", 1, true), step.text)
      assert.is_string(step.advice)
    end
  end)

  it("says that a ca_file can't be read", function()
    local step = test("sips:127.0.0.1:" .. ports.GOOD, { ca_file = "/nonexistent" }).steps[2]
    assert.is_false(step.ok)
    assert.equal("ca_file can't be read: /nonexistent", step.text)
  end)

  it("tells the wrong transport", function()
    local report = test("sip:127.0.0.1:" .. host.port .. ";transport=tls")
    assert.is_false(step_of(report, "tls").ok)
    assert.truthy(step_of(report, "tls").advice:find("speaks TLS", 1, true))
    assert.is_false(test("sip:127.0.0.1:" .. ports.GOOD .. ";transport=tcp", { timeout = 0.5 }).answers)
    local step = test("sip:127.0.0.1:" .. ports.GOOD).steps[3]
    assert.equal("Connection refused", step.text)
    assert.truthy(step.advice:find("nothing listens on UDP port " .. ports.GOOD, 1, true), step.advice)
  end)

  it("takes a server that accepts TLS connections and says nothing for one", function()
    local server = sip_server.start("tcp", { { "silent" } })
    local report = test("sips:127.0.0.1:" .. server.port, { timeout = 0.3 })
    server:stop()
    assert.is_false(report.answers)
    assert.equal("no TLS in time", step_of(report, "tls").text)
  end)

  it("tests many at once", function()
    local uris = {}
    for i = 1, 40 do uris[i] = ("sip:127.0.0.1:%d;transport=%s"):format(i % 2 == 0 and host.port or ports.GOOD, i % 2 == 0 and "tcp" or "tls") end
    uris[41] = "sip:127.0.0.1:9"
    local reports = assert(sip.test_all(uris, { ca_file = ca }))
    assert.equal(41, #reports)
    for i = 1, 40 do
      assert_answers(reports[i])
      assert.equal(uris[i], reports[i].uri)
    end
    assert.is_false(reports[41].answers)
  end)

  it("finds servers by SRV, and tests each", function()
    local dns = sip_server.dns(([[
      _sips._tcp.voice.test SRV 20 0 %d localhost.test
      _sips._tcp.voice.test SRV 10 0 %d pbx.test
      pbx.test A 127.0.0.1
      localhost.test CNAME alias.test
      alias.test A 127.0.0.1
    ]]):format(ports.SOON, ports.GOOD))
    local report = test("sips:voice.test", { name_servers = dns.address, server_name = "localhost" })
    local asked = dns:stop()
    assert_answers(report)
    assert.equal("_sips._tcp.voice.test SRV udp", asked[1])
    assert.equal(2, #report.addresses)
    assert.same({ "pbx.test", ports.GOOD, 10 }, { report.addresses[1].host, report.addresses[1].port, report.addresses[1].priority })
    assert.same({ "localhost.test", ports.SOON, 20 }, { report.addresses[2].host, report.addresses[2].port, report.addresses[2].priority })
  end)

  it("verifies the name in the URI, not the one that SRV leads to", function()
    local dns = sip_server.dns(("_sips._tcp.voice.test SRV 1 0 %d pbx.test\npbx.test A 127.0.0.1\n"):format(ports.GOOD))
    local report = test("sips:voice.test", { name_servers = dns.address })
    dns:stop()
    assert.is_false(report.answers)
    assert.truthy(step_of(report, "tls").text:find("another name", 1, true))
    dns = sip_server.dns(("_sips._tcp.pbx.test SRV 1 0 %d voice.test\nvoice.test A 127.0.0.1\n"):format(ports.GOOD))
    assert_answers(test("sips:pbx.test", { name_servers = dns.address }))
    dns:stop()
  end)

  it("hears sipp", function()
    local scenario = child.write([[
<?xml version="1.0" encoding="UTF-8" ?>
<scenario name="answer">
  <recv request="OPTIONS"/>
  <send><![CDATA[
    SIP/2.0 200 OK
    [last_Via:]
    [last_From:]
    [last_To:];tag=[call_number]
    [last_Call-ID:]
    [last_CSeq:]
    Server: sipp
    Content-Length: 0

  ]].."]]"..[[></send>
</scenario>
]])
    for _, mode in ipairs { "-t u1", "-t t1" } do
      local port, ended = kamailio.sipp(scenario, mode)
      local transport, report = mode == "-t u1" and "udp" or "tcp", nil
      host:wait("sipp", function() -- it takes a moment to listen
        report = assert(sip.test(("sip:127.0.0.1:%d;transport=%s"):format(port, transport)))
        return report.answers
      end)
      assert.equal("sipp", report.response.user_agent)
      assert.is_true(ended())
    end
    os.remove(scenario)
  end)

  it("waits no longer than it is told for a whole test", function()
    local server = sip_server.start("tcp", { { "silent" } })
    local began = core.now()
    local report = test("sip:127.0.0.1:" .. server.port .. ";transport=tcp", { deadline = 0.3 })
    assert.is_true(core.now() - began < 4)
    assert.is_false(report.answers)
    server:stop()
  end)
end)
