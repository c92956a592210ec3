/* Entries of a directory as tables, and what is wrong with a file. */
#include <string.h>

#include "lua/directory.h"
#include "lua/fields.h"

const char *const exo_lua_trunk_fields[EXO_TRUNK_FIELDS + 1] = {
  "trunk_sid",
  "trunk_name",
  "status",
  "domain_name",
  "nso_code",
  "auth_type",
  "registration_enabled",
  "edge_preference",
  "secure_trunking",
  "date_created",
  "date_updated",
  "caller_id",
  NULL,
};

void exo_lua_copy_text(exo_lua_text *copy, exo_text text) {
  copy->is_there = text.bytes != NULL;
  copy->length = text.length;
  if (text.length > 0) memcpy(copy->bytes, text.bytes, text.length);
}

void exo_lua_push_text(lua_State *L, const exo_lua_text *text) {
  if (text->is_there) lua_pushlstring(L, text->bytes, text->length);
  else lua_pushnil(L);
}

void exo_lua_set_copied(lua_State *L, const char *key, const exo_lua_text *text) {
  if (!text->is_there) return;
  lua_pushlstring(L, text->bytes, text->length);
  lua_setfield(L, -2, key);
}

static void copy_at(exo_lua_text *copy, const exo_directory *directory, uint32_t at) {
  exo_lua_copy_text(copy, exo_directory_text(directory, at));
}

/* Which trunk an entry is on. */
typedef struct trunk_of {
  exo_lua_text sid, name;
} trunk_of;

static void copy_trunk(trunk_of *copy, const exo_directory *directory, uint32_t index) {
  const exo_directory_trunk *trunk = exo_directory_trunk_at(directory, index);
  copy_at(&copy->sid, directory, trunk == NULL ? 0 : trunk->fields[EXO_TRUNK_SID]);
  copy_at(&copy->name, directory, trunk == NULL ? 0 : trunk->fields[EXO_TRUNK_NAME]);
}

static void set_trunk(lua_State *L, const trunk_of *trunk) {
  exo_lua_set_copied(L, "trunk_sid", &trunk->sid);
  exo_lua_set_copied(L, "trunk_name", &trunk->name);
}

void exo_lua_push_number(lua_State *L, const exo_directory *directory, const exo_directory_number *number) {
  trunk_of trunk;
  exo_lua_text text, mode, id;
  copy_trunk(&trunk, directory, number->trunk);
  copy_at(&text, directory, number->text);
  copy_at(&mode, directory, number->mode);
  copy_at(&id, directory, number->id);
  lua_createtable(L, 0, 5);
  exo_lua_set_copied(L, "phone_number", &text);
  exo_lua_set_copied(L, "mode", &mode);
  exo_lua_set_copied(L, "id", &id);
  set_trunk(L, &trunk);
}

/* Dotted, and how long it is. */
static size_t write_address(char *text, uint32_t address) {
  char *at = text;
  for (int shift = 24; shift >= 0; shift -= 8) {
    unsigned part = address >> shift & 255;
    if (part >= 100) *at++ = (char)('0' + part / 100);
    if (part >= 10) *at++ = (char)('0' + part / 10 % 10);
    *at++ = (char)('0' + part % 10);
    if (shift > 0) *at++ = '.';
  }
  return (size_t)(at - text);
}

void exo_lua_push_ip(lua_State *L, const exo_directory *directory, const exo_directory_ip *ip) {
  trunk_of trunk;
  exo_lua_text id, address = { .is_there = true };
  uint32_t mask = ip->mask;
  copy_trunk(&trunk, directory, ip->trunk);
  copy_at(&id, directory, ip->id);
  address.length = write_address(address.bytes, ip->address);
  lua_createtable(L, 0, 5);
  exo_lua_set_copied(L, "ip", &address);
  exo_lua_set_integer(L, "mask", mask);
  exo_lua_set_copied(L, "id", &id);
  set_trunk(L, &trunk);
}

static void set_level(lua_State *L, const char *key, int32_t level) {
  if (level >= 0) exo_lua_set_integer(L, key, level);
}

void exo_lua_push_destination(lua_State *L, const exo_directory *directory,
                              const exo_directory_destination *destination) {
  exo_lua_text uri, id;
  exo_directory_destination own = *destination;
  copy_at(&uri, directory, own.uri);
  copy_at(&id, directory, own.id);
  lua_createtable(L, 0, 4);
  exo_lua_set_copied(L, "destination", &uri);
  set_level(L, "priority", own.priority);
  set_level(L, "weight", own.weight);
  exo_lua_set_copied(L, "id", &id);
}

void exo_lua_push_trunk(lua_State *L, const exo_directory *directory, const exo_directory_trunk *trunk) {
  exo_lua_text fields[EXO_TRUNK_FIELDS];
  for (int i = 0; i < EXO_TRUNK_FIELDS; i++) copy_at(&fields[i], directory, trunk->fields[i]);
  lua_createtable(L, 0, EXO_TRUNK_FIELDS + 3);
  for (int i = 0; i < EXO_TRUNK_FIELDS; i++) exo_lua_set_copied(L, exo_lua_trunk_fields[i], &fields[i]);
}

int exo_lua_push_file_fault(lua_State *L, const exo_directory_reader *reader) {
  static const char *const words[] = { "", "missing", "damaged", "refused" };
  lua_pushnil(L);
  lua_pushstring(L, reader->problem);
  lua_pushstring(L, words[reader->fault]);
  return 3;
}
