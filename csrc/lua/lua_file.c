/* Runs a file that is written in Lua, in a Lua state of its own: with no access to anything, and within limits of
 * memory and time. The host's state has no part in it: not its hook, not its collector, not its strings.
 *
 * A hook looks at the limits before each instruction. What one instruction can do is bounded by the largest block of
 * memory: the length of a string that is compared, and how many entries a table has when it grows, which takes the
 * square of that when all of them collide. */
#include "lua/lua_file.h"

#include <locale.h>
#include <lualib.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <time.h>
#ifdef __APPLE__
#include <xlocale.h>
#endif

#include "exotel/base/platform.h"

#define RUN_TYPE "exotel.lua_file"

/* Half a second, since the last instruction, the reading of the result and the freeing of memory come on top. */
#define SECONDS 0.5
enum {
  INSTRUCTIONS = 2000000,
  MEMORY = 64 * 1024 * 1024,
#if LUA_VERSION_NUM < 502
  BLOCK = 24 * 64 * 1024, /* in LuaJIT a table of 65,536 names, in 5.1 one of 32,768 */
#else
  BLOCK = 40 * 32 * 1024, /* a table of 32,768 names; with twice as many one instruction of 5.4 takes a second */
#endif
  /* Bytes that are compiled between two looks at the clock. */
  PIECE = 256,
  /* Bytes of the longest string that every Lua keeps once. */
  SHORT = 40,
  /* Bytes of an object, and of an entry of a table, in any Lua. */
  OBJECT = 64,
  ENTRY = 40,
  /* To resolve one may move all others. */
  JUMPS = 8192
};

typedef enum excess { NOTHING, TOO_MUCH_MEMORY, TOO_LONG, TOO_MANY_JUMPS } excess;

typedef struct run {
  lua_State *state; /* NULL: none, or closed */
  lua_Alloc allocate;
  void *allocator;        /* the state's own, which ours calls */
  size_t copied;          /* bytes that the result will take of the host, about */
  size_t used;            /* bytes */
  const char *text, *end; /* what is still to be compiled */
  bool line_ends;         /* the last piece ended a line */
  int line;               /* that is compiled, or runs */
  int instructions;
  double deadline, cpu_start;
  excess excess;
  bool stopped; /* by this file, not by Lua */
  int load_status;
  int object_count;
} run;

/* ---- limits ---- */

static void *allocate(void *context, void *block, size_t old_size, size_t size) {
  run *r = context;
  size_t before = block != NULL ? old_size : 0; /* without a block old_size tells the type */
  if (size > before && (size > BLOCK || r->used - before + size > MEMORY)) {
    if (r->excess == NOTHING) r->excess = TOO_MUCH_MEMORY;
    return NULL;
  }
  void *result = r->allocate(r->allocator, block, old_size, size);
  if (result != NULL || size == 0) r->used += size - before;
  return result;
}

static run *run_of(lua_State *S) {
  void *r;
  lua_getallocf(S, &r);
  return r;
}

static double cpu_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void start_clock(run *r) {
  r->cpu_start = cpu_now();
  r->deadline = exo_system_platform.now(NULL) + SECONDS;
}

/* Time in which the machine did something else is no fault of the file's. Asking for that is a system call, so it is
 * done when the deadline has passed only. */
static bool is_overdue(run *r) {
  double now = exo_system_platform.now(NULL);
  if (now < r->deadline) return false;
  double left = SECONDS - (cpu_now() - r->cpu_start);
  r->deadline = now + left;
  return left <= 0;
}

static void stop(lua_State *S, run *r, excess why) {
  r->excess = why;
  r->stopped = true;
  luaL_error(S, "stopped");
}

static void note_line(lua_State *S, run *r, lua_Debug *function) {
  lua_getinfo(S, "l", function);
  if (function->currentline > 0) r->line = function->currentline;
}

/* Back in the caller no line begins, though another one runs. */
static void note_caller(lua_State *S, run *r) {
  lua_Debug caller;
  if (lua_getstack(S, 1, &caller)) note_line(S, r, &caller);
}

static void on_event(lua_State *S, lua_Debug *event) {
  run *r = run_of(S);
  if (event->event == LUA_HOOKLINE) r->line = event->currentline;
  else if (event->event != LUA_HOOKCOUNT) note_caller(S, r);
  else if (++r->instructions > INSTRUCTIONS || is_overdue(r)) {
    note_line(S, r, event);
    stop(S, r, TOO_LONG);
  }
}

/* ---- what runs in the state of its own, protected ---- */

