/* A client in a process that was forked off, on the fake net: what becomes of what it inherited, in each state of a
 * call. */
#include <string.h>

#include "support.h"

#define ITEM "{\"http_code\":200,\"response\":{\"code\":200,\"status\":\"success\",\"data\":{\"id\":\"1\"}}}"

static fake_net net;
static exo_client *client;

static int set_up(void **state) {
  memory_open(state);
  net = (fake_net){ .now = 1000, .process = 1 };
  exo_config config = test_config();
  config.max_connections = 1;
  config.rate_limit = 4;
  config.retries = 3;
  client = fake_client(&net, &config);
  return 0;
}

static int tear_down(void **state) {
  exo_client_free(client);
  client = NULL;
  values_forget(state);
  return memory_close(state);
}

static exo_call *create_trunk(void) { return start_call(client, "create_trunk", "{\"trunk_name\":\"a\"}"); }
static exo_call *list_trunks(void) { return start_call(client, "list_trunks", "{}"); }

static void expect_lost(exo_call *call, unsigned attempts, bool write) {
  const exo_outcome *outcome = exo_call_outcome(call);
  assert_non_null(outcome);
  assert_int_equal(outcome->kind, EXO_NETWORK);
  assert_non_null(strstr(outcome->message, "forked"));
  assert_int_equal(outcome->attempts, attempts);
  assert_int_equal(outcome->maybe_applied, write);
  assert_int_equal(outcome->retryable, !write);
  exo_client_free_call(client, call);
}

/* One call waits after a 429, one is under way, two are in line. */
static void every_state_is_lost(void **state) {
  (void)state;
  net.replies[0] = (fake_reply){ .status = 429, .retry_after = 5, .body = "", .sent = true };
  net.replies[1] = (fake_reply){ .after = -1, .sent = true };
  exo_call *waiting = create_trunk(), *sent = create_trunk(), *queued = create_trunk(), *read = list_trunks();
  exo_client_poll(client, 0);
  assert_int_equal(net.sent, 2);
  net.process = 2;
  assert_int_equal(exo_client_poll(client, 100), 0);
  assert_int_equal(net.sent, 2);
  assert_int_equal(net.abandoned, 1);
  assert_int_equal(net.cancelled, 0);
  expect_lost(waiting, 1, true);
  expect_lost(sent, 1, true);
  expect_lost(queued, 0, true);
  expect_lost(read, 0, false);
}

static void expect_one_lost(void (*act)(void)) {
  net.replies[net.sent] = (fake_reply){ .after = -1, .sent = true };
  exo_call *sent = create_trunk(), *queued = create_trunk();
  exo_client_poll(client, 0);
  size_t before = net.sent;
  net.process++;
  act();
  assert_int_equal(net.sent, before);
  expect_lost(queued, 0, true);
  expect_lost(sent, 1, true);
}

static exo_call *fresh;

static void act_start(void) { fresh = list_trunks(); }
static void act_wait(void) { exo_client_wait(client, 1); }
static void act_capacity(void) { assert_int_equal(exo_client_capacity(client).calls, 1); }

/* Whatever is asked first. */
static void anything_notices(void **state) {
  (void)state;
  expect_one_lost(act_start);
  exo_client_free_call(client, fresh);
  expect_one_lost(act_wait);
  expect_one_lost(act_capacity);
  assert_int_equal(net.abandoned, 3);
}

static void cancelling_and_freeing(void **state) {
  (void)state;
  net.replies[0] = (fake_reply){ .after = -1, .sent = true };
  exo_call *sent = create_trunk(), *queued = create_trunk();
  exo_client_poll(client, 0);
  net.process = 2;
  exo_client_cancel(client, sent);
  expect_lost(sent, 1, true);
  exo_client_free_call(client, queued);
  assert_int_equal(net.cancelled, 0);
}

static void closing(void **state) {
  (void)state;
  net.replies[0] = (fake_reply){ .after = -1, .sent = true };
  exo_call *sent = create_trunk();
  exo_client_poll(client, 0);
  net.process = 2;
  exo_client_free(client);
  client = NULL;
  assert_int_equal(net.abandoned, 1);
  assert_int_equal(net.closed, 1);
  assert_int_equal(net.cancelled, 0);
  expect_lost(sent, 1, true);
}

/* What its parent has sent counts: the account is the same. */
static void the_window_goes_on(void **state) {
  (void)state;
  for (size_t i = 0; i < 8; i++) net.replies[i] = (fake_reply){ .status = 200, .body = ITEM };
  for (int i = 0; i < 3; i++) {
    exo_call *call = create_trunk();
    exo_client_poll(client, 1);
    exo_client_free_call(client, call);
  }
  net.replies[3] = (fake_reply){ .after = -1, .sent = true };
  exo_call *sent = create_trunk();
  exo_client_poll(client, 0);
  net.process = 2;
  exo_capacity capacity = exo_client_capacity(client);
  assert_int_equal(capacity.left, 0);
  assert_true(capacity.wait > 59 && capacity.wait < 61);
  expect_lost(sent, 1, true);
  net.now += 61; /* what was lost counts no longer than the rest */
  assert_int_equal(exo_client_capacity(client).left, 4);
}

static void a_client_without_calls(void **state) {
  (void)state;
  net.replies[0] = (fake_reply){ .status = 200, .body = ITEM };
  net.process = 2;
  exo_call *call = create_trunk();
  assert_int_equal(exo_client_poll(client, 1), 0);
  assert_int_equal(exo_call_outcome(call)->kind, EXO_OK);
  assert_int_equal(net.abandoned, 1);
  exo_client_free_call(client, call);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
    TEST(every_state_is_lost), TEST(anything_notices),       TEST(cancelling_and_freeing), TEST(closing),
    TEST(the_window_goes_on),  TEST(a_client_without_calls),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
