#include "lua/shared_file.h"

#include <limits.h>
#include <stdio.h>

#include "exotel/base/platform.h"
#include "exotel/base/owner.h"
#include "exotel/base/shared_file.h"

#define SHARED_TYPE "exotel.shared_file"

typedef struct shared_box {
  exo_shared_file file;
  char path[PATH_MAX];
} shared_box;

static shared_box *check_shared(lua_State *L) {
  shared_box *box = luaL_checkudata(L, 1, SHARED_TYPE);
  if (box->file.descriptor < 0) luaL_error(L, "the file is closed");
  return box;
}

static int push_failure(lua_State *L, exo_result result, const exo_error *error) {
  if (result == EXO_RESULT_NO_MEMORY) return luaL_error(L, "not enough memory");
  lua_pushnil(L);
  lua_pushstring(L, error->message);
  return 2;
}

int exo_lua_open_shared(lua_State *L) {
  exo_error error;
  const char *path = luaL_checkstring(L, 1);
  shared_box *box = lua_newuserdatauv(L, sizeof *box, 0);
  box->file = (exo_shared_file){ .descriptor = -1 };
  snprintf(box->path, sizeof box->path, "%s", path);
  luaL_getmetatable(L, SHARED_TYPE);
  lua_setmetatable(L, -2);
  exo_result result = exo_shared_file_open(&box->file, path, &error);
  return result == EXO_RESULT_OK ? 1 : push_failure(L, result, &error);
}

static int shared_text(lua_State *L) {
  const shared_box *box = check_shared(L);
  lua_pushlstring(L, box->file.text, box->file.length);
  return 1;
}

static int shared_write(lua_State *L) {
  size_t length;
  exo_error error;
  shared_box *box = check_shared(L);
  const char *text = luaL_checklstring(L, 2, &length);
  exo_result result = exo_shared_file_write(&box->file, box->path, text, length, &error);
  if (result != EXO_RESULT_OK) return push_failure(L, result, &error);
  lua_pushboolean(L, 1);
  return 1;
}

static int shared_close(lua_State *L) {
  shared_box *box = luaL_checkudata(L, 1, SHARED_TYPE);
  exo_shared_file_close(&box->file);
  return 0;
}

int exo_lua_shared_path(lua_State *L) {
  exo_error error;
  char path[PATH_MAX];
  exo_result result = exo_shared_file_default(path, sizeof path, &error);
  if (result != EXO_RESULT_OK) return push_failure(L, result, &error);
  lua_pushstring(L, path);
  return 1;
}

int exo_lua_shared_clock(lua_State *L) {
  char name[96];
  lua_pushnumber(L, exo_shared_clock(name, sizeof name));
  lua_pushstring(L, name);
  lua_pushnumber(L, exo_system_platform.wall(exo_system_platform.context));
  return 3;
}

int exo_lua_process(lua_State *L) {
  exo_owner process;
  exo_owner_describe(&process);
  lua_pushstring(L, process.host);
  lua_pushstring(L, process.user);
  lua_pushnumber(L, (lua_Number)process.id);
  lua_pushstring(L, process.birth);
  return 4;
}

int exo_lua_process_id(lua_State *L) {
  lua_pushnumber(L, (lua_Number)exo_system_platform.process(exo_system_platform.context));
  return 1;
}

int exo_lua_process_is_gone(lua_State *L) {
  lua_pushboolean(L, exo_owner_is_gone(luaL_checkstring(L, 1), (long)luaL_checknumber(L, 2), luaL_checkstring(L, 3)));
  return 1;
}

static const luaL_Reg methods[] = {
  { "text", shared_text }, { "write", shared_write }, { "close", shared_close }, { "__gc", shared_close },
  { NULL, NULL },
};

void exo_lua_open_shared_file(lua_State *L) {
  luaL_newmetatable(L, SHARED_TYPE);
  exo_setfuncs(L, methods);
  lua_pushvalue(L, -1);
  lua_setfield(L, -2, "__index");
  lua_settop(L, -2);
}
