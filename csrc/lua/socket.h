/* What exotel.sip waits for, each as a userdata with the method `watch`: name servers, datagrams, streams. */
#ifndef EXOTEL_LUA_SOCKET_H
#define EXOTEL_LUA_SOCKET_H

#include <poll.h>

#include "lua/compat.h"

/* A new userdata of a type, zeroed, with its metatable. */
void *exo_lua_push_socket(lua_State *L, const char *type, size_t size);
/* Makes a type's metatable of its methods, among which are `watch`, `close` and `__gc`. */
void exo_lua_open_socket_type(lua_State *L, const char *type, const luaL_Reg *methods);

/* What each socket's method does, socket:watch(list) → milliseconds after which it is to be polled in any case, nil for
 * never: appends what it waits for to the list at index 2, each with its descriptor and poll's events, two numbers.
 * That is all that sockets of different modules have in common. A closed one appends nothing. */
int exo_lua_watch(lua_State *L, const struct pollfd *waits_for, size_t count, int milliseconds);

#endif
