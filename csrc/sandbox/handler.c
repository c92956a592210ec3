#include "sandbox/handler.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <lualib.h>
#include <time.h>

#include "sandbox/copy.h"

/* These stay on the handler's stack: to push them again takes no memory, so it can't raise outside a protected call. */
enum { ANSWER = 1, CALL, KEPT = CALL };

/* ---- in the handler's state, within a protected call ---- */

static int clock_now(lua_State *L) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  lua_pushnumber(L, (double)now.tv_sec + (double)now.tv_nsec / 1e9);
  return 1;
}

static int answer(lua_State *L) {
  sbx_exchange *exchange = lua_touserdata(L, 1);
  lua_getfield(L, lua_upvalueindex(1), "serve");
  sbx_exchange_push_request(L, exchange);
  lua_call(L, 1, 1);
  sbx_exchange_read_reply(L, exchange);
  return 0;
}

/* Where the arguments of a call stand: in the other state. */
typedef struct arguments {
  lua_State *from;
  int first, last;
} arguments;

static int call(lua_State *L) {
  const arguments *given = lua_touserdata(L, 1);
  const char *name = lua_tostring(given->from, given->first);
  lua_getfield(L, lua_upvalueindex(1), name);
  if (lua_isnil(L, -1)) return luaL_error(L, "the service has no function '%s'", name);
  for (int i = given->first + 1; i <= given->last; i++) sbx_copy_value(L, given->from, i);
  lua_call(L, given->last - given->first, 1);
  return 1;
}

/* Where the settings of sbx_handler_open stand, counted from arguments.first. */
enum { PATH, CPATH, MODULE, OPTIONS, SETTINGS };

static void copy_setting(lua_State *L, const arguments *settings, int which) {
  sbx_copy_value(L, settings->from, settings->first + which);
}

static void set_package_paths(lua_State *L, const arguments *settings) {
  lua_getglobal(L, "package");
  copy_setting(L, settings, PATH);
  lua_setfield(L, -2, "path");
  copy_setting(L, settings, CPATH);
  lua_setfield(L, -2, "cpath");
  lua_pop(L, 1);
}

/* Leaves the table of the handler's functions. */
static void require_handler(lua_State *L, const arguments *settings) {
  unsigned int seed = 0;
  lua_getglobal(L, "require");
  copy_setting(L, settings, MODULE);
  lua_call(L, 1, 1);
  lua_getfield(L, -1, "new");
  copy_setting(L, settings, OPTIONS);
  lua_pushcfunction(L, clock_now);
  lua_setfield(L, -2, "clock");
  gnutls_rnd(GNUTLS_RND_NONCE, &seed, sizeof seed);
  lua_pushnumber(L, (double)seed);
  lua_setfield(L, -2, "random_seed");
  lua_call(L, 1, 1);
}

static int open_handler(lua_State *L) {
  const arguments *settings = lua_touserdata(L, 1);
  luaL_openlibs(L);
  set_package_paths(L, settings);
  require_handler(L, settings);
  lua_pushvalue(L, -1);
  lua_pushcclosure(L, answer, 1);
  lua_insert(L, -2);
  lua_pushcclosure(L, call, 1);
  return KEPT;
}

/* ---- in the caller's state ---- */

/* Pushes the value at the top of the other state. */
static int take_result(lua_State *L) {
  lua_State *from = lua_touserdata(L, 1);
  sbx_copy_value(L, from, lua_gettop(from));
  return 1;
}

/* Moves what is at the top of the handler's stack to `result`; false: the message that it can't be. */
static bool move_result(lua_State *state, lua_State *result) {
  lua_pushcfunction(result, take_result);
  lua_pushlightuserdata(result, state);
  bool copied = lua_pcall(result, 1, 1, 0) == 0;
  lua_settop(state, KEPT);
  return copied;
}

/* Read before the other state is entered: reading a field by its name may raise. */
static void push_settings(lua_State *L, int config) {
  static const char *const names[SETTINGS] = { "path", "cpath", "module", "options" };
  luaL_checkstack(L, SETTINGS + SBX_COPY_SLOTS + 8, "can't open the service");
  for (int i = 0; i < SETTINGS; i++) lua_getfield(L, config, names[i]);
}

static lua_State *open_state(sbx_handler *handler, lua_State *L) {
  lua_State *state = luaL_newstate();
  if (state == NULL) luaL_error(L, "not enough memory");
  if (pthread_mutex_init(&handler->lock, NULL) != 0) {
    lua_close(state);
    luaL_error(L, "can't make a mutex");
  }
  handler->state = state;
  return state;
}

void sbx_handler_open(sbx_handler *handler, lua_State *L, int config) {
  arguments settings = { L, lua_gettop(L) + 1, lua_gettop(L) + SETTINGS };
  lua_State *state = open_state(handler, L);
  push_settings(L, config);
  if (!lua_checkstack(state, SBX_COPY_SLOTS + 8)) luaL_error(L, "not enough memory");
  lua_pushcfunction(state, open_handler);
  lua_pushlightuserdata(state, &settings);
  if (lua_pcall(state, 1, KEPT, 0) != 0) {
    sbx_copy_value(L, state, lua_gettop(state));
    lua_error(L);
  }
  lua_settop(L, settings.first - 1);
}

void sbx_handler_answer(sbx_handler *handler, sbx_exchange *exchange) {
  lua_State *state = handler->state;
  pthread_mutex_lock(&handler->lock);
  lua_pushvalue(state, ANSWER);
  lua_pushlightuserdata(state, exchange);
  if (lua_pcall(state, 1, 0, 0) != 0) sbx_exchange_fail(exchange, lua_tostring(state, -1));
  lua_settop(state, KEPT);
  pthread_mutex_unlock(&handler->lock);
}

/* While the lock is held, nothing is called that could raise or run a finalizer in L. */
bool sbx_handler_call(sbx_handler *handler, lua_State *L, int first, int last, lua_State *result) {
  arguments given = { L, first, last };
  lua_State *state = handler->state;
  pthread_mutex_lock(&handler->lock);
  lua_pushvalue(state, CALL);
  lua_pushlightuserdata(state, &given);
  bool called = lua_pcall(state, 1, 1, 0) == 0;
  bool moved = move_result(state, result);
  pthread_mutex_unlock(&handler->lock);
  return called && moved;
}

void sbx_handler_close(sbx_handler *handler) {
  if (handler->state == NULL) return;
  lua_close(handler->state);
  handler->state = NULL;
  pthread_mutex_destroy(&handler->lock);
}
