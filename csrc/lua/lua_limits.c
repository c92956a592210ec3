#include "lua/lua_limits.h"

#include <time.h>

#include "exotel/base/platform.h"

/* Half a second, since the last instruction, the reading of the result and the freeing of memory come on top. */
#define SECONDS 0.5
enum {
  INSTRUCTIONS = 2000000,
  MEMORY = 64 * 1024 * 1024,
#if LUA_VERSION_NUM < 502
  BLOCK = 24 * 64 * 1024 /* in LuaJIT a table of 65,536 names, in 5.1 one of 32,768 */
#else
  BLOCK = 40 * 32 * 1024 /* a table of 32,768 names; with twice as many one instruction of 5.4 takes a second */
#endif
};

static void *allocate(void *context, void *block, size_t old_size, size_t size) {
  exo_lua_limits *limits = context;
  size_t before = block != NULL ? old_size : 0; /* without a block old_size tells the type */
  if (size > before && (size > BLOCK || limits->used - before + size > MEMORY)) {
    if (limits->excess == EXO_NO_EXCESS) limits->excess = EXO_TOO_MUCH_MEMORY;
    return NULL;
  }
  void *result = limits->allocate(limits->allocator, block, old_size, size);
  if (result != NULL || size == 0) limits->used += size - before;
  return result;
}

static exo_lua_limits *limits_of(lua_State *S) {
  void *limits;
  lua_getallocf(S, &limits);
  return limits;
}

static double cpu_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void start_clock(exo_lua_limits *limits) {
  limits->cpu_start = cpu_now();
  limits->deadline = exo_system_platform.now(NULL) + SECONDS;
}

/* Time in which the machine did something else is no fault of the file's. Asking for that is a system call, so it is
 * done when the deadline has passed only. */
bool exo_lua_is_overdue(exo_lua_limits *limits) {
  double now = exo_system_platform.now(NULL);
  if (now < limits->deadline) return false;
  double left = SECONDS - (cpu_now() - limits->cpu_start);
  limits->deadline = now + left;
  return left <= 0;
}

void exo_lua_stop(lua_State *S, exo_lua_limits *limits, exo_excess why) {
  limits->excess = why;
  limits->stopped = true;
  luaL_error(S, "stopped");
}

static void note_line(lua_State *S, exo_lua_limits *limits, lua_Debug *function) {
  lua_getinfo(S, "l", function);
  if (function->currentline > 0) limits->line = function->currentline;
}

/* Back in the caller no line begins, though another one runs. */
static void note_caller(lua_State *S, exo_lua_limits *limits) {
  lua_Debug caller;
  if (lua_getstack(S, 1, &caller)) note_line(S, limits, &caller);
}

static void on_event(lua_State *S, lua_Debug *event) {
  exo_lua_limits *limits = limits_of(S);
  if (event->event == LUA_HOOKLINE) limits->line = event->currentline;
  else if (event->event != LUA_HOOKCOUNT) note_caller(S, limits);
  else if (++limits->instructions > INSTRUCTIONS || exo_lua_is_overdue(limits)) {
    note_line(S, limits, event);
    exo_lua_stop(S, limits, EXO_TOO_LONG);
  }
}

void exo_lua_count_copy(lua_State *S, exo_lua_limits *limits, size_t bytes) {
  limits->copied += bytes;
  if (limits->used + limits->copied > MEMORY) exo_lua_stop(S, limits, EXO_TOO_MUCH_MEMORY);
}

void exo_lua_set_hook(lua_State *S, bool on) {
  if (on) lua_sethook(S, on_event, LUA_MASKCOUNT | LUA_MASKLINE | LUA_MASKRET, 1);
  else lua_sethook(S, NULL, 0, 0);
}

/* With the state's own allocator below ours: a LuaJIT of 32 bits takes no other. */
void exo_lua_limit(lua_State *S, exo_lua_limits *limits) {
  limits->line = 1;
  limits->used = (size_t)lua_gc(S, LUA_GCCOUNT, 0) * 1024;
  limits->allocate = lua_getallocf(S, &limits->allocator);
  lua_setallocf(S, allocate, limits);
  start_clock(limits);
}

/* LuaJIT knows its own allocator by it, and frees all it has. */
void exo_lua_unlimit(lua_State *S, const exo_lua_limits *limits) {
  lua_setallocf(S, limits->allocate, limits->allocator);
}
