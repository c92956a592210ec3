--- The server of the bench: nginx on free loopback ports, HTTP and HTTPS, with answers that never change.
local bodies = require "bench.bodies"
local nginx = require "spec.support.nginx"

local service = {}

local CONFIGURATION = [[
  init_by_lua_block { bodies = dofile "$TREE/bench/bodies.lua" }
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
    location = /v2/accounts/bench/trunks/trpaged/phone-numbers { content_by_lua_block {
      local offset, size = tonumber(ngx.var.arg_offset), tonumber(ngx.var.arg_page_size)
      ngx.print(bodies.part($COUNT, offset or 0, size or $SIZE))
    } }
    location = /v2/accounts/bench/trunks/trslow/phone-numbers { alias $FOLDER/large.json; limit_rate 1; }
  }
]]

--- How many phone numbers the lists have. `paged` is given in pages of 50 where nobody asks for others.
service.lists = { list = 50, most = 4000, large = 10000, paged = 10000 }
local PAGE = 50

local function files()
  local texts = {}
  texts["cert.pem"], texts["key.pem"] = require("exotel.sandbox.server").certificate()
  for _, name in ipairs { "list", "most", "large" } do
    texts[name .. ".json"] = bodies.page(0, service.lists[name], true)
  end
  return texts
end

--- Starts it; it ends after so many seconds, whatever happens. → the server of spec.support.nginx, with its
-- `targets`, http and https: see bench.programs
function service.start(seconds)
  local http = CONFIGURATION:gsub("%$(%u+)", {
    MAPPED = bodies.mapped(), TREE = nginx.output("pwd"), SIZE = PAGE, COUNT = service.lists.paged,
  })
  local server = nginx.start { seconds = seconds, http = http, files = files() }
  local folder = server.folder
  server.targets = {
    http = { url = "http://127.0.0.1:" .. server.ports[1], ca = "-", folder = folder },
    https = { url = "https://127.0.0.1:" .. server.ports[2], ca = folder .. "/cert.pem", folder = folder },
  }
  return server
end

return service
