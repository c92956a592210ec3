/* One source for Lua 5.1, LuaJIT and 5.2 to 5.4. */
#ifndef EXOTEL_LUA_COMPAT_H
#define EXOTEL_LUA_COMPAT_H

#include <lauxlib.h>
#include <lua.h>

/* Functions that one Lua has and another has not. Weak, so that a module built for another Lua loads as far as
 * exo_lua_check_host, which says so, instead of ending in the linker's "undefined symbol". */
#if LUA_VERSION_NUM < 502
#pragma weak luaL_register
#pragma weak lua_getfenv
#pragma weak lua_newuserdata
#pragma weak lua_objlen
#pragma weak lua_remove
#pragma weak lua_setfenv
#pragma weak lua_tonumber
#else
#pragma weak luaL_checkversion_
#pragma weak luaL_setfuncs
#pragma weak lua_rawlen
#pragma weak lua_tointegerx
#pragma weak lua_tonumberx
#endif
#if LUA_VERSION_NUM >= 503
#pragma weak lua_isinteger
#pragma weak lua_rotate
#endif
#if LUA_VERSION_NUM == 502 || LUA_VERSION_NUM == 503
#pragma weak lua_getuservalue
#pragma weak lua_newuserdata
#pragma weak lua_setuservalue
#elif LUA_VERSION_NUM >= 504
#pragma weak lua_getiuservalue
#pragma weak lua_newuserdatauv
#pragma weak lua_setiuservalue
#endif

#if LUA_VERSION_NUM < 502
#define lua_rawlen(L, i) lua_objlen(L, i)
#define exo_newlib(L, functions) (lua_newtable(L), luaL_register(L, NULL, functions))
#define exo_setfuncs(L, functions) luaL_register(L, NULL, functions)
/* What belongs to a userdata: a table, in every Lua. */
#define exo_setbelongings(L, i) lua_setfenv(L, i)
#define exo_getbelongings(L, i) lua_getfenv(L, i)
#else
#define exo_newlib(L, functions) luaL_newlib(L, functions)
#define exo_setfuncs(L, functions) luaL_setfuncs(L, functions, 0)
#define exo_setbelongings(L, i) lua_setuservalue(L, i)
#define exo_getbelongings(L, i) lua_getuservalue(L, i)
#endif

/* 5.4 defines these by itself. */
#if LUA_VERSION_NUM < 504
#define lua_newuserdatauv(L, size, n) lua_newuserdata(L, size)
#endif

#endif
