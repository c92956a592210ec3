/* What a refresh makes a directory from, for the Lua layer only: a builder, and snapshots. A snapshot is a whole
 * directory in memory, which nothing changes. */
#include <math.h>
#include <string.h>
#include <sys/stat.h>

#include "exotel/base/file.h"
#include "exotel/directory/builder.h"
#include "exotel/directory/changes.h"
#include "lua/directory.h"
#include "lua/fields.h"

#define BUILDER_TYPE "exotel.directory.builder"
#define SNAPSHOT_TYPE "exotel.directory.snapshot"

typedef struct snapshot {
  void *block; /* NULL: none */
  size_t size;
  exo_directory directory;
} snapshot;

static void make_type(lua_State *L, const char *name, const luaL_Reg *methods) {
  luaL_newmetatable(L, name);
  exo_setfuncs(L, methods);
  lua_pushvalue(L, -1);
  lua_setfield(L, -2, "__index");
  lua_settop(L, -2);
}

/* ---- snapshots ---- */

static snapshot *push_snapshot(lua_State *L) {
  snapshot *made = lua_newuserdatauv(L, sizeof *made, 0);
  memset(made, 0, sizeof *made);
  luaL_getmetatable(L, SNAPSHOT_TYPE);
  lua_setmetatable(L, -2);
  return made;
}

static snapshot *check_snapshot(lua_State *L, int index) {
  snapshot *own = luaL_checkudata(L, index, SNAPSHOT_TYPE);
  if (own->block == NULL) luaL_error(L, "the snapshot is closed");
  return own;
}

/* The block is copied at once: to make the userdata may have run a finalizer that put another one in its place. */
void exo_lua_push_snapshot(lua_State *L, const exo_directory *directory) {
  snapshot *made = push_snapshot(L);
  if (directory->header == NULL) luaL_error(L, "the directory is closed");
  made->size = (size_t)directory->header->size;
  made->block = exo_allocate(&exo_libc_allocator, made->size);
  if (made->block == NULL) luaL_error(L, "not enough memory");
  memcpy(made->block, directory->header, made->size);
  exo_directory_view(&made->directory, made->block);
}

/* Also __gc. */
static int snapshot_close(lua_State *L) {
  snapshot *own = luaL_checkudata(L, 1, SNAPSHOT_TYPE);
  exo_free(&exo_libc_allocator, own->block);
  own->block = NULL;
  return 0;
}

static int push_failure(lua_State *L, const char *message) {
  lua_pushnil(L);
  lua_pushstring(L, message);
  return 2;
}

/* Returns the snapshot on top, with the block that was made for it. */
static int finished(lua_State *L, snapshot *made, exo_build result) {
  if (result == EXO_BUILD_NO_MEMORY) return luaL_error(L, "not enough memory");
  if (result == EXO_BUILD_TOO_LARGE) return push_failure(L, "it would be larger than a directory may be");
  exo_directory_view(&made->directory, made->block);
  return 1;
}

/* own:merge(other) → a snapshot of what both know, of own's account */
static int snapshot_merge(lua_State *L) {
  exo_moment now;
  exo_directory_builder builder;
  const snapshot *own = check_snapshot(L, 1), *other = check_snapshot(L, 2);
  snapshot *made = push_snapshot(L);
  exo_moment_now(&now);
  exo_builder_init(&builder, &exo_libc_allocator);
  exo_builder_merge(&builder, &own->directory, &other->directory, &now);
  exo_build result = exo_builder_finish(&builder, &made->block, &made->size);
  exo_builder_free(&builder);
  return finished(L, made, result);
}

/* own:write(path) → true; or nil, message, and the old file stays */
static int snapshot_write(lua_State *L) {
  exo_target target;
  const snapshot *own = check_snapshot(L, 1);
  int failure = exo_target_find(luaL_checkstring(L, 2), &target);
  if (failure == 0 && target.is_special) return push_failure(L, "it is no file");
  if (failure == 0) {
    failure = exo_file_replace(&target, own->block, own->size, S_IRUSR | S_IWUSR | S_IRGRP, NULL);
  }
  if (failure != 0) return push_failure(L, exo_file_message(failure));
  lua_pushboolean(L, 1);
  return 1;
}

