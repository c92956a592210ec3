#include <math.h>
#include <stdio.h>
#include <string.h>

#include "exotel/api/validate.h"
#include "exotel/engine/open.h"
#include "lua/binding.h"
#include "lua/fields.h"

static const exo_lua_type type = { EXO_CLIENT_TYPE };

static exo_client_box *check_box(lua_State *L, int index) { return exo_lua_check_box(L, index, &type); }

exo_client *exo_lua_check_client(lua_State *L, int index) {
  exo_client_box *box = check_box(L, index);
  if (box->client == NULL) luaL_error(L, "the client is closed");
  return box->client;
}

bool exo_lua_is_closed(lua_State *L, int index) { return check_box(L, index)->client == NULL; }

static exo_client_box *push_box(lua_State *L) {
  exo_client_box *box = lua_newuserdatauv(L, sizeof *box, 1);
  *box = (exo_client_box){ .type = &type };
  luaL_getmetatable(L, EXO_CLIENT_TYPE);
  lua_setmetatable(L, -2);
  return box;
}

/* What the Lua layer keeps with a client: its functions, and the seconds that it needs itself. */
static void keep_options(lua_State *L, int options, int client, const exo_config *config) {
  static const char *const names[] = { "log", "on_write", "sleep", "wait", "store" };
  lua_createtable(L, 0, 13);
  lua_pushnumber(L, config->settle_wait);
  lua_setfield(L, -2, "settle_wait");
  lua_pushnumber(L, config->deadline);
  lua_setfield(L, -2, "deadline");
  exo_pushwhole(L, config->rate_limit);
  lua_setfield(L, -2, "rate_limit");
  exo_pushwhole(L, config->store_fallback);
  lua_setfield(L, -2, "store_fallback");
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    lua_pushstring(L, names[i]);
    lua_rawget(L, options);
    lua_setfield(L, -2, names[i]);
  }
  exo_setuservalue(L, client);
}

/* Events are kept only where somebody reads them. */
static bool has_function(lua_State *L, int options, const char *name) {
  lua_pushstring(L, name);
  lua_rawget(L, options);
  bool has = lua_isfunction(L, -1);
  lua_pop(L, 1);
  return has;
}

static void want_events(lua_State *L, int options, exo_client *client) {
  exo_events *events = exo_client_events(client);
  events->wanted = has_function(L, options, "log");
  events->wanted_writes = has_function(L, options, "on_write");
}

/* core.client(options) → client, or nil, message, field */
int exo_lua_new_client(lua_State *L) {
  exo_config config;
  exo_error error;
  lua_settop(L, 1);
  exo_lua_read_config(L, 1, &config);
  exo_lua_make_room(L);
  exo_client_box *box = push_box(L);
  keep_options(L, 1, 2, &config);
  exo_lua_read_config(L, 1, &config); /* again: any allocation may have run a finalizer that freed its strings */
  switch (exo_client_open(&config, &exo_system_platform, &box->client, &error)) {
    case EXO_RESULT_OK: want_events(L, 1, box->client); return 1;
    case EXO_RESULT_NO_MEMORY: return luaL_error(L, "not enough memory");
    case EXO_RESULT_ERROR: break;
  }
  lua_pushnil(L);
  lua_pushstring(L, error.message);
  lua_pushstring(L, error.field);
  return 3;
}

/* client:poll(seconds) → how many calls are unfinished */
static int client_poll(lua_State *L) {
  exo_client *client = exo_lua_check_client(L, 1);
  double seconds = luaL_optnumber(L, 2, 0);
  luaL_argcheck(L, seconds >= 0, 2, "seconds must not be negative");
  size_t unfinished = exo_client_poll(client, seconds);
  if (exo_client_lacked_descriptors(client)) exo_lua_collect(L); /* which may close this client, too */
  lua_pushinteger(L, (lua_Integer)unfinished);
  return 1;
}

