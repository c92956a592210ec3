/* The binding without memory: Lua, cJSON and the core fail together, at the first allocation, the second, and so on.
 * Whatever is raised then says so, and nothing is lost. */
#include <locale.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lua/binding.h"
#include "lua/lua_limits.h"
#include "support.h"

int luaopen_exotel_core(lua_State *L);

static lua_State *L;
static size_t lua_live; /* Lua's blocks: a collected state may keep a few more or less than before */

/* Shrinking never fails: Lua counts on it. */
static void *lua_allocate(void *context, void *block, size_t old_size, size_t size) {
  (void)context;
  if (size == 0) {
    lua_live -= block != NULL;
    free(block);
    return NULL;
  }
  bool shrinks = block != NULL && size <= old_size;
  if (!shrinks && memory_refuses()) return NULL;
  void *moved = realloc(block, size);
  if (moved == NULL) abort();
  lua_live += block == NULL;
  return moved;
}

static int open_all(lua_State *state) {
  lua_pushcfunction(state, luaopen_base);
  lua_pushliteral(state, "_G");
  lua_call(state, 1, 0);
  lua_pushcfunction(state, luaopen_exotel_core);
  lua_call(state, 0, 1);
  lua_setglobal(state, "core");
  return 0;
}

/* True: it worked. What is raised has to be about memory, and memory must have failed. */
static bool judge(int status) {
  if (status == 0) return true;
  const char *message = lua_tostring(L, -1);
  if (!memory_failed() || message == NULL || strstr(message, "not enough memory") == NULL)
    fail_msg("raised: %s", message);
  return false;
}

static bool open_core(void) {
#if LUA_VERSION_NUM < 502
  return judge(lua_cpcall(L, open_all, NULL)); /* there, pushing a C function allocates */
#else
  lua_pushcfunction(L, open_all);
  return judge(lua_pcall(L, 0, 0, 0));
#endif
}

/* All but what is at 1 to `kept`. */
static void collect(int kept) {
  lua_settop(L, kept);
  lua_gc(L, LUA_GCCOLLECT, 0);
}

static void collect_results(void) { collect(2); }

/* ---- a client on the fake net, in Lua's hands ---- */

static fake_net net;

static void push_client(void) {
  exo_config config = test_config();
  exo_client_box *box = lua_newuserdatauv(L, sizeof *box, 1);
  *box = (exo_client_box){ .client = NULL };
  luaL_getmetatable(L, EXO_CLIENT_TYPE);
  lua_setmetatable(L, -2);
  box->client = fake_client(&net, &config);
}

static lua_State *new_state(void) {
#if LUA_VERSION_NUM >= 505
  return lua_newstate(lua_allocate, NULL, 0);
#else
  return lua_newstate(lua_allocate, NULL);
#endif
}

/* Leaves the client at 1. */
static int set_up(void **state) {
  memory_open(state);
  lua_live = 0;
  net = (fake_net){ .now = 1 };
  L = new_state();
  assert_non_null(L);
  assert_true(open_core());
  push_client();
  return 0;
}

static int tear_down(void **state) {
  if (L != NULL) lua_close(L);
  L = NULL;
  memory_close(state);
  if (lua_live != 0) fail_msg("%zu blocks of Lua's leaked", lua_live);
  return 0;
}

/* ---- results ---- */

/* One kind of outcome: what is called, what it comes to, and what Lua must see. */
typedef struct result_case {
  const char *call; /* operation and arguments */
  fake_reply reply;
  const char *check; /* with data, info, err */
} result_case;

#define DATA                                                                                                          \
  "{\"code\":200,\"status\":\"success\",\"error_data\":null,\"data\":{\"id\":41512,\"mask\":32,\"ok\":true,\"none\":" \
  "null,\"list\":[1.5,\"a\",{}]}}"
#define REFUSED                                                                                                     \
  "{\"code\":400,\"status\":\"failure\",\"error_data\":{\"code\":1002,\"message\":\"No\",\"description\":\"Why\"}," \
  "\"data\":null}"
#define TWO                                                                                                           \
  "{ trunk_sid = 't', destinations = { { destination = '1.2.3.4:5060' }, { destination = 'a.b:5060;transport=tls' } " \
  "} }"

