#include "lua/file.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "exotel/base/file.h"

#define FILE_TYPE "exotel.file"

typedef struct locked_file {
  exo_target target;
  int descriptor; /* -1: closed */
  off_t at;       /* what is read next */
  pid_t owner;
} locked_file;

static int push_outcome(lua_State *L, int failure) {
  if (failure == 0) {
    lua_pushboolean(L, 1);
    return 1;
  }
  lua_pushnil(L);
  lua_pushstring(L, exo_file_message(failure));
  return 2;
}

int exo_lua_write_file(lua_State *L) {
  size_t length;
  exo_target target;
  const char *path = luaL_checkstring(L, 1), *text = luaL_checklstring(L, 2, &length);
  int failure = exo_target_find(path, &target);
  if (failure == 0) failure = exo_file_replace(&target, text, length, S_IRUSR | S_IWUSR, NULL);
  return push_outcome(L, failure);
}

/* ---- a file that is locked ---- */

static locked_file *check_file(lua_State *L) {
  locked_file *file = luaL_checkudata(L, 1, FILE_TYPE);
  if (file->descriptor < 0) luaL_error(L, "the file is closed");
  return file;
}

static int file_read(lua_State *L) {
  char piece[16 * 1024];
  locked_file *file = check_file(L);
  lua_Integer wanted = luaL_checkinteger(L, 2);
  size_t most = wanted > 0 && (size_t)wanted < sizeof piece ? (size_t)wanted : sizeof piece;
  ssize_t length = pread(file->descriptor, piece, most, file->at);
  if (length < 0) return push_outcome(L, errno);
  if (length == 0) return 0;
  file->at += length;
  lua_pushlstring(L, piece, (size_t)length);
  return 1;
}

static int file_append(lua_State *L) {
  size_t length;
  struct stat before;
  locked_file *file = check_file(L);
  const char *text = luaL_checklstring(L, 2, &length);
  bool known = fstat(file->descriptor, &before) == 0 && S_ISREG(before.st_mode);
  int failure = exo_file_write(file->descriptor, text, length);
  /* Where this fails the next reader drops a line without an end. */
  if (failure != 0 && known && ftruncate(file->descriptor, before.st_size) != 0) errno = 0;
  return push_outcome(L, failure);
}

static int file_replace(lua_State *L) {
  size_t length;
  locked_file *file = check_file(L);
  const char *text = luaL_checklstring(L, 2, &length);
  int fresh = -1;
  int failure = exo_file_replace(&file->target, text, length, S_IRUSR | S_IWUSR, &fresh);
  if (fresh >= 0) {
    close(file->descriptor);
    file->descriptor = fresh;
  }
  return push_outcome(L, failure);
}

/* What was appended is on the disk then, whatever becomes of the power. */
static int file_sync(lua_State *L) {
  locked_file *file = check_file(L);
  return push_outcome(L, file->target.is_special || fsync(file->descriptor) == 0 ? 0 : errno);
}

/* A process that was forked off has the same lock, which is the parent's to give up. */
static int close_file(locked_file *file) {
  int failure = 0;
  if (file->descriptor < 0) return 0;
  if (!file->target.is_special && fsync(file->descriptor) != 0) failure = errno;
  if (file->owner == getpid()) flock(file->descriptor, LOCK_UN);
  if (close(file->descriptor) != 0 && failure == 0) failure = errno;
  file->descriptor = -1;
  return failure;
}

static int file_close(lua_State *L) { return push_outcome(L, close_file(luaL_checkudata(L, 1, FILE_TYPE))); }

static int file_gc(lua_State *L) {
  close_file(luaL_checkudata(L, 1, FILE_TYPE));
  return 0;
}

static const luaL_Reg methods[] = {
  { "read", file_read }, { "append", file_append }, { "replace", file_replace },
  { "sync", file_sync }, { "close", file_close },   { "__gc", file_gc },
  { NULL, NULL },
};

/* Empty before it owns anything: to push it may raise. */
static locked_file *push_file(lua_State *L) {
  locked_file *file = lua_newuserdatauv(L, sizeof *file, 0);
  file->descriptor = -1;
  file->at = 0;
  file->owner = getpid();
  luaL_getmetatable(L, FILE_TYPE);
  lua_setmetatable(L, -2);
  return file;
}

void exo_lua_open_file(lua_State *L) {
  luaL_newmetatable(L, FILE_TYPE);
  exo_setfuncs(L, methods);
  lua_pushvalue(L, -1);
  lua_setfield(L, -2, "__index");
  lua_settop(L, -2);
}

int exo_lua_open_locked(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  locked_file *file = push_file(L);
  int failure = exo_target_find(path, &file->target);
  if (failure == 0) failure = exo_file_open_locked(&file->target, &file->descriptor);
  if (failure == 0) return 1;
  file->descriptor = -1;
  int count = push_outcome(L, failure);
  lua_pushboolean(L, failure == EWOULDBLOCK);
  return count + 1;
}
