rockspec_format = "3.0"
package = "exotel"
version = "scm-1"

description = {
  summary = "Sets up and runs SIP trunks on Exotel",
  detailed = [[
A client for Exotel's SIP trunk API: create a trunk, map phone numbers, whitelist IPs, set the caller ID, add
destinations, list, change, delete. A C core on libcurl, cJSON and c-ares, a Lua module on top of it.]],
  license = "MIT",
}

-- No address yet: `luarocks make` builds the folder it is run in and never looks at it.
source = { url = "." }

supported_platforms = { "unix" }
dependencies = { "lua >= 5.1, < 5.6" }

-- Libraries only: asking for headers, too, LuaRocks would look for curl/curl.h where Debian doesn't put it.
external_dependencies = {
  CURL = { library = "curl" },
  CJSON = { library = "cjson" },
  CARES = { library = "cares" },
}

-- Not "builtin": that installs the whole of lua/ with every rock, so that this one would hold the sandbox, too, and the
-- sandbox's rock this one.
build = {
  type = "make",
  build_target = "core",
  install_target = "install",
  copy_directories = { "doc/guides", "doc/luals" },
  variables = {
    BUILD = "build/rock$(LUA_INCDIR)", -- a folder for each Lua
    CFLAGS = "$(CFLAGS)",
    LUA_CFLAGS = "-I$(LUA_INCDIR)",
    -- EXOTEL_CURL=gnutls, on luarocks' command line: libcurl's build on GnuTLS, for Kamailio with its tls module.
    CURL = "$(EXOTEL_CURL)",
    CURL_LIBS = "-L$(CURL_LIBDIR) -lcurl",
    CJSON_LIBS = "-L$(CJSON_LIBDIR) -lcjson",
    CARES_LIBS = "-L$(CARES_LIBDIR) -lcares",
    SHARE_DIR = "$(LUADIR)",
    LIB_DIR = "$(LIBDIR)",
    CHECK_DEPS = ":", -- LuaRocks has looked
  },
}
