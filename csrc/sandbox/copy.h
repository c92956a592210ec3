/* Copies plain values from one Lua state to another. */
#ifndef EXOTEL_SANDBOX_COPY_H
#define EXOTEL_SANDBOX_COPY_H

#include "lua/compat.h"

/* Tables may stand in tables this deep; a table that holds itself is refused by the same limit. */
enum { COPY_DEPTH = 32, COPY_SLOTS = 3 * COPY_DEPTH };

/*
 * Pushes onto `to` a copy of the value at `index` (absolute) of `from`: nil, boolean, number, string or a table of
 * those. Raises in `to`, never in `from`, for any other type, for too deep a table and for want of memory; values are
 * left on `from` then. The caller has seen to COPY_SLOTS free stack slots in `from`.
 */
void copy_value(lua_State *to, lua_State *from, int index);

#endif