/* engine.wait(client, seconds): waits, for less time when something happens on the network */
static int client_wait(lua_State *L) {
  exo_client *client = exo_lua_check_client(L, 1);
  double seconds = luaL_checknumber(L, 2);
  luaL_argcheck(L, seconds >= 0, 2, "seconds must not be negative");
  exo_client_wait(client, seconds);
  return 0;
}

/* engine.capacity(client) → how many calls started now would be sent at once; seconds until one may be, as far as the
 * rate limiter knows (math.huge: when one under way has ended); how many requests the rate limit leaves, and the limit
 * itself (both nil without one); how many the service said it leaves, or nil */
static int client_capacity(lua_State *L) {
  exo_client *client = exo_lua_check_client(L, 1);
  exo_capacity room = exo_client_capacity(client);
  int limit = exo_client_config(client)->rate_limit;
  lua_pushinteger(L, (lua_Integer)room.calls);
  lua_pushnumber(L, room.wait);
  if (limit != 0) {
    lua_pushinteger(L, (lua_Integer)room.left);
    lua_pushinteger(L, limit);
  } else {
    lua_pushnil(L);
    lua_pushnil(L);
  }
  if (room.told == SIZE_MAX) return 4;
  lua_pushinteger(L, (lua_Integer)room.told);
  return 5;
}

/* engine.activity(client) → a number that grows when a call finishes or a poll leaves work for the next one; nil of a
 * closed client */
static int client_activity(lua_State *L) {
  const exo_client *client = check_box(L, 1)->client;
  if (client == NULL) return 0;
  lua_pushinteger(L, (lua_Integer)exo_client_activity(client));
  return 1;
}

static void set_request(lua_State *L, const exo_event *event) {
  exo_lua_set_text(L, "operation", event->operation->name);
  exo_lua_set_text(L, "method", exo_method_name(event->operation->method));
  exo_lua_set_text(L, "path", event->path);
}

static const char *behind(const char *text) { return text + strlen(text) + 1; }

static void set_write(lua_State *L, const exo_event *event) {
  exo_lua_set_text(L, "operation", event->operation->name);
  exo_lua_set_integer(L, "attempts", event->attempt);
  exo_lua_set_boolean(L, "maybe_applied", event->maybe_applied);
  lua_createtable(L, 0, 6);
  for (const char *name = event->about; *name != '\0'; name = behind(behind(name)))
    exo_lua_set_text(L, name, behind(name));
  lua_setfield(L, -2, "about");
}

static void set_attempt_or_wait(lua_State *L, const exo_event *event) {
  if (event->operation != NULL) set_request(L, event);
  exo_lua_set_text(L, "reason", event->reason);
  exo_lua_set_integer(L, "attempt", event->attempt);
}

static void push_event(lua_State *L, const exo_event *event) {
  static const char *const names[] = { "attempt", "wait", "write" };
  lua_createtable(L, 0, 10);
  exo_lua_set_text(L, "event", names[event->type]);
  if (event->type == EXO_EVENT_WRITE) set_write(L, event);
  else set_attempt_or_wait(L, event);
  exo_lua_set_text(L, "outcome", event->kind);
  exo_lua_set_text(L, "request_id", event->request_id[0] != '\0' ? event->request_id : NULL);
  if (event->status > 0) exo_lua_set_integer(L, "status", event->status);
  exo_lua_set_number(L, "seconds", event->seconds);
}

/* Leaves a table of all events at 2. False when a finalizer has read them meanwhile, which has told those in the table
 * as well. It may also have closed the client: what is left of the events is lost then. */
static bool push_events(lua_State *L, size_t clearings) {
  const exo_client_box *box = check_box(L, 1);
  lua_newtable(L);
  for (int i = 0; box->client != NULL; i++) {
    exo_events *events = exo_client_events(box->client);
    if (events->clearings != clearings) return false;
    if ((size_t)i == events->count) {
      exo_events_clear(events);
      return true;
    }
    exo_event event = events->list[i];
    push_event(L, &event);
    lua_rawseti(L, 2, i + 1);
  }
  return true;
}

