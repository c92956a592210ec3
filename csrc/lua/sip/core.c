/* The Lua module exotel.sip.core, which exotel.sip is made of beside core.stream: name servers and datagrams that never
 * wait, the one wait for all of them, and the reader of SIP. It is a module of its own so that who only calls the
 * service doesn't load c-ares, and shares no code that has a state with exotel.core. */
#include <math.h>

#include "exotel/sip/message.h"
#include "lua/fields.h"
#include "lua/sip/sockets.h"
#include "lua/socket.h"
#include "lua/version_check.h"

EXO_EXPORT int luaopen_exotel_sip_core(lua_State *L);

/* ---- waiting ---- */

static int number_at(lua_State *L, size_t place) {
  lua_rawgeti(L, 1, (int)place);
  int number = (int)lua_tointeger(L, -1);
  lua_pop(L, 1);
  return number;
}

/* sip_core.wait(list, seconds): waits until something has happened that sockets have appended to the list, or for so
 * long. A signal ends it. */
static int wait_for(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  double seconds = luaL_checknumber(L, 2);
  size_t count = lua_rawlen(L, 1) / 2;
  struct pollfd *list = lua_newuserdatauv(L, (count + 1) * sizeof *list, 0);
  for (size_t i = 0; i < count; i++)
    list[i] = (struct pollfd){ .fd = number_at(L, 2 * i + 1), .events = (short)number_at(L, 2 * i + 2) };
  poll(list, (nfds_t)count, seconds > 0 ? (int)ceil(fmin(seconds, 60) * 1000) : 0);
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

/* sip_core.read(text, is_datagram) → the first message in it { length, status (nil of a request), reason, branch,
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

static const luaL_Reg functions[] = {
  { "resolver", exo_lua_new_resolver },
  { "datagram", exo_lua_new_datagram },
  { "wait", wait_for },
  { "read", read_message },
  { NULL, NULL },
};

int luaopen_exotel_sip_core(lua_State *L) {
  exo_lua_check_version(L, "exotel.sip.core");
  exo_lua_open_resolver(L);
  exo_lua_open_datagram(L);
  exo_newlib(L, functions);
  return 1;
}
