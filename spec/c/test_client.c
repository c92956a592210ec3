/* The engine on a net and a clock that obey the test: what is sent when, what a call comes to, and who owns what. */
#include <stdio.h>
#include <string.h>

#include "one_client.h"

/* Another client in place of the one that set_up made. */
static void with_config(exo_config config) {
  exo_client_free(client);
  net = (fake_net){ .now = 1000 };
  client = fake_client(&net, &config);
}

static void with_connections(int most) {
  exo_config config = test_config();
  config.max_connections = most;
  with_config(config);
}

/* What the next exchanges come to. */
static void reply_all(size_t count, fake_reply reply) {
  for (size_t i = 0; i < count; i++) net.replies[i] = reply;
}

static exo_call *list_trunks(void) { return start_call(client, "list_trunks", "{}"); }

/* The n-th of many calls, known by its offset. */
static exo_call *numbered(size_t n) {
  char json[64];
  snprintf(json, sizeof json, "{\"offset\":%zu}", n);
  return start_call(client, "list_trunks", json);
}

/* ---- start, poll, read ---- */

static void check_success(const exo_outcome *outcome) {
  assert_int_equal(outcome->kind, EXO_OK);
  assert_int_equal(outcome->http_status, 200);
  assert_int_equal(outcome->attempts, 1);
  assert_true(outcome->elapsed == 2.0);
  assert_int_equal(outcome->retry_after, -1);
  assert_false(outcome->retryable);
  assert_false(outcome->maybe_applied);
  assert_null(outcome->body);
  assert_string_equal(outcome->answer->request_id, "r1");
}

static void one_call(void **state) {
  (void)state;
  reply_all(1, (fake_reply){ .after = 2, .status = 200, .body = ITEM });
  const exo_value *arguments = value_from("{\"trunk_sid\":\"t\"}");
  exo_call *call = start_call_with(client, "get_trunk", arguments, &EXO_CALL_OPTIONS_DEFAULT);
  assert_false(exo_call_finished(call));
  assert_null(exo_call_outcome(call));
  assert_int_equal(net.sent, 0);
  assert_int_equal(exo_client_poll(client, 100), 0);
  assert_true(exo_call_finished(call));
  check_success(exo_call_outcome(call));
  assert_string_equal(exo_call_operation(call)->name, "get_trunk");
  assert_ptr_equal(exo_call_arguments(call), arguments);
  assert_string_equal(net.targets[0], "/v2/accounts/ameyo5m/trunks/t");
  exo_client_free_call(client, call);
}

/* Many may be kept until they are collected. */
static void a_finished_call_keeps_neither_request_nor_text(void **state) {
  (void)state;
  reply_all(1, (fake_reply){ .status = 200, .sent = true, .body = ITEM });
  exo_call *call = start_call(client, "create_credential",
                              "{\"trunk_sid\":\"t\",\"password\":\"x\",\"user_name\":\"u\"}");
  assert_non_null(call->request.body.data);
  assert_int_equal(exo_client_poll(client, 0), 0);
  assert_int_equal(outcome_of(call)->kind, EXO_OK);
  assert_null(call->request.url.data);
  assert_null(call->request.body.data);
  assert_null(call->exchange.reply.body.data);
  exo_client_free_call(client, call);
}

static void poll_zero_never_waits(void **state) {
  (void)state;
  reply_all(3, (fake_reply){ .after = 5, .status = 200, .body = LIST });
  exo_call *calls[3];
  for (size_t i = 0; i < 3; i++) calls[i] = list_trunks();
  for (int i = 0; i < 50; i++) assert_int_equal(exo_client_poll(client, 0), 3);
  assert_true(net.now == 1000.0);
  assert_true(net.longest_wait == 0.0);
  net.now += 5;
  assert_int_equal(exo_client_poll(client, 0), 0);
  assert_true(net.longest_wait == 0.0);
  for (size_t i = 0; i < 3; i++) exo_client_free_call(client, calls[i]);
}

enum { AT_ONCE = 5 };

