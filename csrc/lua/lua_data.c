#include "lua/lua_data.h"

#include <math.h>
#include <stdint.h>

enum {
  SHORT = 40,  /* bytes of the longest string that every Lua keeps once */
  OBJECT = 64, /* bytes of an object, and of an entry of a table, in any Lua */
  ENTRY = 40
};

/* ---- in the state that has it ---- */

/* The value, and all objects in it, numbered: in the registry of its state, by the addresses of these. */
static char value_key, objects_key, numbers_key;

static void put_aside(lua_State *S, void *key) { /* pops what is on top */
  lua_pushlightuserdata(S, key);
  lua_insert(S, -2);
  lua_rawset(S, LUA_REGISTRYINDEX);
}

/* Does not raise. */
static void take_up(lua_State *S, void *key) {
  lua_pushlightuserdata(S, key);
  lua_rawget(S, LUA_REGISTRYINDEX);
}

/* The slots of the list of objects, of their numbers by address, and of the table that is looked at. */
enum { OBJECTS = 1, NUMBERS, TABLE };

/* What is copied once, wherever it stands: tables, and strings that Lua may keep more than once. NULL for the rest. */
static const void *object_at(lua_State *S, int i) {
  size_t length = 0;
  if (lua_type(S, i) == LUA_TTABLE) return lua_topointer(S, i);
  if (lua_type(S, i) != LUA_TSTRING) return NULL;
  const char *text = lua_tolstring(S, i, &length);
  return length > SHORT ? text : NULL;
}

/* Pushes the number of an object, or nil. Does not raise. */
static void push_number_of(lua_State *S, const void *object) {
  lua_pushlightuserdata(S, (void *)(uintptr_t)object);
  lua_rawget(S, NUMBERS);
}

static int count_of(lua_State *S) { return (int)lua_rawlen(S, OBJECTS); }

/* The object on top gets the next number, unless it has one. */
static void number_object(lua_State *S, exo_lua_limits *limits, const void *object) {
  push_number_of(S, object);
  bool is_new = lua_isnil(S, -1);
  lua_settop(S, -2);
  if (!is_new) return;
  exo_lua_count_copy(S, limits, OBJECT + (lua_type(S, -1) == LUA_TSTRING ? lua_rawlen(S, -1) : 0));
  lua_pushvalue(S, -1);
  lua_rawseti(S, OBJECTS, count_of(S) + 1);
  lua_pushlightuserdata(S, (void *)(uintptr_t)object);
  lua_pushnumber(S, count_of(S));
  lua_rawset(S, NUMBERS);
}

static void note_value(lua_State *S, exo_lua_limits *limits) { /* on top */
  int type = lua_type(S, -1);
  const void *object = object_at(S, -1);
  if (exo_lua_is_overdue(limits)) exo_lua_stop(S, limits, EXO_TOO_LONG);
  if (object != NULL) number_object(S, limits, object);
  else if (type != LUA_TNIL && type != LUA_TBOOLEAN && type != LUA_TNUMBER && type != LUA_TSTRING)
    luaL_error(S, "holds a %s, which is nothing for a specification", lua_typename(S, type));
}

static void note_entries(lua_State *S, exo_lua_limits *limits) { /* of what is on top */
  if (!lua_istable(S, -1)) return;
  lua_pushnil(S);
  while (lua_next(S, -2)) {
    exo_lua_count_copy(S, limits, ENTRY);
    note_value(S, limits);
    lua_settop(S, -2);
    note_value(S, limits);
  }
}

static void number_objects(lua_State *S, exo_lua_limits *limits) { /* those in the value on top, the only one */
  lua_newtable(S);
  lua_insert(S, OBJECTS);
  lua_newtable(S);
  lua_insert(S, NUMBERS);
  note_value(S, limits);
  for (int i = 1; i <= count_of(S); i++) {
    lua_settop(S, NUMBERS);
    lua_rawgeti(S, OBJECTS, i);
    note_entries(S, limits);
  }
  lua_settop(S, NUMBERS);
}

void exo_lua_put_data_aside(lua_State *S, exo_lua_limits *limits) {
  lua_pushvalue(S, -1);
  put_aside(S, &value_key);
  number_objects(S, limits);
  put_aside(S, &numbers_key);
  put_aside(S, &objects_key);
}

/* ---- from there to the host's state ----
 *
 * Any push to the host may raise, which leaves the other state to the collector. Nothing may raise in that one, where
 * no call is protected any more: these functions don't, and need fewer slots than every C function has. */

