/* A finalizer may run at every allocation that Lua makes, and do anything: close the client, poll it, cancel or drop
 * the call, stop the sandbox. Here one does so at the first allocation of what is tested, then at the second, and so
 * on to the last. */
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lua/binding.h"
#include "servers.h"
#include "support.h"

int luaopen_exotel_core(lua_State *L);

/* Seconds: what hangs has to end. */
enum { PATIENCE = 120 };

static const char *build;
static lua_State *L;
static fake_net net;

/* ---- a collector that comes when it is called ---- */

static bool armed, struck;
static size_t allocations, strike_at;

/* Lets the collector go: with the settings of new_state it makes a whole cycle the next time Lua looks at it. */
static void *lua_allocate(void *context, void *block, size_t old_size, size_t size) {
  (void)context, (void)old_size;
  if (size == 0) {
    free(block);
    return NULL;
  }
  if (armed && ++allocations == strike_at) lua_gc(L, LUA_GCRESTART, 0);
  void *moved = realloc(block, size);
  if (moved == NULL) abort();
  return moved;
}

static void set_collector(void) {
#if LUA_VERSION_NUM >= 504
  lua_gc(L, LUA_GCINC, 1000, 1000, 100);
#else
  lua_gc(L, LUA_GCSETPAUSE, 1000);
  lua_gc(L, LUA_GCSETSTEPMUL, LUA_VERSION_NUM < 502 ? 0 : 1000000000);
#endif
}

#define ON_PURPOSE "raised by the finalizer"

static bool is_said(const char *message, const char *part) { return message != NULL && strstr(message, part) != NULL; }

/* Before 5.4 what a finalizer raises comes out of whatever has allocated. */
static int strike(lua_State *state) {
  if (!armed) return 0;
  armed = false;
  struck = true;
  lua_getglobal(state, "strike");
  if (lua_pcall(state, 0, 0, 0) == 0) return 0;
  if (!is_said(lua_tostring(state, -1), ON_PURPOSE)) fail_msg("the finalizer: %s", lua_tostring(state, -1));
  return lua_error(state);
}

/* Garbage, and all else collected. From now on nothing is, until an allocation lets the collector go. */
static void arm(void) {
  lua_gc(L, LUA_GCCOLLECT, 0);
  lua_gc(L, LUA_GCCOLLECT, 0);
  lua_gc(L, LUA_GCSTOP, 0);
  lua_newuserdatauv(L, 1, 0);
  luaL_getmetatable(L, "strike");
  lua_setmetatable(L, -2);
  lua_pop(L, 1);
  allocations = 0;
  struck = false;
  armed = true;
  if (strike_at == 0) lua_gc(L, LUA_GCRESTART, 0);
}

/* ---- the state that is tested in ---- */

#define DATA "{\"code\":200,\"status\":\"success\",\"data\":{\"id\":41512,\"list\":[1.5,\"a\",{}]}}"
#define REFUSED "{\"code\":400,\"error_data\":{\"code\":1002,\"message\":\"No\",\"description\":\"Why\"}}"

static const fake_reply replies[] = {
  { .status = 200, .body = "{\"request_id\":\"r1\",\"response\":" DATA "}" },
  { .status = 200,
    .body = "{\"metadata\":{\"page_size\":2,\"next_page_uri\":\"/x?offset=2\"},\"response\":[" DATA "," DATA "]}" },
  { .status = 207, .body = "{\"request_id\":\"r2\",\"response\":[" REFUSED "," DATA "]}" },
  { .status = 404, .retry_after = 9, .body = "{\"request_id\":\"r3\",\"response\":" REFUSED "}" },
};

/* new_client(n) → a client whose calls get that reply */
static int new_client(lua_State *state) {
  exo_config config = test_config();
  const fake_reply *reply = &replies[luaL_optinteger(state, 1, 1) - 1];
  exo_client_box *box = lua_newuserdatauv(state, sizeof *box, 1);
  *box = (exo_client_box){ .client = NULL };
  luaL_getmetatable(state, EXO_CLIENT_TYPE);
  lua_setmetatable(state, -2);
  net.sent = 0;
  for (size_t i = 0; i < FAKE_EXCHANGES; i++) net.replies[i] = *reply;
  box->client = fake_client(&net, &config);
  exo_client_events(box->client)->wanted = true;
  exo_client_events(box->client)->wanted_writes = true;
  return 1;
}