/* Their answers have come, and to read one takes more than a poll's time. */
static void start_and_answer(exo_call *calls[AT_ONCE]) {
  reply_all(AT_ONCE, (fake_reply){ .after = 1, .status = 200, .body = LIST });
  for (size_t i = 0; i < AT_ONCE; i++) calls[i] = list_trunks();
  assert_int_equal(exo_client_poll(client, 0), AT_ONCE);
  net.now += 1;
  net.looking = 0.001;
}

static void poll_zero_reads_answers_one_by_one(void **state) {
  (void)state;
  exo_call *calls[AT_ONCE];
  start_and_answer(calls);
  for (size_t left = AT_ONCE; left > 0; left--) {
    size_t activity = exo_client_activity(client);
    assert_int_equal(exo_client_poll(client, 0), left - 1);
    assert_true(exo_client_activity(client) > activity);
  }
  for (size_t i = 0; i < AT_ONCE; i++) exo_client_free_call(client, calls[i]);
}

static void what_has_come_is_not_waited_for(void **state) {
  (void)state;
  exo_call *calls[AT_ONCE];
  start_and_answer(calls);
  exo_client_poll(client, 0);
  exo_client_wait(client, 100);
  assert_int_equal(exo_client_poll(client, 100), 0);
  assert_true(net.longest_wait == 0.0);
  for (size_t i = 0; i < AT_ONCE; i++) exo_client_free_call(client, calls[i]);
}

/* The transport has forgotten it by then. */
static void cancelling_what_has_come(void **state) {
  (void)state;
  exo_call *calls[AT_ONCE];
  start_and_answer(calls);
  exo_client_poll(client, 0);
  exo_client_cancel(client, calls[AT_ONCE - 1]);
  assert_int_equal(outcome_of(calls[AT_ONCE - 1])->kind, EXO_CANCELLED);
  assert_int_equal(net.cancelled, 0);
  for (size_t i = 0; i < AT_ONCE; i++) exo_client_free_call(client, calls[i]);
}

/* A poll that may wait has all the time there is for what has come. */
static void poll_zero_gives_the_transport_a_millisecond(void **state) {
  (void)state;
  reply_all(1, (fake_reply){ .after = 5, .status = 200, .body = LIST });
  exo_call *call = list_trunks();
  exo_client_poll(client, 0);
  assert_true(net.budget <= 0.001);
  exo_client_poll(client, 1);
  assert_true(net.budget > 1e9);
  exo_client_free_call(client, call);
}

static void poll_returns_when_one_finished(void **state) {
  (void)state;
  net.replies[0] = (fake_reply){ .after = 50, .status = 200, .body = LIST };
  net.replies[1] = (fake_reply){ .after = 3, .status = 200, .body = LIST };
  exo_call *slow = list_trunks(), *fast = list_trunks();
  assert_int_equal(exo_client_poll(client, 100), 1);
  assert_true(net.now == 1003.0);
  assert_true(exo_call_finished(fast));
  assert_false(exo_call_finished(slow));
  assert_int_equal(exo_client_poll(client, 100), 0);
  assert_true(net.now == 1050.0);
  exo_client_free_call(client, slow);
  exo_client_free_call(client, fast);
}

static void poll_waits_no_longer_than_told(void **state) {
  (void)state;
  reply_all(1, (fake_reply){ .after = -1 });
  exo_call *call = list_trunks();
  assert_int_equal(exo_client_poll(client, 7), 1);
  assert_true(net.now == 1007.0);
  exo_client_free_call(client, call);
}

static void poll_without_calls(void **state) {
  (void)state;
  assert_int_equal(exo_client_poll(client, 100), 0);
  assert_true(net.now == 1000.0);
  exo_call *call = start_call(client, "create_trunk", "{}");
  assert_int_equal(exo_client_poll(client, 100), 0);
  assert_true(net.now == 1000.0);
  assert_int_equal(net.sent, 0);
  exo_client_free_call(client, call);
}

static void invalid_arguments_are_not_sent(void **state) {
  (void)state;
  exo_call *call = start_call(client, "add_destinations",
                              "{\"trunk_sid\":\"t\",\"destinations\":[{\"destination\":\"x\"}]}");
  assert_true(exo_call_finished(call));
  const exo_outcome *outcome = outcome_of(call);
  assert_int_equal(outcome->kind, EXO_INVALID_ARGUMENT);
  assert_string_equal(outcome->field, "destinations[1].destination");
  assert_non_null(strstr(outcome->message, "destinations[1].destination must be <IPv4 or FQDN>"));
  assert_int_equal(outcome->attempts, 0);
  assert_false(outcome->maybe_applied);
  assert_false(outcome->retryable);
  assert_null(outcome->answer);
  assert_int_equal(exo_client_poll(client, 0), 0);
  assert_int_equal(net.sent, 0);
  exo_client_free_call(client, call);
}