/* clang-format off */
static const result_case results[] = {
  { "'get_trunk', { trunk_sid = 't' }", { .status = 200, .body = "{\"request_id\":\"r1\",\"response\":" DATA "}" },
    "assert(data.id == '41512' and data.mask == 32 and data.ok == true and data.none == nil and data.list[1] == 1.5 and data.list[2] == 'a')"
    "assert(info.request_id == 'r1' and info.http_status == 200 and info.code == 200 and info.attempts == 1 and #info.warnings == 0 and info.next == nil)" },
  { "'map_phone_number', { trunk_sid = 't', phone_number = '+1234567' }",
    { .status = 200, .body = "{\"response\":{\"code\":200,\"data\":{\"id\":\"1\",\"mode\": pstn}}}" },
    "assert(data.mode == 'pstn' and #info.warnings == 1 and info.warnings[1] == 'the answer was not JSON: 1 bare word read as a string')" },
  { "'list_trunks', { offset = 0, page_size = 2 }",
    { .status = 200, .body = "{\"metadata\":{\"page_size\":2,\"next_page_uri\":\"/x?offset=2&page_size=2\"},\"response\":[" DATA "," DATA "]}" },
    "assert(#data == 2 and data[2].id == '41512' and info.next.offset == 2 and info.next.page_size == 2 and info.metadata.page_size == 2)" },
  { "'find_trunk_map', { exophone = '+1234567' }", { .status = 200, .body = "{\"response\":" DATA "}" },
    "assert(#data == 1 and data[1].id == '41512' and #info.warnings == 1)" },
  { "'delete_trunk', { trunk_sid = 't' }", { .status = 200, .body = "{\"response\":{\"code\":200,\"status\":\"success\"}}" },
    "assert(next(data) == nil and #info.warnings == 1)" },
  { "'add_destinations', " TWO, { .status = 200, .body = "{\"metadata\":{\"total\":2,\"success\":2},\"response\":[" DATA "," DATA "]}" },
    "assert(#data == 2 and info.metadata.total == 2)" },
  { "'add_destinations', " TWO, { .status = 207, .body = "{\"request_id\":\"r2\",\"response\":[" REFUSED "," DATA "]}" },
    "assert(err.kind == 'partial' and err.code == 1002 and err.http_status == 207 and err.request_id == 'r2' and err.maybe_applied == false)"
    "assert(#err.failed == 1 and err.failed[1].index == 1 and err.failed[1].code == 1002 and err.failed[1].description == 'Why')"
    "assert(err.failed[1].sent.destination == '1.2.3.4:5060' and err.failed[1].data == nil)"
    "assert(#err.succeeded == 1 and err.succeeded[1].index == 2 and err.succeeded[1].data.id == '41512')"
    "assert(err.succeeded[1].sent.destination == 'a.b:5060;transport=tls')" },
  { "'get_trunk', { trunk_sid = 't' }", { .status = 404, .body = "{\"response\":" REFUSED "}" },
    "assert(err.kind == 'rejected' and err.code == 1002 and err.message == 'No' and #err.body > 10 and err.retryable == false)" },
  { "'list_trunks', {}", { .status = 429, .retry_after = 9, .body = "{\"RestException\":{\"Status\":429,\"Message\":\"Slow\",\"Code\":\"RATE\"}}" },
    "assert(err.kind == 'rate_limited' and err.code == 'RATE' and err.retry_after == 9 and err.retryable == true)" },
  { "'create_trunk', { trunk_name = 'a' }", { .failure = EXO_NETWORK, .sent = true },
    "assert(err.kind == 'network' and err.maybe_applied == true and err.message == 'the fake net failed' and err.body == nil)" },
  { "'create_trunk', { trunk_name = 'not good' }", { .status = 200 },
    "assert(err.kind == 'invalid_argument' and err.field == 'trunk_name' and err.operation == 'create_trunk' and err.http_status == nil)" },
};
/* clang-format on */

#define START "local client = ... local call = client:start("
#define FINISH ") while client:poll(10) > 0 do end "
#define RESULT "local data, info = call:result() local err = info if data == nil then info = nil else err = nil end "

