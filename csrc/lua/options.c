#include <math.h>
#include <stddef.h>
#include <string.h>

#include "lua/binding.h"

typedef enum { STRING, HEADER, SECONDS, COUNT, FLAG, SWITCH, LIMIT, FUNCTION, OBJECT } option_type;

/* One row an option: how it is spelled, what it may be, where it goes. */
typedef struct option {
  const char *name;
  option_type type;
  double least, most;
  size_t offset;
} option;

#define AT(field) offsetof(exo_config, field)
#define CALL_AT(field) offsetof(exo_call_options, field)

static const option client_options[] = {
  { "account_sid", STRING, 0, 0, AT(account_sid) },
  { "api_key", STRING, 0, 0, AT(api_key) },
  { "api_token", STRING, 0, 0, AT(api_token) },
  { "region", STRING, 0, 0, AT(region) },
  { "subdomain", STRING, 0, 0, AT(subdomain) },
  { "base_url", STRING, 0, 0, AT(base_url) },
  { "ca_file", STRING, 0, 0, AT(ca_file) },
  { "proxy", STRING, 0, 0, AT(proxy.url) },
  { "timeout", SECONDS, 0.001, 86400, AT(timeout) },
  { "connect_timeout", SECONDS, 0.001, 86400, AT(connect_timeout) },
  { "deadline", SECONDS, 0.001, 86400, AT(deadline) },
  { "backoff", SECONDS, 0, 3600, AT(backoff) },
  { "settle_wait", SECONDS, 0, 3600, AT(settle_wait) },
  { "retries", COUNT, 0, 100, AT(retries) },
  { "max_connections", COUNT, 1, 50, AT(max_connections) },
  { "rate_limit", LIMIT, 1, 1000000, AT(rate_limit) },
  { "allow_http", FLAG, 0, 0, AT(allow_http) },
  { "json_suffix", FLAG, 0, 0, AT(json_suffix) },
  { "validate", FLAG, 0, 0, AT(validate) },
  { "log", FUNCTION, 0, 0, 0 },
  { "on_write", FUNCTION, 0, 0, 0 },
  { "sleep", FUNCTION, 0, 0, 0 },
  { "wait", FUNCTION, 0, 0, 0 },
  { "store", OBJECT, 0, 0, 0 },
  { "store_fallback", COUNT, 1, 1000000, AT(store_fallback) },
  { NULL, STRING, 0, 0, 0 },
};

static const option call_options[] = {
  { "timeout", SECONDS, 0.001, 86400, CALL_AT(timeout) },
  { "deadline", SECONDS, 0.001, 86400, CALL_AT(deadline) },
  { "retries", COUNT, 0, 100, CALL_AT(retries) },
  { "validate", SWITCH, 0, 0, CALL_AT(validate) },
  { "keep_answer", FLAG, 0, 0, CALL_AT(keep_answer) },
  { "body", STRING, 0, 0, CALL_AT(body) },
  { "content_type", HEADER, 1, EXO_CONTENT_TYPE_MAX, CALL_AT(content_type) },
  { NULL, STRING, 0, 0, 0 },
};

static const option *find(const option *options, const char *name) {
  for (; options->name != NULL; options++)
    if (strcmp(options->name, name) == 0) return options;
  return NULL;
}

static void wrong_type(lua_State *L, const option *o, const char *wanted) {
  luaL_error(L, "bad option '%s' (%s expected, got %s)", o->name, wanted, luaL_typename(L, -1));
}

static void check_type(lua_State *L, const option *o, int type, const char *wanted) {
  if (lua_type(L, -1) != type) wrong_type(L, o, wanted);
}

static void read_string(lua_State *L, const option *o, const char **target) {
  size_t length;
  check_type(L, o, LUA_TSTRING, "string");
  const char *text = lua_tolstring(L, -1, &length);
  if (strlen(text) != length) luaL_error(L, "bad option '%s' (it holds a NUL byte)", o->name);
  *target = text;
}

/* A line break would begin another header. */
static void read_header(lua_State *L, const option *o, const char **target) {
  read_string(L, o, target);
  size_t length = strlen(*target), good = 0;
  while ((*target)[good] >= ' ' && (*target)[good] <= '~') good++;
  if (good == length && length >= (size_t)o->least && length <= (size_t)o->most) return;
  luaL_error(L, "bad option '%s' (%d to %d characters of ASCII expected)", o->name, (int)o->least, (int)o->most);
}

static void complain_range(lua_State *L, const option *o) {
  if (o->type == SECONDS) luaL_error(L, "bad option '%s' (seconds from %f to %f expected)", o->name, o->least, o->most);
  luaL_error(L, "bad option '%s' (a whole number from %d to %d expected)", o->name, (int)o->least, (int)o->most);
}

