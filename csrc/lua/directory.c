/* An open directory: what routes calls asks. A look-up leaves the block before it pushes, since whatever Lua allocates
 * may run a finalizer that looks something up, too, and so puts a newer block in its place. */
#include "lua/directory.h"

#include <string.h>

#include "exotel/directory/choice.h"
#include "lua/binding.h"
#include "lua/fields.h"

#define DIRECTORY_TYPE "exotel.directory"

/* What a call from LuaJIT's compiled code gets. */
typedef struct quick_answer {
  int32_t length; /* NOT_THERE, or CLOSED */
  char bytes[EXO_DIRECTORY_TEXT_MAX];
} quick_answer;

enum { NOT_THERE = -1, CLOSED = -2 };

typedef struct directory_box {
  const exo_lua_type *type;
  bool is_open;
  exo_directory_reader reader;
  quick_answer answer;
} directory_box;

static const exo_lua_type type = { DIRECTORY_TYPE };

static exo_directory_reader *check_reader(lua_State *L) {
  directory_box *box = exo_lua_check_box(L, 1, &type);
  if (!box->is_open) luaL_error(L, "the directory is closed");
  return &box->reader;
}

/* The reader for a look-up: with a newer block where there is one. */
static exo_directory_reader *look_up(lua_State *L) {
  exo_directory_reader *reader = check_reader(L);
  exo_reader_poll(reader);
  return reader;
}

/* What is looked for. nil is found nowhere: a request of SIP may lack anything. */
static exo_text check_text(lua_State *L) {
  exo_text text = { NULL, 0 };
  if (!lua_isnoneornil(L, 2)) {
    luaL_checktype(L, 2, LUA_TSTRING);
    text.bytes = lua_tolstring(L, 2, &text.length);
  }
  return text;
}

enum { WHOLE = -1 };

/* Which of the names was asked for; before the look-up, since it may allocate. WHOLE: none, the whole entry. */
static int check_field(lua_State *L, const char *const names[]) {
  return lua_isnoneornil(L, 3) ? WHOLE : luaL_checkoption(L, 3, NULL, names);
}

static int push_nothing(lua_State *L) {
  lua_pushnil(L);
  return 1;
}

/* Pushes one text of the block. */
static int push_at(lua_State *L, const exo_directory *directory, uint32_t at) {
  exo_lua_text copy;
  exo_lua_copy_text(&copy, exo_directory_text(directory, at));
  exo_lua_push_text(L, &copy);
  return 1;
}

static uint32_t field_of_trunk(const exo_directory *directory, uint32_t index, exo_trunk_field field) {
  const exo_directory_trunk *trunk = exo_directory_trunk_at(directory, index);
  return trunk == NULL ? 0 : trunk->fields[field];
}

/* ---- numbers ---- */

static uint32_t number_field(const exo_directory *directory, const exo_directory_number *number, int field) {
  switch (field) {
    case 0: return field_of_trunk(directory, number->trunk, EXO_TRUNK_SID);
    case 1: return field_of_trunk(directory, number->trunk, EXO_TRUNK_NAME);
    case 2: return number->mode;
    case 3: return number->id;
    default: return number->text;
  }
}

static int directory_number(lua_State *L) {
  static const char *const names[] = { "trunk_sid", "trunk_name", "mode", "id", "phone_number", NULL };
  exo_text text = check_text(L);
  int field = check_field(L, names);
  const exo_directory *directory = &look_up(L)->directory;
  const exo_directory_number *number = text.bytes == NULL ? NULL : exo_directory_find_number(directory, text);
  if (number == NULL) return push_nothing(L);
  if (field != WHOLE) return push_at(L, directory, number_field(directory, number, field));
  exo_lua_push_number(L, directory, number);
  return 1;
}

/* The same for LuaJIT, which compiles a call of a C function only by its FFI. `field`: as in the names above. */
static const quick_answer *quick_number(directory_box *box, const char *bytes, size_t length, int field) {
  exo_text text = { bytes, length }, found = { NULL, 0 };
  box->answer.length = box->is_open ? NOT_THERE : CLOSED;
  if (!box->is_open) return &box->answer;
  exo_reader_poll(&box->reader);
  const exo_directory *directory = &box->reader.directory;
  const exo_directory_number *number = exo_directory_find_number(directory, text);
  if (number != NULL) found = exo_directory_text(directory, number_field(directory, number, field));
  if (found.bytes != NULL) memcpy(box->answer.bytes, found.bytes, found.length);
  if (found.bytes != NULL) box->answer.length = (int32_t)found.length;
  return &box->answer;
}

