/* A connection of bytes as a userdata, for exotel.sip: exotel/transport/curl_stream.h. */
#ifndef EXOTEL_LUA_STREAM_H
#define EXOTEL_LUA_STREAM_H

#include "lua/compat.h"

/* Its metatable, with `close`, by the collector, too. */
void exo_lua_open_stream(lua_State *L);
/* core.stream(address, port, timeout [, name, verify, ca_file]) → stream, or nil, message; with a name by TLS */
int exo_lua_new_stream(lua_State *L);

#endif