/* Up to the end of a line, so that the line is known where memory runs out. */
static const char *read_piece(lua_State *S, void *context, size_t *size) {
  run *r = context;
  const char *piece = r->text;
  size_t left = (size_t)(r->end - piece), length = left < PIECE ? left : PIECE;
  const char *newline = memchr(piece, '\n', length);
  if (is_overdue(r)) stop(S, r, TOO_LONG);
  if (newline != NULL) length = (size_t)(newline - piece) + 1;
  if (r->line_ends) r->line++;
  r->line_ends = newline != NULL;
  r->text += length;
  *size = length;
  return length > 0 ? piece : NULL;
}

#if LUA_VERSION_NUM < 502
#define load_text(S, r) lua_load(S, read_piece, r, "=file")
#else
#define load_text(S, r) lua_load(S, read_piece, r, "=file", "t")
#endif

/* Wherever they stand, in a comment, too. */
static int count_word(const char *text, const char *end, const char *word) {
  int count = 0;
  size_t length = strlen(word);
  while ((text = memchr(text, word[0], (size_t)(end - text))) != NULL) {
    if ((size_t)(end - text) >= length && memcmp(text, word, length) == 0) count++;
    text++;
  }
  return count;
}

static void compile(lua_State *S, run *r) {
  if (count_word(r->text, r->end, "goto") + count_word(r->text, r->end, "break") > JUMPS) {
    stop(S, r, TOO_MANY_JUMPS);
  }
  r->load_status = load_text(S, r);
  if (r->load_status != 0) lua_error(S);
}

/* In 5.4 the string library adds and multiplies strings; before, Lua itself does. They have no methods. */
static void open_string_arithmetic(lua_State *S) {
#if LUA_VERSION_NUM >= 504
  luaopen_string(S);
  lua_pushliteral(S, "");
  lua_getmetatable(S, -1);
  lua_pushnil(S);
  lua_setfield(S, -2, "__index");
  lua_settop(S, -4);
#else
  (void)S;
#endif
}

/* What the file returned, and all objects in it, numbered: in the registry of its state, by the addresses of these. */
static char value_key, objects_key, numbers_key;

static void put_aside(lua_State *S, void *key) { /* pops what is on top */
  lua_pushlightuserdata(S, key);
  lua_insert(S, -2);
  lua_rawset(S, LUA_REGISTRYINDEX);
}

/* Does not raise. */
static void take_up(lua_State *S, void *key) {
  lua_pushlightuserdata(S, key);
  lua_rawget(S, LUA_REGISTRYINDEX);
}

/* The slots of the list of objects, of their numbers by address, and of the table that is looked at. */
enum { OBJECTS = 1, NUMBERS, TABLE };

/* What is copied once, wherever it stands: tables, and strings that Lua may keep more than once. NULL for the rest. */
static const void *object_at(lua_State *S, int i) {
  size_t length = 0;
  if (lua_type(S, i) == LUA_TTABLE) return lua_topointer(S, i);
  if (lua_type(S, i) != LUA_TSTRING) return NULL;
  const char *text = lua_tolstring(S, i, &length);
  return length > SHORT ? text : NULL;
}

/* Pushes the number of an object, or nil. Does not raise. */
static void push_number_of(lua_State *S, const void *object) {
  lua_pushlightuserdata(S, (void *)(uintptr_t)object);
  lua_rawget(S, NUMBERS);
}

/* The host keeps what the file returned while its own memory is still there. */
static void count_copy(lua_State *S, run *r, size_t bytes) {
  r->copied += bytes;
  if (r->used + r->copied > MEMORY) stop(S, r, TOO_MUCH_MEMORY);
}

/* The object on top gets the next number, unless it has one. */
static void number_object(lua_State *S, run *r, const void *object) {
  push_number_of(S, object);
  bool is_new = lua_isnil(S, -1);
  lua_settop(S, -2);
  if (!is_new) return;
  count_copy(S, r, OBJECT + (lua_type(S, -1) == LUA_TSTRING ? lua_rawlen(S, -1) : 0));
  lua_pushvalue(S, -1);
  lua_rawseti(S, OBJECTS, ++r->object_count);
  lua_pushlightuserdata(S, (void *)(uintptr_t)object);
  lua_pushnumber(S, r->object_count);
  lua_rawset(S, NUMBERS);
}

static void note_value(lua_State *S, run *r) { /* on top */
  int type = lua_type(S, -1);
  const void *object = object_at(S, -1);
  if (is_overdue(r)) stop(S, r, TOO_LONG);
  if (object != NULL) number_object(S, r, object);
  else if (type != LUA_TNIL && type != LUA_TBOOLEAN && type != LUA_TNUMBER && type != LUA_TSTRING)
    luaL_error(S, "holds a %s, which is nothing for a specification", lua_typename(S, type));
}

