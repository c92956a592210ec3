/* The Lua module exotel.core: clients and calls on the C core, and the tables of operations, options and kinds of error
 * for the Lua layer and the documentation. */
#include <string.h>

#include "exotel/api/kind.h"
#include "exotel/api/rules.h"
#include "exotel/base/platform.h"
#include "exotel/base/sha256.h"
#include "exotel/base/terminal.h"
#include "exotel/base/width.h"
#include "exotel/transport/curl_ca.h"
#include "exotel/base/version.h"
#include "lua/binding.h"
#include "lua/directory.h"
#include "lua/fields.h"
#include "lua/file.h"
#include "lua/lua_file.h"
#include "lua/plain.h"
#include "lua/random_text.h"
#include "lua/shared_file.h"
#include "lua/stream.h"
#include "lua/version_check.h"

EXO_EXPORT int luaopen_exotel_core(lua_State *L);

static void push_parameters(lua_State *L, const exo_parameter *parameters);

static void push_parameter(lua_State *L, const exo_parameter *parameter) {
  static const char *const locations[] = { "path", "query", "body" };
  static const char *const types[] = { "string", "id", "integer", "list" };
  luaL_checkstack(L, 4, "operation");
  lua_createtable(L, 0, 8);
  exo_lua_set_text(L, "name", parameter->name);
  exo_lua_set_text(L, "location", locations[parameter->location]);
  exo_lua_set_text(L, "type", types[parameter->type]);
  exo_lua_set_boolean(L, "required", parameter->required);
  exo_lua_set_boolean(L, "secret", parameter->secret);
  if (parameter->rule != NULL) exo_lua_set_text(L, "rule", exo_rule_words(parameter->rule));
  if (parameter->fallback != NULL) exo_lua_set_text(L, "default", parameter->fallback);
  if (parameter->fields == NULL) return;
  push_parameters(L, parameter->fields);
  lua_setfield(L, -2, "fields");
}

static void push_parameters(lua_State *L, const exo_parameter *parameters) {
  int i = 0;
  lua_newtable(L);
  for (; parameters->name != NULL; parameters++) {
    push_parameter(L, parameters);
    lua_rawseti(L, -2, ++i);
  }
}

static void push_operation(lua_State *L, const exo_operation *operation) {
  static const char *const forms[] = { "item", "list", "batch" };
  char source[2] = { operation->source, '\0' };
  lua_createtable(L, 0, 10);
  exo_lua_set_text(L, "name", operation->name);
  exo_lua_set_text(L, "method", exo_method_name(operation->method));
  exo_lua_set_text(L, "path", operation->path);
  exo_lua_set_text(L, "answer", forms[operation->answer]);
  exo_lua_set_text(L, "source", source);
  exo_lua_set_boolean(L, "needs_change", operation->needs_change);
  exo_lua_set_boolean(L, "repeatable", exo_operation_repeatable(operation));
  exo_lua_set_text(L, "summary", operation->summary);
  exo_lua_push_start(L, operation);
  lua_setfield(L, -2, "start");
}

/* An operation's `parameters`, made when they are first asked for: few programs do. */
static int get_of_operation(lua_State *L) {
  if (strcmp(luaL_checkstring(L, 2), "parameters") != 0) return 0;
  lua_getfield(L, 1, "name");
  const exo_operation *operation = exo_operation_find(luaL_checkstring(L, -1));
  if (operation == NULL) return 0;
  push_parameters(L, operation->parameters);
  lua_pushvalue(L, -1);
  lua_setfield(L, 1, "parameters");
  return 1;
}

static void push_operations(lua_State *L) {
  lua_createtable(L, (int)exo_operation_count, 0);
  lua_createtable(L, 0, 1); /* the metatable of all of them */
  lua_pushcfunction(L, get_of_operation);
  lua_setfield(L, -2, "__index");
  for (size_t i = 0; i < exo_operation_count; i++) {
    push_operation(L, &exo_operations[i]);
    lua_pushvalue(L, -2);
    lua_setmetatable(L, -2);
    lua_rawseti(L, -3, (int)i + 1);
  }
  lua_pop(L, 1);
}

/* Those that an error object can have. What only Lua can tell of ("unavailable") is not among them. */
static void push_kinds(lua_State *L) {
  lua_createtable(L, EXO_CANCELLED, 0);
  for (int kind = EXO_CONFIG; kind <= EXO_CANCELLED; kind++) {
    lua_pushstring(L, exo_kind_name((exo_kind)kind));
    lua_rawseti(L, -2, kind - EXO_CONFIG + 1);
  }
}