/* ---- ips ---- */

/* The next ip of the walk that is on a trunk which no ip before it is on. */
static const exo_directory_ip *next_trunk(const exo_directory *directory, exo_ip_walk *walk) {
  const exo_directory_ip *ip, *other;
  while ((ip = exo_directory_next_ip(directory, walk)) != NULL) {
    exo_ip_walk again = { walk->address, 32, 0 };
    do other = exo_directory_next_ip(directory, &again);
    while (other != ip && other->trunk != ip->trunk);
    if (other == ip) break;
  }
  return ip;
}

static int push_ip_field(lua_State *L, const exo_directory *directory, const exo_directory_ip *ip, int field) {
  if (ip == NULL) return push_nothing(L);
  if (field == 2) return push_at(L, directory, ip->id);
  return push_at(L, directory, field_of_trunk(directory, ip->trunk, field == 0 ? EXO_TRUNK_SID : EXO_TRUNK_NAME));
}

/* Fills the table on top. → false when a newer block came meanwhile */
static bool add_ips(lua_State *L, const exo_directory_reader *reader, exo_ip_walk walk) {
  unsigned serial = reader->serial;
  const exo_directory_ip *ip;
  for (int i = 1; reader->serial == serial && (ip = next_trunk(&reader->directory, &walk)) != NULL; i++) {
    exo_lua_push_ip(L, &reader->directory, ip);
    lua_rawseti(L, -2, i);
  }
  return reader->serial == serial;
}

static int push_ips(lua_State *L, uint32_t address) {
  const exo_directory_reader *reader;
  exo_ip_walk walk = { address, 32, 0 };
  do {
    exo_ip_walk first = walk;
    reader = check_reader(L);
    lua_settop(L, 2);
    if (next_trunk(&reader->directory, &first) == NULL) return push_nothing(L);
    lua_newtable(L);
  } while (!add_ips(L, check_reader(L), walk));
  return 1;
}

static int directory_ip(lua_State *L) {
  static const char *const names[] = { "trunk_sid", "trunk_name", "id", NULL };
  exo_text text = check_text(L);
  int field = check_field(L, names);
  exo_ip_walk walk = { 0, 32, 0 };
  const exo_directory *directory = &look_up(L)->directory;
  if (text.bytes == NULL || !exo_directory_read_ip(text, &walk.address)) return push_nothing(L);
  if (field == WHOLE) return push_ips(L, walk.address);
  return push_ip_field(L, directory, next_trunk(directory, &walk), field);
}

/* ---- trunks ---- */

/* Pushes an array of them. → false when a newer block came meanwhile */
static bool push_destinations(lua_State *L, const exo_directory_reader *reader, const exo_directory_trunk *trunk,
                              unsigned serial) {
  uint32_t count;
  lua_newtable(L);
  for (uint32_t i = 0; reader->serial == serial; i++) {
    const exo_directory_destination *list = exo_directory_destinations(&reader->directory, trunk, &count);
    if (i == count) break;
    exo_lua_push_destination(L, &reader->directory, &list[i]);
    lua_rawseti(L, -2, (int)i + 1);
  }
  return reader->serial == serial;
}

/* Pushes a trunk. → false when a newer block came meanwhile */
static bool push_trunk(lua_State *L, exo_directory_reader *reader, const exo_directory_trunk *trunk) {
  unsigned serial = reader->serial;
  double age = exo_reader_age(reader, trunk->age);
  bool is_partial = trunk->partial != 0;
  exo_lua_push_trunk(L, &reader->directory, trunk);
  exo_lua_set_number(L, "age", age);
  exo_lua_set_boolean(L, "partial", is_partial);
  if (reader->serial != serial || !push_destinations(L, reader, trunk, serial)) return false;
  lua_setfield(L, -2, "destinations");
  return reader->serial == serial;
}

static int directory_trunk(lua_State *L) {
  exo_text text = check_text(L);
  int field = check_field(L, exo_lua_trunk_fields);
  exo_directory_reader *reader = look_up(L);
  const exo_directory_trunk *trunk;
  do {
    reader = check_reader(L);
    trunk = text.bytes == NULL ? NULL : exo_directory_find_trunk(&reader->directory, text);
    if (trunk == NULL) return push_nothing(L);
    if (field != WHOLE) return push_at(L, &reader->directory, trunk->fields[field]);
    lua_settop(L, 2);
  } while (!push_trunk(L, reader, trunk));
  return 1;
}

