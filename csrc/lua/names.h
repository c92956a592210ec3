/* Names of members that were pushed lately, as Lua strings: they recur from entry to entry and from answer to answer,
 * and to make one anew costs many times a look at it. Bounded: a new name takes an older one's slot. */
#ifndef EXOTEL_LUA_NAMES_H
#define EXOTEL_LUA_NAMES_H

#include "exotel/api/json_value.h"
#include "lua/compat.h"

typedef struct exo_lua_names {
  struct exo_lua_name *slots;
  int strings; /* where their table is in the stack */
} exo_lua_names;

/* Pushes what the names are kept in: to stay in the stack as long as they are used. Needs two free slots there. */
exo_lua_names exo_lua_push_names(lua_State *L);
/* Pushes the name of a member. */
void exo_lua_push_name(lua_State *L, const exo_lua_names *names, const exo_json_value *name);

/* Once, when the module is loaded. */
void exo_lua_open_names(lua_State *L);

#endif
