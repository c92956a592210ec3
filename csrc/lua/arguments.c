#include <limits.h>
#include <math.h>
#include <string.h>

#include "lua/binding.h"

enum { DEPTH_MAX = 4 };

static bool read_value(lua_State *L, int index, exo_arena *arena, exo_value *value, int depth);

static bool copy_text(exo_arena *arena, exo_value *value, const char *text, size_t length) {
  value->text = exo_arena_copy(arena, text, length);
  value->length = length;
  return value->text != NULL;
}

static bool read_number(lua_State *L, int index, exo_value *value) {
  value->number = lua_tonumber(L, index);
  bool integral = value->number == floor(value->number) && fabs(value->number) < 9007199254740992.0;
  value->type = integral ? EXO_VALUE_INTEGER : EXO_VALUE_NUMBER;
  if (integral) value->integer = (int64_t)value->number;
#if LUA_VERSION_NUM >= 503
  if (!lua_isinteger(L, index)) return true;
  value->type = EXO_VALUE_INTEGER;
  value->integer = lua_tointeger(L, index);
#endif
  return true;
}

static bool read_string(lua_State *L, int index, exo_arena *arena, exo_value *value) {
  size_t length;
  const char *text = lua_tolstring(L, index, &length);
  value->type = EXO_VALUE_TEXT;
  return copy_text(arena, value, text, length);
}

/* "[3]" for a key that is a number, "[table]" for what is no name at all. */
static const char *key_name(lua_State *L, int index, exo_arena *arena) {
  size_t length;
  if (lua_type(L, index) == LUA_TSTRING) {
    const char *text = lua_tolstring(L, index, &length);
    bool whole = strlen(text) == length; /* a NUL would let it pass for the name before it */
    return whole ? exo_arena_copy(arena, text, length) : exo_arena_format(arena, "[a name with a NUL byte]");
  }
  if (lua_type(L, index) == LUA_TNUMBER) return exo_arena_format(arena, "[%.14g]", lua_tonumber(L, index));
  return exo_arena_format(arena, "[%s]", luaL_typename(L, index));
}

/* How many entries a table has; `*list` says whether their keys are 1 to that many. */
static size_t count_entries(lua_State *L, int index, bool *list) {
  size_t count = 0;
  *list = true;
  lua_pushnil(L);
  while (lua_next(L, index) != 0) {
    lua_pop(L, 1);
    count++;
    if (lua_type(L, -1) != LUA_TNUMBER) *list = false;
  }
  *list = *list && count == lua_rawlen(L, index);
  return count;
}

static bool read_items(lua_State *L, int index, exo_arena *arena, exo_value *value, int depth) {
  for (size_t i = 0; i < value->count; i++) {
    lua_rawgeti(L, index, (int)i + 1);
    bool good = read_value(L, lua_gettop(L), arena, &value->items[i], depth + 1);
    lua_pop(L, 1);
    if (!good) return false;
  }
  return true;
}

static bool read_members(lua_State *L, int index, exo_arena *arena, exo_value *value, int depth) {
  exo_value *item = value->items;
  lua_pushnil(L);
  while (lua_next(L, index) != 0) {
    int top = lua_gettop(L);
    bool good = read_value(L, top, arena, item, depth + 1);
    item->name = good ? key_name(L, top - 1, arena) : NULL;
    lua_pop(L, 1);
    if (item->name == NULL) {
      lua_pop(L, 1);
      return false;
    }
    item++;
  }
  return true;
}

static bool read_table(lua_State *L, int index, exo_arena *arena, exo_value *value, int depth) {
  bool list;
  luaL_checkstack(L, 6, "arguments");
  value->count = count_entries(L, index, &list);
  value->type = list ? EXO_VALUE_LIST : EXO_VALUE_RECORD;
  value->items = exo_arena_take(arena, value->count * sizeof *value);
  if (value->items == NULL || value->count > INT_MAX) return false;
  return list ? read_items(L, index, arena, value, depth) : read_members(L, index, arena, value, depth);
}

static bool read_other(exo_arena *arena, exo_value *value, const char *what) {
  value->type = EXO_VALUE_OTHER;
  return copy_text(arena, value, what, strlen(what));
}

static bool read_value(lua_State *L, int index, exo_arena *arena, exo_value *value, int depth) {
  switch (lua_type(L, index)) {
    case LUA_TBOOLEAN:
      value->type = EXO_VALUE_BOOLEAN;
      value->boolean = lua_toboolean(L, index);
      return true;
    case LUA_TNUMBER: return read_number(L, index, value);
    case LUA_TSTRING: return read_string(L, index, arena, value);
    case LUA_TLIGHTUSERDATA: /* exotel.null, which is also lua-cjson's */
      value->type = EXO_VALUE_NULL;
      if (lua_touserdata(L, index) == NULL) return true;
      break;
    case LUA_TTABLE:
      if (depth < DEPTH_MAX) return read_table(L, index, arena, value, depth);
      return read_other(arena, value, "a table nested too deep");
    default: break;
  }
  return read_other(arena, value, luaL_typename(L, index));
}

const exo_value *exo_lua_read_arguments(lua_State *L, int index, exo_arena *arena) {
  exo_value *value = exo_arena_take(arena, sizeof *value);
  return value != NULL && read_value(L, index, arena, value, 0) ? value : NULL;
}

void exo_lua_check_arguments(lua_State *L, int index, const exo_operation *operation) {
  if (lua_istable(L, index)) return;
  luaL_error(L, "%s takes a table of arguments, got %s", operation->name, luaL_typename(L, index));
}

const exo_operation *exo_lua_check_operation(lua_State *L, int index) {
  const char *name = luaL_checkstring(L, index);
  const exo_operation *operation = exo_operation_find(name);
  if (operation == NULL) luaL_error(L, "unknown operation '%s'", name);
  exo_lua_check_arguments(L, index + 1, operation);
  return operation;
}
