/* Which Lua this was loaded into, told by the functions that only that one has. */
#include "lua/binding.h"

/* Declared here as well, since each is missing in the headers of some Lua; weak, so NULL where they are not there. */
#pragma weak lua_setfenv
#pragma weak lua_isyieldable
#pragma weak luaJIT_setmode
#pragma weak lua_rotate
#pragma weak lua_newuserdatauv
int lua_setfenv(lua_State *L, int index);
int lua_isyieldable(lua_State *L);
int luaJIT_setmode(lua_State *L, int index, int mode);
void lua_rotate(lua_State *L, int index, int n);
void *(lua_newuserdatauv)(lua_State *L, size_t size, int n);

#if LUA_VERSION_NUM < 502
#define BUILT_FOR "Lua 5.1 or LuaJIT"
#define FITS (lua_setfenv != NULL)
#elif LUA_VERSION_NUM == 503
#define BUILT_FOR "Lua 5.3"
#define FITS (lua_rotate != NULL && (lua_newuserdatauv) == NULL)
#elif LUA_VERSION_NUM == 504
#define BUILT_FOR "Lua 5.4"
#define FITS ((lua_newuserdatauv) != NULL)
#else
#define BUILT_FOR LUA_VERSION
#define FITS true
#endif

void exo_lua_check_host(lua_State *L) {
  const char *here = "another Lua", *name = "...";
  if (FITS) return;
  if (luaJIT_setmode != NULL) here = "LuaJIT", name = "jit";
  else if (lua_setfenv != NULL) here = "Lua 5.1", name = "5.1";
  else if ((lua_newuserdatauv) != NULL) here = "Lua 5.4", name = "5.4";
  else if (lua_rotate != NULL) here = "Lua 5.3", name = "5.3";
  luaL_error(L, "exotel.core was built for " BUILT_FOR ", and this is %s: build it with \"make LUA=%s\", or correct package.cpath", here, name);
}

int exo_lua_can_yield(lua_State *L) {
  lua_pushboolean(L, lua_isyieldable == NULL || lua_isyieldable(L));
  return 1;
}
