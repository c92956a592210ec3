/* What the host lets a caller do. */
#include "lua/binding.h"

/* Missing in the headers of some Luas; weak, so NULL where it is not there. */
#pragma weak lua_isyieldable
int lua_isyieldable(lua_State *L);

int exo_lua_can_yield(lua_State *L) {
  lua_pushboolean(L, lua_isyieldable == NULL || lua_isyieldable(L));
  return 1;
}
