/* One source for Lua 5.1, LuaJIT and 5.2 to 5.5. */
#ifndef EXOTEL_LUA_COMPAT_H
#define EXOTEL_LUA_COMPAT_H

/* All of Lua's functions are weak symbols: where another Lua lacks one, the module loads all the same, and its version
 * check can say what is wrong. */
#include <luaconf.h>
#undef LUA_API
#define LUA_API extern __attribute__((weak))

#include <lauxlib.h>
#include <lua.h>

/* Marks a luaopen function. All else is compiled hidden, so that no name of ours clashes with one of the host's. */
#define EXO_EXPORT __attribute__((visibility("default")))

/* LuaJIT has luaL_newlib and the like, Lua 5.1 doesn't: without them, what is built for one runs in the other. */
#if LUA_VERSION_NUM < 502
#define lua_rawlen(L, i) lua_objlen(L, i)
#define exo_newlib(L, functions) (lua_newtable(L), luaL_register(L, NULL, functions))
#define exo_setfuncs(L, functions) luaL_register(L, NULL, functions)
/* The uservalue of a userdata: a table, in every Lua. */
#define exo_setuservalue(L, i) lua_setfenv(L, i)
#define exo_getuservalue(L, i) lua_getfenv(L, i)
#else
#define exo_newlib(L, functions) luaL_newlib(L, functions)
#define exo_setfuncs(L, functions) luaL_setfuncs(L, functions, 0)
#define exo_setuservalue(L, i) lua_setuservalue(L, i)
#define exo_getuservalue(L, i) lua_getuservalue(L, i)
#endif

/* Keeps what stands at `what` in the stack from being collected before the userdata at `i`: above 5.2 a uservalue may
 * be anything. */
#if LUA_VERSION_NUM < 503
#define exo_setanchor(L, what, i) \
  (lua_createtable(L, 1, 0), lua_pushvalue(L, what), lua_rawseti(L, -2, 1), exo_setuservalue(L, i))
#else
#define exo_setanchor(L, what, i) (lua_pushvalue(L, what), exo_setuservalue(L, i))
#endif

/* A whole number of any size: below 5.3 lua_Integer may have 32 bits, and lua_Number holds more. */
#if LUA_VERSION_NUM < 503
#define exo_pushwhole(L, i) lua_pushnumber(L, (lua_Number)(i))
#else
#define exo_pushwhole(L, i) lua_pushinteger(L, (lua_Integer)(i))
#endif

/* LuaJIT knows it without having it in the headers that a build for both takes; Lua 5.1 answers -1. */
#ifndef LUA_GCISRUNNING
#define LUA_GCISRUNNING 9
#endif

/* 5.4 defines these by itself. */
#if LUA_VERSION_NUM < 504
#define lua_newuserdatauv(L, size, n) lua_newuserdata(L, size)
#endif

#endif
