#include "lua/fields.h"

void exo_lua_set_text(lua_State *L, const char *key, const char *text) {
  if (text == NULL) return;
  lua_pushstring(L, text);
  lua_setfield(L, -2, key);
}

void exo_lua_set_integer(lua_State *L, const char *key, int64_t number) {
  exo_pushwhole(L, number);
  lua_setfield(L, -2, key);
}

void exo_lua_set_number(lua_State *L, const char *key, double number) {
  lua_pushnumber(L, number);
  lua_setfield(L, -2, key);
}

void exo_lua_set_boolean(lua_State *L, const char *key, bool value) {
  lua_pushboolean(L, value);
  lua_setfield(L, -2, key);
}