static void new_state(void) {
  L = NULL;
  armed = false;
  lua_State *state = lua_newstate(lua_allocate, NULL);
  assert_non_null(state);
  L = state;
  set_collector();
  luaL_newmetatable(L, "strike");
  lua_pushcfunction(L, strike);
  lua_setfield(L, -2, "__gc");
  lua_pop(L, 1);
}

static void run(const char *chunk) {
  if (luaL_loadstring(L, chunk) != 0 || lua_pcall(L, 0, 0, 0) != 0) fail_msg("%s", lua_tostring(L, -1));
}

static int open_binding(void **state) {
  memory_open(state);
  net = (fake_net){ .now = 1 };
  new_state();
  luaL_openlibs(L);
  lua_pushcfunction(L, luaopen_exotel_core);
  lua_call(L, 0, 1);
  lua_setglobal(L, "core");
  lua_pushcfunction(L, new_client);
  lua_setglobal(L, "new_client");
  run("function start(...) return client:start(...) end "
      "function close() client:close() end "
      "function tell() local n = #core.engine.events(client) told = told + n end "
      "function poll() client:poll(0) core.engine.events(client) end "
      "function hardly(...) local data, err = ... if data == nil then assert(err.kind == 'cancelled', err.message) end "
      "end");
  return 0;
}

static int close_state(void **state) {
  lua_close(L);
  return memory_close(state);
}

/* ---- one operation and what a finalizer does to it ---- */

typedef struct strike_case {
  const char *strike, *before, *act;
} strike_case;

static void load(const char *chunk) {
  if (luaL_loadstring(L, chunk) != 0) fail_msg("%s", lua_tostring(L, -1));
}

/* What is raised then has to say why. */
static void act_once(const strike_case *c) {
  run(c->strike);
  run(c->before);
  load(c->act);
  arm();
  int status = lua_pcall(L, 0, 0, 0);
  armed = false;
  const char *message = status != 0 ? lua_tostring(L, -1) : NULL;
  if (status == 0) return;
  bool explained = is_said(message, "the client is closed") || is_said(message, "the server is stopped") ||
                   is_said(message, "the sandbox is stopped") || is_said(message, "the directory is closed") ||
                   is_said(message, ON_PURPOSE);
  if (!struck || !explained) fail_msg("at allocation %zu of `%s`: %s", strike_at, c->act, message);
}

static void tidy_up(void) {
  lua_settop(L, 0);
  run("client, call, server, sb, directory, one, other, builder = nil");
  lua_gc(L, LUA_GCCOLLECT, 0);
  lua_gc(L, LUA_GCCOLLECT, 0);
}

/* How often it came to a strike. Some functions allocate nothing. */
static size_t strike_each(const strike_case *c) {
  size_t strikes = 0, live = 0;
  strike_at = 0; /* before the first: some Luas look at the collector before they allocate */
  do {
    act_once(c);
    strikes += struck;
    tidy_up();
    if (strike_at == 0) live = memory.live;
    if (memory.live != live)
      fail_msg("%zu blocks leaked at allocation %zu of `%s`", memory.live - live, strike_at, c->act);
  } while (allocations >= strike_at++);
  return strikes;
}

static void strike_all(const strike_case *cases, size_t count) {
  size_t strikes = 0;
  for (size_t i = 0; i < count; i++) strikes += strike_each(&cases[i]);
  assert_true(strikes >= count);
}

/* ---- the binding ---- */

