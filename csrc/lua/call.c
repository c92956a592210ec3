#include "lua/binding.h"

/* The client is looked at only while the call is unfinished: it finishes its calls before it goes. */
typedef struct call_box {
  const exo_lua_type *type;
  exo_client *client;
  exo_call *call;
} call_box;

static const exo_lua_type type = { EXO_CALL_TYPE };

static call_box *check_box(lua_State *L) { return exo_lua_check_box(L, 1, &type); }

static exo_call *check_call(lua_State *L) {
  call_box *box = check_box(L);
  if (box->call == NULL) luaL_error(L, "this call was collected");
  return box->call;
}

/* An empty box with its metatable first, so that whatever is put into it is freed whatever raises. */
static call_box *push_box(lua_State *L) {
  call_box *box = lua_newuserdatauv(L, sizeof *box, 1);
  *box = (call_box){ .type = &type };
  luaL_getmetatable(L, EXO_CALL_TYPE);
  lua_setmetatable(L, -2);
  return box;
}

/* (client, arguments, options) → call */
static int start(lua_State *L, const exo_operation *operation) {
  exo_call_options options;
  lua_settop(L, 3);
  exo_lua_check_client(L, 1);
  exo_lua_check_arguments(L, 2, operation);
  exo_lua_read_call_options(L, 3, &options);
  call_box *box = push_box(L);
  exo_setanchor(L, 1, 4);                          /* a call keeps its client from being collected */
  exo_client *client = exo_lua_check_client(L, 1); /* again: any allocation may have run a finalizer that closed it */
  box->client = client;
  box->call = exo_client_new_call(client);
  const exo_value *arguments = box->call == NULL ? NULL : exo_lua_read_arguments(L, 2, exo_call_arena(box->call));
  if (arguments == NULL || !exo_client_start(client, box->call, operation, arguments, &options))
    return luaL_error(L, "not enough memory");
  return 1;
}

int exo_lua_start(lua_State *L) {
  lua_settop(L, 4);
  exo_lua_check_client(L, 1);
  const exo_operation *operation = exo_lua_check_operation(L, 2);
  lua_remove(L, 2);
  return start(L, operation);
}

static int start_operation(lua_State *L) { return start(L, &exo_operations[lua_tointeger(L, lua_upvalueindex(1))]); }

void exo_lua_push_start(lua_State *L, const exo_operation *operation) {
  lua_pushinteger(L, operation - exo_operations);
  lua_pushcclosure(L, start_operation, 1);
}

static bool has_finished(lua_State *L) {
  const exo_call *call = check_call(L);
  return exo_client_has_finished(check_box(L)->client, call);
}

static int call_finished(lua_State *L) {
  lua_pushboolean(L, has_finished(L));
  return 1;
}

static int call_result(lua_State *L) {
  exo_call *call = check_call(L);
  if (!has_finished(L)) return luaL_error(L, "the call is not finished: poll its client until it is");
  return exo_lua_push_outcome(L, call);
}

static void free_call(call_box *box) {
  exo_call *call = box->call;
  box->call = NULL;
  exo_client_free_call(box->client, call);
}

/* Nobody else has the call, so its memory need not wait for the collector: the next one gets it while it is in the
 * processor's cache, where the collector would leave a page or two for each call. */
int exo_lua_take(lua_State *L) {
  int count = call_result(L);
  free_call(check_box(L));
  return count;
}

static int call_cancel(lua_State *L) {
  exo_call *call = check_call(L);
  exo_client_cancel(check_box(L)->client, call);
  return 0;
}

static int call_tostring(lua_State *L) {
  const exo_call *call = check_call(L);
  lua_pushfstring(L, "exotel.call: %s (%s)", exo_call_operation(call)->name,
                  exo_call_finished(call) ? "finished" : "under way");
  return 1;
}

static int call_gc(lua_State *L) {
  call_box *box = check_box(L);
  free_call(box);
  box->type = NULL;
  return 0;
}

static const luaL_Reg methods[] = {
  { "finished", call_finished },
  { "result", call_result },
  { "cancel", call_cancel },
  { NULL, NULL },
};

static const luaL_Reg metamethods[] = { { "__gc", call_gc }, { "__tostring", call_tostring }, { NULL, NULL } };

/* Nobody gets the metatable: its __gc frees a call that results are being read of. */
void exo_lua_open_call(lua_State *L) {
  luaL_newmetatable(L, EXO_CALL_TYPE);
  exo_setfuncs(L, metamethods);
  lua_pushboolean(L, false);
  lua_setfield(L, -2, "__metatable");
  exo_newlib(L, methods);
  lua_pushvalue(L, -1);
  lua_setfield(L, -3, "__index");
  lua_remove(L, -2);
}
