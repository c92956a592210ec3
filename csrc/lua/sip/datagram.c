/* A UDP socket as a userdata: exotel/sip/datagram.h. */
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "exotel/sip/datagram.h"
#include "lua/sip/sockets.h"
#include "lua/socket.h"

#define TYPE "exotel.sip.datagram"

typedef struct box {
  int fd;
  bool open;
} box;

static int check(lua_State *L) {
  const box *b = luaL_checkudata(L, 1, TYPE);
  if (!b->open) luaL_error(L, "this socket is closed");
  return b->fd;
}

/* What an error of the system means to a caller. */
static const char *reason_of(int code) {
  switch (code) {
    case ECONNREFUSED: return "refused";
    case ENETUNREACH:
    case EADDRNOTAVAIL:
    case EAFNOSUPPORT: return "no_route";
    case EHOSTUNREACH: return "unreachable";
    case EMFILE:
    case ENFILE: return "descriptors";
    default: return "other";
  }
}

/* nil, a message, and "refused", "no_route" (this machine has none to that kind of address), "unreachable",
 * "descriptors" or "other" */
static int push_failure(lua_State *L) {
  int code = errno;
  lua_pushnil(L);
  lua_pushstring(L, strerror(code));
  lua_pushstring(L, reason_of(code));
  return 3;
}

int exo_lua_new_datagram(lua_State *L) {
  const char *address = luaL_checkstring(L, 1);
  int port = (int)luaL_checkinteger(L, 2);
  box *b = exo_lua_push_socket(L, TYPE, sizeof *b);
  b->fd = exo_datagram_open(address, port);
  b->open = b->fd >= 0;
  return b->open ? 1 : push_failure(L);
}

/* datagram:send(text) → true; or as push_failure */
static int datagram_send(lua_State *L) {
  size_t length;
  int fd = check(L);
  const char *text = luaL_checklstring(L, 2, &length);
  if (!exo_datagram_send(fd, text, length)) return push_failure(L);
  lua_pushboolean(L, 1);
  return 1;
}

/* datagram:receive() → text, nil for none there, or as push_failure */
static int datagram_receive(lua_State *L) {
  int fd = check(L);
  char *bytes = lua_newuserdatauv(L, EXO_DATAGRAM_MAX, 0);
  ssize_t got = exo_datagram_receive(fd, bytes, EXO_DATAGRAM_MAX);
  if (got < 0) return push_failure(L);
  if (got == 0) return 0;
  lua_pushlstring(L, bytes, (size_t)got);
  return 1;
}

/* datagram:sender() → the address and port that it sends from */
static int datagram_sender(lua_State *L) {
  char address[EXO_ADDRESS_MAX];
  int port;
  if (!exo_datagram_local(check(L), address, &port)) return 0;
  lua_pushstring(L, address);
  lua_pushinteger(L, port);
  return 2;
}

static int datagram_watch(lua_State *L) {
  const box *b = luaL_checkudata(L, 1, TYPE);
  const struct pollfd waits_for = { .fd = b->fd, .events = POLLIN };
  return exo_lua_watch(L, &waits_for, b->open ? 1 : 0, -1);
}

static int datagram_close(lua_State *L) {
  box *b = luaL_checkudata(L, 1, TYPE);
  if (b->open) close(b->fd);
  b->open = false;
  return 0;
}

static const luaL_Reg methods[] = {
  { "send", datagram_send },
  { "receive", datagram_receive },
  { "sender", datagram_sender },
  { "watch", datagram_watch },
  { "close", datagram_close },
  { "__gc", datagram_close },
  { NULL, NULL },
};

void exo_lua_open_datagram(lua_State *L) { exo_lua_open_socket_type(L, TYPE, methods); }
