/* The parts of the Lua binding: tables in and out, userdata, errors. Nothing allocated by C is held in a local across
 * a call into Lua, which may raise and jump past it: a userdata owns it first.
 *
 * Nor is anything that Lua code could free: each allocation of Lua's, by a push or an error message, may run any
 * finalizer, and that may close the client, use it, or change a table that was given. What belongs to a client is
 * copied before it is pushed (Lua 5.1 collects before it reads what it is to copy), and the client is taken from its
 * box again after anything that may allocate. A call on the stack stays whatever becomes of its client. */
#ifndef EXOTEL_LUA_BINDING_H
#define EXOTEL_LUA_BINDING_H

#include "exotel/engine/client.h"
#include "lua/compat.h"
#include "lua/names.h"

#define EXO_CLIENT_TYPE "exotel.client"
#define EXO_CALL_TYPE "exotel.call"
#define EXO_ERROR_TYPE "exotel.error"

/* Such a userdata begins with the address that stands for its type, which tells it from others' at a glance; a
 * finalizer takes it away, since others may get its memory. Raises when it is another one, as luaL_checkudata does. */
typedef struct exo_lua_type {
  const char *name; /* of its metatable */
} exo_lua_type;

void *exo_lua_check_box(lua_State *L, int index, const exo_lua_type *type);

/* core.can_yield() → whether the caller could yield here; true where that can't be known. */
int exo_lua_can_yield(lua_State *L);

/* Userdata hold a pointer, so that a closed or half-made one is an empty box. */
typedef struct exo_client_box {
  const exo_lua_type *type;
  exo_client *client;
  exo_wakeup *wakeup; /* kept until the box is collected: who waits for it learns that the client was closed */
} exo_client_box;

/* Reads the table of client options at `index`. Strings in `config` live until the next allocation of Lua's: a
 * finalizer may take them out of the table. Raises on an unknown option, a wrong type or a number out of range, and
 * names it. */
void exo_lua_read_config(lua_State *L, int index, exo_config *config);
/* The same for what differs for one call; nil is fine. */
void exo_lua_read_call_options(lua_State *L, int index, exo_call_options *options);

/* engine.take(call) → its result; the call is not to be looked at any more */
int exo_lua_take(lua_State *L);

/* core.options() → { client = ..., call = ... }: of each option { name, type, default }, in the order of the tables;
 * for the documentation */
int exo_lua_options(lua_State *L);

/* The operation named at `index`; raises when there is none, or no table of arguments follows. */
const exo_operation *exo_lua_check_operation(lua_State *L, int index);
/* Raises when there is no table of arguments at `index`. */
void exo_lua_check_arguments(lua_State *L, int index, const exo_operation *operation);
/* Copies the arguments table at `index` into the arena. NULL when memory ran out. Allocates nothing in Lua, so that no
 * finalizer changes the table or closes the client meanwhile. */
const exo_value *exo_lua_read_arguments(lua_State *L, int index, exo_arena *arena);

/* Pushes a value that something on the stack owns, null as nil. */
void exo_lua_push_json(lua_State *L, const exo_json_value *value, const exo_lua_names *names);

/* Pushes data and info, or nil and an error object; returns how many. The call has to be anchored in the stack. */
int exo_lua_push_outcome(lua_State *L, const exo_call *call);

/* The client in the box at `index`; raises when there is none or it is closed. */
exo_client *exo_lua_check_client(lua_State *L, int index);

/* Whether the client in the box at `index` is closed. */
bool exo_lua_is_closed(lua_State *L, int index);

/* Adds to the table on top of the stack the functions on a client that are for a shared rate limit. */
void exo_lua_add_budget(lua_State *L);

/* Before a client is made: has the collector do the work that its weight is worth, and a whole collection where
 * descriptors are short, which closes clients that nobody closed. A collector that the host has stopped stays so; but
 * a whole collection starts that of Lua 5.1, which doesn't tell that it was stopped. */
void exo_lua_make_room(lua_State *L);

/* The whole collection alone. */
void exo_lua_collect(lua_State *L);

/* Makes the types' metatables; each leaves its table of methods on the stack. */
void exo_lua_open_client(lua_State *L);
void exo_lua_open_call(lua_State *L);
/* Pushes the table of functions on a client that are for the Lua layer only. */
void exo_lua_push_engine(lua_State *L);
/* engine.notifier() → notifier, nil where there can be none */
int exo_lua_new_notifier(lua_State *L);
exo_notifier *exo_lua_check_notifier(lua_State *L, int index);
void exo_lua_open_notifier(lua_State *L);
/* Leaves the metatable that marks an array. */
void exo_lua_open_json(lua_State *L);

/* core.client(options) → client, or nil, message, field */
int exo_lua_new_client(lua_State *L);

/* core.json_decode(text) → value (nil for null), or nil, message, line where it is known */
int exo_lua_json_decode(lua_State *L);
/* core.valid_utf8(text) → whether it is */
int exo_lua_valid_utf8(lua_State *L);

/* client:start(operation, arguments [, options]) → call */
int exo_lua_start(lua_State *L);
/* Pushes the same for one operation, which needs no search: (client, arguments [, options]) → call */
void exo_lua_push_start(lua_State *L, const exo_operation *operation);

#endif
