/* Limits of memory and time for a Lua state that runs what somebody else wrote.
 *
 * A hook looks at the limits before each instruction. What one instruction can do is bounded by the largest block of
 * memory: the length of a string that is compared, and how many entries a table has when it grows, which takes the
 * square of that when all of them collide. */
#ifndef EXOTEL_LUA_LUA_LIMITS_H
#define EXOTEL_LUA_LUA_LIMITS_H

#include <stdbool.h>
#include <stddef.h>

#include "lua/compat.h"

typedef enum exo_excess { EXO_NO_EXCESS, EXO_TOO_MUCH_MEMORY, EXO_TOO_LONG, EXO_TOO_MANY_JUMPS } exo_excess;

typedef struct exo_lua_limits {
  lua_Alloc allocate;
  void *allocator; /* the state's own, which ours calls */
  size_t used;     /* bytes */
  size_t copied;   /* bytes that the result will take of the host, about */
  int line;        /* that is compiled, or runs */
  int instructions;
  double deadline, cpu_start;
  exo_excess excess;
  bool stopped; /* by exo_lua_stop, not by Lua */
} exo_lua_limits;

/* From now on the state's memory is counted, and the time runs. The limits stay where they are until exo_lua_unlimit.
 */
void exo_lua_limit(lua_State *S, exo_lua_limits *limits);
void exo_lua_unlimit(lua_State *S, const exo_lua_limits *limits);

/* While the hook is set instructions are counted, too, and the line is known. */
void exo_lua_set_hook(lua_State *S, bool on);

bool exo_lua_is_overdue(exo_lua_limits *limits);
/* Raises. */
void exo_lua_stop(lua_State *S, exo_lua_limits *limits, exo_excess why);
/* Counts what the host will need while the state still has its own; stops when that is too much. */
void exo_lua_count_copy(lua_State *S, exo_lua_limits *limits, size_t bytes);

#endif
