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
  "lua >= 5.1, < 5.6",
}

-- Libraries only: LuaRocks finds those on Debian without being told where.
external_dependencies = {
  MICROHTTPD = { library = "microhttpd" },
  GNUTLS = { library = "gnutls" },
}

-- Not "builtin": that installs the whole of lua/ with every rock, and so the client with this one.
build = {
  type = "make",
  build_target = "sandbox",
  install_target = "install-sandbox",
  copy_directories = {}, -- the guides and annotations come with the rock of the client
  variables = {
    BUILD = "build/rock$(LUA_INCDIR)", -- a folder for each Lua
    CFLAGS = "$(CFLAGS)",
    LUA_CFLAGS = "-I$(LUA_INCDIR)",
    SANDBOX_LIBS = "-L$(MICROHTTPD_LIBDIR) -L$(GNUTLS_LIBDIR) -lmicrohttpd -lgnutls -lpthread",
    SHARE_DIR = "$(LUADIR)",
    LIB_DIR = "$(LIBDIR)",
    CHECK_DEPS = ":", -- LuaRocks has looked
  },
}
