#include <math.h>

#include "exotel/api/json.h"
#include "exotel/base/utf8.h"
#include "lua/binding.h"
#include "lua/lua_limits.h"

#define EXO_JSON_TYPE "exotel.json"
#define EXO_ARRAY_TYPE "exotel.json.array"

/* What was read, kept from leaking while it is pushed. */
static int json_gc(lua_State *L) {
  exo_json_free(luaL_checkudata(L, 1, EXO_JSON_TYPE));
  return 0;
}

static exo_json *push_box(lua_State *L) {
  exo_json *box = lua_newuserdatauv(L, sizeof *box, 0);
  *box = (exo_json){ .root = NULL };
  luaL_getmetatable(L, EXO_JSON_TYPE);
  lua_setmetatable(L, -2);
  return box;
}

/* How values are pushed, and what they hold although it is JSON, and no reader of files should take. */
typedef struct pusher {
  exo_lua_names names;
  bool of_file;      /* a null in an array is core.null, since nil there would move what follows it; flaws are found */
  const char *twice; /* a name that an object has twice, or NULL */
  bool infinite;     /* a number too large for a double */
  bool slow;         /* it took too long, and the rest is left out */
  double cpu_start;
  size_t texts; /* so far */
} pusher;

/* Lua 5.1 and 5.3 look at a part of a long string only to find its place: many that differ elsewhere take the square of
 * their number. Half a second, and ten times what a text takes else. */
static void check_time(pusher *p) {
  enum { TEXTS = 64 }; /* to ask for the time is a system call */
  if (!p->of_file || ++p->texts % TEXTS != 0) return;
  p->slow = exo_lua_cpu_now() - p->cpu_start > 0.5 + 4e-6 * (double)p->texts;
}

static void push_value(lua_State *L, const exo_json_value *value, pusher *p);

/* Marked, so that an empty one is told from an empty object. */
static void push_array(lua_State *L, const exo_json_value *array, pusher *p) {
  const exo_json_value *own = exo_json_first(array);
  lua_createtable(L, (int)array->length, 0);
  for (uint32_t i = 0; i < array->length && !p->slow; i++, own = exo_json_next(own)) {
    if (p->of_file && own->type == EXO_JSON_NULL) lua_pushlightuserdata(L, NULL);
    else push_value(L, own, p);
    lua_rawseti(L, -2, (int)i + 1);
  }
  luaL_getmetatable(L, EXO_ARRAY_TYPE);
  lua_setmetatable(L, -2);
}

static bool is_taken(lua_State *L) { /* the name on top, in the table below it */
  lua_pushvalue(L, -1);
  lua_rawget(L, -3);
  bool taken = !lua_isnil(L, -1);
  lua_pop(L, 1);
  return taken;
}

static void push_object(lua_State *L, const exo_json_value *object, pusher *p) {
  const exo_json_value *name = exo_json_first(object);
  lua_createtable(L, 0, (int)object->length);
  for (uint32_t i = 0; i < object->length && !p->slow; i++, name = exo_json_next(name + 1)) {
    check_time(p);
    exo_lua_push_name(L, &p->names, name);
    if (p->of_file && is_taken(L)) p->twice = exo_json_text(name);
    push_value(L, name + 1, p);
    lua_rawset(L, -3);
  }
}

static void push_number(lua_State *L, const exo_json_value *value, pusher *p) {
  int64_t whole;
  if (exo_json_whole(value, &whole)) {
    exo_pushwhole(L, whole);
    return;
  }
  double number = exo_json_number(value);
  if (!isfinite(number)) p->infinite = true;
  if (number == floor(number) && fabs(number) < 1e15) exo_pushwhole(L, number);
  else lua_pushnumber(L, number);
}

static void push_container(lua_State *L, const exo_json_value *value, pusher *p) {
  luaL_checkstack(L, 6, "JSON");
  if (value->type == EXO_JSON_OBJECT) push_object(L, value, p);
  else push_array(L, value, p);
}

static void push_value(lua_State *L, const exo_json_value *value, pusher *p) {
  switch (value->type) {
    case EXO_JSON_STRING:
      check_time(p);
      lua_pushlstring(L, exo_json_text(value), value->length);
      break;
    case EXO_JSON_NUMBER: push_number(L, value, p); break;
    case EXO_JSON_FALSE: lua_pushboolean(L, 0); break;
    case EXO_JSON_TRUE: lua_pushboolean(L, 1); break;
    case EXO_JSON_NULL: lua_pushnil(L); break;
    default: push_container(L, value, p);
  }
}

void exo_lua_push_json(lua_State *L, const exo_json_value *value, const exo_lua_names *names) {
  pusher p = { .names = *names };
  push_value(L, value, &p);
}

/* ---- core.json_decode ---- */

/* → nil, message, line */
static int push_bad(lua_State *L, const exo_json_fault *fault) {
  const char *what = fault->too_large ? "too large or too deep" : "no JSON";
  lua_pushnil(L);
  lua_pushfstring(L, "%s at line %d, column %d", what, (int)fault->line, (int)fault->column);
  exo_pushwhole(L, fault->line);
  return 3;
}

static int push_flaw(lua_State *L, const pusher *p) {
  lua_pushnil(L);
  if (p->twice != NULL) lua_pushfstring(L, "the name \"%s\" stands twice in one object", p->twice);
  else lua_pushstring(L, p->infinite ? "a number is too large" : "takes too long to read");
  return 2;
}

static int refuse_utf8(lua_State *L) {
  lua_pushnil(L);
  lua_pushliteral(L, "not valid UTF-8");
  return 2;
}

static int push_read(lua_State *L, exo_json *box, double cpu_start) {
  pusher p = { .names = exo_lua_push_names(L), .of_file = true, .cpu_start = cpu_start };
  push_value(L, box->root, &p);
  int count = p.twice != NULL || p.infinite || p.slow ? push_flaw(L, &p) : 1;
  exo_json_free(box);
  return count;
}

/* core.json_decode(text) → value (nil for null), or nil, message, line where it is known */
int exo_lua_json_decode(lua_State *L) {
  size_t length;
  exo_json_fault fault;
  double cpu_start = exo_lua_cpu_now();
  const char *text = luaL_checklstring(L, 1, &length);
  exo_json *box = push_box(L);
  if (!exo_utf8_valid(text, length)) return refuse_utf8(L);
  switch (exo_json_read_file(box, text, length, &exo_libc_allocator, &fault)) {
    case EXO_JSON_GOOD: return push_read(L, box, cpu_start);
    case EXO_JSON_BAD: return push_bad(L, &fault);
    default: return luaL_error(L, "not enough memory");
  }
}

/* core.valid_utf8(text) → whether it is */
int exo_lua_valid_utf8(lua_State *L) {
  size_t length;
  const char *text = luaL_checklstring(L, 1, &length);
  lua_pushboolean(L, exo_utf8_valid(text, length));
  return 1;
}

void exo_lua_open_json(lua_State *L) {
  luaL_newmetatable(L, EXO_JSON_TYPE);
  lua_pushcfunction(L, json_gc);
  lua_setfield(L, -2, "__gc");
  lua_pop(L, 1);
  luaL_newmetatable(L, EXO_ARRAY_TYPE);
}