/* Leaves a function at 2, and of what was before only the client. */
static void load(const char *chunk) {
  collect(1);
  if (luaL_loadstring(L, chunk) != 0) fail_msg("%s", lua_tostring(L, -1));
}

static void load_case(const result_case *c, const char *between, const char *end) {
  char chunk[2048];
  snprintf(chunk, sizeof chunk, START "%s" FINISH "%s" RESULT "%s %s", c->call, between, c->check, end);
  load(chunk);
}

static fake_reply reply;

/* Calls the function at 2 with the client at 1. */
static void run(void) {
  net.sent = 0;
  net.replies[0] = reply;
  lua_pushvalue(L, 2);
  lua_pushvalue(L, 1);
  judge(lua_pcall(L, 1, 0, 0));
}

/* From the arguments' table to the result's. */
static void a_whole_call(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(results); i++) {
    load_case(&results[i], "", "");
    reply = results[i].reply;
    each_allocation_fails(run, collect_results);
  }
}

/* A call that is finished already: its result can be asked for again when there is memory again. */
static void a_result_is_not_used_up(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(results); i++) {
    load_case(&results[i], "return function() ", "end");
    net.sent = 0;
    net.replies[0] = results[i].reply;
    lua_pushvalue(L, 1);
    if (lua_pcall(L, 1, 1, 0) != 0) fail_msg("%s", lua_tostring(L, -1));
    each_allocation_fails(run, collect_results);
  }
}

/* ---- the rest of the binding ---- */

static void check_chunk(const char *chunk) {
  load(chunk);
  each_allocation_fails(run, collect_results);
}

static void calls_in_every_state(void **state) {
  (void)state;
  reply = (fake_reply){ .after = -1, .sent = true };
  check_chunk("local client = ... local call = client:start('list_trunks', {}) assert(not call:finished()) "
              "assert(tostring(call) == 'exotel.call: list_trunks (under way)')"
              "client:poll(0) call:cancel() assert(call:finished()) local data, err = call:result() assert(data == nil "
              "and err.kind == 'cancelled')");
  check_chunk("local client = ... local call = client:start('list_trunks', {}) client:poll(0)");
  check_chunk("local client = ... client:start('list_trunks', {})");
}

static void arguments_of_every_type(void **state) {
  (void)state;
  check_chunk("local client = ... local call = client:start('create_trunk', { trunk_name = 'a', nso_code = core.null, "
              "[1] = 2, [true] = print, x = { { {} } }, y = 1.5 })"
              "local data, err = call:result() assert(err.kind == 'invalid_argument')");
}

/* Only the one that is exotel.null is null. */
static void a_pointer_of_the_hosts(void **state) {
  (void)state;
  lua_pushlightuserdata(L, &net);
  lua_setglobal(L, "pointer");
  lua_pushliteral(L, "nso_code must be a string, got userdata");
  lua_setglobal(L, "wanted");
  check_chunk("local client = ... local call = client:start('create_trunk', { trunk_name = 'a', nso_code = pointer }) "
              "local data, err = call:result() assert(err.field == 'nso_code' and err.message == wanted)");
}

/* So long that the arena has to grow in the middle of the table. */
static void arguments_that_need_room(void **state) {
  (void)state;
  check_chunk(
      "local client = ... local long = 'x' for _ = 1, 12 do long = long .. long end "
      "local call = client:start('create_trunk', { trunk_name = long, nso_code = long, domain_name = { long, long } })"
      "local data, err = call:result() assert(err.kind == 'invalid_argument')");
}

static void checking_arguments(void **state) {
  (void)state;
  check_chunk("local client = ... local good, field, message = core.engine.check(client, 'create_trunk', { trunk_name "
              "= 'a b' })"
              "assert(good == false and field == 'trunk_name' and #message > 5) assert(core.engine.check(client, "
              "'create_trunk', { "
              "trunk_name = 'a' }))");
  check_chunk("local client = ... local good, field = core.engine.check(client, 'create_trunk', { trunk_name = 'a', "
              "['nso_code\\0x'] = 'ANY-ANY' })"
              "assert(good == false and field == '[a name with a NUL byte]')");
}

