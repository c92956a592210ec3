/* What a Lua state holds as data, copied into another one. */
#ifndef EXOTEL_LUA_LUA_DATA_H
#define EXOTEL_LUA_LUA_DATA_H

#include "lua/lua_limits.h"

/* Pops the value on top, the only one, of a limited state, and puts it aside with all tables and long strings in it.
 * Raises for what is no data. */
void exo_lua_put_data_aside(lua_State *S, exo_lua_limits *limits);

/* Pushes a copy of what was put aside: tables, strings, numbers and booleans; tables that stand in several places, or
 * in themselves, do so in the copy. → false when the time is up */
bool exo_lua_push_data(lua_State *L, lua_State *S, exo_lua_limits *limits);

#endif