/* engine.events(client) → what happened since it was asked last, oldest first; nothing of a closed client */
static int client_events(lua_State *L) {
  const exo_client_box *box = check_box(L, 1);
  do lua_settop(L, 1);
  while (!push_events(L, box->client != NULL ? exo_client_events(box->client)->clearings : 0));
  return 1;
}

/* Whether the rules of values count: the call's option, the client's, or true where there is no client. */
static bool checks_values(lua_State *L, const exo_call_options *options) {
  if (options->validate >= 0) return options->validate != 0;
  return lua_isnil(L, 1) || exo_client_config(exo_lua_check_client(L, 1))->validate;
}

/* engine.check(client or nil, operation, arguments [, options]) → true, or false, field, message, by_value: checks the
 * arguments without a request. by_value: only a value's own rule is broken, so that the service may still hold that
 * value; names, types and what must be given are right. Raises for bad options, as the operation would. */
static int client_check(lua_State *L) {
  exo_error error;
  exo_call_options options;
  lua_settop(L, 4);
  if (!lua_isnil(L, 1)) exo_lua_check_client(L, 1);
  const exo_operation *operation = exo_lua_check_operation(L, 2);
  exo_lua_read_call_options(L, 4, &options);
  exo_arena *arena = lua_newuserdatauv(L, sizeof *arena, 1);
  exo_arena_init(arena, &exo_libc_allocator);
  luaL_getmetatable(L, "exotel.arena");
  lua_setmetatable(L, -2);
  const exo_value *arguments = exo_lua_read_arguments(L, 3, arena);
  if (arguments == NULL) return luaL_error(L, "not enough memory");
  bool values = checks_values(L, &options); /* any allocation may have run a finalizer that closed the client */
  bool good = exo_validate(operation, arguments, values, &error);
  lua_pushboolean(L, good);
  if (good) return 1;
  lua_pushstring(L, error.field);
  lua_pushstring(L, error.message);
  lua_pushboolean(L, exo_validate(operation, arguments, false, &error));
  return 4;
}

static int arena_gc(lua_State *L) {
  exo_arena_free(lua_touserdata(L, 1));
  return 0;
}

/* engine.closed(client) → whether it is */
static int client_closed(lua_State *L) {
  lua_pushboolean(L, check_box(L, 1)->client == NULL);
  return 1;
}

/* engine.state(client) → what the Lua layer keeps with it: a table, with the options `log`, `on_write`, `sleep`,
 * `wait`, `store`, `settle_wait`, `deadline`, `rate_limit` and `store_fallback` (both 0: not given) */
static int client_state(lua_State *L) {
  check_box(L, 1);
  exo_getuservalue(L, 1);
  return 1;
}

static int client_close(lua_State *L) {
  exo_client_box *box = check_box(L, 1);
  exo_client *client = box->client;
  box->client = NULL;
  exo_client_free(client);
  return 0;
}

/* At the end of a scope: as the Lua layer's method does, which tells of what was under way. */
static int client_leave(lua_State *L) {
  check_box(L, 1);
  lua_getfield(L, 1, "close");
  lua_pushvalue(L, 1);
  lua_call(L, 1, 0);
  return 0;
}

/* engine.halt(client): cancels all calls */
static int client_halt(lua_State *L) {
  exo_client *client = check_box(L, 1)->client;
  if (client != NULL) exo_client_cancel_all(client);
  return 0;
}

static int client_gc(lua_State *L) {
  exo_client_box *box = check_box(L, 1);
  client_close(L);
  exo_wakeup_release(box->wakeup);
  box->wakeup = NULL;
  box->type = NULL;
  return 0;
}

/* ---- for an event loop ---- */

/* client:pollfd() → a descriptor that is readable when poll(0) has something to do, nil where there is none */
static int client_pollfd(lua_State *L) {
  exo_client_box *box = check_box(L, 1);
  exo_wakeup *wakeup = exo_client_wakeup(exo_lua_check_client(L, 1));
  if (wakeup == NULL) return 0;
  exo_wakeup_keep(wakeup);
  exo_wakeup_release(box->wakeup);
  box->wakeup = wakeup;
  lua_pushinteger(L, exo_wakeup_descriptor(wakeup));
  return 1;
}

