/* Name servers as a userdata: exotel/sip/resolver.h. */
#include <string.h>

#include "exotel/sip/resolver.h"
#include "lua/fields.h"
#include "lua/sip/sockets.h"
#include "lua/socket.h"

#define TYPE "exotel.sip.resolver"

typedef struct box {
  exo_resolver *resolver; /* NULL: closed */
} box;

static exo_resolver *check(lua_State *L) {
  box *b = luaL_checkudata(L, 1, TYPE);
  if (b->resolver == NULL) luaL_error(L, "this resolver is closed");
  return b->resolver;
}

int exo_lua_new_resolver(lua_State *L) {
  const char *message = NULL;
  lua_settop(L, 1);
  luaL_optstring(L, 1, NULL);
  box *b = exo_lua_push_socket(L, TYPE, sizeof *b);
  b->resolver = exo_resolver_open(luaL_optstring(L, 1, NULL), &message);
  if (b->resolver != NULL) return 1;
  lua_pushnil(L);
  lua_pushstring(L, message);
  return 2;
}

/* resolver:ask_servers(name): for SRV records */
static int ask_servers(lua_State *L) {
  exo_resolver_ask_servers(check(L), luaL_checkstring(L, 2));
  return 0;
}

/* resolver:ask_addresses(name): for A and AAAA records */
static int ask_addresses(lua_State *L) {
  exo_resolver_ask_addresses(check(L), luaL_checkstring(L, 2));
  return 0;
}

static void push_record(lua_State *L, const exo_record *record) {
  exo_record copy = *record;
  lua_createtable(L, 0, 4);
  exo_lua_set_text(L, "name", copy.name);
  exo_lua_set_integer(L, "port", copy.port);
  exo_lua_set_integer(L, "priority", copy.priority);
  exo_lua_set_integer(L, "weight", copy.weight);
}

/* resolver:poll() → "waits"; "found", the records { name, port, priority, weight }, how many there were in all; "none"
 * or "failed", and a message */
static int resolver_poll(lua_State *L) {
  static const char *const states[] = { "waits", "found", "none", "failed" };
  exo_resolver *resolver = check(L);
  exo_resolver_state state = exo_resolver_poll(resolver);
  lua_pushstring(L, states[state]);
  if (state == EXO_RESOLVER_WAITS) return 1;
  if (state != EXO_RESOLVER_FOUND) {
    lua_pushstring(L, exo_resolver_message(resolver));
    return 2;
  }
  const exo_record *records;
  size_t count = exo_resolver_records(resolver, &records);
  lua_newtable(L);
  for (size_t i = 0; i < count && i < EXO_RECORDS_MAX; i++) {
    push_record(L, &records[i]);
    lua_rawseti(L, -2, (int)i + 1);
  }
  lua_pushinteger(L, (lua_Integer)count);
  return 3;
}

static int resolver_watch(lua_State *L) {
  struct pollfd list[EXO_RESOLVER_SOCKETS];
  int milliseconds = -1;
  const box *b = luaL_checkudata(L, 1, TYPE);
  size_t count = b->resolver != NULL ? exo_resolver_watch(b->resolver, list, &milliseconds) : 0;
  return exo_lua_watch(L, list, count, milliseconds);
}

static int resolver_close(lua_State *L) {
  box *b = luaL_checkudata(L, 1, TYPE);
  exo_resolver_close(b->resolver);
  b->resolver = NULL;
  return 0;
}

static const luaL_Reg methods[] = {
  { "ask_servers", ask_servers },
  { "ask_addresses", ask_addresses },
  { "poll", resolver_poll },
  { "watch", resolver_watch },
  { "close", resolver_close },
  { "__gc", resolver_close },
  { NULL, NULL },
};

void exo_lua_open_resolver(lua_State *L) { exo_lua_open_socket_type(L, TYPE, methods); }
