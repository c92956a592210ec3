/* What exotel.sip is made of: name servers, datagrams and streams that never wait, the one wait for all of them, and
 * the reader of SIP. */
#ifndef EXOTEL_LUA_SIP_H
#define EXOTEL_LUA_SIP_H

#include "lua/compat.h"

/* Makes the types' metatables, and pushes the table core.sip. */
void exo_lua_push_sip(lua_State *L);

#endif
