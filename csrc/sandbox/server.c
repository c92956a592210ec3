/* The module exotel.sandbox.server: an HTTP or HTTPS server on a loopback port, in a thread of its own. */
#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "certificate.h"
#include "exchange.h"
#include "fault.h"
#include "lua/compat.h"
#include "lua/version_check.h"
#include "parking.h"
#include "service.h"

#define SERVER "exotel.sandbox.server"

struct server {
  struct MHD_Daemon *daemon; /* NULL: stopped */
  struct service service;
  struct parking parking;
  bool parking_open;
  char *certificate_file;
  pid_t owner; /* the threads live in this process only */
};

EXO_EXPORT int luaopen_exotel_sandbox_server(lua_State *L);

/* ---- the daemon's callbacks, in its thread ---- */

static void *begin_request(void *argument, const char *target, struct MHD_Connection *connection) {
  struct exchange *exchange = exchange_new(target);
  (void)argument;
  if (exchange) exchange->connection = connection;
  return exchange;
}

static void end_request(void *argument, struct MHD_Connection *connection, void **slot,
                        enum MHD_RequestTerminationCode code) {
  (void)argument;
  (void)connection;
  (void)code;
  exchange_free(*slot);
  *slot = NULL;
}

static enum MHD_Result take_body(struct exchange *exchange, const char *data, size_t *length) {
  bool taken = exchange_append(exchange, data, *length);
  *length = 0;
  return taken ? MHD_YES : MHD_NO;
}

/* Called with the headers, with each piece of the body, at the end of the request, and after each resumption. */
static enum MHD_Result handle(void *argument, struct MHD_Connection *connection, const char *path, const char *method,
                              const char *version, const char *data, size_t *length, void **slot) {
  struct server *server = argument;
  struct exchange *exchange = *slot;
  (void)connection;
  (void)path;
  (void)version;

  if (!exchange) return MHD_NO;
  if (!exchange->begun) {
    exchange->begun = true;
    exchange->method = method;
    return MHD_YES;
  }
  if (*length > 0) return take_body(exchange, data, length);
  if (!exchange->answered) service_answer(&server->service, exchange);
  exchange->answered = true;
  return fault_reply(exchange, &server->parking);
}

/* ---- starting and stopping ---- */

/* A signal sent to the process is for the host's threads: the daemon's and the parking's are made with all blocked. */
static void block_signals(sigset_t *before) {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, before);
}

static const char *string_field(lua_State *L, const char *name) {
  const char *text;
  lua_getfield(L, 1, name);
  text = lua_tostring(L, -1); /* the table holds on to it */
  lua_pop(L, 1);
  return text;
}

static struct sockaddr_in loopback(lua_Integer port) {
  struct sockaddr_in address;
  memset(&address, 0, sizeof address);
  address.sin_family = AF_INET;
  address.sin_port = htons((uint16_t)port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

static struct MHD_Daemon *start_daemon(struct server *server, uint16_t port, const char *certificate, const char *key) {
  struct sockaddr_in address = loopback(port);
  struct MHD_OptionItem tls[] = {
    { MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)(uintptr_t)certificate },
    { MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)(uintptr_t)key },
    { MHD_OPTION_END, 0, NULL },
  };
  unsigned int flags = MHD_USE_POLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME;

  return MHD_start_daemon(certificate ? flags | MHD_USE_TLS : flags, port, NULL, NULL, handle, server,
                          MHD_OPTION_SOCK_ADDR, &address, MHD_OPTION_URI_LOG_CALLBACK, begin_request, NULL,
                          MHD_OPTION_NOTIFY_COMPLETED, end_request, NULL, MHD_OPTION_ARRAY, certificate ? tls : tls + 2,
                          MHD_OPTION_END);
}

/* Returns 0, or an errno with the server left as it was. */
static int start_threads(struct server *server, uint16_t port, const char *certificate, const char *key) {
  sigset_t before;
  int failure;

  block_signals(&before);
  failure = parking_open(&server->parking);
  if (!failure) {
    server->parking_open = true;
    errno = 0;
    server->daemon = start_daemon(server, port, certificate, key);
    if (!server->daemon) failure = errno ? errno : EIO;
  }
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return failure;
}