static void rules_follow_the_configuration(void **state) {
  (void)state;
  exo_config config = test_config();
  config.validate = false;
  with_config(config);
  reply_all(1, (fake_reply){ .status = 200, .body = ITEM });
  exo_call *call = start_call(client, "create_trunk", "{\"trunk_name\":\"a-b-c\"}");
  assert_int_equal(exo_client_poll(client, 1), 0);
  assert_int_equal(outcome_of(call)->kind, EXO_OK);
  exo_client_free_call(client, call);
}

static void no_memory_to_send(void **state) {
  (void)state;
  net.refuses = true;
  exo_call *call = list_trunks();
  assert_int_equal(exo_client_poll(client, 10), 0);
  assert_int_equal(outcome_of(call)->kind, EXO_NO_MEMORY);
  exo_client_free_call(client, call);
  net.refuses = false;
  reply_all(1, (fake_reply){ .status = 200, .body = LIST });
  call = list_trunks();
  assert_int_equal(exo_client_poll(client, 10), 0);
  assert_int_equal(outcome_of(call)->kind, EXO_OK);
  exo_client_free_call(client, call);
}

/* ---- first come, first served ---- */

static void check_order(size_t count) {
  for (size_t i = 0; i < count; i++) {
    char target[64];
    snprintf(target, sizeof target, "/v2/accounts/ameyo5m/trunks?offset=%zu", i);
    assert_string_equal(net.targets[i], target);
  }
}

static void connections_are_limited(void **state) {
  (void)state;
  enum { CALLS = 20 };
  exo_call *calls[CALLS];
  with_connections(3);
  for (size_t i = 0; i < CALLS; i++) {
    net.replies[i] = (fake_reply){ .after = 1 + (double)(i % 3), .status = 200, .body = LIST };
    calls[i] = numbered(i);
  }
  for (size_t left = CALLS; left > 0;) {
    size_t now = exo_client_poll(client, 100);
    assert_true(now < left);
    assert_int_equal(net.in_flight, now < 3 ? now : 3);
    left = now;
  }
  assert_int_equal(net.most_in_flight, 3);
  check_order(CALLS);
  for (size_t i = 0; i < CALLS; i++) exo_client_free_call(client, calls[i]);
}

static void a_place_is_taken_at_once(void **state) {
  (void)state;
  with_connections(1);
  reply_all(3, (fake_reply){ .after = 1, .status = 200, .body = LIST });
  exo_call *calls[3];
  for (size_t i = 0; i < 3; i++) calls[i] = numbered(i);
  assert_int_equal(exo_client_poll(client, 0), 3);
  assert_int_equal(net.sent, 1);
  assert_int_equal(exo_client_poll(client, 10), 2);
  assert_int_equal(net.sent, 2);
  exo_client_cancel(client, calls[1]);
  assert_int_equal(exo_client_poll(client, 0), 1);
  assert_int_equal(net.sent, 3);
  check_order(3);
  for (size_t i = 0; i < 3; i++) exo_client_free_call(client, calls[i]);
}

/* ---- timeouts and deadlines ---- */

static exo_call *with_options(double timeout, double deadline) {
  exo_call_options options = { .timeout = timeout, .deadline = deadline, .retries = 0, .validate = -1 };
  return start_call_with(client, "list_trunks", value_from("{}"), &options);
}

