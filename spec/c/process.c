/* A module for specs, spec.process: what a process can do with others that Lua can't. */
#define _GNU_SOURCE
#include <grp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lua/compat.h"

/* A child that hangs ends by itself. */
enum { SECONDS = 20 };

enum { NOBODY = 65534 };

/* fork() → the child's process id, in the child 0 */
static int fork_process(lua_State *L) {
  pid_t pid = fork();
  if (pid < 0) return luaL_error(L, "no fork");
  if (pid == 0) alarm(SECONDS);
  lua_pushnumber(L, (lua_Number)pid);
  return 1;
}

/* exit(status): at once, without any clean-up. */
static int exit_process(lua_State *L) { _exit((int)luaL_checknumber(L, 1)); }

/* wait(pid) → the exit status, or 128 and the number of the signal that ended it */
static int wait_process(lua_State *L) {
  int status = 0;
  if (waitpid((pid_t)luaL_checknumber(L, 1), &status, 0) < 0) return luaL_error(L, "no such child");
  lua_pushnumber(L, WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
  return 1;
}

/* connect(path) → the descriptor of a connected unix socket */
static int connect_process(lua_State *L) {
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int own = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  strncpy(address.sun_path, luaL_checkstring(L, 1), sizeof address.sun_path - 1);
  if (connect(own, (struct sockaddr *)&address, sizeof address) != 0) return luaL_error(L, "no connection");
  lua_pushnumber(L, own);
  return 1;
}

/* receive(descriptor) → how many bytes there were, 0 at the end; waits for the first */
static int receive(lua_State *L) {
  char bytes[16];
  lua_pushnumber(L, (lua_Number)read((int)luaL_checknumber(L, 1), bytes, sizeof bytes));
  return 1;
}

/* close(descriptor) */
static int close_descriptor(lua_State *L) {
  close((int)luaL_checknumber(L, 1));
  return 0;
}

/* poll(descriptor, seconds) → whether it is readable, or becomes so in that time */
static int poll_descriptor(lua_State *L) {
  struct pollfd watched = { .fd = (int)luaL_checknumber(L, 1), .events = POLLIN };
  lua_pushboolean(L, poll(&watched, 1, (int)(luaL_checknumber(L, 2) * 1000)) > 0 && (watched.revents & POLLIN));
  return 1;
}

/* become_nobody(): gives up the rights of root, for good */
static int become_nobody(lua_State *L) {
  if (getuid() != 0) return 0;
  if (setgroups(0, NULL) != 0 || setgid(NOBODY) != 0 || setuid(NOBODY) != 0) return luaL_error(L, "root stays root");
  return 0;
}

static const luaL_Reg functions[] = {
  { "fork", fork_process },
  { "exit", exit_process },
  { "wait", wait_process },
  { "connect", connect_process },
  { "receive", receive },
  { "close", close_descriptor },
  { "poll", poll_descriptor },
  { "become_nobody", become_nobody },
  { NULL, NULL },
};

EXO_EXPORT int luaopen_spec_process(lua_State *L);

EXO_EXPORT int luaopen_spec_process(lua_State *L) {
  exo_newlib(L, functions);
  return 1;
}
