--- The server of the bench: nginx on free loopback ports, HTTP and HTTPS, with answers that never change.
local bodies = require "bench.bodies"
local nginx = require "spec.support.nginx"

local service = {}

local CONFIGURATION = [[
  keepalive_requests 100000000;
  keepalive_timeout 600s;
  sendfile on;
  tcp_nopush on;
  default_type application/json;
  server {
    listen 127.0.0.1:$PORT;
    listen 127.0.0.1:$PORT2 ssl;
    ssl_certificate $FOLDER/cert.pem;
    ssl_certificate_key $FOLDER/key.pem;
    location = / { return 204; }
    location = /v2/accounts/bench/trunks/trmap/phone-numbers { return 200 '$MAPPED'; }
    location = /v2/accounts/bench/trunks/trlist/phone-numbers { alias $FOLDER/list.json; }
    location = /v2/accounts/bench/trunks/trmost/phone-numbers { alias $FOLDER/most.json; }
    location = /v2/accounts/bench/trunks/trlarge/phone-numbers { alias $FOLDER/large.json; }
    location = /v2/accounts/bench/trunks/trslow/phone-numbers { alias $FOLDER/large.json; limit_rate 1; }
  }
]]

--- How many phone numbers the lists have.
service.lists = { list = 50, most = 4000, large = 10000 }

local function files()
  local texts = {}
  texts["cert.pem"], texts["key.pem"] = require("exotel.sandbox.server").certificate()
  for name, count in pairs(service.lists) do texts[name .. ".json"] = bodies.page(count) end
  return texts
end

--- Starts it; it ends after so many seconds, whatever happens. → the server of spec.support.nginx, with its
-- `targets`, http and https: see bench.programs
function service.start(seconds)
  local http = CONFIGURATION:gsub("%$MAPPED", bodies.mapped())
  local server = nginx.start { seconds = seconds, http = http, files = files() }
  local folder = server.folder
  server.targets = {
    http = { url = "http://127.0.0.1:" .. server.ports[1], ca = "-", folder = folder },
    https = { url = "https://127.0.0.1:" .. server.ports[2], ca = folder .. "/cert.pem", folder = folder },
  }
  return server
end

return service