/* The caller may have descriptors to free before the next attempt. */
static void poll_returns_when_descriptors_are_short(void **state) {
  (void)state;
  exo_config config = test_config();
  config.retries = 1;
  with_config(config);
  net.replies[0] = (fake_reply){ .after = 1, .failure = EXO_CONFIG };
  net.replies[1] = net.replies[0];
  exo_call *call = list_trunks();
  assert_false(exo_client_lacked_descriptors(client));
  assert_int_equal(exo_client_poll(client, 100), 1);
  assert_true(exo_client_lacked_descriptors(client));
  assert_int_equal(exo_client_poll(client, 100), 0);
  assert_true(exo_client_lacked_descriptors(client));
  assert_int_equal(exo_client_poll(client, 100), 0);
  assert_false(exo_client_lacked_descriptors(client));
  assert_int_equal(exo_call_outcome(call)->kind, EXO_CONFIG);
  exo_client_free_call(client, call);
}

static void a_timeout_is_the_shorter_one(void **state) {
  (void)state;
  exo_call *calls[] = { list_trunks(), with_options(7, -1), with_options(-1, 3), with_options(7, 200),
                        with_options(500, 300) };
  static const double expected[] = { 30, 7, 3, 7, 300 };
  reply_all(COUNT(calls), (fake_reply){ .after = -1 });
  exo_client_poll(client, 0);
  assert_int_equal(net.sent, COUNT(calls));
  for (size_t i = 0; i < COUNT(calls); i++) {
    if (net.timeouts[i] != expected[i]) fail_msg("call %zu was given %f seconds", i, net.timeouts[i]);
    exo_client_free_call(client, calls[i]);
  }
}

static void waiting_counts_against_the_deadline(void **state) {
  (void)state;
  with_connections(1);
  net.replies[0] = (fake_reply){ .after = 4, .status = 200, .body = LIST };
  net.replies[1] = (fake_reply){ .after = -1 };
  exo_call *first = list_trunks(), *second = with_options(30, 10);
  exo_client_poll(client, 100);
  assert_int_equal(net.sent, 2);
  assert_true(net.timeouts[1] == 6.0);
  exo_client_free_call(client, first);
  exo_client_free_call(client, second);
}

/* It fails when its time is over, not when a place gets free or poll's time is over. */
static void a_deadline_passes_in_the_queue(void **state) {
  (void)state;
  with_connections(1);
  net.replies[0] = (fake_reply){ .after = 20, .status = 200, .body = LIST };
  const exo_value *arguments = value_from("{\"trunk_name\":\"a\"}");
  exo_call *first = list_trunks();
  exo_call *second = start_call_with(client, "create_trunk", arguments,
                                     &(exo_call_options){ .timeout = -1, .deadline = 5, .validate = -1 });
  assert_int_equal(exo_client_poll(client, 100), 1);
  const exo_outcome *outcome = outcome_of(second);
  assert_int_equal(outcome->kind, EXO_TIMEOUT);
  assert_true(outcome->elapsed == 5.0);
  assert_int_equal(outcome->attempts, 0);
  assert_false(outcome->maybe_applied);
  assert_true(outcome->retryable);
  assert_false(exo_call_finished(first));
  assert_int_equal(exo_client_poll(client, 100), 0);
  assert_int_equal(outcome_of(first)->kind, EXO_OK);
  assert_int_equal(net.sent, 1);
  exo_client_free_call(client, first);
  exo_client_free_call(client, second);
}

/* ---- the rate limit, and what the log is told of it ---- */

/* When the one request that the limit of this client allows is free again. */
#define FREE 1060.001

static void use_the_limit_up(void) {
  exo_config config = test_config();
  config.rate_limit = 1;
  with_config(config);
  reply_all(1, (fake_reply){ .status = 200, .body = LIST });
  exo_call *call = list_trunks();
  assert_int_equal(exo_client_poll(client, 1), 0);
  exo_client_free_call(client, call);
  exo_client_events(client)->wanted = true;
}

static size_t waits_told(void) {
  const exo_events *events = exo_client_events(client);
  size_t count = 0;
  for (size_t i = 0; i < events->count; i++) count += events->list[i].type == EXO_EVENT_WAIT;
  return count;
}

static void a_call_that_the_limit_holds_is_told_once(void **state) {
  (void)state;
  use_the_limit_up();
  net.now = FREE - 0.2;
  exo_call *first = list_trunks(), *second = list_trunks();
  for (int i = 0; i < 3; i++) exo_client_poll(client, 0);
  assert_int_equal(waits_told(), 1);
  assert_int_equal(net.sent, 1);
  exo_client_free_call(client, first);
  exo_client_free_call(client, second);
}

