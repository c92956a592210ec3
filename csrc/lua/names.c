#include "lua/names.h"

#include <stdbool.h>
#include <string.h>

enum { SLOTS = 64, LONGEST = 31 };

typedef struct exo_lua_name {
  unsigned char length; /* 0: free */
  char text[LONGEST];
} exo_lua_name;

/* In the registry: a table with the slots in place 0, and the string of each at its own place. */
#define NAMES "exotel.names"

void exo_lua_open_names(lua_State *L) {
  lua_createtable(L, SLOTS, 1);
  memset(lua_newuserdatauv(L, SLOTS * sizeof(exo_lua_name), 0), 0, SLOTS * sizeof(exo_lua_name));
  lua_rawseti(L, -2, 0);
  for (int i = 1; i <= SLOTS; i++) {
    lua_pushboolean(L, false);
    lua_rawseti(L, -2, i);
  }
  lua_setfield(L, LUA_REGISTRYINDEX, NAMES);
}

exo_lua_names exo_lua_push_names(lua_State *L) {
  lua_getfield(L, LUA_REGISTRYINDEX, NAMES);
  lua_rawgeti(L, -1, 0);
  exo_lua_names names = { .slots = lua_touserdata(L, -1), .strings = lua_gettop(L) - 1 };
  lua_pop(L, 1);
  return names;
}

/* The API's names differ in these. */
static unsigned slot_of(const char *text, size_t length) {
  unsigned first = (unsigned char)text[0], middle = (unsigned char)text[length / 2],
           last = (unsigned char)text[length - 1];
  return (first * 5 + middle * 3 + last + (unsigned)length * 7) % SLOTS;
}

/* The string is made before the slot is written: making it may run a finalizer that pushes names, too. */
static void push_new(lua_State *L, const exo_lua_names *names, unsigned slot, const char *text, size_t length) {
  exo_lua_name *own = &names->slots[slot];
  lua_pushlstring(L, text, length);
  lua_pushvalue(L, -1);
  lua_rawseti(L, names->strings, (int)slot + 1);
  own->length = (unsigned char)length;
  memcpy(own->text, text, length);
}

void exo_lua_push_name(lua_State *L, const exo_lua_names *names, const exo_json_value *name) {
  const char *text = exo_json_text(name);
  size_t length = name->length;
  if (length == 0 || length > LONGEST) {
    lua_pushlstring(L, text, length);
    return;
  }
  unsigned slot = slot_of(text, length);
  const exo_lua_name *own = &names->slots[slot];
  if (own->length == length && memcmp(own->text, text, length) == 0) lua_rawgeti(L, names->strings, (int)slot + 1);
  else push_new(L, names, slot, text, length);
}
