#include "servers.h"

#include <arpa/inet.h>
#include <lauxlib.h>
#include <lualib.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LIFETIME = 120 }; /* seconds */

/* ---- the sandbox ---- */

static const char sandbox_script[] = "package.path = 'lua/?.lua;lua/?/init.lua;' .. package.path "
                                     "package.cpath = build .. '/?.so;' .. package.cpath "
                                     "sb = assert(require 'exotel.sandbox'.start { tls = tls, keep_requests = false }) "
                                     "return string.format('%d', sb.port), sb.ca_file or ''";

static void wait_for_end(int lifeline) {
  char c;
  while (read(lifeline, &c, 1) > 0) continue;
}

static void run_sandbox(const char *build, bool tls, int lifeline, int told) {
  lua_State *L = luaL_newstate();
  alarm(LIFETIME);
  luaL_openlibs(L);
  lua_pushstring(L, build);
  lua_setglobal(L, "build");
  lua_pushboolean(L, tls);
  lua_setglobal(L, "tls");
  if (luaL_loadstring(L, sandbox_script) != 0 || lua_pcall(L, 0, 2, 0) != 0) {
    fprintf(stderr, "no sandbox: %s\n", lua_tostring(L, -1));
    _exit(1);
  }
  dprintf(told, "%s %s\n", lua_tostring(L, -2), lua_tostring(L, -1));
  close(told);
  wait_for_end(lifeline);
  if (luaL_loadstring(L, "sb:stop()") == 0) lua_pcall(L, 0, 0, 0);
  _exit(0);
}

/* The port, or 0. */
static int start_sandbox(servers *s, const char *build, bool tls, int lifeline) {
  int pipe_ends[2], port = 0;
  char line[256] = "";
  if (pipe(pipe_ends) != 0) return 0;
  s->sandbox = fork();
  if (s->sandbox == 0) {
    close(pipe_ends[0]);
    close(s->lifeline);
    run_sandbox(build, tls, lifeline, pipe_ends[1]);
  }
  close(pipe_ends[1]);
  if (read(pipe_ends[0], line, sizeof line - 1) > 0) sscanf(line, "%d %127s", &port, s->ca_file);
  close(pipe_ends[0]);
  return port;
}

/* ---- the relay ---- */

typedef struct relayed {
  int client, server; /* -1: closed */
  size_t number;
} relayed;

static int connect_to(int port) {
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = { .sin_family = AF_INET,
                                 .sin_port = htons((uint16_t)port),
                                 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
  if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0) return fd;
  close(fd);
  return -1;
}

static int listen_anywhere(int *port) {
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
  socklen_t size = sizeof address;
  if (bind(fd, (struct sockaddr *)&address, size) != 0 || listen(fd, 64) != 0) return -1;
  getsockname(fd, (struct sockaddr *)&address, &size);
  *port = ntohs(address.sin_port);
  return fd;
}

static void close_both(relayed *r, relay_state *state) {
  close(r->client);
  close(r->server);
  r->client = r->server = -1;
  state->closed[r->number] = true;
}

static bool write_all(int fd, const char *bytes, ssize_t length) {
  while (length > 0) {
    ssize_t n = send(fd, bytes, (size_t)length, MSG_NOSIGNAL);
    if (n <= 0) return false;
    bytes += n;
    length -= n;
  }
  return true;
}

/* False at the end of the connection. */
static bool pass_on(int from, int to, atomic_ulong *passed) {
  char bytes[65536];
  ssize_t n = recv(from, bytes, sizeof bytes, 0);
  if (n <= 0 || !write_all(to, bytes, n)) return false;
  if (passed != NULL) *passed += (unsigned long)n;
  return true;
}

static void accept_one(int listener, int port, relayed *all, relay_state *state) {
  size_t number = state->opened;
  if (number == RELAYED_MAX) _exit(1);
  all[number] = (relayed){ accept(listener, NULL, NULL), connect_to(port), number };
  state->opened++;
  if (all[number].client < 0 || all[number].server < 0) close_both(&all[number], state);
}