/* own:account() → account_sid, host; nil where none is known */
static int snapshot_account(lua_State *L) {
  exo_lua_text account, host;
  const exo_directory *directory = &check_snapshot(L, 1)->directory;
  exo_lua_copy_text(&account, exo_directory_text(directory, directory->header->account));
  exo_lua_copy_text(&host, exo_directory_text(directory, directory->header->host));
  exo_lua_push_text(L, &account);
  exo_lua_push_text(L, &host);
  return 2;
}

/* ---- what differs between two snapshots ---- */

static void set_trunk(lua_State *L, const exo_directory *directory, uint32_t index) {
  exo_lua_text sid, name;
  const exo_directory_trunk *trunk = exo_directory_trunk_at(directory, index);
  if (trunk == NULL) return;
  exo_lua_copy_text(&sid, exo_directory_text(directory, trunk->fields[EXO_TRUNK_SID]));
  exo_lua_copy_text(&name, exo_directory_text(directory, trunk->fields[EXO_TRUNK_NAME]));
  exo_lua_set_copied(L, "trunk_sid", &sid);
  exo_lua_set_copied(L, "trunk_name", &name);
}

static uint32_t trunk_of(const exo_directory *directory, exo_changed what, const void *item) {
  switch (what) {
    case EXO_CHANGED_TRUNK: return (uint32_t)((const exo_directory_trunk *)item - directory->trunks);
    case EXO_CHANGED_NUMBER: return ((const exo_directory_number *)item)->trunk;
    case EXO_CHANGED_IP: return ((const exo_directory_ip *)item)->trunk;
    case EXO_CHANGED_DESTINATION: break;
  }
  return ((const exo_directory_destination *)item)->trunk;
}

static void set_entry(lua_State *L, const char *key, const exo_directory *directory, exo_changed what,
                      const void *item) {
  if (item == NULL) return;
  switch (what) {
    case EXO_CHANGED_TRUNK: exo_lua_push_trunk(L, directory, item); break;
    case EXO_CHANGED_NUMBER: exo_lua_push_number(L, directory, item); break;
    case EXO_CHANGED_IP: exo_lua_push_ip(L, directory, item); break;
    case EXO_CHANGED_DESTINATION: exo_lua_push_destination(L, directory, item); break;
  }
  lua_setfield(L, -2, key);
}

static const char *action_of(const exo_change *change) {
  if (change->before == NULL) return "came";
  return change->after == NULL ? "went" : "changed";
}

static void push_change(lua_State *L, const exo_changes *walk, const exo_change *change) {
  static const char *const names[] = { "trunk", "phone_number", "whitelisted_ip", "destination" };
  const exo_directory *last = change->after != NULL ? walk->after : walk->before;
  const void *item = change->after != NULL ? change->after : change->before;
  lua_createtable(L, 0, 6);
  exo_lua_set_text(L, "resource", names[change->what]);
  exo_lua_set_text(L, "action", action_of(change));
  set_trunk(L, last, trunk_of(last, change->what, item));
  set_entry(L, "from", walk->before, change->what, change->before);
  set_entry(L, "to", walk->after, change->what, change->after);
}

/* own:changes(before [, action]) → an array of what differs; of one action only where that is named */
static int snapshot_changes(lua_State *L) {
  exo_change change;
  const snapshot *after = check_snapshot(L, 1), *before = check_snapshot(L, 2);
  const char *action = luaL_optstring(L, 3, NULL);
  exo_changes walk = { .before = &before->directory, .after = &after->directory };
  lua_newtable(L);
  for (int i = 0; exo_changes_next(&walk, &change);) {
    if (action != NULL && strcmp(action, action_of(&change)) != 0) continue;
    push_change(L, &walk, &change);
    lua_rawseti(L, -2, ++i);
  }
  return 1;
}