/* directory:destinations(trunk) → the destinations of a trunk alone, and the serial of the block; or nil */
static int directory_destinations(lua_State *L) {
  exo_text text = check_text(L);
  exo_directory_reader *reader = look_up(L);
  const exo_directory_trunk *trunk;
  unsigned serial;
  do {
    reader = check_reader(L);
    serial = reader->serial;
    trunk = text.bytes == NULL ? NULL : exo_directory_find_trunk(&reader->directory, text);
    if (trunk == NULL) return push_nothing(L);
    lua_settop(L, 2);
  } while (!push_destinations(L, reader, trunk, serial));
  lua_pushinteger(L, (lua_Integer)serial);
  return 2;
}

enum { DOWN = 4, SERIAL = 5 };

/* The flags of so many destinations, from the array of booleans that was given. */
static const bool *down_of(lua_State *L, uint32_t count) {
  bool *down = lua_newuserdatauv(L, count + sizeof *down, 0);
  for (uint32_t i = 0; i < count; i++) {
    lua_rawgeti(L, DOWN, (int)i + 1);
    down[i] = lua_toboolean(L, -1) != 0;
    lua_pop(L, 1);
  }
  return down;
}

static bool is_of_another_block(lua_State *L, const exo_directory_reader *reader) {
  return lua_istable(L, DOWN) && reader->serial != (unsigned)luaL_checkinteger(L, SERIAL);
}

static int push_choice(lua_State *L, const exo_directory *directory, const exo_directory_destination *chosen) {
  if (chosen == NULL) return push_nothing(L);
  exo_lua_push_destination(L, directory, chosen);
  lua_getfield(L, -1, "destination");
  lua_insert(L, -2);
  return 2;
}

/* directory:choose(trunk, random [, down, serial]) → the URI of a destination, and its entry; nil when there is none.
 * `down`: which of them are, an array of booleans, of the block of that serial; false where that was replaced */
static int directory_choose(lua_State *L) {
  exo_text text = check_text(L);
  double random = luaL_checknumber(L, 3);
  const bool *down = NULL;
  uint32_t count = 0;
  const exo_directory_reader *reader = lua_istable(L, DOWN) ? check_reader(L) : look_up(L);
  if (!is_of_another_block(L, reader)) {
    const exo_directory_trunk *trunk = text.bytes == NULL ? NULL : exo_directory_find_trunk(&reader->directory, text);
    if (trunk == NULL) return push_nothing(L);
    const exo_directory_destination *list = exo_directory_destinations(&reader->directory, trunk, &count);
    if (lua_istable(L, DOWN)) down = down_of(L, count);
    if (down == NULL || !is_of_another_block(L, check_reader(L)))
      return push_choice(L, &reader->directory, exo_choose(list, count, down, random));
  }
  lua_pushboolean(L, 0);
  return 1;
}

/* ---- all of a kind, for iterators: directory:trunk_at(i), number_at(i), ip_at(i) → the entry, or nil after the last
 */

static uint32_t check_index(lua_State *L) { return (uint32_t)luaL_checkinteger(L, 2) - 1; }

static int directory_trunk_at(lua_State *L) {
  exo_directory_reader *reader;
  uint32_t index = check_index(L);
  do {
    lua_settop(L, 2);
    reader = check_reader(L);
    if (index >= reader->directory.header->trunks) return push_nothing(L);
  } while (!push_trunk(L, reader, &reader->directory.trunks[index]));
  return 1;
}

static int directory_number_at(lua_State *L) {
  const exo_directory *directory = &check_reader(L)->directory;
  uint32_t index = check_index(L);
  if (index >= directory->header->numbers) return push_nothing(L);
  exo_lua_push_number(L, directory, &directory->numbers[index]);
  return 1;
}

static int directory_ip_at(lua_State *L) {
  const exo_directory *directory = &check_reader(L)->directory;
  uint32_t index = check_index(L);
  if (index >= directory->header->ips) return push_nothing(L);
  exo_lua_push_ip(L, directory, &directory->ips[index]);
  return 1;
}

/* ---- the directory itself ---- */

static int directory_age(lua_State *L) {
  exo_directory_reader *reader = look_up(L);
  lua_pushnumber(L, exo_reader_age(reader, reader->directory.header->complete_age));
  return 1;
}