static void move_on(relayed *r, relay_state *state, short client, short server) {
  bool alive = true;
  if (r->client >= 0 && client != 0) alive = pass_on(r->client, r->server, &state->received[r->number]);
  if (alive && r->client >= 0 && server != 0 && !state->hold) alive = pass_on(r->server, r->client, NULL);
  if (!alive) close_both(r, state);
}

/* The 20 ms are how soon it sees that `hold` has changed. */
static void run_relay(int listener, int port, int lifeline, relay_state *state) {
  static relayed all[RELAYED_MAX];
  static struct pollfd watched[2 + 2 * RELAYED_MAX];
  alarm(LIFETIME);
  for (;;) {
    size_t count = state->opened;
    watched[0] = (struct pollfd){ .fd = listener, .events = POLLIN };
    watched[1] = (struct pollfd){ .fd = lifeline, .events = POLLIN };
    for (size_t i = 0; i < count; i++) {
      watched[2 + 2 * i] = (struct pollfd){ .fd = all[i].client, .events = POLLIN };
      watched[3 + 2 * i] = (struct pollfd){ .fd = state->hold ? -1 : all[i].server, .events = POLLIN };
    }
    if (poll(watched, 2 + 2 * count, 20) < 0) _exit(1);
    if (watched[1].revents != 0) _exit(0);
    for (size_t i = 0; i < count; i++) move_on(&all[i], state, watched[2 + 2 * i].revents, watched[3 + 2 * i].revents);
    if (watched[0].revents != 0) accept_one(listener, port, all, state);
  }
}

static int start_relay(servers *s, int port, int lifeline) {
  int own_port = 0, listener = listen_anywhere(&own_port);
  if (listener < 0) return 0;
  s->relay = fork();
  if (s->relay == 0) {
    close(s->lifeline);
    run_relay(listener, port, lifeline, s->state);
  }
  close(listener);
  return own_port;
}

/* ---- both ---- */

bool servers_start(servers *s, const char *build, bool tls) {
  int lifeline[2];
  *s = (servers){ .sandbox = 0 };
  s->state = mmap(NULL, sizeof *s->state, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (s->state == MAP_FAILED || pipe(lifeline) != 0) return false;
  s->lifeline = lifeline[1];
  fflush(NULL);
  int port = start_sandbox(s, build, tls, lifeline[0]);
  int relay_port = port != 0 ? start_relay(s, port, lifeline[0]) : 0;
  close(lifeline[0]);
  snprintf(s->base_url, sizeof s->base_url, "%s://127.0.0.1:%d", tls ? "https" : "http", relay_port);
  snprintf(s->direct_url, sizeof s->direct_url, "%s://127.0.0.1:%d", tls ? "https" : "http", port);
  return relay_port != 0;
}

void servers_stop(servers *s) {
  close(s->lifeline);
  if (s->sandbox > 0) waitpid(s->sandbox, NULL, 0);
  if (s->relay > 0) waitpid(s->relay, NULL, 0);
  munmap(s->state, sizeof *s->state);
}

const char *servers_build(const char *program) {
  static char folder[512];
  snprintf(folder, sizeof folder, "%s", program);
  for (int i = 0; i < 2; i++) {
    char *slash = strrchr(folder, '/');
    if (slash != NULL) *slash = '\0';
  }
  return folder;
}

exo_client *servers_client(const servers *s, const char *url, const exo_allocator *allocator) {
  exo_error error;
  exo_platform platform = exo_system_platform;
  exo_config config = EXO_CONFIG_DEFAULTS;
  config.account_sid = "sandbox1";
  config.api_key = "sandbox_key";
  config.api_token = "sandbox_token";
  config.base_url = url;
  config.ca_file = s->ca_file[0] != '\0' ? s->ca_file : NULL;
  config.retries = config.rate_limit = 0;
  if (allocator != NULL) platform.allocator = *allocator;
  exo_client *client;
  exo_result result = exo_client_open(&config, &platform, &client, &error);
  if (result == EXO_RESULT_ERROR) fprintf(stderr, "no client: %s\n", error.message);
  return client;
}
