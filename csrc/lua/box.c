#include "lua/binding.h"

void *exo_lua_check_box(lua_State *L, int index, const exo_lua_type *type) {
  bool full = lua_type(L, index) == LUA_TUSERDATA && lua_rawlen(L, index) >= sizeof(const exo_lua_type *);
  const exo_lua_type **box = full ? lua_touserdata(L, index) : NULL;
  return box != NULL && *box == type ? box : luaL_checkudata(L, index, type->name);
}
