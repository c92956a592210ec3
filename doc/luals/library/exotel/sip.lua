---@meta exotel.sip

---Options of a test.
---@class exotel.sip.Options
---@field timeout? number seconds for each step: name resolution, connection with TLS, OPTIONS (5)
---@field deadline? number seconds for the whole test of a URI (30)
---@field verify? boolean false goes on with a certificate that can't be trusted, and says what is wrong with it; the step is `ok` then (true)
---@field ca_file? string a PEM file of the issuers to trust, instead of the system's: as the client's
---@field server_name? string the name that the certificate has to be for, instead of the URI's host
---@field from? string the SIP URI of From, where a server answers only some; `sip:exotel@` this machine's address
---@field name_servers? string whom to ask instead of the system's name servers and /etc/hosts: addresses, with their ports where they are not 53, with commas between
---@field sleep? fun(seconds:number) a scheduler's: waits call it instead of blocking
---@field client? exotel.client.Client waits as this client does

---What came of a test.
---@class exotel.sip.Report
---@field uri string as it was given
---@field answers boolean whether all is well: every address that the URI leads to has answered with SIP, whatever the answer says, over a connection that can be trusted. An IPv6 address doesn't count where this machine has no IPv6
---@field seconds number
---@field steps exotel.sip.Step[] in order: the resolution, then those of each address
---@field addresses exotel.sip.Address[] in the order in which they are to be tried
---@field certificate? exotel.sip.Certificate of the first address that has shown one
---@field response? exotel.sip.Response of the first address that has answered

---A step of a test.
---@class exotel.sip.Step
---@field step "resolve"|"connect"|"tls"|"options"
---@field ok boolean
---@field seconds number
---@field text string what was seen, as the server and libcurl say it: pass it through `exotel.text.plain`, or some such, on its way to a terminal
---@field advice? string what to do; also of a step that is ok, where something is worth a look
---@field address? string of all but "resolve"
---@field port? integer
---@field transport? "udp"|"tcp"|"tls"
---@field skipped? boolean true where the address was left out, which is no failure
---@field sent? integer of an answered OPTIONS: how often it was sent, which over UDP may be more than once

---An address that the URI leads to.
---@class exotel.sip.Address
---@field address string
---@field family "IPv4"|"IPv6"
---@field port integer
---@field transport "udp"|"tcp"|"tls"
---@field host string the server's name, or the address itself
---@field priority? integer of the SRV record: the lowest one first
---@field weight? integer of the SRV record
---@field answers boolean
---@field skipped boolean not tried: IPv6 from a machine that has none
---@field certificate? exotel.sip.Certificate
---@field response? exotel.sip.Response

---A server's certificate. What is not known is nil.
---@class exotel.sip.Certificate
---@field name? string its subject
---@field names string[] all that it is for, where libcurl tells (with OpenSSL)
---@field issuer? string
---@field not_before? integer seconds since 1970
---@field not_after? integer seconds since 1970
---@field days_left? integer negative when it has expired

---A server's answer to OPTIONS.
---@class exotel.sip.Response
---@field status integer 200 to 699
---@field reason string
---@field user_agent? string the server's software, as it says: Server, or User-Agent
---@field allow? string the methods that it takes, as it says

---Whether a SIP server answers: finds its addresses, connects, looks at its certificate, and sends it OPTIONS. No account is needed, and nothing is changed anywhere. It is done as calls are: blocking, with a scheduler's `sleep` cooperatively, in nginx by nginx's own; see `exotel.Options`. Every wait is bounded by `timeout` and `deadline`.
---@class exotel.sip
local M = {}

---Checks a URI, and tests nothing.
---Raises for a URI that is no string.
---@param uri string as of `test`
---@return boolean? good true
---@return exotel.error.Error? err kind `invalid_argument`
function M.check(uri) end

---Tests a URI.
---Raises for a URI that is no string, an unknown option or one of the wrong type.
---@param uri string `sip:HOST:PORT;transport=tls`, as a destination also without `sip:`. Without a port SRV says which servers there are, by RFC 3263; NAPTR is not asked for. Without a transport it is udp, or tls of `sips:`
---@param options? exotel.sip.Options
---@return exotel.sip.Report? report
---@return exotel.error.Error? err kind `invalid_argument`: the URI, or the form of an option; `config`: a phase of nginx in which nothing can wait. That nobody answers is no failure of the test
function M.test(uri, options) end

---Tests many URIs at once, up to 16 at a time. Those of a trunk:
---Raises as `test`.
---@param list string[] of URIs. One that is malformed is a failure in its report, since the service may have it so
---@param options? exotel.sip.Options
---@return exotel.sip.Report[]? reports in the order given
---@return exotel.error.Error? err as `test`
function M.test_all(list, options) end

return M