static void copy_string(lua_State *L, lua_State *S, int i) {
  size_t length;
  const char *text = lua_tolstring(S, i, &length);
  lua_pushlstring(L, text, length);
}

static void copy_number(lua_State *L, lua_State *S, int i) {
#if LUA_VERSION_NUM >= 503
  if (lua_isinteger(S, i)) {
    lua_pushinteger(L, lua_tointeger(S, i));
    return;
  }
#endif
  lua_pushnumber(L, lua_tonumber(S, i));
}

/* `made`: the slot of the list of copied objects. */
static void copy_value(lua_State *L, int made, lua_State *S, int i) {
  const void *object = object_at(S, i);
  if (object != NULL) {
    push_number_of(S, object);
    lua_rawgeti(L, made, (int)lua_tonumber(S, -1));
    lua_settop(S, -2);
    return;
  }
  switch (lua_type(S, i)) {
    case LUA_TSTRING: copy_string(L, S, i); break;
    case LUA_TNUMBER: copy_number(L, S, i); break;
    case LUA_TBOOLEAN: lua_pushboolean(L, lua_toboolean(S, i)); break;
    default: lua_pushnil(L);
  }
}

static bool is_place(lua_State *S, int i, size_t places) {
  if (lua_type(S, i) != LUA_TNUMBER) return false;
  double number = lua_tonumber(S, i);
  return number >= 1 && number <= (double)places && number == floor(number);
}

/* As large as it will be: to grow may take long, and nothing could stop it. */
static void push_empty_table(lua_State *L, lua_State *S) { /* for the one in TABLE */
  size_t places = lua_rawlen(S, TABLE);
  int count = 0, in_places = 0;
  lua_pushnil(S);
  for (; lua_next(S, TABLE); count++) lua_settop(S, -2);
  if (places > (size_t)count) places = (size_t)count;
  lua_pushnil(S);
  while (lua_next(S, TABLE)) {
    lua_settop(S, -2);
    if (is_place(S, -1, places)) in_places++;
  }
  lua_createtable(L, (int)places, count - in_places);
}

static void push_empty_object(lua_State *L, lua_State *S) {
  if (lua_type(S, TABLE) == LUA_TTABLE) push_empty_table(L, S);
  else copy_string(L, S, TABLE);
}

/* Of the n-th table, into its copy. → false when the time is up */
static bool copy_entries(lua_State *L, int made, lua_State *S, exo_lua_limits *limits) {
  if (lua_type(S, TABLE) != LUA_TTABLE) return true;
  lua_pushnil(S);
  while (lua_next(S, TABLE)) {
    if (exo_lua_is_overdue(limits)) return false;
    copy_value(L, made, S, TABLE + 1);
    copy_value(L, made, S, TABLE + 2);
    lua_rawset(L, -3);
    lua_settop(S, TABLE + 1);
  }
  return true;
}

typedef bool (*object_function)(lua_State *L, int made, lua_State *S, int n, exo_lua_limits *limits);

static bool make_object(lua_State *L, int made, lua_State *S, int n, exo_lua_limits *limits) {
  push_empty_object(L, S);
  lua_rawseti(L, made, n);
  return !exo_lua_is_overdue(limits);
}

static bool fill_object(lua_State *L, int made, lua_State *S, int n, exo_lua_limits *limits) {
  lua_rawgeti(L, made, n);
  return copy_entries(L, made, S, limits);
}

static bool each_object(lua_State *L, int made, lua_State *S, exo_lua_limits *limits, object_function function) {
  int count = count_of(S);
  for (int n = 1; n <= count; n++) {
    lua_settop(S, NUMBERS);
    lua_rawgeti(S, OBJECTS, n);
    if (!function(L, made, S, n, limits)) return false;
    lua_settop(L, made);
  }
  return true;
}

bool exo_lua_push_data(lua_State *L, lua_State *S, exo_lua_limits *limits) {
  luaL_checkstack(L, 8, "data");
  lua_settop(S, 0);
  take_up(S, &objects_key);
  take_up(S, &numbers_key);
  lua_createtable(L, count_of(S), 0);
  int made = lua_gettop(L);
  if (!each_object(L, made, S, limits, make_object) || !each_object(L, made, S, limits, fill_object)) return false;
  lua_settop(S, NUMBERS);
  take_up(S, &value_key);
  copy_value(L, made, S, TABLE);
  return true;
}
