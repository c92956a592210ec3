/* A module for specs, spec.process: what a process can do with others that Lua can't. */
#include <sys/wait.h>
#include <unistd.h>

#include "lua/compat.h"

/* A child that hangs ends by itself. */
enum { SECONDS = 20 };

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

static const luaL_Reg functions[] = {
  { "fork", fork_process },
  { "exit", exit_process },
  { "wait", wait_process },
  { NULL, NULL },
};

EXO_EXPORT int luaopen_spec_process(lua_State *L);

EXO_EXPORT int luaopen_spec_process(lua_State *L) {
  exo_newlib(L, functions);
  return 1;
}
