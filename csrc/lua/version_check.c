/* Keeps a module out of a Lua that it wasn't built for. Elsewhere Lua's functions are weak symbols (compat.h), so that
 * the module loads in any Lua and this check can run. The functions used here are the same in every Lua, and not weak:
 * where even they are missing, the host hides its Lua, and the loader says so. */
#define _GNU_SOURCE /* for dladdr */
#include "lua/version_check.h"

#include <dlfcn.h>
#include <lauxlib.h>
#include <string.h>

/* Pushes a table, and the running Lua's _VERSION. Through a metamethod, since lua_call is another function in 5.2. */
static void push_running(lua_State *L) {
  lua_createtable(L, 0, 1);
  if (luaL_loadstring(L, "return _VERSION") != 0) lua_error(L);
  lua_setfield(L, -2, "version");
  lua_pushvalue(L, -1);
  lua_setmetatable(L, -2);
  luaL_callmeta(L, -1, "version");
}

/* "5.1" of "Lua 5.1". */
static const char *number_of(const char *version) {
  const char *number = version == NULL ? NULL : strpbrk(version, "0123456789");
  return number == NULL ? "?" : number;
}

/* The file that holds something. */
static const char *file_of(const void *address) {
  Dl_info found;
  return dladdr(address, &found) != 0 ? found.dli_fname : "?";
}

void exo_lua_check_version(lua_State *L, const char *module) {
  const char *built = number_of(LUA_VERSION);
  push_running(L);
  const char *running = number_of(lua_tolstring(L, -1, NULL));
  if (strcmp(running, built) != 0)
    luaL_error(
        L,
        "%s was built for Lua %s and can't be used in Lua %s: build and install exotel for this Lua, too (luarocks "
        "--lua-version=%s, or make install LUA=%s), and have package.cpath lead to that; it led to %s",
        module, built, running, running, running, file_of(module));
  lua_settop(L, -3);
}