static void note_entries(lua_State *S, run *r) { /* of what is on top */
  if (!lua_istable(S, -1)) return;
  lua_pushnil(S);
  while (lua_next(S, -2)) {
    count_copy(S, r, ENTRY);
    note_value(S, r);
    lua_settop(S, -2);
    note_value(S, r);
  }
}

static void number_objects(lua_State *S, run *r) { /* those in the value on top, the only one */
  lua_newtable(S);
  lua_insert(S, OBJECTS);
  lua_newtable(S);
  lua_insert(S, NUMBERS);
  note_value(S, r);
  for (int i = 1; i <= r->object_count; i++) {
    lua_settop(S, NUMBERS);
    lua_rawgeti(S, OBJECTS, i);
    note_entries(S, r);
  }
  lua_settop(S, NUMBERS);
}

static int run_text(lua_State *S) {
  run *r = lua_touserdata(S, 1);
  open_string_arithmetic(S);
  lua_settop(S, 0);
  compile(S, r);
  lua_sethook(S, on_event, LUA_MASKCOUNT | LUA_MASKLINE | LUA_MASKRET, 1);
  lua_call(S, 0, 1);
  lua_sethook(S, NULL, 0, 0);
  lua_pushvalue(S, -1);
  put_aside(S, &value_key);
  number_objects(S, r);
  put_aside(S, &numbers_key);
  put_aside(S, &objects_key);
  return 0;
}

/* → 0, or the status; a message is then on top. Below 5.2 to push a function allocates. */
static int call_protected(lua_State *S, lua_CFunction function, void *context) {
#if LUA_VERSION_NUM < 502
  return lua_cpcall(S, function, context);
#else
  lua_pushcfunction(S, function);
  lua_pushlightuserdata(S, context);
  return lua_pcall(S, 1, 0, 0);
#endif
}

/* Strings are compared byte by byte and numbers have a point, whatever the host's locale. The thread's alone is set. */
static int run_in_c_locale(run *r) {
  locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
  locale_t before = uselocale(c);
  int status = call_protected(r->state, run_text, r);
  uselocale(before);
  if (c != (locale_t)0) freelocale(c);
  return status;
}

/* ---- from its state to the host's ----
 *
 * Any push to the host may raise, which leaves the run to the collector. Nothing may raise in the other state, where
 * no call is protected any more: these functions don't, and need fewer slots than every C function has. */

static void copy_string(lua_State *L, lua_State *S, int i) {
  size_t length;
  const char *text = lua_tolstring(S, i, &length);
  lua_pushlstring(L, text, length);
}

static void copy_number(lua_State *L, lua_State *S, int i) {
#if LUA_VERSION_NUM >= 503
  if (lua_isinteger(S, i)) {
    lua_pushinteger(L, lua_tointeger(S, i));
    return;
  }
#endif
  lua_pushnumber(L, lua_tonumber(S, i));
}

/* `made`: the slot of the list of copied objects. */
static void copy_value(lua_State *L, int made, lua_State *S, int i) {
  const void *object = object_at(S, i);
  if (object != NULL) {
    push_number_of(S, object);
    lua_rawgeti(L, made, (int)lua_tonumber(S, -1));
    lua_settop(S, -2);
    return;
  }
  switch (lua_type(S, i)) {
    case LUA_TSTRING: copy_string(L, S, i); break;
    case LUA_TNUMBER: copy_number(L, S, i); break;
    case LUA_TBOOLEAN: lua_pushboolean(L, lua_toboolean(S, i)); break;
    default: lua_pushnil(L);
  }
}

static bool is_place(lua_State *S, int i, size_t places) {
  if (lua_type(S, i) != LUA_TNUMBER) return false;
  double number = lua_tonumber(S, i);
  return number >= 1 && number <= (double)places && number == floor(number);
}

/* As large as it will be: to grow may take long, and nothing could stop it. */
static void push_empty_table(lua_State *L, lua_State *S) { /* for the one in TABLE */
  size_t places = lua_rawlen(S, TABLE);
  int count = 0, in_places = 0;
  lua_pushnil(S);
  for (; lua_next(S, TABLE); count++) lua_settop(S, -2);
  if (places > (size_t)count) places = (size_t)count;
  lua_pushnil(S);
  while (lua_next(S, TABLE)) {
    lua_settop(S, -2);
    if (is_place(S, -1, places)) in_places++;
  }
  lua_createtable(L, (int)places, count - in_places);
}

static void push_empty_object(lua_State *L, lua_State *S) {
  if (lua_type(S, TABLE) == LUA_TTABLE) push_empty_table(L, S);
  else copy_string(L, S, TABLE);
}