static void a_standstill_is_told_once_and_so_is_the_next(void **state) {
  (void)state;
  use_the_limit_up();
  net.now = FREE - 0.2;
  for (int i = 0; i < 3; i++) assert_int_equal(exo_client_capacity(client).calls, 0);
  assert_int_equal(waits_told(), 1);
  net.now = FREE + 1;
  reply_all(2, (fake_reply){ .status = 200, .body = LIST });
  exo_call *call = list_trunks();
  exo_client_poll(client, 1);
  exo_client_free_call(client, call);
  for (int i = 0; i < 3; i++) assert_int_equal(exo_client_capacity(client).calls, 0);
  assert_int_equal(waits_told(), 2);
}

static void there_is_no_capacity_beyond_the_limit(void **state) {
  (void)state;
  exo_config config = test_config();
  config.rate_limit = 2;
  config.max_connections = 3;
  with_config(config);
  assert_int_equal(exo_client_capacity(client).calls, 2);
}

/* Never before the date, though a clock has parts of a second. */
static void a_date_to_come_back_is_waited_for(void **state) {
  (void)state;
  exo_config config = test_config();
  config.retries = 1;
  with_config(config);
  net.now = 1000.25;
  net.replies[0] = (fake_reply){ .status = 503, .retry_at = 1010 };
  net.replies[1] = (fake_reply){ .status = 200, .body = LIST };
  exo_call *call = list_trunks();
  assert_int_equal(exo_client_poll(client, 9.75), 1);
  assert_int_equal(exo_client_poll(client, 10), 0);
  assert_true(net.now >= 1010.25);
  exo_client_free_call(client, call);
}

static void events_that_nobody_reads_are_limited(void **state) {
  (void)state;
  exo_events *events = exo_client_events(client);
  events->wanted = true;
  for (int i = 0; i < 10000; i++) assert_non_null(exo_events_add(events, EXO_EVENT_WAIT));
  assert_null(exo_events_add(events, EXO_EVENT_WAIT));
  exo_events_clear(events);
  assert_non_null(exo_events_add(events, EXO_EVENT_WAIT));
}

static void a_wait_that_nobody_notices_is_not_told(void **state) {
  (void)state;
  use_the_limit_up();
  net.now = FREE - 0.05;
  exo_call *call = list_trunks();
  exo_client_poll(client, 0);
  exo_client_capacity(client);
  assert_int_equal(waits_told(), 0);
  exo_client_free_call(client, call);
}

/* ---- cancelling and freeing ---- */

static exo_call *create_trunk(void) { return start_call(client, "create_trunk", "{\"trunk_name\":\"a\"}"); }

static void check_cancelled(const exo_call *call, unsigned attempts, bool maybe_applied) {
  const exo_outcome *outcome = outcome_of(call);
  assert_int_equal(outcome->kind, EXO_CANCELLED);
  assert_int_equal(outcome->attempts, attempts);
  assert_int_equal(outcome->maybe_applied, maybe_applied);
  assert_false(outcome->retryable);
}

/* Time passes between two looks at the clock: to begin a call may take a TLS handshake. */
static void a_deadline_passes_while_another_call_is_begun(void **state) {
  (void)state;
  net.sending = 6;
  exo_call *first = with_options(30, 60), *second = with_options(30, 5), *third = with_options(30, 60);
  exo_client_poll(client, 0);
  assert_int_equal(net.sent, 1); /* then the time of a poll that must not wait was used up */
  exo_client_poll(client, 1);
  assert_int_equal(outcome_of(second)->kind, EXO_TIMEOUT);
  assert_int_equal(outcome_of(second)->attempts, 0);
  assert_false(outcome_of(second)->maybe_applied);
  for (size_t i = 0; i < net.sent; i++) assert_true(net.timeouts[i] > 0);
  exo_client_free_call(client, first);
  exo_client_free_call(client, second);
  exo_client_free_call(client, third);
}

/* The same in one poll, which has all the time it wants. */
static void nothing_is_sent_after_its_deadline(void **state) {
  (void)state;
  net.sending = 6;
  exo_call *first = with_options(30, 60), *second = with_options(30, 5);
  exo_client_poll(client, 1);
  assert_int_equal(net.sent, 1);
  assert_int_equal(outcome_of(second)->kind, EXO_TIMEOUT);
  exo_client_free_call(client, first);
  exo_client_free_call(client, second);
}

