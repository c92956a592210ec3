/* Two Lua states on two threads, a client in each, over HTTP and HTTPS: a program of its own, built with
 * ThreadSanitizer (threads.mk), in a host that initialises libcurl itself. */
#include <curl/curl.h>
#include <lauxlib.h>
#include <lualib.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "servers.h"

int luaopen_exotel_core(lua_State *L);

enum { THREADS = 2, CALLS = 300 };

static const char script[] =
    "package.path = 'lua/?.lua;lua/?/init.lua;' .. package.path\n"
    "package.preload['exotel.core'] = core\n"
    "local exotel = require 'exotel'\n"
    "local function new()\n"
    "  return assert(exotel.client { account_sid = 'sandbox1', api_key = 'sandbox_key', api_token = 'sandbox_token', "
    "base_url = url,\n"
    "    ca_file = ca, rate_limit = false, retries = 1, backoff = 0, log = function(event) assert(event.operation) end "
    "})\n"
    "end\n"
    "local client = new()\n"
    "local name = 't' .. number\n"
    "local trunk = assert(client:create_trunk { trunk_name = name })\n"
    "for i = 1, calls do\n"
    "  local data = assert(client:update_trunk { trunk_sid = trunk.trunk_sid, trunk_name = name .. '_' .. i })\n"
    "  assert(data.trunk_name == name .. '_' .. i and data.trunk_sid == trunk.trunk_sid)\n"
    "  local missing, err = client:get_trunk { trunk_sid = 'nowhere' }\n"
    "  assert(not missing and err.kind == 'not_found' and #tostring(err) > 10)\n"
    "  missing, err = client:create_trunk { trunk_name = 'not good' }\n"
    "  assert(not missing and err.kind == 'invalid_argument')\n"
    "  if i % 50 == 0 then client:close() client = new() end\n"
    "end\n"
    "local requests = {}\n"
    "for i = 1, 20 do requests[i] = { 'get_trunk', { trunk_sid = trunk.trunk_sid } } end\n"
    "for _, result in ipairs(client:batch(requests)) do assert(result.data.trunk_sid == trunk.trunk_sid) end\n"
    "client:close()\n";

typedef struct job {
  const servers *service;
  int number;
  bool good;
} job;

static void set_text(lua_State *L, const char *name, const char *text) {
  if (text[0] == '\0') return;
  lua_pushstring(L, text);
  lua_setglobal(L, name);
}

/* It may be an error object. */
static void tell_error(lua_State *L, int number) {
  lua_getglobal(L, "tostring");
  lua_insert(L, -2);
  lua_pcall(L, 1, 1, 0);
  fprintf(stderr, "thread %d: %s\n", number, lua_tostring(L, -1));
}

static void *work(void *argument) {
  job *j = argument;
  lua_State *L = luaL_newstate();
  luaL_openlibs(L);
  lua_pushcfunction(L, luaopen_exotel_core);
  lua_setglobal(L, "core");
  set_text(L, "url", j->service->direct_url);
  set_text(L, "ca", j->service->ca_file);
  lua_pushinteger(L, j->number);
  lua_setglobal(L, "number");
  lua_pushinteger(L, CALLS);
  lua_setglobal(L, "calls");
  j->good = luaL_loadstring(L, script) == 0 && lua_pcall(L, 0, 0, 0) == 0;
  if (!j->good) tell_error(L, j->number);
  lua_close(L);
  return NULL;
}

static bool run_threads(const servers *service, int first) {
  pthread_t threads[THREADS];
  job jobs[THREADS];
  bool good = true;
  for (int i = 0; i < THREADS; i++) {
    jobs[i] = (job){ service, first + i, false };
    if (pthread_create(&threads[i], NULL, work, &jobs[i]) != 0) abort();
  }
  for (int i = 0; i < THREADS; i++) {
    pthread_join(threads[i], NULL);
    good = good && jobs[i].good;
  }
  return good;
}

/* The servers are forked off before the first thread. */
int main(int count, char **words) {
  servers plain, tls;
  if (count != 2 || !servers_start(&plain, words[1], false) || !servers_start(&tls, words[1], true)) return 1;
  if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) return 1;
  bool good = run_threads(&plain, 1);
  good = run_threads(&tls, 1) && good;
  curl_global_cleanup();
  good = run_threads(&plain, 1 + THREADS) && good;
  servers_stop(&tls);
  servers_stop(&plain);
  if (good) printf("%d threads made %d calls each, three times\n", THREADS, 3 * CALLS + 21);
  return good ? 0 : 1;
}
