#include "lua/random_text.h"

#include "exotel/base/memory.h"
#include "exotel/base/platform.h"
#include "exotel/base/random_text.h"

int exo_lua_random_text(lua_State *L) {
  char text[256];
  lua_Integer length = luaL_checkinteger(L, 1);
  luaL_argcheck(L, length >= 1 && length <= (lua_Integer)sizeof text, 1, "1 to 256 expected");
  if (exo_random_text(text, (size_t)length)) lua_pushlstring(L, text, (size_t)length);
  else lua_pushnil(L);
  exo_wipe(text, sizeof text);
  return 1;
}

int exo_lua_token(lua_State *L) {
  static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
  char text[24];
  for (size_t i = 0; i < sizeof text; i++)
    text[i] = letters[(size_t)(exo_system_platform.random(NULL) * (sizeof letters - 1))];
  lua_pushlstring(L, text, sizeof text);
  return 1;
}
