#ifndef EXOTEL_LUA_VERSION_CHECK_H
#define EXOTEL_LUA_VERSION_CHECK_H

struct lua_State; /* no lua.h: that is for compat.h to include */

/* Raises, with what to do, unless the running Lua is of the version that this was built for; LuaJIT is a Lua 5.1. To be
 * called first in a luaopen function. `module`: its name, as a literal: the file is found by its address. */
void exo_lua_check_version(struct lua_State *L, const char *module);

#endif