#define NOTHING "function strike() end "
#define CLOSE "strike = close "
#define POLL "strike = poll "
#define CANCEL "function strike() if call then call:cancel() end end "
#define CLIENT "client = new_client() "
#define START CLIENT "call = start('get_trunk', { trunk_sid = 't' }) "
#define POLLED "while client:poll(10) > 0 do end "
#define FINISH START POLLED
#define KEPT CLIENT "call = start('get_trunk', { trunk_sid = 't' }, { keep_answer = true }) " POLLED
#define LIST "client = new_client(2) call = start('list_trunks', {}) " POLLED
#define PARTIAL                                                    \
  "client = new_client(3) local d = { destination = 'a.b:5060' } " \
  "call = start('add_destinations', { trunk_sid = 't', destinations = { d, d } }) " POLLED
#define FAILURE "client = new_client(4) call = start('get_trunk', { trunk_sid = 't' }) " POLLED

/* A client that a finalizer closes, in every function of the binding. */
static void a_client_that_is_closed(void **state) {
  static const strike_case cases[] = {
    { CLOSE, CLIENT,
      "local call = start('create_trunk', { trunk_name = 'a', nso_code = ('x'):rep(90) }, { retries = 1 }) "
      "client:poll(0) " },
    { CLOSE, CLIENT,
      "for _, o in ipairs(core.operations) do if o.name == 'list_trunks' then o.start(client, {}) end end" },
    { CLOSE, CLIENT, "core.engine.check(client, 'create_trunk', { trunk_name = 'a b' }, { validate = true })" },
    { CLOSE, CLIENT, "core.engine.check(client, 'create_trunk', { trunk_name = 'a' })" },
    { CLOSE, START, "while not call:finished() do client:poll('1') end hardly(call:result())" },
    { CLOSE, FINISH, "assert(#core.engine.events(client) <= 1)" },
    { CLOSE, FINISH, "local data, info = call:result() assert(data.id == '41512' and info.request_id == 'r1')" },
    { CLOSE, LIST, "local data, info = call:result() assert(data[2].id == '41512' and info.next.offset == 2)" },
    { CLOSE, PARTIAL,
      "local data, err = call:result() assert(data == nil and err.failed[1].description == 'Why' and "
      "err.succeeded[1].sent.destination == 'a.b:5060')" },
    { CLOSE, FAILURE,
      "local data, err = call:result() assert(data == nil and err.request_id == 'r3' and #err.body > 9)" },
    { CLOSE, START, "call:cancel() local data, err = call:result() assert(err.kind == 'cancelled')" },
    { CLOSE, START, "assert(tostring(call):find('exotel.call: get_trunk', 1, true))" },
    { CLOSE, CLIENT, "local text = tostring(client) assert(#text == 43 or text == 'exotel.client (closed)', text)" },
    { CLOSE, CLIENT, "local account, host = core.engine.account(client) assert(#account == 7 and #host == 17)" },
    { CLOSE, CLIENT, "core.engine.capacity(client) core.engine.activity(client) core.engine.wait(client, 0)" },
    { CLOSE, CLIENT, "local _ = core.engine.closed(client), core.engine.state(client)" },
    { CLOSE, CLIENT, "client:close()" },
  };
  (void)state;
  strike_all(cases, COUNT(cases));
}

/* One that uses it: its events are told once, by whoever comes first. */
static void a_client_that_is_polled(void **state) {
  static const strike_case cases[] = {
    { POLL, CLIENT,
      "start('create_trunk', { trunk_name = 'a', nso_code = ('x'):rep(90) }, { retries = 1 }) client:poll(0)" },
    { POLL, CLIENT, "core.engine.check(client, 'create_trunk', { trunk_name = 'a b' }, { validate = true })" },
    { POLL, START, "while not call:finished() do client:poll(0) end assert(call:result().id == '41512')" },
    { POLL, FINISH, "assert(call:result().id == '41512')" },
    { "function strike() client:poll(0) tell() end ", START "told = 0 local second = start('list_trunks', {}) " POLLED,
      "tell() assert(told == 2, told)" },
    { "function strike() tell() start('list_trunks', {}) " POLLED " end ",
      START "told = 0 local second = start('list_trunks', {}) " POLLED,
      "tell() tell() assert(told == 2 or told == 3, told)" },
  };
  (void)state;
  strike_all(cases, COUNT(cases));
}