/* core.now() → seconds, never going back, the same in all processes of a machine */
static int now(lua_State *L) {
  lua_pushnumber(L, exo_system_platform.now(exo_system_platform.context));
  return 1;
}

/* core.libraries() → { curl, tls, ca }: what exotel.libraries documents */
static int libraries(lua_State *L) {
  exo_libraries found;
  exo_curl_libraries(&found);
  lua_createtable(L, 0, 3);
  exo_lua_set_text(L, "curl", found.curl);
  exo_lua_set_text(L, "tls", found.tls);
  if (found.ca[0] != '\0') exo_lua_set_text(L, "ca", found.ca);
  return 1;
}

/* core.sha256(text) → its digest, 64 hexadecimal digits */
static int sha256(lua_State *L) {
  size_t length;
  char digest[EXO_SHA256_HEX + 1];
  const char *text = luaL_checklstring(L, 1, &length);
  exo_sha256_hex(text, length, digest);
  lua_pushlstring(L, digest, EXO_SHA256_HEX);
  return 1;
}

/* core.terminal_columns(descriptor) → how many it has, 0 where it is no terminal or doesn't say */
static int terminal_columns(lua_State *L) {
  lua_pushinteger(L, exo_terminal_columns((int)luaL_checkinteger(L, 1)));
  return 1;
}

/* core.text_width(text) → how many columns of a terminal it takes */
static int text_width(lua_State *L) {
  size_t length;
  const char *text = luaL_checklstring(L, 1, &length);
  lua_pushinteger(L, (lua_Integer)exo_text_width(text, length));
  return 1;
}

static const luaL_Reg functions[] = {
  { "client", exo_lua_new_client },
  { "can_yield", exo_lua_can_yield },
  { "now", now },
  { "options", exo_lua_options },
  { "libraries", libraries },
  { "json_decode", exo_lua_json_decode },
  { "valid_utf8", exo_lua_valid_utf8 },
  { "run_file", exo_lua_run_file },
  { "plain", exo_lua_plain },
  { "escape", exo_lua_escape },
  { "random_text", exo_lua_random_text },
  { "token", exo_lua_token },
  { "sha256", sha256 },
  { "terminal_columns", terminal_columns },
  { "text_width", text_width },
  { "write_file", exo_lua_write_file },
  { "open_locked", exo_lua_open_locked },
  { "stream", exo_lua_new_stream },
  { "directory", exo_lua_new_directory },
  { "open_shared", exo_lua_open_shared },
  { "shared_path", exo_lua_shared_path },
  { "shared_clock", exo_lua_shared_clock },
  { "process", exo_lua_process },
  { "process_id", exo_lua_process_id },
  { "process_is_gone", exo_lua_process_is_gone },
  { NULL, NULL },
};

int luaopen_exotel_core(lua_State *L) {
  exo_lua_check_version(L, "exotel.core");
  exo_newlib(L, functions);
  luaL_newmetatable(L, EXO_ERROR_TYPE);
  lua_setfield(L, -2, "error_metatable");
  exo_lua_open_call(L);
  lua_setfield(L, -2, "call_methods");
  exo_lua_open_client(L);
  lua_pushcfunction(L, exo_lua_start);
  lua_setfield(L, -2, "start");
  lua_setfield(L, -2, "client_methods");
  exo_lua_push_engine(L);
  exo_lua_add_budget(L);
  lua_pushcfunction(L, exo_lua_take);
  lua_setfield(L, -2, "take");
  lua_setfield(L, -2, "engine");
  exo_lua_open_directory(L);
  lua_setfield(L, -2, "directory_methods");
  exo_lua_push_directory_internals(L);
  lua_setfield(L, -2, "directory_internals");
  exo_lua_push_directory_builder(L);
  lua_setfield(L, -2, "directory_builder");
  exo_lua_open_notifier(L);
  exo_lua_open_stream(L);
  exo_lua_open_file(L);
  exo_lua_open_shared_file(L);
  exo_lua_open_run_file(L);
  exo_lua_open_names(L);
  exo_lua_open_json(L);
  lua_setfield(L, -2, "array_metatable");
  push_operations(L);
  lua_setfield(L, -2, "operations");
  push_kinds(L);
  lua_setfield(L, -2, "error_kinds");
  lua_pushlightuserdata(L, NULL);
  lua_setfield(L, -2, "null");
  lua_pushliteral(L, EXO_VERSION);
  lua_setfield(L, -2, "version");
  return 1;
}
