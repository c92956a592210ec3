#ifndef EXOTEL_LUA_PLAIN_H
#define EXOTEL_LUA_PLAIN_H

#include "lua/compat.h"

/* core.plain(text [, mark]) → the text as it may be shown: no control characters (a run of them is a space, or each one
 * `mark`); what is hidden and what is no UTF-8 as \u{202E} and \x9B. Any value: as tostring makes it. */
int exo_lua_plain(lua_State *L);

/* core.escape(text, form) → the same text for between the quotes of a string in "json" or "lua", where what is hidden,
 * and in Lua what is no UTF-8, is escaped. The rest is left to the caller. */
int exo_lua_escape(lua_State *L);

#endif