/* One that cancels the call, drops it or calls its finalizer. */
static void a_call_that_is_cancelled(void **state) {
  static const strike_case cases[] = {
    { CANCEL, START, "while not call:finished() do client:poll(0) end hardly(call:result())" },
    { CANCEL, FINISH, "assert(call:result().id == '41512')" },
    { CANCEL, KEPT, "local data, info = call:result() assert(#info.answer.body > 9 and info.answer.status == 200)" },
    { CLOSE, KEPT, "local data, info = call:result() assert(#info.answer.body > 9 and info.answer.status == 200)" },
    { CANCEL, CLIENT, "call = start('get_trunk', { trunk_sid = 't' }) client:poll(0)" },
    { CANCEL, START, "assert(tostring(call):find('exotel.call: get_trunk', 1, true))" },
    { "function strike() call = nil collectgarbage() end ", START,
      "for _ = 1, 3 do client:poll(0) tostring(client) end" },
    { "function strike() client, call = nil collectgarbage() end ", FINISH,
      "if call then client:poll(0) end hardly((call or { result = function() return {} end }):result())" },
    { "function strike() pcall(function() getmetatable(call).__gc(call) end) end ", FINISH,
      "assert(call:result().id == '41512')" },
  };
  (void)state;
  strike_all(cases, COUNT(cases));
}

#define OPTIONS                                                                                  \
  "options = { account_sid = ('a'):rep(9), api_key = ('k'):rep(50), api_token = ('t'):rep(50), " \
  "base_url = 'http://127.0.0.1:' .. ('9'):rep(1), log = print, sleep = print } "
#define EMPTY "function strike() for name in pairs(options) do options[name] = nil end collectgarbage() end "

/* Options and arguments that are taken out of their table while they are read; JSON. */
static void what_else_is_held(void **state) {
  static const strike_case cases[] = {
    { "function strike() for name in pairs(args) do args[name] = nil end collectgarbage() end",
      CLIENT "args = { trunk_name = ('a'):rep(50), nso_code = { { ('b'):rep(50) } }, x = ('c'):rep(50) }",
      "assert(start('create_trunk', args):finished()) core.engine.check(client, 'create_trunk', args)" },
    { "function strike() for name in pairs(options) do options[name] = nil end collectgarbage() end",
      CLIENT "options = { body = ('b'):rep(50), content_type = ('c'):rep(50), keep_answer = true, retries = 1 }",
      "local call = start('create_trunk', { trunk_name = 'a' }, options) " POLLED
      "local data, info = call:result() assert(data.id == '41512' and (info.answer == nil or #info.answer.body > 9))" },
    { EMPTY, OPTIONS,
      "local made, message, field = core.client(options) assert(made or field == 'account_sid', message) "
      "if made then assert(tostring(made) == 'exotel.client: aaaaaaaaa at 127.0.0.1:9') made:close() end" },
    { NOTHING, "text = '{\"a\":[1,2.5,\"x\",[],{}],\"b\":{\"id\":7}}'",
      "local t = text text = nil assert(core.json_decode(t).b.id == '7')" },
    { "function strike() text = nil collectgarbage() end", "text = '[1,' .. ('2'):rep(60) .. '}'",
      "local value, message = core.json_decode(text or '[') assert(value == nil and #message > 5)" },
    { NOTHING, "",
      "local value, message = core.json_decode('{\"a\":1,\"a\":2}') assert(value == nil and #message > 5)" },
  };
  (void)state;
  strike_all(cases, COUNT(cases));
}

/* ---- a directory ---- */