static void set_counts(lua_State *L, const exo_directory_header *header) {
  exo_lua_set_integer(L, "trunks", header->trunks);
  exo_lua_set_integer(L, "phone_numbers", header->numbers);
  exo_lua_set_integer(L, "whitelisted_ips", header->ips);
  exo_lua_set_integer(L, "destinations", header->destinations);
  exo_lua_set_integer(L, "size", (int64_t)header->size);
}

static int directory_info(lua_State *L) {
  exo_lua_text account, host;
  exo_directory_reader *reader = look_up(L);
  exo_directory_header header = *reader->directory.header;
  double age = exo_reader_age(reader, header.complete_age);
  exo_lua_copy_text(&account, exo_directory_text(&reader->directory, header.account));
  exo_lua_copy_text(&host, exo_directory_text(&reader->directory, header.host));
  lua_createtable(L, 0, 8);
  exo_lua_set_copied(L, "account_sid", &account);
  exo_lua_set_copied(L, "host", &host);
  set_counts(L, &header);
  exo_lua_set_number(L, "age", age);
  return 1;
}

/* directory:reason() → why the newest file was not taken; nil: it was */
static int directory_reason(lua_State *L) {
  char copy[sizeof(((exo_directory_reader *)NULL)->problem)];
  memcpy(copy, look_up(L)->problem, sizeof copy);
  if (copy[0] == '\0') return push_nothing(L);
  lua_pushstring(L, copy);
  return 1;
}

/* directory:snapshot() → of what is known now */
static int directory_snapshot(lua_State *L) {
  exo_lua_push_snapshot(L, &check_reader(L)->directory);
  return 1;
}

/* directory:update(): takes a newer file at once */
static int directory_update(lua_State *L) {
  exo_reader_update(check_reader(L));
  return 0;
}

static int directory_close(lua_State *L) {
  directory_box *box = exo_lua_check_box(L, 1, &type);
  box->is_open = false;
  exo_reader_close(&box->reader);
  return 0;
}

static int directory_gc(lua_State *L) {
  directory_box *box = exo_lua_check_box(L, 1, &type);
  directory_close(L);
  box->type = NULL;
  return 0;
}

static directory_box *push_box(lua_State *L) {
  directory_box *box = lua_newuserdatauv(L, sizeof *box, 0);
  box->type = &type;
  box->is_open = false;
  exo_reader_init(&box->reader, &exo_libc_allocator);
  luaL_getmetatable(L, DIRECTORY_TYPE);
  lua_setmetatable(L, -2);
  return box;
}

int exo_lua_new_directory(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  directory_box *box = push_box(L);
  box->is_open = exo_reader_open(&box->reader, path);
  if (box->is_open) return 1;
  return exo_lua_push_file_fault(L, &box->reader);
}

static const luaL_Reg methods[] = {
  { "number", directory_number },
  { "ip", directory_ip },
  { "trunk", directory_trunk },
  { "age", directory_age },
  { "info", directory_info },
  { "close", directory_close },
  { NULL, NULL },
};

static const luaL_Reg internals[] = {
  { "destinations", directory_destinations },
  { "choose", directory_choose },
  { "trunk_at", directory_trunk_at },
  { "number_at", directory_number_at },
  { "ip_at", directory_ip_at },
  { "reason", directory_reason },
  { "update", directory_update },
  { "snapshot", directory_snapshot },
  { NULL, NULL },
};

static const luaL_Reg metamethods[] = {
  { "__gc", directory_gc },
  { "__close", directory_close },
  { NULL, NULL },
};

void exo_lua_open_directory(lua_State *L) {
  luaL_newmetatable(L, DIRECTORY_TYPE);
  exo_setfuncs(L, metamethods);
  exo_newlib(L, methods);
  lua_pushvalue(L, -1);
  lua_setfield(L, -3, "__index");
  lua_remove(L, -2);
}

/* ---- what only the Lua layer calls ---- */

typedef const quick_answer *quick_function(directory_box *box, const char *bytes, size_t length, int field);

/* An address of a function as one of data, as POSIX has it. */
static void *address_of(quick_function *function) {
  void *address;
  memcpy(&address, &function, sizeof address);
  return address;
}

void exo_lua_push_directory_internals(lua_State *L) {
  exo_newlib(L, internals);
  lua_pushlightuserdata(L, address_of(quick_number));
  lua_setfield(L, -2, "quick_number");
  luaL_getmetatable(L, DIRECTORY_TYPE);
  lua_setfield(L, -2, "metatable");
}
