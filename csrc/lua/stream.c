#include "lua/stream.h"

#include <string.h>

#include "exotel/transport/curl_stream.h"
#include "lua/fields.h"
#include "lua/socket.h"

#define TYPE "exotel.stream"

enum { BLOCK = 16 * 1024 };

typedef struct box {
  exo_curl_stream *stream; /* NULL: closed */
} box;

static exo_curl_stream *check(lua_State *L) {
  box *b = luaL_checkudata(L, 1, TYPE);
  if (b->stream == NULL) luaL_error(L, "this stream is closed");
  return b->stream;
}

static exo_curl_target read_target(lua_State *L) {
  exo_curl_target target = { .address = luaL_checkstring(L, 1), .port = (int)luaL_checkinteger(L, 2) };
  target.timeout = luaL_checknumber(L, 3);
  target.tls = !lua_isnil(L, 4);
  target.name = luaL_optstring(L, 4, target.address);
  target.verify = lua_toboolean(L, 5);
  target.ca_file = luaL_optstring(L, 6, NULL);
  return target;
}

int exo_lua_new_stream(lua_State *L) {
  exo_error error;
  lua_settop(L, 6);
  read_target(L); /* raises before there is anything to lose */
  box *b = exo_lua_push_socket(L, TYPE, sizeof *b);
  exo_curl_target target = read_target(L);
  switch (exo_curl_stream_open(&b->stream, &target, &exo_libc_allocator, &error)) {
    case EXO_RESULT_OK: return 1;
    case EXO_RESULT_NO_MEMORY: return luaL_error(L, "not enough memory");
    case EXO_RESULT_ERROR: break;
  }
  lua_pushnil(L);
  lua_pushstring(L, error.message);
  return 2;
}

static void push_outcome(lua_State *L, const exo_curl_outcome *outcome) {
  exo_curl_outcome copy = *outcome;
  lua_createtable(L, 0, 6);
  if (copy.system != 0) exo_lua_set_text(L, "system", strerror(copy.system));
  if (copy.failure != EXO_OK) {
    exo_lua_set_text(L, "kind", exo_kind_name(copy.failure));
    exo_lua_set_text(L, "message", copy.message);
  }
  exo_lua_set_boolean(L, "connected", copy.connected);
  exo_lua_set_number(L, "tcp_seconds", copy.tcp_seconds);
  exo_lua_set_number(L, "seconds", copy.seconds);
}

/* stream:poll() → nil while it connects; then { kind, message (nil both: it stands), system (the system's words, where
 * TCP could not be connected), connected (whether TCP was), tcp_seconds, seconds } */
static int stream_poll(lua_State *L) {
  const exo_curl_outcome *outcome = exo_curl_stream_poll(check(L));
  if (outcome == NULL) return 0;
  if (outcome->failure == EXO_NO_MEMORY) return luaL_error(L, "not enough memory");
  push_outcome(L, outcome);
  return 1;
}

/* stream:certificate() → { subject, issuer, from, to, names } as libcurl writes them, nil where there is none */
static int stream_certificate(lua_State *L) {
  static const char *const names[][2] = { { "subject", "Subject" },
                                          { "issuer", "Issuer" },
                                          { "from", "Start date" },
                                          { "to", "Expire date" },
                                          { "names", "X509v3 Subject Alternative Name" } };
  exo_curl_stream *stream = check(L);
  if (exo_curl_stream_certificate(stream, "Subject") == NULL) return 0;
  lua_createtable(L, 0, 5);
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    exo_lua_set_text(L, names[i][0], exo_curl_stream_certificate(stream, names[i][1]));
  return 1;
}

/* stream:sender() → the address and port that it connects from */
static int stream_sender(lua_State *L) {
  int port;
  const char *address = exo_curl_stream_local(check(L), &port);
  if (address == NULL) return 0;
  lua_pushstring(L, address);
  lua_pushinteger(L, port);
  return 2;
}

/* stream:send(text) → how many bytes were taken, or nil when it is broken */
static int stream_send(lua_State *L) {
  size_t length, moved;
  exo_curl_stream *stream = check(L);
  const char *text = luaL_checklstring(L, 2, &length);
  if (exo_curl_stream_send(stream, text, length, &moved) == EXO_STREAM_ENDED) return 0;
  lua_pushinteger(L, (lua_Integer)moved);
  return 1;
}

/* stream:receive() → text, "" for none there, nil when it was closed or is broken */
static int stream_receive(lua_State *L) {
  size_t moved;
  exo_curl_stream *stream = check(L);
  char *bytes = lua_newuserdatauv(L, BLOCK, 0);
  if (exo_curl_stream_receive(stream, bytes, BLOCK, &moved) == EXO_STREAM_ENDED) return 0;
  lua_pushlstring(L, bytes, moved);
  return 1;
}

static int stream_watch(lua_State *L) {
  struct pollfd list[EXO_CURL_STREAM_SOCKETS];
  int milliseconds = -1;
  const box *b = luaL_checkudata(L, 1, TYPE);
  size_t count = b->stream != NULL ? exo_curl_stream_watch(b->stream, list, &milliseconds) : 0;
  return exo_lua_watch(L, list, count, milliseconds);
}

static int stream_close(lua_State *L) {
  box *b = luaL_checkudata(L, 1, TYPE);
  exo_curl_stream_close(b->stream);
  b->stream = NULL;
  return 0;
}

static const luaL_Reg methods[] = {
  { "poll", stream_poll },
  { "certificate", stream_certificate },
  { "sender", stream_sender },
  { "send", stream_send },
  { "receive", stream_receive },
  { "watch", stream_watch },
  { "close", stream_close },
  { "__gc", stream_close },
  { NULL, NULL },
};

void exo_lua_open_stream(lua_State *L) { exo_lua_open_socket_type(L, TYPE, methods); }
