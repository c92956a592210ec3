#ifndef EXOTEL_LUA_SHARED_FILE_H
#define EXOTEL_LUA_SHARED_FILE_H

#include "lua/compat.h"

/* core.open_shared(path) → a file whose text several processes change, locked until it is closed; or nil, message. Its
 * methods: text() → what it holds, "" when it is new; write(text) → true, or nil, message; close(). */
int exo_lua_open_shared(lua_State *L);
/* core.shared_path() → the path of this user's own, in a folder that is there; or nil, message */
int exo_lua_shared_path(lua_State *L);
/* core.shared_clock() → seconds on a clock that nobody can set, its name, and seconds since 1970 */
int exo_lua_shared_clock(lua_State *L);
/* core.process() → host, user, process id, what tells it from others of that id */
int exo_lua_process(lua_State *L);
/* core.process_id() → the process id */
int exo_lua_process_id(lua_State *L);
/* core.process_is_gone(host, id, birth) → whether that process certainly runs no more */
int exo_lua_process_is_gone(lua_State *L);
/* Makes the file's metatable. */
void exo_lua_open_shared_file(lua_State *L);

#endif
