/* Runs a file that is written in Lua, in a Lua state of its own: with no access to anything, and within limits of
 * memory and time. The host's state has no part in it: not its hook, not its collector, not its strings. */
#include "lua/lua_file.h"

#include <locale.h>
#include <lualib.h>
#include <string.h>
#ifdef __APPLE__
#include <xlocale.h>
#endif

#include "lua/lua_data.h"

#define RUN_TYPE "exotel.lua_file"

enum {
  PIECE = 256, /* bytes that are compiled between two looks at the clock */
  JUMPS = 8192 /* to resolve one may move all others */
};

typedef struct run {
  lua_State *state;       /* NULL: none, or closed */
  const char *text, *end; /* what is still to be compiled */
  bool line_ends;         /* the last piece ended a line */
  int load_status;
  exo_lua_limits limits;
} run;

/* ---- what runs in the state of its own, protected ---- */

/* Up to the end of a line, so that the line is known where memory runs out. */
static const char *read_piece(lua_State *S, void *context, size_t *size) {
  run *r = context;
  const char *piece = r->text;
  size_t left = (size_t)(r->end - piece), length = left < PIECE ? left : PIECE;
  const char *newline = memchr(piece, '\n', length);
  if (exo_lua_is_overdue(&r->limits)) exo_lua_stop(S, &r->limits, EXO_TOO_LONG);
  if (newline != NULL) length = (size_t)(newline - piece) + 1;
  if (r->line_ends) r->limits.line++;
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
    exo_lua_stop(S, &r->limits, EXO_TOO_MANY_JUMPS);
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

static int run_text(lua_State *S) {
  run *r = lua_touserdata(S, 1);
  open_string_arithmetic(S);
  lua_settop(S, 0);
  compile(S, r);
  exo_lua_set_hook(S, true);
  lua_call(S, 0, LUA_MULTRET);
  exo_lua_set_hook(S, false);
  if (lua_gettop(S) > 1) {
    luaL_error(S, "returns several values, of which only the first would count: { …, … } holds all");
  }
  lua_settop(S, 1);
  exo_lua_put_data_aside(S, &r->limits);
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

/* ---- core.run_file ---- */

static void close_state(run *r) {
  if (r->state == NULL) return;
  exo_lua_unlimit(r->state, &r->limits);
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

static void open_state(lua_State *L, run *r) {
  r->state = luaL_newstate();
  if (r->state == NULL) luaL_error(L, "not enough memory");
  exo_lua_limit(r->state, &r->limits);
}

static const char *const excess_texts[] = { "", "takes too much memory", "runs too long",
                                            "has too many jumps (goto, break)" };

static int push_failure(lua_State *L, run *r, int status) {
  bool no_memory = status == LUA_ERRMEM || r->load_status == LUA_ERRMEM;
  if (no_memory && r->limits.excess == EXO_NO_EXCESS) return luaL_error(L, "not enough memory");
  lua_pushnil(L);
  if (r->limits.stopped || no_memory) {
    lua_pushfstring(L, "file:%d: %s for a file of specifications", r->limits.line, excess_texts[r->limits.excess]);
  } else {
    lua_pushstring(L, lua_tolstring(r->state, -1, NULL));
  }
  return 2;
}

int exo_lua_run_file(lua_State *L) {
  size_t length;
  const char *text = luaL_checklstring(L, 1, &length);
  run *r = push_run(L);
  r->text = text;
  r->end = text + length;
  open_state(L, r);
  int status = run_in_c_locale(r);
  if (status != 0) return push_failure(L, r, status);
  if (!exo_lua_push_data(L, r->state, &r->limits)) {
    r->limits.excess = EXO_TOO_LONG;
    r->limits.stopped = true;
    return push_failure(L, r, 0);
  }
  close_state(r);
  return 1;
}
