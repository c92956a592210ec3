/* A whole life, from configuration to outcome, with every single allocation failing once: no crash, no leak, and
 * never another outcome than the right one or "not enough memory". */
#include <string.h>

#include "exotel/engine/open.h"
#include "support.h"

typedef struct life {
  const char *operation, *arguments;
  fake_reply reply;
  exo_kind kind;
} life;

#define DATA "{\"code\":200,\"status\":\"success\",\"error_data\":null,\"data\":{\"id\":1}}"
#define REFUSED "{\"code\":400,\"status\":\"failure\",\"error_data\":{\"code\":1002,\"message\":\"No\"},\"data\":null}"
#define DESTINATIONS \
  "{\"trunk_sid\":\"t\",\"destinations\":[{\"destination\":\"1.2.3.4:5060\"},{\"destination\":\"a.b:5060\"}]}"

/* clang-format off */
static const life lives[] = {
  { "create_trunk", "{\"trunk_name\":\"a\"}", { .status = 200, .body = "{\"request_id\":\"r\",\"response\":" DATA "}" }, EXO_OK },
  { "map_phone_number", "{\"trunk_sid\":\"t\",\"phone_number\":\"+1234567\",\"mode\":\"pstn\"}",
    { .status = 200, .body = "{\"response\":{\"code\":200,\"status\":\"success\",\"data\":{\"id\":\"1\",\"mode\": pstn}}}" }, EXO_OK },
  { "list_trunks", "{\"offset\":50,\"page_size\":50,\"trunk_sid\":\"a long one, so that the URL has to grow while it is being written\"}",
    { .status = 200, .body = "{\"metadata\":{\"next_page_uri\":\"\\/v2?offset=100&page_size=50\"},\"response\":[" DATA "," DATA "]}" }, EXO_OK },
  { "add_destinations", DESTINATIONS, { .status = 200, .body = "{\"metadata\":{\"total\":2},\"response\":[" DATA "," DATA "]}" }, EXO_OK },
  { "add_destinations", DESTINATIONS, { .status = 207, .body = "{\"response\":[" DATA "," REFUSED "]}" }, EXO_PARTIAL },
  { "update_trunk", "{\"trunk_sid\":\"t\",\"status\":\"banana\"}",
    { .status = 200, .body = "{\"response\":{\"code\":200,\"status\":\"success\",\"data\":{\"status\":\"active\"}}}" }, EXO_OK },
  { "delete_trunk", "{\"trunk_sid\":\"t\"}", { .status = 200, .body = "{\"response\":{\"code\":200,\"status\":\"success\"}}" }, EXO_OK },
  { "get_trunk", "{\"trunk_sid\":\"t\"}", { .status = 404, .body = "{\"response\":{\"code\":404,\"status\":\"failure\",\"error_data\":{\"code\":1000}}}" }, EXO_NOT_FOUND },
  { "get_trunk", "{\"trunk_sid\":\"t\"}", { .status = 401, .body = "Authorization failed" }, EXO_AUTHENTICATION },
  { "get_trunk", "{\"trunk_sid\":\"t\"}", { .status = 502, .body = "<html>Bad Gateway</html>" }, EXO_SERVER },
  { "get_trunk", "{\"trunk_sid\":\"t\"}", { .status = 200 }, EXO_PROTOCOL },
  { "create_trunk", "{\"trunk_name\":\"a\"}", { .failure = EXO_NETWORK, .sent = true }, EXO_NETWORK },
  { "create_trunk", "{\"trunk_name\":\"not good\"}", { .status = 200 }, EXO_INVALID_ARGUMENT },
};
/* clang-format on */

static const life *current;
static const exo_value *arguments;
static bool warned;

static void check_outcome(const exo_outcome *outcome) {
  bool lacked = memory_failed() && outcome->kind == EXO_NO_MEMORY;
  if (!lacked && outcome->kind != current->kind)
    fail_msg("%s came to %s", current->operation, exo_kind_name(outcome->kind));
  if (outcome->kind != EXO_OK) assert_non_null(outcome->message);
  warned = outcome->answer != NULL && outcome->answer->warning_count > 0;
}

/* So long that every copy needs memory of its own. */
static char long_path[3000], long_proxy[3000] = "http://us%40er:pass@";

