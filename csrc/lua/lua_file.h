#ifndef EXOTEL_LUA_LUA_FILE_H
#define EXOTEL_LUA_LUA_FILE_H

#include "lua/compat.h"

/* core.run_file(text) → what the text, which is Lua, returns: a copy, of tables, strings, numbers and booleans; or nil
 * and a message that begins with "file:LINE: " where the line is known. */
int exo_lua_run_file(lua_State *L);

/* Makes what it needs in the registry: when the module is opened, since memory may run out in the middle. */
void exo_lua_open_run_file(lua_State *L);

#endif