/* client:timeout() → seconds after which poll(0) wants to be called anyway, or nil */
static int client_timeout(lua_State *L) {
  double seconds = exo_client_timeout(exo_lua_check_client(L, 1));
  if (isinf(seconds)) return 0;
  lua_pushnumber(L, seconds);
  return 1;
}

/* client:events() → what the descriptor is to be watched for: reading */
static int client_poll_events(lua_State *L) {
  check_box(L, 1);
  lua_pushliteral(L, "r");
  return 1;
}

/* Whose client it is. Copied, since a push may run a finalizer that closes the client before it reads what it pushes.
 */
typedef struct identity {
  char account[EXO_ACCOUNT_MAX + 1];
  char host[256];
} identity;

static identity identity_of(const exo_client *client) {
  identity copy;
  const exo_config *config = exo_client_config(client);
  snprintf(copy.account, sizeof copy.account, "%s", config->account_sid);
  exo_config_host(config, copy.host, sizeof copy.host);
  return copy;
}

/* engine.account(client) → account_sid, host (with the port where it is not 443) */
static int client_account(lua_State *L) {
  identity id = identity_of(exo_lua_check_client(L, 1));
  lua_pushstring(L, id.account);
  lua_pushstring(L, id.host);
  return 2;
}

/* Account and host, never key or token. */
static int client_tostring(lua_State *L) {
  const exo_client *client = check_box(L, 1)->client;
  if (client == NULL) {
    lua_pushliteral(L, "exotel.client (closed)");
    return 1;
  }
  identity id = identity_of(client);
  lua_pushfstring(L, "exotel.client: %s at %s", id.account, id.host);
  return 1;
}

/* engine.watch(client, notifier) → seconds after which the client is to be polled even if the notifier tells nothing;
 * nil when it can't be watched, or is closed */
static int client_watch(lua_State *L) {
  double seconds;
  exo_client *client = check_box(L, 1)->client;
  exo_notifier *notifier = exo_lua_check_notifier(L, 2);
  if (client == NULL || !exo_client_watch(client, notifier, &seconds)) return 0;
  lua_pushnumber(L, seconds);
  return 1;
}

/* engine.unwatch(client): to be called before a poll, of which nobody need be told */
static int client_unwatch(lua_State *L) {
  exo_client *client = check_box(L, 1)->client;
  if (client != NULL) exo_client_unwatch(client);
  return 0;
}

static const luaL_Reg methods[] = {
  { "poll", client_poll },       { "close", client_close },        { "pollfd", client_pollfd },
  { "timeout", client_timeout }, { "events", client_poll_events }, { NULL, NULL },
};

static const luaL_Reg internals[] = {
  { "account", client_account },
  { "activity", client_activity },
  { "capacity", client_capacity },
  { "check", client_check },
  { "closed", client_closed },
  { "events", client_events },
  { "halt", client_halt },
  { "state", client_state },
  { "wait", client_wait },
  { "notifier", exo_lua_new_notifier },
  { "watch", client_watch },
  { "unwatch", client_unwatch },
  { NULL, NULL },
};

void exo_lua_push_engine(lua_State *L) { exo_newlib(L, internals); }

static const luaL_Reg metamethods[] = {
  { "__gc", client_gc },
  { "__close", client_leave },
  { "__tostring", client_tostring },
  { NULL, NULL },
};

static void open_arena(lua_State *L) {
  luaL_newmetatable(L, "exotel.arena");
  lua_pushcfunction(L, arena_gc);
  lua_setfield(L, -2, "__gc");
  lua_pop(L, 1);
}

void exo_lua_open_client(lua_State *L) {
  open_arena(L);
  luaL_newmetatable(L, EXO_CLIENT_TYPE);
  exo_setfuncs(L, metamethods);
  exo_newlib(L, methods);
  lua_pushvalue(L, -1);
  lua_setfield(L, -3, "__index");
  lua_remove(L, -2);
}