static exo_client *new_client(fake_net *net) {
  exo_error error;
  exo_config config = test_config();
  exo_platform platform = fake_platform(net);
  exo_transport transport = fake_transport(net);
  config.ca_file = long_path;
  config.proxy.url = long_proxy;
  exo_client *client;
  exo_result result = open_client(&client, &config, &platform, &transport, &error);
  assert_int_equal(result == EXO_RESULT_OK, client != NULL);
  if (client == NULL) {
    assert_true(memory_failed());
    assert_int_equal(result, EXO_RESULT_NO_MEMORY);
  }
  return client;
}

static void live(void) {
  static fake_net net;
  net = (fake_net){ .replies = { current->reply } };
  exo_client *client = new_client(&net);
  if (client == NULL) return;
  exo_call *call = start_call_with(client, current->operation, arguments, &EXO_CALL_OPTIONS_DEFAULT);
  assert_int_equal(strlen(exo_client_config(client)->proxy.url), strlen(long_proxy));
  if (call == NULL) assert_true(memory_failed());
  while (call != NULL && exo_client_poll(client, 10) > 0) continue;
  if (call != NULL) check_outcome(exo_call_outcome(call));
  exo_client_free_call(client, call);
  exo_client_free(client);
  assert_int_equal(net.closed, 1);
}

static void every_life(void **state) {
  (void)state;
  memset(long_path, 'x', sizeof long_path - 1);
  memset(long_proxy + strlen(long_proxy), 'x', sizeof long_proxy - 1 - strlen(long_proxy));
  for (size_t i = 0; i < COUNT(lives); i++) {
    current = &lives[i];
    arguments = value_from(current->arguments);
    each_allocation_fails(live, NULL);
  }
}

/* The warning about a bare word is part of the result: without it the result must not be given. */
static void live_to_be_warned(void) {
  warned = false;
  current = &lives[1];
  live();
  if (!memory_failed()) assert_true(warned);
}

static void a_warning_is_not_lost(void **state) {
  (void)state;
  arguments = value_from(lives[1].arguments);
  each_allocation_fails(live_to_be_warned, NULL);
}

/* With libcurl's transport: no connection is made, for nothing is polled. */
static void live_on_curl(void) {
  exo_error error = { "", "" };
  exo_config config = test_config();
  exo_platform platform = exo_system_platform;
  config.region = NULL;
  config.base_url = "http://127.0.0.1:9";
  platform.allocator = counted_allocator;
  exo_client *client;
  exo_result result = exo_client_open(&config, &platform, &client, &error);
  if (client == NULL && !memory_failed()) fail_msg("no client: %s", error.message);
  if (client == NULL) assert_int_equal(result, EXO_RESULT_NO_MEMORY);
  exo_call *call = client != NULL ? start_call_with(client, "get_trunk", arguments, &EXO_CALL_OPTIONS_DEFAULT) : NULL;
  exo_client_free_call(client, call);
  exo_client_free(client);
}

static void a_client_on_curl(void **state) {
  (void)state;
  arguments = value_from("{\"trunk_sid\":\"t\"}");
  each_allocation_fails(live_on_curl, NULL);
}

/* What was begun before the error is given back. */
static void no_client_without_certificates(void **state) {
  (void)state;
  exo_error error = { "", "" };
  exo_config config = test_config();
  exo_platform platform = exo_system_platform;
  config.ca_file = "spec/c/no_such_file.pem";
  platform.allocator = counted_allocator;
  exo_client *client;
  assert_int_equal(exo_client_open(&config, &platform, &client, &error), EXO_RESULT_ERROR);
  assert_null(client);
  assert_string_equal(error.field, "ca_file");
  assert_non_null(strstr(error.message, "no_such_file.pem"));
}

/* ---- the parts: what a failed allocation leaves behind ---- */

static void a_buffer_keeps_what_it_had(void **state) {
  (void)state;
  exo_buffer buffer;
  exo_buffer_init(&buffer, &counted_allocator);
  assert_string_equal(exo_buffer_string(&buffer), "");
  assert_true(exo_buffer_text(&buffer, "kept"));
  memory_limit(1, false);
  char large[1000] = { 0 };
  assert_false(exo_buffer_append(&buffer, large, sizeof large));
  memory_limit(0, false);
  assert_false(exo_buffer_text(&buffer, "more"));
  assert_true(buffer.failed);
  assert_string_equal(exo_buffer_string(&buffer), "kept");
  exo_buffer_free(&buffer);
  assert_true(exo_buffer_text(&buffer, "anew"));
  exo_buffer_free(&buffer);
  exo_buffer_free(&buffer);
}

