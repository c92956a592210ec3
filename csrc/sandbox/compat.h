/* The few names that differ between Lua 5.1, LuaJIT and 5.4. */
#ifndef EXOTEL_SANDBOX_COMPAT_H
#define EXOTEL_SANDBOX_COMPAT_H

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

#if LUA_VERSION_NUM < 502
#define lua_rawlen lua_objlen
#undef luaL_newlib /* LuaJIT 2.1 has one, and this serves Lua 5.1 too */
#define luaL_newlib(L, functions) (lua_newtable(L), luaL_register((L), NULL, (functions)))
#endif

#if LUA_VERSION_NUM < 504
#define lua_newuserdatauv(L, size, values) lua_newuserdata((L), (size))
#endif

#endif