/* Two directories that differ in what is on the trunk "t"; the file holds the first. */
#define DIRECTORY                                                                                         \
  "path = path or os.tmpname() function make(sid, count) local b = core.directory_builder.new('a', 'h') " \
  "local t = b:trunk({ trunk_sid = sid, trunk_name = 't' }, 0) b:number(t, '+911', 'flow', '1') "         \
  "for i = 1, count do b:ip(t, '10.0.0.1', 33 - i, '2') b:destination(t, 'sip:a', 1, i, '3') end "        \
  "return b:finish(0, 0) end one, other = make('s1', 2), make('s2', 9) one:write(path) "                  \
  "directory = core.directory(path) "                                                                     \
  "function fits(v) assert(v == nil or v.trunk_sid == 's1' or v.trunk_sid == 's2') end "
#define SWAP "function strike() other:write(path) core.directory_internals.update(directory) end "
#define SHUT "function strike() directory:close() end "
#define IN_DIRECTORY(strike)                                                                                        \
  { strike, DIRECTORY, "local n = directory:number('+911') fits(n) assert(n == nil or n.mode == 'flow')" },         \
      { strike, DIRECTORY, "local s = directory:number('+911', 'trunk_sid') fits { trunk_sid = s }" },              \
      { strike, DIRECTORY, "for _, ip in ipairs(directory:ip('10.0.0.1')) do fits(ip) assert(ip.mask >= 24) end" }, \
      { strike, DIRECTORY, "assert(#directory:ip('10.0.0.1') == 1) directory:ip('10.0.0.1', 'trunk_sid')" },        \
      { strike, DIRECTORY,                                                                                          \
        "local t = directory:trunk('t') fits(t) assert(#t.destinations == (t.trunk_sid == 's1' and 2 or 9))" },     \
      { strike, DIRECTORY, "fits { trunk_sid = directory:trunk('t', 'trunk_sid') } directory:age()" },              \
      { strike, DIRECTORY, "local i = directory:info() assert(i.account_sid == 'a' and i.host == 'h')" },           \
      { strike, DIRECTORY,                                                                                          \
        "local i = core.directory_internals fits(i.trunk_at(directory, 1)) fits(i.number_at(directory, 1)) "        \
        "fits(i.ip_at(directory, 1)) local n = #i.destinations(directory, 't') assert(n == 2 or n == 9) "           \
        "i.reason(directory) i.snapshot(directory):close()" },                                                      \
      { strike, DIRECTORY,                                                                                          \
        "local u, e = core.directory_internals.choose(directory, 't', 0) assert(e.destination == u)" },             \
  {                                                                                                                 \
    strike, DIRECTORY,                                                                                              \
        "local i = core.directory_internals local l, serial = i.destinations(directory, 't') "                      \
        "local u, e = i.choose(directory, 't', 0, { true }, serial) assert(u == false or e.weight ~= #l)"           \
  }

static void a_directory_that_is_replaced_or_closed(void **state) {
  static const strike_case cases[] = {
    IN_DIRECTORY(SWAP),
    IN_DIRECTORY(SHUT),
    { NOTHING, DIRECTORY, "local m = other:merge(one) m:changes(one) one:changes(m, 'went') one:account()" },
    { NOTHING, DIRECTORY, "core.directory_builder.load(path):close() core.directory(path):close()" },
    { NOTHING, DIRECTORY, "make('s3', 3)" },
  };
  (void)state;
  strike_all(cases, COUNT(cases));
  run("os.remove(path)");
}

/* ---- the sandbox's server ---- */

static int open_modules(void **state) {
  memory_open(state);
  new_state();
  luaL_openlibs(L);
  lua_pushstring(L, build);
  lua_setglobal(L, "build");
  run("package.path = 'lua/?.lua;lua/?/init.lua;' .. package.path package.cpath = build .. '/?.so;' .. package.cpath "
      "exotel, sandbox, module = require 'exotel', require 'exotel.sandbox', require 'exotel.sandbox.server' "
      "function config() return { port = 0, module = 'exotel.sandbox.handler', options = { account_sid = 'a', api_key "
      "= 'k', "
      "api_token = 't', page_size = 50 }, path = package.path, cpath = package.cpath } end "
      "function stop() if server then server:stop() end end "
      "function close() if client then client:close() end end "
      "function hardly(data, err) if data == nil then assert(err.kind == 'cancelled', err.message) end end "
      "function mildly(...) local good, err = pcall(...) if not good then "
      "assert(type(err) == 'table' and err.kind == 'cancelled' or tostring(err):find 'is closed', err) end end "
      "exotel_trunk = require 'exotel.trunk'");
  return 0;
}

