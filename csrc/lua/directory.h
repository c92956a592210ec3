/* Directories for Lua: those that look up, and what a refresh makes them from. */
#ifndef EXOTEL_LUA_DIRECTORY_H
#define EXOTEL_LUA_DIRECTORY_H

#include "exotel/base/memory.h"
#include "exotel/directory/reader.h"
#include "lua/compat.h"

/* Leaves the table of methods of an open directory. */
void exo_lua_open_directory(lua_State *L);
/* core.directory(path) → directory; or nil, message, and "missing", "damaged" or "refused" */
int exo_lua_new_directory(lua_State *L);

/* Pushes nil, the message, and such a word. */
int exo_lua_push_file_fault(lua_State *L, const exo_directory_reader *reader);
/* Pushes a snapshot with a copy of a block. */
void exo_lua_push_snapshot(lua_State *L, const exo_directory *directory);

/* Pushes tables of functions for the Lua layer only: on an open directory, and those that make one. */
void exo_lua_push_directory_internals(lua_State *L);
void exo_lua_push_directory_builder(lua_State *L);

/* Each pushes an entry as a table. Whatever the directory is, it is not looked at any more once Lua allocates. */
void exo_lua_push_trunk(lua_State *L, const exo_directory *directory, const exo_directory_trunk *trunk);
void exo_lua_push_number(lua_State *L, const exo_directory *directory, const exo_directory_number *number);
void exo_lua_push_ip(lua_State *L, const exo_directory *directory, const exo_directory_ip *ip);
void exo_lua_push_destination(lua_State *L, const exo_directory *directory,
                              const exo_directory_destination *destination);
/* The names of a trunk's fields, in their order. */
extern const char *const exo_lua_trunk_fields[EXO_TRUNK_FIELDS + 1]; /* NULL ends them */

/* A text that Lua's allocations can't take away. */
typedef struct exo_lua_text {
  size_t length;
  bool is_there;
  char bytes[EXO_DIRECTORY_TEXT_MAX];
} exo_lua_text;

void exo_lua_copy_text(exo_lua_text *copy, exo_text text);
/* A text that is not there is nil. */
void exo_lua_push_text(lua_State *L, const exo_lua_text *text);
/* Sets a field of the table on top; nothing for a text that is not there. */
void exo_lua_set_copied(lua_State *L, const char *key, const exo_lua_text *text);

#endif
