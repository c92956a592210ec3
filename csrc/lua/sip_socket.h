/* What exotel.sip waits for, each as a userdata: name servers, datagrams, streams. */
#ifndef EXOTEL_LUA_SIP_SOCKET_H
#define EXOTEL_LUA_SIP_SOCKET_H

#include <poll.h>

#include "lua/compat.h"

/* The metatables of the three, each with `close`, by the collector, too. */
void exo_lua_open_resolver(lua_State *L);
void exo_lua_open_datagram(lua_State *L);
void exo_lua_open_stream(lua_State *L);

/* Of what a type of socket may wait for. */
enum { EXO_LUA_SOCKETS = 16 };

/* What the object at `index` waits for, as poll takes it, and the milliseconds after which it is to be polled in any
 * case (-1: never). → how many; nothing of a closed one, or of another type */
size_t exo_lua_watch_resolver(lua_State *L, int index, struct pollfd *list, int *milliseconds);
size_t exo_lua_watch_datagram(lua_State *L, int index, struct pollfd *list, int *milliseconds);
size_t exo_lua_watch_stream(lua_State *L, int index, struct pollfd *list, int *milliseconds);

/* core.sip.resolver([servers]) → resolver, or nil, message */
int exo_lua_new_resolver(lua_State *L);
/* core.sip.datagram(address, port) → datagram, or nil, message, reason */
int exo_lua_new_datagram(lua_State *L);
/* core.sip.stream(address, port, timeout [, name, verify, ca_file]) → stream, or nil, message; with a name by TLS */
int exo_lua_new_stream(lua_State *L);

/* A new userdata of a type, zeroed, with its metatable. */
void *exo_lua_push_socket(lua_State *L, const char *type, size_t size);
/* Makes a type's metatable of its methods, among which are `close` and `__gc`. */
void exo_lua_open_socket_type(lua_State *L, const char *type, const luaL_Reg *methods);
/* Whether the value at `index` is of a type. */
void *exo_lua_test_socket(lua_State *L, int index, const char *type);

#endif