static void whether_only_a_value_is_wrong(void **state) {
  (void)state;
  check_chunk("local client = ... local good, field, message, by_value = core.engine.check(client, 'create_trunk', { "
              "trunk_name = 'a b' })"
              "assert(not good and by_value == true) good, field, message, by_value = core.engine.check(client, "
              "'create_trunk', { "
              "trunk_name = 1 })"
              "assert(not good and by_value == false) local account, host = core.engine.account(client) "
              "assert(#account > 0 and #host > "
              "0)");
}

static void reading_json(void **state) {
  (void)state;
  check_chunk("local value = "
              "core.json_decode('{\"a\":[1,2.5,\"x\",[],{}],\"b\":{\"id\":7,\"c\":true,\"n\":12345678901234567890},"
              "\"d\":null}')"
              "assert(value.a[2] == 2.5 and getmetatable(value.a[4]) == core.array_metatable and value.b.id == '7' and "
              "value.b.c and value.d == nil)");
  check_chunk("local value, message, line = core.json_decode('{\"a\":\\n1,}') assert(value == nil and #message > 5 and "
              "line == 2)");
  check_chunk("for _, text in ipairs { '{\"a\":1,\"a\":2}', '[1e999]', '\"\\255\"' } do"
              " local value, message = core.json_decode(text) assert(value == nil and #message > 5) end");
}

static void running_files(void **state) {
  (void)state;
  check_chunk("local t = core.run_file('local a = { \\'x\\', 2.5, true } return { a = a, b = a, [1] = { {} } }')"
              "assert(t.a == t.b and t.a[1] == 'x' and t.a[2] == 2.5 and t.a[3] == true and t[1][1])");
  check_chunk("for _, text in ipairs { 'return {', 'while true do local t = {} end', 'return { function() end }' } do"
              " local value, message = core.run_file(text) assert(value == nil and #message > 5) end");
}

static void the_hosts_locale_stays(void **state) {
  (void)state;
  locale_t own = duplocale(LC_GLOBAL_LOCALE), before = uselocale(own);
  load("assert(core.run_file('return 1') == 1) assert(not core.run_file('return {'))");
  run();
  assert_ptr_equal(uselocale(before), own);
  freelocale(own);
}

static int take_a_megabyte(lua_State *state) {
  lua_newuserdatauv(state, 1 << 20, 0);
  return 0;
}

static void memory_that_the_system_refuses_is_not_counted(void **state) {
  exo_lua_limits limits = { .used = 0 };
  (void)state;
  lua_pushcfunction(L, take_a_megabyte);
  exo_lua_limit(L, &limits);
  memory_limit(1, false);
  assert_int_equal(lua_pcall(L, 0, 0, 0), LUA_ERRMEM);
  memory_limit(0, false);
  exo_lua_unlimit(L, &limits);
  assert_true(limits.used < (size_t)lua_gc(L, LUA_GCCOUNT, 0) * 1024 + (1 << 20));
}

static void showing_text(void **state) {
  (void)state;
  check_chunk(
      "assert(core.plain('a\\27b\\194\\155\\255') == 'a b\\\\u{009B}\\\\xFF') assert(core.plain(12) == '12')"
      "assert(core.escape('\\194\\155', 'json') == '\\\\u009b') assert(core.escape('\\155', 'lua') == '\\\\155')");
}

/* A folder of its own, which the test leaves empty. */
static void locking_files(void **state) {
  char folder[] = "/tmp/exotel-test-XXXXXX", chunk[1024];
  (void)state;
  assert_non_null(mkdtemp(folder));
  snprintf(chunk, sizeof chunk,
           "local path = '%s/file' local file = assert(core.open_locked(path)) local "
           "_, message, taken = "
           "core.open_locked(path) assert(message and taken) assert(file:append('x')) assert(file:replace('yz')) "
           "assert(file:append('!')) assert(file:close()) assert(core.write_file(path, 'text')) "
           "file = assert(core.open_locked(path)) assert(file:read(100) == 'text' and file:read(100) == nil) "
           "local good, message = core.write_file('%s/no/file', '') assert(not good and #message > 5)",
           folder, folder);
  check_chunk(chunk);
  snprintf(chunk, sizeof chunk, "%s/file", folder);
  assert_int_equal(0, unlink(chunk));
  assert_int_equal(0, rmdir(folder));
}

