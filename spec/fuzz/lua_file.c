/* Files of specifications in Lua. The input is the text. Lua itself is not instrumented: what is watched is that the
 * limits hold, that nothing but data comes out, and that all memory is given back. */
#include "lua/lua_file.h"

#include <lualib.h>
#include <string.h>
#include <time.h>

#include "fuzz.h"

enum { SECONDS_MAX = 1 }; /* of processor time */

static double cpu_now(void) { return (double)clock() / CLOCKS_PER_SEC; }

/* On top. Tables may stand in themselves: `left` of them are looked into. */
static void check_data(lua_State *L, int *left) {
  int type = lua_type(L, -1);
  CHECK(type == LUA_TNIL || type == LUA_TBOOLEAN || type == LUA_TNUMBER || type == LUA_TSTRING || type == LUA_TTABLE);
  if (type != LUA_TTABLE || (*left)-- <= 0) return;
  luaL_checkstack(L, 4, "the check");
  lua_pushnil(L);
  while (lua_next(L, -2)) {
    check_data(L, left);
    lua_pop(L, 1);
    check_data(L, left);
  }
}

static int lines_of(const char *text, size_t size) {
  int count = 1;
  for (size_t i = 0; i < size; i++) count += text[i] == '\n' || text[i] == '\r'; /* as Lua counts */
  return count;
}

static void check_message(const char *message, const char *text, size_t size) {
  int line = 0;
  CHECK(message != NULL && message[0] != '\0');
  if (sscanf(message, "file:%d:", &line) == 1) CHECK(line >= 1 && line <= lines_of(text, size) + 1);
}

static int run(lua_State *L) {
  size_t size;
  int left = 100;
  const char *text = lua_tolstring(L, 1, &size);
  exo_lua_open_run_file(L);
  lua_pushcfunction(L, exo_lua_run_file);
  lua_pushvalue(L, 1);
  lua_call(L, 1, LUA_MULTRET);
  CHECK(lua_gettop(L) == 2 || lua_gettop(L) == 3);
  if (lua_gettop(L) == 3) check_message(lua_tolstring(L, 3, NULL), text, size);
  lua_settop(L, 2);
  check_data(L, &left);
  return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  lua_State *L = luaL_newstate();
  double began = cpu_now();
  CHECK(L != NULL);
  lua_pushcfunction(L, run);
  lua_pushlstring(L, (const char *)data, size);
  CHECK(lua_pcall(L, 1, 0, 0) == 0);
  CHECK(cpu_now() - began < SECONDS_MAX);
  lua_close(L);
  return 0;
}
