#include "sandbox/copy.h"

static void copy_at_depth(lua_State *to, lua_State *from, int index, int depth);

static void copy_table(lua_State *to, lua_State *from, int index, int depth) {
  if (depth == SBX_COPY_DEPTH) luaL_error(to, "a table is nested too deeply to be copied");
  lua_newtable(to);
  lua_pushnil(from);
  while (lua_next(from, index) != 0) {
    int top = lua_gettop(from);
    copy_at_depth(to, from, top - 1, depth + 1);
    copy_at_depth(to, from, top, depth + 1);
    lua_rawset(to, -3);
    lua_pop(from, 1);
  }
}

static void copy_number(lua_State *to, lua_State *from, int index) {
#if LUA_VERSION_NUM >= 503
  if (lua_isinteger(from, index)) {
    lua_pushinteger(to, lua_tointeger(from, index));
    return;
  }
#endif
  lua_pushnumber(to, lua_tonumber(from, index));
}

static void copy_string(lua_State *to, lua_State *from, int index) {
  size_t length;
  const char *text = lua_tolstring(from, index, &length);
  lua_pushlstring(to, text, length);
}

static void copy_at_depth(lua_State *to, lua_State *from, int index, int depth) {
  luaL_checkstack(to, 4, "too many values to copy");
  switch (lua_type(from, index)) {
    case LUA_TNONE:
    case LUA_TNIL: lua_pushnil(to); break;
    case LUA_TBOOLEAN: lua_pushboolean(to, lua_toboolean(from, index)); break;
    case LUA_TNUMBER: copy_number(to, from, index); break;
    case LUA_TSTRING: copy_string(to, from, index); break;
    case LUA_TTABLE: copy_table(to, from, index, depth); break;
    default: luaL_error(to, "a %s can't be copied", lua_typename(from, lua_type(from, index)));
  }
}

void sbx_copy_value(lua_State *to, lua_State *from, int index) { copy_at_depth(to, from, index, 0); }