/* Of the n-th table, into its copy. → false when the time is up */
static bool copy_entries(lua_State *L, int made, lua_State *S, run *r) {
  if (lua_type(S, TABLE) != LUA_TTABLE) return true;
  lua_pushnil(S);
  while (lua_next(S, TABLE)) {
    if (is_overdue(r)) return false;
    copy_value(L, made, S, TABLE + 1);
    copy_value(L, made, S, TABLE + 2);
    lua_rawset(L, -3);
    lua_settop(S, TABLE + 1);
  }
  return true;
}

typedef bool (*object_function)(lua_State *L, int made, int n, run *r);

static bool make_object(lua_State *L, int made, int n, run *r) {
  push_empty_object(L, r->state);
  lua_rawseti(L, made, n);
  return !is_overdue(r);
}

static bool fill_object(lua_State *L, int made, int n, run *r) {
  lua_rawgeti(L, made, n);
  return copy_entries(L, made, r->state, r);
}

static bool each_object(lua_State *L, int made, run *r, object_function function) {
  for (int n = 1; n <= r->object_count; n++) {
    lua_settop(r->state, NUMBERS);
    lua_rawgeti(r->state, OBJECTS, n);
    if (!function(L, made, n, r)) return false;
    lua_settop(L, made);
  }
  return true;
}

/* → false when the time is up. Tables that stand in several places, or in themselves, do so in the copy. */
static bool push_result(lua_State *L, run *r) {
  lua_State *S = r->state;
  luaL_checkstack(L, 8, "a file of specifications");
  lua_createtable(L, r->object_count, 0);
  int made = lua_gettop(L);
  lua_settop(S, 0);
  take_up(S, &objects_key);
  take_up(S, &numbers_key);
  if (!each_object(L, made, r, make_object) || !each_object(L, made, r, fill_object)) return false;
  lua_settop(S, NUMBERS);
  take_up(S, &value_key);
  copy_value(L, made, S, TABLE);
  return true;
}

/* ---- core.run_file ---- */

static void close_state(run *r) {
  if (r->state == NULL) return;
  lua_setallocf(r->state, r->allocate, r->allocator); /* LuaJIT knows its own by it, and frees all it has */
  lua_close(r->state);
  r->state = NULL;
}

static int run_gc(lua_State *L) {
  close_state(lua_touserdata(L, 1));
  return 0;
}

static run *push_run(lua_State *L) {
  run *r = lua_newuserdatauv(L, sizeof *r, 0);
  memset(r, 0, sizeof *r);
  luaL_getmetatable(L, RUN_TYPE);
  lua_setmetatable(L, -2);
  return r;
}

void exo_lua_open_run_file(lua_State *L) {
  luaL_newmetatable(L, RUN_TYPE);
  lua_pushcfunction(L, run_gc);
  lua_setfield(L, -2, "__gc");
  lua_settop(L, -2);
}

/* With the state's own allocator below ours: a LuaJIT of 32 bits takes no other. */
static void open_state(lua_State *L, run *r) {
  r->state = luaL_newstate();
  if (r->state == NULL) luaL_error(L, "not enough memory");
  r->used = (size_t)lua_gc(r->state, LUA_GCCOUNT, 0) * 1024;
  r->allocate = lua_getallocf(r->state, &r->allocator);
  lua_setallocf(r->state, allocate, r);
}

static const char *const excess_texts[] = { "", "takes too much memory", "runs too long",
                                            "has too many jumps (goto, break)" };

static int push_failure(lua_State *L, run *r, int status) {
  bool no_memory = status == LUA_ERRMEM || r->load_status == LUA_ERRMEM;
  if (no_memory && r->excess == NOTHING) return luaL_error(L, "not enough memory");
  lua_pushnil(L);
  if (r->stopped || no_memory) {
    lua_pushfstring(L, "file:%d: %s for a file of specifications", r->line, excess_texts[r->excess]);
  } else {
    lua_pushstring(L, lua_tolstring(r->state, -1, NULL));
  }
  return 2;
}

int exo_lua_run_file(lua_State *L) {
  size_t length;
  const char *text = luaL_checklstring(L, 1, &length);
  run *r = push_run(L);
  open_state(L, r);
  r->text = text;
  r->end = text + length;
  r->line = 1;
  start_clock(r);
  int status = run_in_c_locale(r);
  if (status != 0) return push_failure(L, r, status);
  if (!push_result(L, r)) {
    r->excess = TOO_LONG;
    r->stopped = true;
    return push_failure(L, r, 0);
  }
  close_state(r);
  return 1;
}
