/* What wakes an event loop that can't wait for a client's sockets, as a userdata: exotel/base/notifier.h. */
#include "exotel/base/notifier.h"
#include "lua/binding.h"

#define NOTIFIER_TYPE "exotel.notifier"

typedef struct notifier_box {
  exo_notifier *notifier; /* NULL: it could not be opened */
} notifier_box;

exo_notifier *exo_lua_check_notifier(lua_State *L, int index) {
  notifier_box *box = luaL_checkudata(L, index, NOTIFIER_TYPE);
  if (box->notifier == NULL) luaL_error(L, "this notifier was collected");
  return box->notifier;
}

int exo_lua_new_notifier(lua_State *L) {
  notifier_box *box = lua_newuserdatauv(L, sizeof *box, 0);
  box->notifier = NULL;
  luaL_getmetatable(L, NOTIFIER_TYPE);
  lua_setmetatable(L, -2);
  box->notifier = exo_notifier_open();
  return box->notifier != NULL ? 1 : 0;
}

/* notifier:path() → of the unix socket that has to be connected before the start */
static int notifier_path(lua_State *L) {
  lua_pushstring(L, exo_notifier_path(exo_lua_check_notifier(L, 1)));
  return 1;
}

/* notifier:start() → whether it tells from now on */
static int notifier_start(lua_State *L) {
  lua_pushboolean(L, exo_notifier_start(exo_lua_check_notifier(L, 1)));
  return 1;
}

static int notifier_stop(lua_State *L) {
  exo_notifier_stop(exo_lua_check_notifier(L, 1));
  return 0;
}

static int notifier_gc(lua_State *L) {
  notifier_box *box = luaL_checkudata(L, 1, NOTIFIER_TYPE);
  exo_notifier *notifier = box->notifier;
  box->notifier = NULL;
  exo_notifier_release(notifier);
  return 0;
}

static const luaL_Reg methods[] = {
  { "path", notifier_path },
  { "start", notifier_start },
  { "stop", notifier_stop },
  { "__gc", notifier_gc },
  { NULL, NULL },
};

void exo_lua_open_notifier(lua_State *L) {
  luaL_newmetatable(L, NOTIFIER_TYPE);
  exo_setfuncs(L, methods);
  lua_pushvalue(L, -1);
  lua_setfield(L, -2, "__index");
  lua_settop(L, -2);
}
