/* The sockets of the module exotel.sip.core, each as a userdata: name servers, datagrams. */
#ifndef EXOTEL_LUA_SIP_SOCKETS_H
#define EXOTEL_LUA_SIP_SOCKETS_H

#include "lua/compat.h"

/* Their metatables, each with `close`, by the collector, too. */
void exo_lua_open_resolver(lua_State *L);
void exo_lua_open_datagram(lua_State *L);

/* sip_core.resolver([servers]) → resolver, or nil, message */
int exo_lua_new_resolver(lua_State *L);
/* sip_core.datagram(address, port) → datagram, or nil, message, reason */
int exo_lua_new_datagram(lua_State *L);

#endif
