/* The engine on a net and a clock that obey the test: what is sent when, what a call comes to, and who owns what. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"

#define ITEM \
  "{\"request_id\":\"r1\",\"http_code\":200,\"response\":{\"code\":200,\"status\":\"success\",\"data\":{\"id\":1}}}"
#define LIST "{\"response\":[]}"

static fake_net net;
static exo_client *client;

static int set_up(void **state) {
  memory_open(state);
  net = (fake_net){ .now = 1000 };
  exo_config config = test_config();
  client = fake_client(&net, &config);
  return 0;
}

/* Everything that any test took must be back. */
static int tear_down(void **state) {
  exo_client_free(client);
  client = NULL;
  values_forget(state);
  memory_close(state);
  if (net.closed != 1) fail_msg("the transport was closed %zu times", net.closed);
  return 0;
}

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

static const exo_outcome *outcome_of(const exo_call *call) {
  const exo_outcome *outcome = exo_call_outcome(call);
  assert_non_null(outcome);
  return outcome;
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
  exo_call_options options = { .timeout = timeout, .deadline = deadline, .retries = 0 };
  return start_call_with(client, "list_trunks", value_from("{}"), &options);
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
  exo_call *second = start_call_with(client, "create_trunk", arguments, &(exo_call_options){ -1, 5, 0 });
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

/* ---- cancelling and freeing ---- */

static exo_call *create_trunk(void) { return start_call(client, "create_trunk", "{\"trunk_name\":\"a\"}"); }

static void check_cancelled(const exo_call *call, unsigned attempts, bool maybe_applied) {
  const exo_outcome *outcome = outcome_of(call);
  assert_int_equal(outcome->kind, EXO_CANCELLED);
  assert_int_equal(outcome->attempts, attempts);
  assert_int_equal(outcome->maybe_applied, maybe_applied);
  assert_false(outcome->retryable);
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

/* ---- what a failure means ---- */

typedef struct written {
  const char *operation, *arguments;
  bool writes, repeatable;
} written;

static const written methods[] = {
  { "list_trunks", "{}", false, true },
  { "create_trunk", "{\"trunk_name\":\"a\"}", true, false },
  { "update_trunk", "{\"trunk_sid\":\"t\",\"trunk_name\":\"a\"}", true, true },
  { "delete_trunk", "{\"trunk_sid\":\"t\"}", true, true },
};

/* One call that comes to `reply`; the caller frees it. */
static exo_call *finished_call(const char *operation, const char *arguments, fake_reply reply) {
  net.sent = 0;
  net.replies[0] = reply;
  exo_call *call = start_call(client, operation, arguments);
  assert_int_equal(exo_client_poll(client, 100), 0);
  return call;
}

static void check_meaning(const written *w, fake_reply reply, exo_kind kind, bool maybe_applied, bool retryable) {
  exo_call *call = finished_call(w->operation, w->arguments, reply);
  const exo_outcome *outcome = outcome_of(call);
  bool same = outcome->kind == kind && outcome->maybe_applied == maybe_applied && outcome->retryable == retryable;
  if (!same)
    fail_msg("%s, failure %s, status %ld, sent %d: %s, maybe_applied %d, retryable %d", w->operation,
             exo_kind_name(reply.failure), reply.status, reply.sent, exo_kind_name(outcome->kind),
             outcome->maybe_applied, outcome->retryable);
  exo_client_free_call(client, call);
}

static void failures_of_the_network(void **state) {
  (void)state;
  static const exo_kind kinds[] = { EXO_NETWORK, EXO_TIMEOUT, EXO_TLS, EXO_PROTOCOL, EXO_NO_MEMORY };
  for (size_t i = 0; i < COUNT(kinds) * COUNT(methods) * 2; i++) {
    const written *w = &methods[i / 2 % COUNT(methods)];
    exo_kind kind = kinds[i / 2 / COUNT(methods)];
    bool sent = i % 2 == 1, passes = kind == EXO_NETWORK || kind == EXO_TIMEOUT;
    check_meaning(w, (fake_reply){ .failure = kind, .sent = sent }, kind, w->writes && sent,
                  passes && (w->repeatable || !sent));
  }
}

typedef enum { NEVER, WHEN_REPEATABLE, ALWAYS } retry;

typedef struct status_case {
  long status;
  exo_kind kind;
  bool unknown; /* a write may have had effect */
  retry retry;
} status_case;

static const status_case statuses[] = {
  { 301, EXO_PROTOCOL, true, NEVER },         { 302, EXO_PROTOCOL, true, NEVER },
  { 400, EXO_REJECTED, false, NEVER },        { 401, EXO_AUTHENTICATION, false, NEVER },
  { 402, EXO_REJECTED, false, NEVER },        { 403, EXO_PERMISSION, false, NEVER },
  { 404, EXO_NOT_FOUND, false, NEVER },       { 409, EXO_CONFLICT, false, NEVER },
  { 415, EXO_REJECTED, false, NEVER },        { 429, EXO_RATE_LIMITED, false, ALWAYS },
  { 500, EXO_SERVER, true, WHEN_REPEATABLE }, { 501, EXO_SERVER, true, NEVER },
  { 502, EXO_SERVER, true, WHEN_REPEATABLE }, { 503, EXO_SERVER, true, WHEN_REPEATABLE },
  { 504, EXO_SERVER, true, WHEN_REPEATABLE }, { 505, EXO_SERVER, true, NEVER },
};

/* By HTTP's status, by the entry's code in a 200, and by a bare status without a body. */
static void failures_of_the_service(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(statuses) * COUNT(methods); i++) {
    const status_case *s = &statuses[i / COUNT(methods)];
    const written *w = &methods[i % COUNT(methods)];
    bool retryable = s->retry == ALWAYS || (s->retry == WHEN_REPEATABLE && w->repeatable);
    char body[128];
    snprintf(body, sizeof body, "{\"response\":{\"code\":%ld,\"status\":\"failure\",\"data\":null}}", s->status);
    check_meaning(w, (fake_reply){ .status = s->status }, s->kind, s->unknown && w->writes, retryable);
    check_meaning(w, (fake_reply){ .status = s->status, .body = body }, s->kind, s->unknown && w->writes, retryable);
    check_meaning(w, (fake_reply){ .status = 200, .body = body }, s->kind, s->unknown && w->writes, retryable);
  }
}

static void answers_that_make_no_sense(void **state) {
  (void)state;
  static const char *const bodies[] = { "", "<html>", "{\"response\":", "{}",
                                        "{\"response\":{\"status\":\"failure\"}}" };
  for (size_t i = 0; i < COUNT(bodies) * COUNT(methods); i++) {
    const written *w = &methods[i % COUNT(methods)];
    check_meaning(w, (fake_reply){ .status = 200, .body = bodies[i / COUNT(methods)] }, EXO_PROTOCOL, w->writes, false);
  }
}

static void a_batch_that_failed_in_part(void **state) {
  (void)state;
  static const char destinations[] =
      "{\"trunk_sid\":\"t\",\"destinations\":[{\"destination\":\"1.2.3.4:5060\"},{\"destination\":\"a.b:5060\"}]}";
  static const written batch = { "add_destinations", destinations, true, false };
  check_meaning(
      &batch,
      (fake_reply){ .status = 207, .body = "{\"response\":[{\"code\":200,\"data\":{}},{\"code\":400,\"data\":null}]}" },
      EXO_PARTIAL, false, false);
  check_meaning(
      &batch,
      (fake_reply){ .status = 207, .body = "{\"response\":[{\"code\":200,\"data\":{}},{\"code\":500,\"data\":null}]}" },
      EXO_PARTIAL, true, false);
  check_meaning(&batch, (fake_reply){ .status = 200, .body = "{\"response\":[{\"code\":200,\"data\":{}}]}" },
                EXO_PROTOCOL, true, false);
  check_meaning(
      &batch,
      (fake_reply){ .status = 200, .body = "{\"response\":[{\"code\":200,\"data\":{}},{\"code\":200,\"data\":{}}]}" },
      EXO_OK, false, false);
}

static void a_page_that_failed_in_part(void **state) {
  (void)state;
  check_meaning(&methods[0], (fake_reply){ .status = 200, .body = "{\"response\":[{\"code\":500,\"data\":null}]}" },
                EXO_PARTIAL, false, false);
}

static void what_the_service_said(void **state) {
  (void)state;
  exo_call *call = finished_call(
      "map_phone_number", "{\"trunk_sid\":\"t\",\"phone_number\":\"+1234567\"}",
      (fake_reply){
          .status = 200,
          .retry_after = 17,
          .body = "{\"request_id\":\"r9\",\"response\":{\"code\":409,\"status\":\"failure\",\"error_data\":{\"code\":"
                  "1008,\"message\":\"Duplicate resource\",\"description\":\"Why\"},\"data\":null}}" });
  const exo_outcome *outcome = outcome_of(call);
  assert_int_equal(outcome->kind, EXO_CONFLICT);
  assert_int_equal(outcome->code, 1008);
  assert_int_equal(outcome->http_status, 200);
  assert_int_equal(outcome->retry_after, 17);
  assert_string_equal(outcome->message, "Duplicate resource");
  assert_string_equal(outcome->description, "Why");
  assert_string_equal(outcome->answer->request_id, "r9");
  assert_non_null(strstr(outcome->body, "\"code\":1008"));
  exo_client_free_call(client, call);
}

static void a_redirect_says_so(void **state) {
  (void)state;
  exo_call *call = finished_call("list_trunks", "{}", (fake_reply){ .status = 302, .body = "<html>Moved</html>" });
  assert_non_null(strstr(outcome_of(call)->message, "redirected"));
  exo_client_free_call(client, call);
}

static void a_failure_without_an_answer(void **state) {
  (void)state;
  exo_call *call = finished_call("list_trunks", "{}", (fake_reply){ .failure = EXO_TIMEOUT, .sent = true });
  assert_string_equal(outcome_of(call)->message, "the fake net failed");
  assert_null(outcome_of(call)->body);
  assert_null(outcome_of(call)->answer);
  assert_int_equal(outcome_of(call)->http_status, 0);
  exo_client_free_call(client, call);
  call = finished_call("list_trunks", "{}",
                       (fake_reply){ .failure = EXO_NETWORK, .sent = true, .status = 200, .body = "{\"resp" });
  assert_string_equal(outcome_of(call)->body, "{\"resp");
  exo_client_free_call(client, call);
}

static void a_large_body_is_cut(void **state) {
  (void)state;
  size_t size = 100 * 1024;
  char *html = malloc(size + 1);
  assert_non_null(html);
  memset(html, '<', size);
  html[size] = '\0';
  exo_call *call = finished_call("list_trunks", "{}", (fake_reply){ .status = 502, .body = html });
  assert_int_equal(outcome_of(call)->body_length, EXO_BODY_KEPT);
  assert_memory_equal(outcome_of(call)->body, html, EXO_BODY_KEPT);
  exo_client_free_call(client, call);
  free(html);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
    TEST(one_call),
    TEST(poll_zero_never_waits),
    TEST(poll_returns_when_one_finished),
    TEST(poll_waits_no_longer_than_told),
    TEST(poll_without_calls),
    TEST(invalid_arguments_are_not_sent),
    TEST(rules_follow_the_configuration),
    TEST(no_memory_to_send),
    TEST(connections_are_limited),
    TEST(a_place_is_taken_at_once),
    TEST(a_timeout_is_the_shorter_one),
    TEST(waiting_counts_against_the_deadline),
    TEST(a_deadline_passes_in_the_queue),
    TEST(cancel_in_each_state),
    TEST(cancelling_a_finished_call),
    TEST(cancelling_a_read),
    TEST(freeing_calls_in_any_state),
    TEST(the_client_goes_first),
    TEST(an_answer_outlives_the_client),
    TEST(no_client_for_a_bad_configuration),
    TEST(failures_of_the_network),
    TEST(failures_of_the_service),
    TEST(answers_that_make_no_sense),
    TEST(a_batch_that_failed_in_part),
    TEST(a_page_that_failed_in_part),
    TEST(what_the_service_said),
    TEST(a_redirect_says_so),
    TEST(a_failure_without_an_answer),
    TEST(a_large_body_is_cut),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