static const luaL_Reg snapshot_methods[] = {
  { "merge", snapshot_merge },
  { "write", snapshot_write },
  { "account", snapshot_account },
  { "changes", snapshot_changes },
  { "close", snapshot_close },
  { "__gc", snapshot_close },
  { NULL, NULL },
};

/* ---- builders ---- */

static exo_directory_builder *check_builder(lua_State *L) { return luaL_checkudata(L, 1, BUILDER_TYPE); }

static int builder_gc(lua_State *L) {
  exo_builder_free(check_builder(L));
  return 0;
}

/* Takes a string argument; anything else is no text. */
static exo_text text_at(lua_State *L, int index) {
  exo_text text = { NULL, 0 };
  if (lua_type(L, index) == LUA_TSTRING) text.bytes = lua_tolstring(L, index, &text.length);
  return text;
}

/* new(account, host) → builder; without them of a directory that is nobody's yet */
static int new_builder(lua_State *L) {
  exo_directory_builder *builder = lua_newuserdatauv(L, sizeof *builder, 0);
  exo_builder_init(builder, &exo_libc_allocator);
  luaL_getmetatable(L, BUILDER_TYPE);
  lua_setmetatable(L, -2);
  builder->header.account = exo_builder_text(builder, text_at(L, 1));
  builder->header.host = exo_builder_text(builder, text_at(L, 2));
  return 1;
}

static double since(lua_State *L, int index, double now) {
  return lua_isnoneornil(L, index) ? INFINITY : fmax(0, now - luaL_checknumber(L, index));
}

static double steady_now(void) {
  exo_moment now;
  exo_moment_renew(&now);
  return now.steady;
}

/* clock() → seconds, for when something began to be read */
static int clock_now(lua_State *L) {
  lua_pushnumber(L, steady_now());
  return 1;
}

/* builder:trunk(fields, when what is on it began to be read, nil: it could not be) → its number */
static int builder_trunk(lua_State *L) {
  uint32_t fields[EXO_TRUNK_FIELDS];
  exo_directory_builder *builder = check_builder(L);
  luaL_checktype(L, 2, LUA_TTABLE);
  for (int i = 0; i < EXO_TRUNK_FIELDS; i++) {
    lua_getfield(L, 2, exo_lua_trunk_fields[i]);
    fields[i] = exo_builder_text(builder, text_at(L, -1));
    lua_pop(L, 1);
  }
  double began = lua_isnoneornil(L, 3) ? INFINITY : -luaL_checknumber(L, 3);
  lua_pushinteger(L, (lua_Integer)exo_builder_trunk(builder, fields, began, lua_isnoneornil(L, 3)));
  return 1;
}

static uint32_t check_trunk(lua_State *L, const exo_directory_builder *builder) {
  lua_Integer index = luaL_checkinteger(L, 2);
  size_t count = builder->trunks.length / sizeof(exo_directory_trunk);
  luaL_argcheck(L, index >= 0 && (size_t)index < count, 2, "no such trunk");
  return (uint32_t)index;
}

/* builder:number(trunk, phone_number, mode, id) */
static int builder_number(lua_State *L) {
  exo_directory_builder *builder = check_builder(L);
  uint32_t trunk = check_trunk(L, builder);
  luaL_checkstring(L, 3);
  uint32_t mode = exo_builder_common(builder, text_at(L, 4)), id = exo_builder_text(builder, text_at(L, 5));
  exo_builder_number(builder, trunk, text_at(L, 3), mode, id);
  return 0;
}

/* Address and mask, at two indexes in a row. */
static bool read_ip(lua_State *L, int index, exo_directory_ip *ip) {
  lua_Number mask = luaL_checknumber(L, index + 1);
  bool is_good = exo_directory_read_ip(text_at(L, index), &ip->address) && mask >= 0 && mask <= 32;
  ip->mask = is_good ? (uint32_t)mask : 0;
  return is_good && mask == (lua_Number)ip->mask;
}

