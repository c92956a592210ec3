#include "lua/sip.h"

#include <math.h>
#include <stdio.h>

#include "exotel/base/platform.h"
#include "exotel/sip/message.h"
#include "lua/fields.h"
#include "lua/sip_socket.h"

/* ---- waiting ---- */

enum { WATCHED_MAX = 1024 };

typedef struct watched {
  size_t count;
  int milliseconds;
  struct pollfd list[WATCHED_MAX];
} watched;

static void add_one(lua_State *L, watched *w) {
  size_t (*const watch[])(lua_State *, int, struct pollfd *, int *) = { exo_lua_watch_resolver, exo_lua_watch_datagram,
                                                                        exo_lua_watch_stream };
  for (size_t i = 0; i < sizeof watch / sizeof watch[0] && w->count + EXO_LUA_SOCKETS <= WATCHED_MAX; i++) {
    int due = -1;
    w->count += watch[i](L, -1, w->list + w->count, &due);
    if (due >= 0 && due < w->milliseconds) w->milliseconds = due;
  }
}

/* core.sip.wait(sockets, seconds): waits until one of them is to be polled, or for so long. A signal ends it. */
static int wait_for(lua_State *L) {
  double seconds = luaL_checknumber(L, 2);
  luaL_checktype(L, 1, LUA_TTABLE);
  watched *w = lua_newuserdatauv(L, sizeof *w, 0);
  w->count = 0;
  w->milliseconds = seconds > 0 ? (int)ceil(fmin(seconds, 60) * 1000) : 0;
  size_t count = lua_rawlen(L, 1);
  for (size_t i = 1; i <= count; i++) {
    lua_rawgeti(L, 1, (int)i);
    add_one(L, w);
    lua_pop(L, 1);
  }
  poll(w->list, (nfds_t)w->count, w->milliseconds);
  return 0;
}

/* ---- messages ---- */

static void set_part(lua_State *L, const char *key, exo_sip_text text) {
  if (text.start == NULL) return;
  lua_pushlstring(L, text.start, text.length);
  lua_setfield(L, -2, key);
}

static void push_message(lua_State *L, const exo_sip_message *message) {
  lua_createtable(L, 0, 9);
  exo_lua_set_integer(L, "length", (int64_t)message->length);
  if (message->status != 0) exo_lua_set_integer(L, "status", message->status);
  exo_lua_set_integer(L, "cseq", message->cseq);
  set_part(L, "reason", message->reason);
  set_part(L, "branch", message->branch);
  set_part(L, "call_id", message->call_id);
  set_part(L, "method", message->method);
  set_part(L, "software", message->software);
  set_part(L, "allow", message->allow);
}

/* core.sip.read(text, is_datagram) → the first message in it { length, status (nil of a request), reason, branch,
 * call_id, cseq, method, software, allow }; nil when there is more to come; or nil, what is wrong */
static int read_message(lua_State *L) {
  size_t length;
  exo_sip_message message;
  lua_settop(L, 2);
  const char *text = luaL_checklstring(L, 1, &length);
  exo_sip_result result = exo_sip_read(&message, text, length, lua_toboolean(L, 2));
  if (result == EXO_SIP_GOOD) push_message(L, &message);
  else lua_pushnil(L);
  if (result != EXO_SIP_BAD) return 1;
  lua_pushstring(L, message.complaint);
  return 2;
}

/* core.sip.token() → 24 letters and digits that nobody guesses: for a branch, a tag, a Call-ID */
static int token(lua_State *L) {
  static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
  char text[24];
  for (size_t i = 0; i < sizeof text; i++)
    text[i] = letters[(size_t)(exo_system_platform.random(NULL) * (sizeof letters - 1))];
  lua_pushlstring(L, text, sizeof text);
  return 1;
}

static const luaL_Reg functions[] = {
  { "resolver", exo_lua_new_resolver },
  { "datagram", exo_lua_new_datagram },
  { "stream", exo_lua_new_stream },
  { "wait", wait_for },
  { "read", read_message },
  { "token", token },
  { NULL, NULL },
};

void exo_lua_push_sip(lua_State *L) {
  exo_lua_open_resolver(L);
  exo_lua_open_datagram(L);
  exo_lua_open_stream(L);
  exo_newlib(L, functions);
}
