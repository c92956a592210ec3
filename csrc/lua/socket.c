#include "lua/socket.h"

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

int exo_lua_watch(lua_State *L, const struct pollfd *waits_for, size_t count, int milliseconds) {
  luaL_checktype(L, 2, LUA_TTABLE);
  int length = (int)lua_rawlen(L, 2);
  for (size_t i = 0; i < count; i++) {
    lua_pushinteger(L, waits_for[i].fd);
    lua_rawseti(L, 2, ++length);
    lua_pushinteger(L, waits_for[i].events);
    lua_rawseti(L, 2, ++length);
  }
  if (milliseconds < 0) return 0;
  lua_pushinteger(L, milliseconds);
  return 1;
}
