#ifndef EXOTEL_LUA_FILE_H
#define EXOTEL_LUA_FILE_H

#include "lua/compat.h"

/* core.write_file(path, text) → true, or nil and a message. The file is replaced as a whole; a new one is for its owner
 * only. */
int exo_lua_write_file(lua_State *L);

/* core.open_locked(path) → a file that no other process has at the same time, made if there is none; or nil, a message,
 * and whether another has it. It has
 *
 *   file:read(n)        → the next bytes, n at most; nil at the end; nil and a message
 *   file:append(text)   → true, or nil and a message: nothing of it is written then
 *   file:replace(text)  → the same; this is the file's text from now on
 *   file:close()        → the same; a message when what was written is not on the disk */
int exo_lua_open_locked(lua_State *L);

/* Makes its metatable: when the module is opened, since memory may run out in the middle. */
void exo_lua_open_file(lua_State *L);

#endif
