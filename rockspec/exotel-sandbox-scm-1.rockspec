rockspec_format = "3.0"
package = "exotel-sandbox"
version = "scm-1"

-- No address yet: `luarocks make` builds from the folder it is run in and never looks at it.
source = { url = "." }

description = {
  summary = "A stand-in for Exotel's SIP trunking service, for tests and trials",
  detailed = [[
A real HTTP or HTTPS server on a loopback port, in a thread of its own, that keeps the rules of Exotel's SIP trunking
API. It holds state, records requests and makes them fail as a test asks, so that no account is needed.]],
  license = "MIT",
}

supported_platforms = { "unix" }

dependencies = {
  "lua >= 5.1",
}

-- By library only: so named, they are found on Debian without being told where.
external_dependencies = {
  MICROHTTPD = { library = "microhttpd" },
  GNUTLS = { library = "gnutls" },
}

build = {
  type = "builtin",
  modules = {
    ["exotel.sandbox"] = "lua/exotel/sandbox.lua",
    ["exotel.sandbox.base64"] = "lua/exotel/sandbox/base64.lua",
    ["exotel.sandbox.envelope"] = "lua/exotel/sandbox/envelope.lua",
    ["exotel.sandbox.faults"] = "lua/exotel/sandbox/faults.lua",
    ["exotel.sandbox.front"] = "lua/exotel/sandbox/front.lua",
    ["exotel.sandbox.ids"] = "lua/exotel/sandbox/ids.lua",
    ["exotel.sandbox.json"] = "lua/exotel/sandbox/json.lua",
    ["exotel.sandbox.operations.credentials"] = "lua/exotel/sandbox/operations/credentials.lua",
    ["exotel.sandbox.operations.destinations"] = "lua/exotel/sandbox/operations/destinations.lua",
    ["exotel.sandbox.operations.phone_numbers"] = "lua/exotel/sandbox/operations/phone_numbers.lua",
    ["exotel.sandbox.operations.settings"] = "lua/exotel/sandbox/operations/settings.lua",
    ["exotel.sandbox.operations.trunks"] = "lua/exotel/sandbox/operations/trunks.lua",
    ["exotel.sandbox.operations.whitelisted_ips"] = "lua/exotel/sandbox/operations/whitelisted_ips.lua",
    ["exotel.sandbox.paging"] = "lua/exotel/sandbox/paging.lua",
    ["exotel.sandbox.problem"] = "lua/exotel/sandbox/problem.lua",
    ["exotel.sandbox.rate_limit"] = "lua/exotel/sandbox/rate_limit.lua",
    ["exotel.sandbox.routes"] = "lua/exotel/sandbox/routes.lua",
    ["exotel.sandbox.rules"] = "lua/exotel/sandbox/rules.lua",
    ["exotel.sandbox.service"] = "lua/exotel/sandbox/service.lua",
    ["exotel.sandbox.shapes"] = "lua/exotel/sandbox/shapes.lua",
    ["exotel.sandbox.shelf"] = "lua/exotel/sandbox/shelf.lua",
    ["exotel.sandbox.server"] = {
      sources = {
        "csrc/sandbox/certificate.c",
        "csrc/sandbox/copy.c",
        "csrc/sandbox/exchange.c",
        "csrc/sandbox/fault.c",
        "csrc/sandbox/parking.c",
        "csrc/sandbox/server.c",
        "csrc/sandbox/service.c",
      },
      incdirs = { "csrc" },
      libraries = { "microhttpd", "gnutls", "pthread" },
    },
  },
}
