#include "lua/sip_socket.h"

#include <stdbool.h>

void *exo_lua_push_socket(lua_State *L, const char *type, size_t size) {
  char *box = lua_newuserdatauv(L, size, 0);
  for (size_t i = 0; i < size; i++) box[i] = 0;
  luaL_getmetatable(L, type);
  lua_setmetatable(L, -2);
  return box;
}

void exo_lua_open_socket_type(lua_State *L, const char *type, const luaL_Reg *methods) {
  luaL_newmetatable(L, type);
  exo_setfuncs(L, methods);
  lua_pushvalue(L, -1);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
}

void *exo_lua_test_socket(lua_State *L, int index, const char *type) {
  if (!lua_isuserdata(L, index) || !lua_getmetatable(L, index)) return NULL;
  luaL_getmetatable(L, type);
  bool same = lua_rawequal(L, -1, -2);
  lua_pop(L, 2);
  return same ? lua_touserdata(L, index) : NULL;
}