static void a_buffer_refuses_to_overflow(void **state) {
  (void)state;
  exo_buffer buffer;
  exo_buffer_init(&buffer, &counted_allocator);
  assert_true(exo_buffer_text(&buffer, "kept"));
  assert_false(exo_buffer_append(&buffer, "x", SIZE_MAX));
  assert_false(exo_buffer_append(&buffer, "x", SIZE_MAX / 2));
  assert_string_equal(exo_buffer_string(&buffer), "kept");
  exo_buffer_free(&buffer);
}

static void an_arena_aligns_and_zeroes(void **state) {
  (void)state;
  exo_arena arena;
  exo_arena_init(&arena, &counted_allocator);
  static const size_t sizes[] = { 1, 15, 16, 17, 2047, 2048, 2049, 100000, 0, 3 };
  for (size_t i = 0; i < COUNT(sizes); i++) {
    unsigned char *block = exo_arena_take(&arena, sizes[i]);
    assert_non_null(block);
    assert_int_equal((uintptr_t)block % 16, 0);
    for (size_t k = 0; k < sizes[i]; k++) assert_int_equal(block[k], 0);
    memset(block, 0xFF, sizes[i]);
  }
  assert_null(exo_arena_take(&arena, SIZE_MAX));
  assert_string_equal(exo_arena_format(&arena, "%s %d", "a", 7), "a 7");
  assert_memory_equal(exo_arena_copy(&arena, "a\0b", 3), "a\0b", 4);
  memory_limit(1, false);
  assert_null(exo_arena_take(&arena, 1 << 20));
  memory_limit(0, false);
  exo_arena_free(&arena);
  exo_arena_free(&arena);
}

/* ---- secrets ---- */

static const char *const secret = "hunter2_hunter2";
static bool found_secret;

/* Looks at every block before it goes back. */
static void *searching_resize(void *context, void *block, size_t size) {
  static struct {
    void *block;
    size_t size;
  } known[256];
  (void)context;
  size_t i = 0;
  while (i < COUNT(known) && known[i].block != block) i++; /* without a block: a free place */
  assert_true(i < COUNT(known));
  for (size_t k = 0; k + strlen(secret) <= known[i].size; k++)
    found_secret = found_secret || memcmp((char *)block + k, secret, strlen(secret)) == 0;
  void *moved = exo_libc_allocator.resize(NULL, block, size);
  known[i].block = moved;
  known[i].size = moved != NULL ? size : 0;
  return moved;
}

/* The password of a credential is not left in memory that others get. cJSON's own memory is not looked at. */
static void a_password_is_wiped(void **state) {
  (void)state;
  fake_net net = { .replies = { { .status = 200, .body = "{\"response\":" DATA "}" } } };
  exo_error error;
  exo_config config = test_config();
  exo_platform platform = fake_platform(&net);
  exo_transport transport = fake_transport(&net);
  platform.allocator = (exo_allocator){ searching_resize, NULL };
  exo_client *client;
  assert_int_equal(open_client(&client, &config, &platform, &transport, &error), EXO_RESULT_OK);
  exo_call *call = exo_client_new_call(client);
  const exo_value *given = value_from("{\"trunk_sid\":\"t\",\"user_name\":\"u\",\"password\":\"hunter2_hunter2\"}");
  exo_value *copy = exo_arena_take(exo_call_arena(call), sizeof *copy);
  *copy = *given;
  assert_non_null(exo_arena_copy(exo_call_arena(call), secret, strlen(secret)));
  assert_true(exo_client_start(client, call, operation_named("create_credential"), copy, &EXO_CALL_OPTIONS_DEFAULT));
  assert_int_equal(exo_client_poll(client, 1), 0);
  assert_int_equal(exo_call_outcome(call)->kind, EXO_OK);
  exo_client_free_call(client, call);
  exo_client_free(client);
  assert_false(found_secret);
}

#define WITH_MEMORY(name) cmocka_unit_test_setup_teardown(name, memory_open, memory_close)

int main(void) {
  const struct CMUnitTest tests[] = {
    WITH_MEMORY(every_life),
    WITH_MEMORY(a_warning_is_not_lost),
    WITH_MEMORY(a_client_on_curl),
    WITH_MEMORY(no_client_without_certificates),
    WITH_MEMORY(a_buffer_keeps_what_it_had),
    WITH_MEMORY(a_buffer_refuses_to_overflow),
    WITH_MEMORY(an_arena_aligns_and_zeroes),
    cmocka_unit_test(a_password_is_wiped),
  };
  return cmocka_run_group_tests(tests, NULL, values_forget);
}
