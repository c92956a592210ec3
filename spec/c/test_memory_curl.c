/* Calls over a real connection with every allocation failing in turn: first the core's and cJSON's, also in libcurl's
 * callbacks, then libcurl's own as well. This process hands libcurl its allocator before anything else does. */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exotel/api/json.h"
#include "exotel/transport/curl_stream.h"
#include "servers.h"
#include "support.h"

enum { TRUNKS = 12 }; /* so many that a list's answer grows its buffer again and again */

static const char *build;
static servers service;

/* ---- libcurl's memory ---- */

static bool libcurl_fails;

static void *curl_resize(void *block, size_t size) {
  if (libcurl_fails) return counted_allocator.resize(NULL, block, size > 0 ? size : 1);
  void *moved = realloc(block, size > 0 ? size : 1);
  if (moved == NULL) abort();
  memory.live += block == NULL;
  return moved;
}

static void *curl_take(size_t size) { return curl_resize(NULL, size); }

static void curl_give(void *block) {
  memory.live -= block != NULL;
  free(block);
}

static void *curl_take_zeroed(size_t count, size_t size) {
  void *block = curl_take(count * size);
  if (block != NULL) memset(block, 0, count * size);
  return block;
}

static char *curl_copy(const char *text) {
  char *copy = curl_take(strlen(text) + 1);
  return copy != NULL ? strcpy(copy, text) : NULL;
}

/* ---- a life: a client, one call ---- */

typedef struct life {
  const char *operation, *json;
  exo_kind kind;
} life;

static char first_sid[64];
static const life *current;
static const exo_value *arguments, *all;
static exo_client *client;
static size_t runs, kinds[EXO_NO_MEMORY + 1];

static exo_call *finished(const char *operation, const exo_value *given) {
  exo_call *call = start_call_with(client, operation, given, &EXO_CALL_OPTIONS_DEFAULT);
  while (call != NULL && exo_client_poll(client, 10) > 0) continue;
  return call;
}

static size_t count_of(const exo_call *call) {
  const exo_outcome *outcome = exo_call_outcome(call);
  if (outcome->kind != EXO_OK) fail_msg("%s", outcome->message);
  return outcome->answer->item_count;
}

static bool is_read(void) { return strncmp(current->operation, "list_", 5) == 0; }

/* Of libcurl's own lack of memory the core learns what libcurl says of it: that may be a failure of another kind, never
 * a success of another kind, nor a refusal that the service did not utter, nor an answer to what was never sent. */
static void check_outcome(const exo_outcome *outcome) {
  bool lacked = memory_failed() && outcome->kind == EXO_NO_MEMORY;
  bool blamed = memory_failed() && libcurl_fails && (outcome->kind == EXO_NETWORK || outcome->kind == EXO_PROTOCOL);
  kinds[outcome->kind]++;
  if (!lacked && !blamed && outcome->kind != current->kind)
    fail_msg("%s came to %s when allocation %zu failed: %s", current->operation, exo_kind_name(outcome->kind),
             memory.fail_at, outcome->message);
  if (outcome->kind == EXO_PROTOCOL) assert_true(outcome->maybe_applied || is_read());
  if (outcome->kind != EXO_OK) assert_non_null(outcome->message);
  if (outcome->kind == EXO_OK && outcome->answer->items != NULL) assert_int_equal(outcome->answer->item_count, TRUNKS);
}

static void live(void) {
  runs++;
  client = servers_client(&service, service.direct_url, &counted_allocator);
  if (client == NULL) {
    assert_true(memory_failed());
    return;
  }
  exo_call *call = finished(current->operation, arguments);
  if (call == NULL) assert_true(memory_failed());
  else check_outcome(exo_call_outcome(call));
  exo_client_free_call(client, call);
}

/* With memory again. */
static void go_on(void) {
  if (client == NULL) return;
  exo_call *call = finished("list_trunks", all);
  assert_int_equal(count_of(call), TRUNKS);
  exo_client_free_call(client, call);
  exo_client_free(client);
  client = NULL;
}

static void fail_in_turn(void) {
  static const life lives[] = {
    { "list_trunks", "{}", EXO_OK },
    { "update_trunk", "{\"trunk_sid\":\"%s\",\"trunk_name\":\"renamed\"}", EXO_OK },
    { "create_trunk", "{\"trunk_name\":\"renamed\"}", EXO_CONFLICT },
    { "delete_trunk", "{\"trunk_sid\":\"nowhere\"}", EXO_NOT_FOUND },
  };
  /* The last without libcurl: its 7.88 sends a request without its query when it finds no memory to copy that. */
  for (size_t i = 0; i < COUNT(lives) - libcurl_fails; i++) {
    char json[200];
    snprintf(json, sizeof json, lives[i].json, first_sid);
    current = &lives[i];
    arguments = value_from(json);
    each_allocation_fails(live, go_on);
  }
}