static void clients_from_options(void **state) {
  (void)state;
  check_chunk(
      "local client = core.client { account_sid = 'a', api_key = 'k', api_token = 't', base_url = "
      "'http://127.0.0.1:9', log = print }"
      "assert(core.engine.state(client).log == print) assert(tostring(client) == 'exotel.client: a at 127.0.0.1:9') "
      "client:close() client:close()");
  check_chunk("local client, message, field = core.client { account_sid = 'a', api_key = 'k', api_token = 't', region "
              "= 'london' }"
              "assert(client == nil and field == 'region' and #message > 5)");
}

/* ---- the log ---- */

static exo_events *events(void) { return exo_client_events(((exo_client_box *)lua_touserdata(L, 1))->client); }

static void run_with_retries(void) {
  net.now += 1000;
  net.sent = 0;
  net.replies[0] = (fake_reply){ .status = 503 };
  net.replies[1] = (fake_reply){ .failure = EXO_NETWORK, .sent = true };
  net.replies[2] = (fake_reply){ .status = 200, .body = "{\"request_id\":\"r1\",\"response\":" DATA "}" };
  exo_events_clear(events());
  lua_pushvalue(L, 2);
  lua_pushvalue(L, 1);
  judge(lua_pcall(L, 1, 0, 0));
}

#define RETRIED \
  "local call = client:start('get_trunk', { trunk_sid = 't' }, { retries = 2, timeout = 5, deadline = 60 }" FINISH

static void a_call_that_is_retried_and_logged(void **state) {
  (void)state;
  load("local client = ... " RETRIED RESULT
       "assert(data.id == '41512' and info.attempts == 3) local list = core.engine.events(client)"
       "assert(#list == 5 and list[1].status == 503 and list[1].outcome == 'server' and list[2].event == 'wait' and "
       "list[2].seconds > 0)"
       "assert(list[5].operation == 'get_trunk' and list[5].method == 'GET' and list[5].request_id == 'r1' and "
       "#list[5].path > 10 and #core.engine.events(client) == 0)");
  events()->wanted = true;
  run_with_retries(); /* the list has its place now */
  collect(2);
  each_allocation_fails(run_with_retries, collect_results);
}

static void read_events(void) {
  lua_pushvalue(L, 2);
  lua_pushvalue(L, 1);
  bool read = judge(lua_pcall(L, 1, 0, 0));
  assert_int_equal(events()->count, read ? 0 : 5);
}

static void make_events_again(void) {
  collect(2);
  events()->count = 5;
}

/* What could not be told is told the next time. */
static void a_log_is_not_lost(void **state) {
  (void)state;
  load("local client = ... " RETRIED "assert(call:finished())");
  events()->wanted = true;
  run_with_retries();
  assert_int_equal(events()->count, 5);
  load("local client = ... assert(#core.engine.events(client) == 5)");
  each_allocation_fails(read_events, make_events_again);
}

/* A new state in place of the last one: opening a module only fails once in each. */
static void renew_state(void) {
  lua_close(L);
  L = new_state();
  assert_non_null(L);
}

static void open_with_little_memory(void) { open_core(); }

static void opening_the_module(void **state) {
  (void)state;
  renew_state();
  each_allocation_fails(open_with_little_memory, renew_state);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
  /* clang-format off */
  const struct CMUnitTest tests[] = {
    TEST(a_whole_call),         TEST(a_result_is_not_used_up), TEST(calls_in_every_state), TEST(arguments_of_every_type),
    TEST(arguments_that_need_room), TEST(a_pointer_of_the_hosts), TEST(whether_only_a_value_is_wrong), TEST(reading_json),
    TEST(checking_arguments),   TEST(clients_from_options),    TEST(opening_the_module),
    TEST(a_call_that_is_retried_and_logged),                   TEST(a_log_is_not_lost),          TEST(running_files),
    TEST(showing_text),         TEST(locking_files),           TEST(the_hosts_locale_stays),
    TEST(memory_that_the_system_refuses_is_not_counted),
  };
  /* clang-format on */
  return cmocka_run_group_tests(tests, NULL, NULL);
}
