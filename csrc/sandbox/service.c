#include "service.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <lualib.h>
#include <time.h>

#include "copy.h"

/* These stay on the service's stack: to push them again takes no memory, so it can't raise outside a protected call. */
enum { ANSWER = 1, CALL, RESIDENTS = CALL };

static int clock_now(lua_State *L) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  lua_pushnumber(L, (double)now.tv_sec + (double)now.tv_nsec / 1e9);
  return 1;
}

static int answer(lua_State *L) {
  struct exchange *exchange = lua_touserdata(L, 1);

  lua_getfield(L, lua_upvalueindex(1), "serve");
  exchange_push_request(L, exchange);
  lua_call(L, 1, 1);
  exchange_read_reply(L, exchange);
  return 0;
}

/* Where the arguments of a call stand: in the other state. */
struct arguments {
  lua_State *from;
  int first, last;
};

static int call(lua_State *L) {
  const struct arguments *arguments = lua_touserdata(L, 1);
  const char *name = lua_tostring(arguments->from, arguments->first);

  lua_getfield(L, lua_upvalueindex(1), name);
  if (lua_isnil(L, -1)) return luaL_error(L, "the service has no function '%s'", name);
  for (int i = arguments->first + 1; i <= arguments->last; i++) copy_value(L, arguments->from, i);
  lua_call(L, arguments->last - arguments->first, 1);
  return 1;
}

/* Where the settings of service_open stand, counted from arguments.first. */
enum { PATH, CPATH, MODULE, SERVICE, SETTINGS };

static void copy_setting(lua_State *L, const struct arguments *settings, int which) {
  copy_value(L, settings->from, settings->first + which);
}

static void set_package_paths(lua_State *L, const struct arguments *settings) {
  lua_getglobal(L, "package");
  copy_setting(L, settings, PATH);
  lua_setfield(L, -2, "path");
  copy_setting(L, settings, CPATH);
  lua_setfield(L, -2, "cpath");
  lua_pop(L, 1);
}

static void require_front(lua_State *L, const struct arguments *settings) {
  unsigned int seed = 0;

  lua_getglobal(L, "require");
  copy_setting(L, settings, MODULE);
  lua_call(L, 1, 1);
  lua_getfield(L, -1, "new");
  copy_setting(L, settings, SERVICE);
  lua_pushcfunction(L, clock_now);
  lua_setfield(L, -2, "clock");
  gnutls_rnd(GNUTLS_RND_NONCE, &seed, sizeof seed);
  lua_pushnumber(L, (double)seed);
  lua_setfield(L, -2, "random_seed");
  lua_call(L, 1, 1);
}

static int open_front(lua_State *L) {
  const struct arguments *settings = lua_touserdata(L, 1);

  luaL_openlibs(L);
  set_package_paths(L, settings);
  require_front(L, settings);
  lua_pushvalue(L, -1);
  lua_pushcclosure(L, answer, 1);
  lua_insert(L, -2);
  lua_pushcclosure(L, call, 1);
  return RESIDENTS;
}

/* Pushes onto L the value at the top of the other state. */
static int take_result(lua_State *L) {
  lua_State *from = lua_touserdata(L, 1);
  copy_value(L, from, lua_gettop(from));
  return 1;
}

static void push_take_result(lua_State *L, lua_State *state) {
  lua_pushcfunction(L, take_result);
  lua_pushlightuserdata(L, state);
}

/*
 * Leaves at the top of L, for push_take_result's two values at `top`, the result or the message on top of the service's
 * stack. What a copy that failed left above them goes first. Returns whether the call or the copy failed.
 */
static int fetch_result(lua_State *state, lua_State *L, int top, int failed) {
  int not_copied;
  lua_settop(L, top);
  not_copied = lua_pcall(L, 1, 1, 0);
  lua_settop(state, RESIDENTS);
  return failed || not_copied;
}

/* Read before the other state is entered: reading a field by its name may raise. */
static void push_settings(lua_State *L, int config) {
  static const char *const names[SETTINGS] = { "path", "cpath", "module", "service" };
  luaL_checkstack(L, SETTINGS + COPY_SLOTS + 8, "can't open the service");
  for (int i = 0; i < SETTINGS; i++) lua_getfield(L, config, names[i]);
}

static lua_State *open_state(struct service *service, lua_State *L) {
  lua_State *state = luaL_newstate();
  if (!state) luaL_error(L, "not enough memory");
  if (pthread_mutex_init(&service->lock, NULL)) {
    lua_close(state);
    luaL_error(L, "can't make a mutex");
  }
  service->state = state;
  return state;
}

void service_open(struct service *service, lua_State *L, int config) {
  struct arguments settings = { L, lua_gettop(L) + 1, lua_gettop(L) + SETTINGS };
  lua_State *state = open_state(service, L);
  int failed;

  push_settings(L, config);
  push_take_result(L, state);
  lua_pushcfunction(state, open_front);
  lua_pushlightuserdata(state, &settings);
  failed = lua_pcall(state, 1, RESIDENTS, 0);
  if (failed) {
    fetch_result(state, L, settings.last + 2, failed);
    lua_error(L);
  }
  lua_settop(L, settings.first - 1);
  if (!lua_checkstack(state, COPY_SLOTS + 8)) luaL_error(L, "not enough memory");
}

void service_answer(struct service *service, struct exchange *exchange) {
  lua_State *state = service->state;

  pthread_mutex_lock(&service->lock);
  lua_pushvalue(state, ANSWER);
  lua_pushlightuserdata(state, exchange);
  if (lua_pcall(state, 1, 0, 0)) exchange_fail(exchange, lua_tostring(state, -1));
  lua_settop(state, RESIDENTS);
  pthread_mutex_unlock(&service->lock);
}

void service_call(struct service *service, lua_State *L, int first) {
  struct arguments arguments = { L, first, lua_gettop(L) };
  lua_State *state = service->state;
  int failed;

  luaL_checkstack(L, COPY_SLOTS + 8, "too many values");
  push_take_result(L, state);
  pthread_mutex_lock(&service->lock);
  lua_pushvalue(state, CALL);
  lua_pushlightuserdata(state, &arguments);
  failed = lua_pcall(state, 1, 1, 0);
  failed = fetch_result(state, L, arguments.last + 2, failed);
  pthread_mutex_unlock(&service->lock);
  if (failed) lua_error(L);
}

void service_close(struct service *service) {
  if (!service->state) return;
  lua_close(service->state);
  service->state = NULL;
  pthread_mutex_destroy(&service->lock);
}