static void cancel_in_each_state(void **state) {
  (void)state;
  with_connections(1);
  net.replies[0] = (fake_reply){ .after = -1, .sent = true };
  exo_call *fresh = exo_client_new_call(client), *sent = create_trunk(), *queued = create_trunk();
  assert_int_equal(exo_client_poll(client, 0), 2);
  exo_client_cancel(client, fresh);
  assert_false(exo_call_finished(fresh));
  exo_client_cancel(client, queued);
  assert_int_equal(net.cancelled, 0);
  check_cancelled(queued, 0, false);
  exo_client_cancel(client, sent);
  assert_int_equal(net.cancelled, 1);
  check_cancelled(sent, 1, true);
  assert_int_equal(exo_client_poll(client, 10), 0);
  exo_call *const calls[] = { fresh, sent, queued };
  for (size_t i = 0; i < COUNT(calls); i++) exo_client_free_call(client, calls[i]);
}

static void cancelling_a_finished_call(void **state) {
  (void)state;
  reply_all(1, (fake_reply){ .status = 200, .body = LIST });
  exo_call *call = list_trunks();
  exo_client_poll(client, 1);
  exo_client_cancel(client, call);
  exo_client_cancel(client, call);
  assert_int_equal(outcome_of(call)->kind, EXO_OK);
  assert_int_equal(net.cancelled, 0);
  exo_client_free_call(client, call);
  call = list_trunks();
  exo_client_cancel(client, call);
  exo_client_cancel(client, call);
  assert_int_equal(outcome_of(call)->kind, EXO_CANCELLED);
  exo_client_free_call(client, call);
}

/* A cancelled read that was never answered: nothing can have changed. */
static void cancelling_a_read(void **state) {
  (void)state;
  net.replies[0] = (fake_reply){ .after = -1, .sent = true };
  exo_call *call = list_trunks();
  exo_client_poll(client, 0);
  exo_client_cancel(client, call);
  assert_false(outcome_of(call)->maybe_applied);
  exo_client_free_call(client, call);
}

static void freeing_calls_in_any_state(void **state) {
  (void)state;
  with_connections(2);
  reply_all(3, (fake_reply){ .after = -1 });
  exo_call *calls[5];
  for (size_t i = 0; i < 5; i++) calls[i] = numbered(i);
  exo_client_poll(client, 0);
  exo_client_free_call(client, calls[0]);
  exo_client_free_call(client, calls[4]);
  assert_int_equal(net.cancelled, 1);
  assert_int_equal(exo_client_poll(client, 0), 3);
  assert_int_equal(net.sent, 3);
  exo_client_free_call(client, calls[3]);
  exo_client_free_call(client, calls[1]);
  exo_client_free_call(client, calls[2]);
  assert_int_equal(net.in_flight, 0);
  assert_int_equal(exo_client_poll(client, 10), 0);
  exo_client_free_call(client, exo_client_new_call(client));
  exo_client_free_call(client, NULL);
}

/* A call that is finished, one on its way, one in the queue, one that was never started, one that was refused. */
static void the_client_goes_first(void **state) {
  (void)state;
  with_connections(1);
  net.replies[0] = (fake_reply){ .status = 200, .body = ITEM };
  net.replies[1] = (fake_reply){ .after = -1, .sent = true };
  exo_call *done = start_call(client, "get_trunk", "{\"trunk_sid\":\"t\"}");
  exo_client_poll(client, 1);
  exo_call *const calls[] = { done, create_trunk(), list_trunks(), exo_client_new_call(client),
                              start_call(client, "get_trunk", "{}") };
  exo_client_poll(client, 0);
  exo_client_free(client);
  client = NULL;
  assert_int_equal(net.closed, 1);
  assert_int_equal(net.cancelled, 1);
  assert_string_equal(outcome_of(done)->answer->request_id, "r1");
  check_cancelled(calls[1], 1, true);
  check_cancelled(calls[2], 0, false);
  assert_int_equal(outcome_of(calls[4])->kind, EXO_INVALID_ARGUMENT);
  for (size_t i = 0; i < COUNT(calls); i++) {
    exo_client_cancel(client, calls[i]);
    exo_client_free_call(client, calls[i]);
  }
}