#define SERVER "server = assert(module.start(config())) "
#define STOP "strike = stop "

static void a_server_that_is_stopped(void **state) {
  static const strike_case cases[] = {
    { STOP, SERVER, "local state = server:call('state') assert(#state.trunks == 0)" },
    { STOP, SERVER, "server:call('advance', 5)" },
    { STOP, SERVER, "server:call('requests')" },
    { STOP, SERVER, "assert(server:call('handled') == 0)" },
    { STOP, SERVER,
      "local good, message = pcall(server.call, server, 'none') assert(not good and "
      "(message:find('the service has no function', 1, true) or message:find('the server is stopped', 1, true)))" },
    { STOP, SERVER, "assert(server:port() > 0 and server:certificate_file() == nil) server:stop()" },
  };
  (void)state;
  strike_all(cases, COUNT(cases));
}

static void a_server_that_is_called(void **state) {
  static const strike_case cases[] = {
    { "function strike() server:call('state') end", SERVER,
      "local state = server:call('state') assert(#state.trunks == 0)" },
    { "function strike() server:call('state') end", SERVER, "server:call('advance', 5)" },
  };
  (void)state;
  strike_all(cases, COUNT(cases));
}

static void a_server_that_starts(void **state) {
  static const strike_case cases[] = {
    { NOTHING, "", SERVER "server:stop()" },
    { STOP,
      "local certificate, key = module.certificate() c = config() c.certificate, c.key = certificate, key "
      "server = assert(module.start(c))",
      "local file = server:certificate_file() assert(file:find('/exotel-sandbox-', 1, true))" },
  };
  (void)state;
  strike_all(cases, COUNT(cases));
}

/* ---- a finalizer that raises ---- */

#define RAISE "function strike() error('" ON_PURPOSE "') end "

/* Nothing is lost then, and no lock is kept. */
static void a_finalizer_that_raises(void **state) {
  static const strike_case cases[] = {
    { RAISE, CLIENT, "start('create_trunk', { trunk_name = 'a', nso_code = ('x'):rep(90) }) client:poll(0)" },
    { RAISE, CLIENT, "core.engine.check(client, 'create_trunk', { trunk_name = 'a b' })" },
    { RAISE, FINISH, "core.engine.events(client)" },
    { RAISE, PARTIAL, "call:result()" },
    { RAISE, CLIENT, "tostring(client) core.json_decode('{\"a\":[1,2]}')" },
    { RAISE, OPTIONS, "local made = core.client(options) made:close()" },
    { RAISE, DIRECTORY, "directory:trunk('t') directory:ip('10.0.0.1') directory:number('+911') make('s3', 2)" },
  };
  (void)state;
  strike_all(cases, COUNT(cases));
}

static void a_finalizer_that_raises_in_a_call_of_the_server(void **state) {
  static const strike_case cases[] = {
    { RAISE, SERVER, "server:call('state')" },
    { RAISE, SERVER "server:call('advance', 1)",
      "pcall(server.call, server, 'state') assert(server:call('handled') == 0)" },
    { RAISE, "server = nil", SERVER },
  };
  (void)state;
  strike_all(cases, COUNT(cases));
}

/* ---- all of it ---- */

static int open_service(void **state) {
  open_modules(state);
  run("service = assert(sandbox.start()) function wait(call) while not call:finished() do client:poll(0.2) end end");
  return 0;
}

static int close_service(void **state) {
  run("service:stop()");
  return close_state(state);
}

#define OWN "client = assert(service:client()) "
#define LOGGED "client = assert(service:client { log = function(event) assert(event.operation) end }) "
#define SLEEPY "client = assert(service:client { sleep = function() end }) "