/* Writes the certificate where a client can read it. Returns 0 or an errno. */
static int write_certificate(struct server *server, const char *certificate) {
  const char *folder = getenv("TMPDIR");
  char path[4096];
  FILE *file;
  int descriptor;

  snprintf(path, sizeof path, "%s/exotel-sandbox-XXXXXX", folder && *folder ? folder : "/tmp");
  descriptor = mkstemp(path);
  if (descriptor < 0) return errno;
  server->certificate_file = strdup(path);
  file = server->certificate_file ? fdopen(descriptor, "w") : NULL;
  if (!file) {
    close(descriptor);
    return ENOMEM;
  }
  return fputs(certificate, file) < 0 || fclose(file) ? EIO : 0;
}

/* Harmless on a stopped one. In a forked child the threads are missing: what can't be stopped there is left alone. */
static void stop(struct server *server) {
  if (server->owner != getpid()) return;
  if (server->parking_open) parking_close(&server->parking);
  if (server->daemon) MHD_stop_daemon(server->daemon);
  if (server->parking_open) parking_free(&server->parking);
  service_close(&server->service);
  if (server->certificate_file) unlink(server->certificate_file);
  free(server->certificate_file);
  memset(server, 0, sizeof *server);
}

/* ---- the Lua functions ---- */

static struct server *check_server(lua_State *L) {
  struct server *server = luaL_checkudata(L, 1, SERVER);
  if (!server->daemon) luaL_error(L, "the server is stopped");
  if (server->owner != getpid()) luaL_error(L, "the server runs in another process");
  return server;
}

/* Its metatable comes first, so that whatever is started is also stopped if anything raises. */
static struct server *new_server(lua_State *L) {
  struct server *server = lua_newuserdatauv(L, sizeof *server, 0);
  memset(server, 0, sizeof *server);
  server->owner = getpid();
  luaL_getmetatable(L, SERVER);
  lua_setmetatable(L, -2);
  return server;
}

static int refuse(lua_State *L, struct server *server, const char *what, int failure) {
  stop(server);
  lua_pushnil(L);
  lua_pushfstring(L, "%s: %s", what, strerror(failure));
  return 2;
}

/*
 * start(config) -> server, or nil and a message when the port can't be had.
 * config: `port` (0: any free one), `certificate` and `key` (PEM, for HTTPS; the certificate is also written to a
 * temporary file), and those of service_open.
 */
static int server_start(lua_State *L) {
  const char *certificate, *key;
  struct server *server;
  lua_Integer port;
  int failure;

  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  certificate = string_field(L, "certificate");
  key = string_field(L, "key");
  lua_getfield(L, 1, "port");
  port = luaL_optinteger(L, -1, 0);
  luaL_argcheck(L, port >= 0 && port <= 65535, 1, "port must be from 0 to 65535");
  server = new_server(L);
  service_open(&server->service, L, 1);
  failure = certificate ? write_certificate(server, certificate) : 0;
  if (failure) return refuse(L, server, "can't write the certificate", failure);
  failure = start_threads(server, (uint16_t)port, certificate, key);
  if (failure) return refuse(L, server, "can't listen on 127.0.0.1", failure);
  return 1;
}

/* server:call(name, ...) -> the one result of the service's function of that name; raises what it raises. */
static int server_call(lua_State *L) {
  struct server *server = check_server(L);
  luaL_checktype(L, 2, LUA_TSTRING);
  service_call(&server->service, L, 2);
  return 1;
}

/* server:port() -> the port it listens on */
static int server_port(lua_State *L) {
  const union MHD_DaemonInfo *info = MHD_get_daemon_info(check_server(L)->daemon, MHD_DAEMON_INFO_BIND_PORT);
  lua_pushinteger(L, info ? info->port : 0);
  return 1;
}

/* server:certificate_file() -> path of the PEM file, or nil without TLS */
static int server_certificate_file(lua_State *L) {
  lua_pushstring(L, check_server(L)->certificate_file);
  return 1;
}

/* server:stop(): also the collector's way to end it */
static int server_stop(lua_State *L) {
  stop(luaL_checkudata(L, 1, SERVER));
  return 0;
}

static const luaL_Reg functions[] = {
  { "start", server_start },
  { "certificate", certificate_make },
  { NULL, NULL },
};

static const luaL_Reg methods[] = {
  { "call", server_call }, { "port", server_port }, { "certificate_file", server_certificate_file },
  { "stop", server_stop }, { NULL, NULL },
};

static void register_server(lua_State *L) {
  luaL_newmetatable(L, SERVER);
  exo_newlib(L, methods);
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, server_stop);
  lua_setfield(L, -2, "__gc");
  lua_pop(L, 1);
}

int luaopen_exotel_sandbox_server(lua_State *L) {
  exo_lua_check_version(L, "exotel.sandbox.server");
  certificate_register(L);
  register_server(L);
  exo_newlib(L, functions);
  return 1;
}
