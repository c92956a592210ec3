/* Copies plain values from one Lua state to another. */
#ifndef EXOTEL_SANDBOX_COPY_H
#define EXOTEL_SANDBOX_COPY_H

#include "lua/compat.h"

/* How deep tables may be nested, which also refuses a table that holds itself; and the free stack slots that a copy
 * needs in the state it reads. */
enum { SBX_COPY_DEPTH = 32, SBX_COPY_SLOTS = 3 * SBX_COPY_DEPTH };

/* Pushes onto `to` a copy of the value at `index` (absolute) of `from`: nil, boolean, number, string or a table of
 * those. Raises in `to`, never in `from`, for any other type, for a table nested too deeply and when memory ran out;
 * values are left on `from` then. The caller has seen to SBX_COPY_SLOTS free stack slots in `from`. */
void sbx_copy_value(lua_State *to, lua_State *from, int index);

#endif