static void a_client_in_use_that_is_closed(void **state) {
  static const strike_case cases[] = {
    { CLOSE, OWN, "hardly(client:list_trunks {})" },
    { CLOSE, LOGGED, "hardly(client:list_trunks {})" },
    { CLOSE, SLEEPY, "hardly(client:list_trunks {})" },
    { CLOSE, OWN,
      "local t, err = client:delete_trunk { trunk_sid = 'none' } assert(t == nil and (err.kind == 'not_found' or "
      "err.kind == 'cancelled') and #tostring(err) > 20)" },
    { CLOSE, OWN,
      "for _, r in ipairs(client:batch { { 'list_trunks', {} }, { 'list_trunks', {} } }) do hardly(r.data, r.err) "
      "end" },
    { CLOSE, OWN, "mildly(function() for t in client:each('list_trunks', {}) do assert(t.trunk_sid) end end)" },
    { CLOSE, LOGGED, "local call = client:start('list_trunks', {}) wait(call) hardly(call:result()) call:cancel()" },
    { CLOSE, OWN,
      "local t = client:start('list_trunks', {}) client:poll(0) t:cancel() local _, err = t:result() assert(err.kind "
      "== 'cancelled')" },
    { CLOSE, "",
      "client = exotel.client { account_sid = 'a', api_key = 'k', api_token = 't', region = 'mumbai' } "
      "assert(tostring(client):find('exotel.client', 1, true)) client:close()" },
    { CLOSE, OWN,
      "local data, err = client:create_trunk { trunk_name = 'a' } "
      "if data then hardly(client:delete_trunk { trunk_sid = data.trunk_sid }) "
      "else assert(err.kind == 'cancelled' or err.kind == 'conflict', err) end" },
    { CLOSE, OWN, "hardly(exotel_trunk.find(client, 'none') or {})" },
  };
  (void)state;
  strike_all(cases, COUNT(cases));
}

#define STOP_SANDBOX "function strike() if sb then sb:stop() end end "
#define SANDBOX "sb = assert(sandbox.start()) "

static void a_sandbox_that_is_stopped(void **state) {
  static const strike_case cases[] = {
    { STOP_SANDBOX, "sb = nil", SANDBOX "sb:stop()" },
    { STOP_SANDBOX, SANDBOX, "assert(#sb:requests() == 0) sb:reset_requests() assert(sb:handled() == 0)" },
    { STOP_SANDBOX, SANDBOX, "sb:put { trunk_name = 'a' } assert(#sb:state().trunks == 1)" },
    { STOP_SANDBOX, SANDBOX, "sb:fault { before = 'create_trunk', drop = true } sb:clear_faults() sb:advance(1)" },
    { STOP_SANDBOX, SANDBOX, "assert(#tostring(sb) > 20 and sb:environment().EXOTEL_BASE_URL) sb:client():close()" },
  };
  (void)state;
  strike_all(cases, COUNT(cases));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_binding, close_state)
#define SERVICE_TEST(name) cmocka_unit_test_setup_teardown(name, open_service, close_service)
#define MODULE_TEST(name) cmocka_unit_test_setup_teardown(name, open_modules, close_state)

int main(int count, char **words) {
  const struct CMUnitTest tests[] = { TEST(a_client_that_is_closed),
                                      TEST(a_client_that_is_polled),
                                      TEST(a_call_that_is_cancelled),
                                      TEST(what_else_is_held),
                                      TEST(a_directory_that_is_replaced_or_closed),
                                      TEST(a_finalizer_that_raises),
                                      MODULE_TEST(a_finalizer_that_raises_in_a_call_of_the_server),
                                      MODULE_TEST(a_server_that_is_stopped),
                                      MODULE_TEST(a_server_that_is_called),
                                      MODULE_TEST(a_server_that_starts),
                                      SERVICE_TEST(a_client_in_use_that_is_closed),
                                      SERVICE_TEST(a_sandbox_that_is_stopped) };
  (void)count;
  alarm(PATIENCE);
  build = servers_build(words[0]);
  return cmocka_run_group_tests(tests, NULL, NULL);
}
