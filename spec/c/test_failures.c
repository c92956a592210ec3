/* What a failure means: its kind, whether it may have had effect, whether it may be repeated, what is kept of it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "one_client.h"

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

int main(void) {
  const struct CMUnitTest tests[] = {
    TEST(failures_of_the_network),     TEST(failures_of_the_service),     TEST(answers_that_make_no_sense),
    TEST(a_batch_that_failed_in_part), TEST(a_page_that_failed_in_part),  TEST(what_the_service_said),
    TEST(a_redirect_says_so),          TEST(a_failure_without_an_answer), TEST(a_large_body_is_cut),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