/* is_ip(address, mask) → whether they are an IPv4 address and a mask */
static int is_ip(lua_State *L) {
  exo_directory_ip ip;
  lua_pushboolean(L, read_ip(L, 1, &ip));
  return 1;
}

/* builder:ip(trunk, ip, mask, id) */
static int builder_ip(lua_State *L) {
  exo_directory_ip ip;
  exo_directory_builder *builder = check_builder(L);
  ip.trunk = check_trunk(L, builder);
  luaL_argcheck(L, read_ip(L, 3, &ip), 3, "no address with its mask");
  ip.id = exo_builder_text(builder, text_at(L, 5));
  exo_builder_ip(builder, &ip);
  return 0;
}

static int32_t level_at(lua_State *L, int index) {
  lua_Number level = lua_isnoneornil(L, index) ? -1 : luaL_checknumber(L, index);
  return level >= 0 && level <= INT32_MAX ? (int32_t)level : -1;
}

/* builder:destination(trunk, uri, priority, weight, id) */
static int builder_destination(lua_State *L) {
  exo_directory_builder *builder = check_builder(L);
  exo_directory_destination destination = { .priority = level_at(L, 4), .weight = level_at(L, 5) };
  destination.trunk = check_trunk(L, builder);
  destination.uri = exo_builder_text(builder, text_at(L, 3));
  destination.id = exo_builder_text(builder, text_at(L, 6));
  exo_builder_destination(builder, &destination);
  return 0;
}

/* Ages of trunks count from zero while it is built, and from now in a block. */
static void shift_ages(exo_directory_builder *builder, double now) {
  exo_directory_trunk *trunks = (void *)builder->trunks.data;
  size_t count = builder->trunks.length / sizeof *trunks;
  for (size_t i = 0; i < count; i++) trunks[i].age += now;
}

/* builder:finish(when the list of trunks began to be read, the same if everything was read and else nil) → snapshot;
 * or nil, message. More may be added after it, for another one. */
static int builder_finish(lua_State *L) {
  exo_directory_builder *builder = check_builder(L);
  exo_moment_now(&builder->header.written);
  double now = builder->header.written.steady;
  builder->header.list_age = since(L, 2, now);
  builder->header.complete_age = since(L, 3, now);
  snapshot *made = push_snapshot(L);
  shift_ages(builder, now);
  exo_build result = exo_builder_finish(builder, &made->block, &made->size);
  shift_ages(builder, -now);
  return finished(L, made, result);
}

static const luaL_Reg builder_methods[] = {
  { "trunk", builder_trunk },
  { "number", builder_number },
  { "ip", builder_ip },
  { "destination", builder_destination },
  { "finish", builder_finish },
  { "__gc", builder_gc },
  { NULL, NULL },
};

/* ---- files ---- */

static exo_directory_reader *push_reader(lua_State *L) {
  exo_directory_reader *reader = lua_newuserdatauv(L, sizeof *reader, 0);
  exo_reader_init(reader, &exo_libc_allocator);
  return reader;
}

/* load(path) → a snapshot of the file; or nil, message, word, as core.directory */
static int load(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  exo_directory_reader *reader = push_reader(L);
  snapshot *made = push_snapshot(L);
  if (exo_reader_open(reader, path)) {
    *made = (snapshot){ reader->block, (size_t)reader->directory.header->size, reader->directory };
    reader->block = NULL;
    exo_reader_close(reader);
    return 1;
  }
  return exo_lua_push_file_fault(L, reader);
}

static const luaL_Reg functions[] = {
  { "new", new_builder }, { "load", load }, { "clock", clock_now }, { "is_ip", is_ip }, { NULL, NULL },
};

void exo_lua_push_directory_builder(lua_State *L) {
  make_type(L, SNAPSHOT_TYPE, snapshot_methods);
  make_type(L, BUILDER_TYPE, builder_methods);
  exo_newlib(L, functions);
}
