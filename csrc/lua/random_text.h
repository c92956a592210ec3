#ifndef EXOTEL_LUA_RANDOM_TEXT_H
#define EXOTEL_LUA_RANDOM_TEXT_H

#include "lua/compat.h"

/* core.random_text(length) → letters and digits that nobody can guess, 256 at most; or nil where the system has no
 * randomness for secrets */
int exo_lua_random_text(lua_State *L);

/* core.token() → 24 letters and digits that nobody guesses, for a branch, a tag, a Call-ID of SIP: no secrets, so that
 * there is always one, and it never waits */
int exo_lua_token(lua_State *L);

#endif