static void an_answer_outlives_the_client(void **state) {
  (void)state;
  static const char html[] = "<html>Bad Gateway</html>";
  net.replies[0] = (fake_reply){ .status = 502, .body = html };
  exo_call *call = list_trunks();
  exo_client_poll(client, 1);
  exo_client_free(client);
  client = NULL;
  assert_memory_equal(outcome_of(call)->body, html, sizeof html);
  assert_int_equal(outcome_of(call)->body_length, sizeof html - 1);
  exo_client_free_call(client, call);
}

static void no_client_for_a_bad_configuration(void **state) {
  (void)state;
  exo_error error = { "", "" };
  exo_config config = test_config();
  exo_platform platform = fake_platform(&net);
  fake_net other = { .now = 0 };
  exo_transport transport = fake_transport(&other);
  config.region = "london";
  exo_client *none;
  assert_int_equal(open_client(&none, &config, &platform, &transport, &error), EXO_RESULT_ERROR);
  assert_null(none);
  assert_string_equal(error.field, "region");
  assert_non_null(strstr(error.message, "london"));
  exo_client_free(NULL);
}

/* ---- random numbers ---- */

static void finish_call(exo_call *call) {
  while (exo_client_poll(client, 100) > 0) continue;
  exo_client_free_call(client, call);
}

/* None twice, for clients that failed together would return together; and none for calls that need none. */
static void each_wait_has_a_random_number_of_its_own(void **state) {
  exo_config config = test_config();
  (void)state;
  config.retries = 2;
  with_config(config);
  reply_all(2, (fake_reply){ .after = 1, .sent = true, .status = 503, .body = "{}" });
  for (size_t i = 2; i < 20; i++)
    net.replies[i] = (fake_reply){ .after = 1, .sent = true, .status = 200, .body = LIST };
  finish_call(list_trunks());
  assert_int_equal(net.drawn, 3);
  for (int i = 0; i < 5; i++) finish_call(list_trunks());
  assert_int_equal(net.drawn, 3);
  net.process++;
  finish_call(list_trunks());
  assert_int_equal(net.drawn, 4); /* the parent may take the one that it has */
}

int main(void) {
  const struct CMUnitTest tests[] = {
    TEST(one_call),
    TEST(a_finished_call_keeps_neither_request_nor_text),
    TEST(poll_zero_never_waits),
    TEST(poll_zero_reads_answers_one_by_one),
    TEST(what_has_come_is_not_waited_for),
    TEST(cancelling_what_has_come),
    TEST(poll_zero_gives_the_transport_a_millisecond),
    TEST(poll_returns_when_one_finished),
    TEST(poll_waits_no_longer_than_told),
    TEST(poll_without_calls),
    TEST(invalid_arguments_are_not_sent),
    TEST(rules_follow_the_configuration),
    TEST(no_memory_to_send),
    TEST(connections_are_limited),
    TEST(a_place_is_taken_at_once),
    TEST(poll_returns_when_descriptors_are_short),
    TEST(a_timeout_is_the_shorter_one),
    TEST(waiting_counts_against_the_deadline),
    TEST(a_deadline_passes_in_the_queue),
    TEST(a_deadline_passes_while_another_call_is_begun),
    TEST(nothing_is_sent_after_its_deadline),
    TEST(a_call_that_the_limit_holds_is_told_once),
    TEST(a_standstill_is_told_once_and_so_is_the_next),
    TEST(a_wait_that_nobody_notices_is_not_told),
    TEST(there_is_no_capacity_beyond_the_limit),
    TEST(a_date_to_come_back_is_waited_for),
    TEST(events_that_nobody_reads_are_limited),
    TEST(cancel_in_each_state),
    TEST(cancelling_a_finished_call),
    TEST(cancelling_a_read),
    TEST(freeing_calls_in_any_state),
    TEST(the_client_goes_first),
    TEST(an_answer_outlives_the_client),
    TEST(no_client_for_a_bad_configuration),
    TEST(each_wait_has_a_random_number_of_its_own),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
