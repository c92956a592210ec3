/* Fields of the table on top of the stack. */
#ifndef EXOTEL_LUA_FIELDS_H
#define EXOTEL_LUA_FIELDS_H

#include <stdbool.h>
#include <stdint.h>

#include "lua/compat.h"

/* NULL sets nothing. */
void exo_lua_set_text(lua_State *L, const char *key, const char *text);
void exo_lua_set_integer(lua_State *L, const char *key, int64_t number);
void exo_lua_set_number(lua_State *L, const char *key, double number);
void exo_lua_set_boolean(lua_State *L, const char *key, bool value);

#endif