/* ---- a stream: connect, send, receive ---- */

static exo_curl_stream *stream;

/* Waits as its callers do. */
static void wait_for_stream(void) {
  struct pollfd list[EXO_CURL_STREAM_SOCKETS];
  int milliseconds;
  size_t count = exo_curl_stream_watch(stream, list, &milliseconds);
  poll(list, (nfds_t)count, milliseconds >= 0 && milliseconds < 100 ? milliseconds : 100);
}

static void talk(void) {
  static const char request[] = "OPTIONS / HTTP/1.0\r\n\r\n";
  char answer[64];
  size_t moved;
  exo_stream_result result;
  if (exo_curl_stream_send(stream, request, sizeof request - 1, &moved) != EXO_STREAM_MOVED) return;
  assert_int_equal(moved, sizeof request - 1);
  while ((result = exo_curl_stream_receive(stream, answer, sizeof answer, &moved)) == EXO_STREAM_BLOCKS)
    wait_for_stream();
  if (!memory_failed()) assert_int_equal(result, EXO_STREAM_MOVED);
}

static void open_and_talk(void) {
  const exo_curl_target target = {
    "127.0.0.1", atoi(strrchr(service.direct_url, ':') + 1), false, "127.0.0.1", true, NULL, 10
  };
  const exo_curl_outcome *outcome;
  exo_error error;
  runs++;
  exo_result result = exo_curl_stream_open(&stream, &target, &counted_allocator, &error);
  if (result != EXO_RESULT_OK) {
    assert_true(memory_failed() && result == EXO_RESULT_NO_MEMORY);
    assert_null(stream);
    return;
  }
  while ((outcome = exo_curl_stream_poll(stream)) == NULL) wait_for_stream();
  kinds[outcome->failure]++;
  if (outcome->failure != EXO_OK) assert_true(memory_failed());
  else talk();
}

static void close_stream(void) {
  exo_curl_stream_close(stream);
  stream = NULL;
}

/* ---- the tests ---- */

static void make_trunk(int number) {
  char json[64];
  snprintf(json, sizeof json, "{\"trunk_name\":\"t%d\"}", number);
  exo_call *call = finished("create_trunk", value_from(json));
  const exo_outcome *outcome = exo_call_outcome(call);
  assert_int_equal(outcome->kind, EXO_OK);
  if (number == 0)
    snprintf(first_sid, sizeof first_sid, "%s", exo_json_string(outcome->answer->item.data, "trunk_sid"));
  exo_client_free_call(client, call);
}

/* What libcurl keeps for good it takes at its first transfer, before the account begins. */
static int open_all(void **state) {
  if (!servers_start(&service, build, false)) return -1;
  client = servers_client(&service, service.direct_url, NULL);
  for (int i = 0; i < TRUNKS; i++) make_trunk(i);
  exo_client_free(client);
  client = NULL;
  runs = 0;
  memset(kinds, 0, sizeof kinds);
  memory_open(state);
  all = value_from("{}");
  return 0;
}

static int close_all(void **state) {
  print_message("%zu runs:", runs);
  for (size_t i = 0; i < COUNT(kinds); i++)
    if (kinds[i] > 0) print_message(" %s %zu", i == EXO_OK ? "ok" : exo_kind_name((exo_kind)i), kinds[i]);
  print_message("\n");
  libcurl_fails = false;
  servers_stop(&service);
  values_forget(state);
  return memory_close(state);
}

static void own_allocations(void **state) {
  (void)state;
  fail_in_turn();
}

static void libcurls_too(void **state) {
  (void)state;
  libcurl_fails = true;
  fail_in_turn();
}

static void a_stream(void **state) {
  (void)state;
  each_allocation_fails(open_and_talk, close_stream);
  libcurl_fails = true;
  each_allocation_fails(open_and_talk, close_stream);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_all, close_all)

int main(int count, char **words) {
  const struct CMUnitTest tests[] = { TEST(own_allocations), TEST(libcurls_too), TEST(a_stream) };
  (void)count;
  build = servers_build(words[0]);
  if (curl_global_init_mem(CURL_GLOBAL_DEFAULT, curl_take, curl_give, curl_resize, curl_copy, curl_take_zeroed) !=
      CURLE_OK)
    return 1;
  int failed = cmocka_run_group_tests(tests, NULL, NULL);
  curl_global_cleanup();
  return failed;
}
