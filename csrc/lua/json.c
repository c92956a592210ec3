#include <math.h>

#include "exotel/api/json.h"
#include "exotel/base/utf8.h"
#include "lua/binding.h"
#include "lua/lua_limits.h"

#define EXO_TREE_TYPE "exotel.json.tree"
#define EXO_ARRAY_TYPE "exotel.json.array"

/* What cJSON has parsed, kept from leaking while it is pushed. */
typedef struct tree_box {
  cJSON *tree;
} tree_box;

static void drop_tree(tree_box *box) {
  cJSON_Delete(box->tree);
  box->tree = NULL;
}

static int tree_gc(lua_State *L) {
  drop_tree(luaL_checkudata(L, 1, EXO_TREE_TYPE));
  return 0;
}

static tree_box *push_box(lua_State *L) {
  tree_box *box = lua_newuserdatauv(L, sizeof *box, 1);
  box->tree = NULL;
  luaL_getmetatable(L, EXO_TREE_TYPE);
  lua_setmetatable(L, -2);
  return box;
}

/* How a tree is pushed, and what it holds although it is JSON, and no reader should take. */
typedef struct flaws {
  bool keeps_places; /* a null in an array is core.null, since nil there would move what follows it */
  const char *twice; /* a name that an object has twice, or NULL */
  bool infinite;     /* a number too large for a double */
  bool slow;         /* it took too long, and the rest is left out */
  bool timed;
  double cpu_start;
  size_t texts; /* so far */
} flaws;

/* Lua 5.1 and 5.3 look at a part of a long string only to find its place: many that differ elsewhere take the square of
 * their number. Half a second, and ten times what a text takes else. */
static void check_time(flaws *found) {
  enum { TEXTS = 64 }; /* to ask for the time is a system call */
  if (!found->timed || ++found->texts % TEXTS != 0) return;
  found->slow = exo_lua_cpu_now() - found->cpu_start > 0.5 + 4e-6 * (double)found->texts;
}

static void push_text(lua_State *L, const char *text, flaws *found) {
  check_time(found);
  lua_pushstring(L, text);
}

static void push_node(lua_State *L, const cJSON *node, flaws *found);

/* Marked, so that an empty one is told from an empty object. */
static void push_array(lua_State *L, const cJSON *node, flaws *found) {
  int i = 0;
  lua_createtable(L, cJSON_GetArraySize(node), 0);
  for (const cJSON *child = node->child; child != NULL && !found->slow; child = child->next) {
    if (found->keeps_places && cJSON_IsNull(child)) lua_pushlightuserdata(L, NULL);
    else push_node(L, child, found);
    lua_rawseti(L, -2, ++i);
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

static void push_object(lua_State *L, const cJSON *node, flaws *found) {
  lua_createtable(L, 0, cJSON_GetArraySize(node));
  for (const cJSON *child = node->child; child != NULL && !found->slow; child = child->next) {
    push_text(L, child->string, found);
    if (is_taken(L)) found->twice = child->string;
    push_node(L, child, found);
    lua_rawset(L, -3);
  }
}

static void push_number(lua_State *L, double number, flaws *found) {
  if (!isfinite(number)) found->infinite = true;
  if (number == floor(number) && fabs(number) < 1e15) exo_pushwhole(L, number);
  else lua_pushnumber(L, number);
}

static void push_node(lua_State *L, const cJSON *node, flaws *found) {
  luaL_checkstack(L, 6, "JSON");
  if (cJSON_IsObject(node)) push_object(L, node, found);
  else if (cJSON_IsArray(node)) push_array(L, node, found);
  else if (cJSON_IsString(node)) push_text(L, node->valuestring, found);
  else if (cJSON_IsNumber(node)) push_number(L, node->valuedouble, found);
  else if (cJSON_IsBool(node)) lua_pushboolean(L, cJSON_IsTrue(node));
  else lua_pushnil(L);
}

void exo_lua_push_json(lua_State *L, const cJSON *node) {
  flaws ignored = { .keeps_places = false };
  push_node(L, node, &ignored);
}

/* ---- core.json_decode ---- */

/* → nil, message, line */
static int push_bad(lua_State *L, const char *text, size_t length) {
  exo_json_fault fault = exo_json_find_fault(text, length);
  const char *what = fault.too_large ? "too large or too deep" : "no JSON";
  lua_pushnil(L);
  lua_pushfstring(L, "%s at line %d, column %d", what, (int)fault.line, (int)fault.column);
  exo_pushwhole(L, fault.line);
  return 3;
}

static int push_flaw(lua_State *L, const flaws *found) {
  lua_pushnil(L);
  if (found->twice != NULL) lua_pushfstring(L, "the name \"%s\" stands twice in one object", found->twice);
  else lua_pushstring(L, found->infinite ? "a number is too large" : "takes too long to read");
  return 2;
}

static int refuse_utf8(lua_State *L) {
  lua_pushnil(L);
  lua_pushliteral(L, "not valid UTF-8");
  return 2;
}

/* core.json_decode(text) → value (nil for null), or nil, message, line where it is known */
int exo_lua_json_decode(lua_State *L) {
  size_t length;
  flaws found = { .keeps_places = true, .timed = true, .cpu_start = exo_lua_cpu_now() };
  const char *text = luaL_checklstring(L, 1, &length);
  tree_box *box = push_box(L);
  if (!exo_utf8_valid(text, length)) return refuse_utf8(L);
  exo_json_result result = exo_json_read_file(text, length, &exo_libc_allocator, &box->tree);
  if (result == EXO_JSON_BAD) return push_bad(L, text, length);
  if (result == EXO_JSON_NO_MEMORY) return luaL_error(L, "not enough memory");
  push_node(L, box->tree, &found);
  int count = found.twice != NULL || found.infinite || found.slow ? push_flaw(L, &found) : 1;
  drop_tree(box);
  return count;
}

/* core.valid_utf8(text) → whether it is */
int exo_lua_valid_utf8(lua_State *L) {
  size_t length;
  const char *text = luaL_checklstring(L, 1, &length);
  lua_pushboolean(L, exo_utf8_valid(text, length));
  return 1;
}

void exo_lua_open_json(lua_State *L) {
  luaL_newmetatable(L, EXO_TREE_TYPE);
  lua_pushcfunction(L, tree_gc);
  lua_setfield(L, -2, "__gc");
  lua_pop(L, 1);
  luaL_newmetatable(L, EXO_ARRAY_TYPE);
}
