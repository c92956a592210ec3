/* The Lua module exotel.sandbox.server: a daemon on a loopback port, and the handler that answers for it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lua/compat.h"
#include "lua/version_check.h"
#include "sandbox/certificate.h"
#include "sandbox/copy.h"
#include "sandbox/daemon.h"

#define SERVER_TYPE "exotel.sandbox.server"
#define RESULT_TYPE "exotel.sandbox.result"

EXO_EXPORT int luaopen_exotel_sandbox_server(lua_State *L);

/* A userdata, which owns what it holds from the moment it is there: anything below may raise. */
typedef struct server {
  sbx_daemon daemon;
  sbx_handler handler;
  char certificate_file[4096]; /* "": none */
  pid_t owner;                 /* the threads live in this process only */
} server;

static server *push_server(lua_State *L) {
  server *s = lua_newuserdatauv(L, sizeof *s, 0);
  memset(s, 0, sizeof *s);
  s->owner = getpid();
  luaL_getmetatable(L, SERVER_TYPE);
  lua_setmetatable(L, -2);
  return s;
}

static server *check_server(lua_State *L) {
  server *s = luaL_checkudata(L, 1, SERVER_TYPE);
  if (!sbx_daemon_running(&s->daemon)) luaL_error(L, "the server is stopped");
  if (s->owner != getpid()) luaL_error(L, "the server runs in another process");
  return s;
}

/* Harmless on a stopped one. In a forked child the threads are missing: what can't be stopped there is left alone. */
static void stop(server *s) {
  if (s->owner != getpid()) return;
  sbx_daemon_stop(&s->daemon);
  sbx_handler_close(&s->handler);
  if (s->certificate_file[0] != '\0') unlink(s->certificate_file);
  memset(s, 0, sizeof *s);
}

/* ---- starting ---- */

/* Leaves the text on the stack, which holds on to it. */
static const char *push_string_field(lua_State *L, const char *name) {
  lua_getfield(L, 1, name);
  return lua_tostring(L, -1);
}

static uint16_t read_port(lua_State *L) {
  lua_getfield(L, 1, "port");
  lua_Integer port = luaL_optinteger(L, -1, 0);
  luaL_argcheck(L, port >= 0 && port <= 65535, 1, "port must be from 0 to 65535");
  lua_pop(L, 1);
  return (uint16_t)port;
}

/* Writes the certificate where a client can read it. Returns 0 or an errno. */
static int write_certificate(server *s, const char *certificate) {
  const char *folder = getenv("TMPDIR");
  char path[sizeof s->certificate_file];
  snprintf(path, sizeof path, "%s/exotel-sandbox-XXXXXX", folder != NULL && *folder != '\0' ? folder : "/tmp");
  int descriptor = mkstemp(path);
  if (descriptor < 0) return errno;
  memcpy(s->certificate_file, path, sizeof path);
  FILE *file = fdopen(descriptor, "w");
  if (file == NULL) {
    close(descriptor);
    return ENOMEM;
  }
  bool written = fputs(certificate, file) >= 0;
  return fclose(file) == 0 && written ? 0 : EIO;
}

static int refuse(lua_State *L, server *s, const char *what, int failure) {
  stop(s);
  lua_pushnil(L);
  lua_pushfstring(L, "%s: %s", what, strerror(failure));
  return 2;
}

/* server.start(config) → server, or nil and a message when the port can't be had
 * config: `port` (0: any free one), `certificate` and `key` (PEM, for HTTPS; the certificate is also written to a
 * temporary file), and those of sbx_handler_open. */
static int server_start(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  const char *certificate = push_string_field(L, "certificate");
  const char *key = push_string_field(L, "key");
  uint16_t port = read_port(L);
  server *s = push_server(L);
  sbx_handler_open(&s->handler, L, 1);
  int failure = certificate != NULL ? write_certificate(s, certificate) : 0;
  if (failure != 0) return refuse(L, s, "can't write the certificate", failure);
  failure = sbx_daemon_start(&s->daemon, &s->handler, port, certificate, key);
  if (failure != 0) return refuse(L, s, "can't listen on 127.0.0.1", failure);
  return 1;
}

/* ---- methods ---- */

/* Holds a result on its way, since copying it into L may run a finalizer that stops the server or calls it. */
typedef struct result_box {
  lua_State *state;
} result_box;

static result_box *push_result_box(lua_State *L) {
  result_box *box = lua_newuserdatauv(L, sizeof *box, 0);
  box->state = NULL;
  luaL_getmetatable(L, RESULT_TYPE);
  lua_setmetatable(L, -2);
  box->state = luaL_newstate();
  if (box->state == NULL || !lua_checkstack(box->state, SBX_COPY_SLOTS + 8)) luaL_error(L, "not enough memory");
  return box;
}

static void drop_result(result_box *box) {
  if (box->state != NULL) lua_close(box->state);
  box->state = NULL;
}

static int result_gc(lua_State *L) {
  drop_result(lua_touserdata(L, 1));
  return 0;
}

/* server:call(name, ...) → the one result of the handler's function of that name; raises what it raises */
static int server_call(lua_State *L) {
  int last = lua_gettop(L);
  check_server(L);
  luaL_checktype(L, 2, LUA_TSTRING);
  luaL_checkstack(L, SBX_COPY_SLOTS + 8, "too many values");
  result_box *result = push_result_box(L);
  server *s = check_server(L); /* again: any allocation may have run a finalizer that stopped it */
  bool good = sbx_handler_call(&s->handler, L, 2, last, result->state);
  sbx_copy_value(L, result->state, 1);
  drop_result(result);
  return good ? 1 : lua_error(L);
}

/* server:port() → the port it listens on */
static int server_port(lua_State *L) {
  lua_pushinteger(L, sbx_daemon_port(&check_server(L)->daemon));
  return 1;
}

/* server:certificate_file() → path of the PEM file, or nil without TLS */
static int server_certificate_file(lua_State *L) {
  char path[sizeof((server *)0)->certificate_file]; /* a push may run a finalizer that stops the server */
  memcpy(path, check_server(L)->certificate_file, sizeof path);
  lua_pushstring(L, path[0] != '\0' ? path : NULL);
  return 1;
}

/* server:stop(): also what the collector calls */
static int server_stop(lua_State *L) {
  stop(luaL_checkudata(L, 1, SERVER_TYPE));
  return 0;
}

/* ---- the module ---- */

static const luaL_Reg functions[] = {
  { "start", server_start },
  { "certificate", sbx_certificate_make },
  { NULL, NULL },
};

static const luaL_Reg methods[] = {
  { "call", server_call }, { "port", server_port }, { "certificate_file", server_certificate_file },
  { "stop", server_stop }, { NULL, NULL },
};

static void register_result(lua_State *L) {
  luaL_newmetatable(L, RESULT_TYPE);
  lua_pushcfunction(L, result_gc);
  lua_setfield(L, -2, "__gc");
  lua_pop(L, 1);
}

static void register_server(lua_State *L) {
  luaL_newmetatable(L, SERVER_TYPE);
  exo_newlib(L, methods);
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, server_stop);
  lua_setfield(L, -2, "__gc");
  lua_pop(L, 1);
}

int luaopen_exotel_sandbox_server(lua_State *L) {
  exo_lua_check_version(L, "exotel.sandbox.server");
  sbx_certificate_register(L);
  register_result(L);
  register_server(L);
  exo_newlib(L, functions);
  return 1;
}