static double read_number(lua_State *L, const option *o) {
  check_type(L, o, LUA_TNUMBER, "number");
  double number = lua_tonumber(L, -1);
  bool whole = o->type == SECONDS || number == floor(number);
  if (!(number >= o->least && number <= o->most) || !whole) complain_range(L, o);
  return number;
}

static void read_limit(lua_State *L, const option *o, int *target) {
  bool off = lua_type(L, -1) == LUA_TBOOLEAN && !lua_toboolean(L, -1);
  if (!off && lua_type(L, -1) != LUA_TNUMBER) wrong_type(L, o, "number or false");
  *target = off ? 0 : (int)read_number(L, o);
}

static bool read_boolean(lua_State *L, const option *o) {
  check_type(L, o, LUA_TBOOLEAN, "boolean");
  return lua_toboolean(L, -1);
}

/* Reads the value on top of the stack. */
static void read_option(lua_State *L, const option *o, void *target) {
  char *field = (char *)target + o->offset;
  switch (o->type) {
    case STRING: read_string(L, o, (const char **)(void *)field); break;
    case HEADER: read_header(L, o, (const char **)(void *)field); break;
    case SECONDS: *(double *)(void *)field = read_number(L, o); break;
    case COUNT: *(int *)(void *)field = (int)read_number(L, o); break;
    case LIMIT: read_limit(L, o, (int *)(void *)field); break;
    case FUNCTION: check_type(L, o, LUA_TFUNCTION, "function"); break;
    case OBJECT:
      if (!lua_istable(L, -1) && !lua_isuserdata(L, -1)) wrong_type(L, o, "a store");
      break;
    case FLAG: *(bool *)field = read_boolean(L, o); break;
    case SWITCH: *(int *)(void *)field = read_boolean(L, o); break;
  }
}

/* The one reader of options: typed, and its error names the key. */
static void read_options(lua_State *L, int index, const option *options, void *target) {
  luaL_checktype(L, index, LUA_TTABLE);
  lua_pushnil(L);
  while (lua_next(L, index) != 0) {
    if (lua_type(L, -2) != LUA_TSTRING)
      luaL_error(L, "bad option (options are named, got a %s key)", luaL_typename(L, -2));
    size_t length;
    const char *name = lua_tolstring(L, -2, &length);
    const option *o = strlen(name) == length ? find(options, name) : NULL;
    if (o == NULL) luaL_error(L, "bad option '%s' (unknown)", name);
    else read_option(L, o, target);
    lua_pop(L, 1);
  }
}

void exo_lua_read_config(lua_State *L, int index, exo_config *config) {
  *config = EXO_CONFIG_DEFAULTS;
  read_options(L, index, client_options, config);
}

void exo_lua_read_call_options(lua_State *L, int index, exo_call_options *options) {
  *options = EXO_CALL_OPTIONS_DEFAULT;
  if (!lua_isnoneornil(L, index)) read_options(L, index, call_options, options);
}

/* ---- for the documentation ---- */

static void push_default(lua_State *L, const option *o, const void *defaults) {
  const char *field = (const char *)defaults + o->offset;
  switch (o->type) {
    case SECONDS: lua_pushnumber(L, *(const double *)(const void *)field); break;
    case COUNT: /* 0 stands for one that depends on others */
      if (*(const int *)(const void *)field == 0) lua_pushnil(L);
      else exo_pushwhole(L, *(const int *)(const void *)field);
      break;
    case LIMIT: exo_pushwhole(L, *(const int *)(const void *)field); break;
    case FLAG: lua_pushboolean(L, *(const bool *)field); break;
    case SWITCH:
    case STRING:
    case HEADER:
    case FUNCTION:
    case OBJECT: lua_pushnil(L); break;
  }
}

static void push_option(lua_State *L, const option *o, const void *defaults) {
  static const char *const types[] = { "string",  "string", "seconds",  "count", "boolean",
                                       "boolean", "limit",  "function", "table" };
  lua_createtable(L, 0, 3);
  lua_pushstring(L, o->name);
  lua_setfield(L, -2, "name");
  lua_pushstring(L, types[o->type]);
  lua_setfield(L, -2, "type");
  if (defaults == NULL) return;
  push_default(L, o, defaults);
  lua_setfield(L, -2, "default");
}

static void push_options(lua_State *L, const option *options, const void *defaults) {
  int i = 0;
  lua_newtable(L);
  for (; options->name != NULL; options++) {
    push_option(L, options, defaults);
    lua_rawseti(L, -2, ++i);
  }
}

int exo_lua_options(lua_State *L) {
  lua_createtable(L, 0, 2);
  push_options(L, client_options, &EXO_CONFIG_DEFAULTS);
  lua_setfield(L, -2, "client");
  push_options(L, call_options, NULL);
  lua_setfield(L, -2, "call");
  return 1;
}
