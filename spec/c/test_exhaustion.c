/* Lives with retries, waits, pacing, a log and secrets, with every allocation failing in turn: the right outcome or
 * "not enough memory", nothing lost, nothing shown, and the client can go on. */
#include <stdio.h>
#include <string.h>

#include "exotel/api/json.h"
#include "support.h"

#define ITEM "{\"request_id\":\"r1\",\"response\":{\"code\":200,\"status\":\"success\",\"data\":{\"id\":\"1\"}}}"
#define ECHO                                                                                                        \
  "{\"request_id\":\"hunter2_hunter2\",\"response\":{\"code\":400,\"status\":\"failure\",\"error_data\":{\"code\":" \
  "1002,"                                                                                                           \
  "\"message\":\"bad hunter2_hunter2\",\"description\":\"the_token dGhlX2tleTp0aGVfdG9rZW4=\"}}}"
#define CREDENTIAL "{\"trunk_sid\":\"t\",\"user_name\":\"u\",\"password\":\"hunter2_hunter2\"}"

/* What is answered otherwise than it was sent is warned of: that takes memory when the write is done. */
#define X50 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define SENT(name) "\"" name "\":\"" X50 X50 "\","
#define SENT_OTHERWISE SENT("status") SENT("auth_type") SENT("edge_preference") SENT("secure_trunking")
#define ANSWERED(name) "\"" name "\":\"y" X50 X50 "\","
#define ANSWERED_OTHERWISE                                                                                 \
  "{\"response\":{\"code\":200,\"status\":\"success\",\"data\":{" ANSWERED("status") ANSWERED("auth_type") \
      ANSWERED("edge_preference") ANSWERED("secure_trunking") "\"id\":\"1\"}}}"

static const char *const secrets[] = { "hunter2_hunter2", "the_token", "dGhlX2tleTp0aGVfdG9rZW4=" };

typedef struct life {
  const char *operation, *arguments;
  fake_reply replies[6];
  exo_kind kind;
  unsigned attempts;
  int rate_limit;
  double deadline;
  bool kept; /* the answer, to a body of its own */
} life;

/* clang-format off */
static const life lives[] = {
  { "get_trunk", "{\"trunk_sid\":\"t\"}",
    { { .status = 429, .retry_after = 3, .body = "{\"RestException\":{\"Status\":429,\"Message\":\"Slow\",\"Code\":\"RATE\"}}" },
      { .status = 503, .body = "<html>Unavailable</html>" }, { .failure = EXO_NETWORK, .sent = true }, { .failure = EXO_TIMEOUT, .sent = true },
      { .status = 500 }, { .status = 200, .body = ITEM } },
    EXO_OK, 6, 0, 120, false },
  { "create_trunk", "{\"trunk_name\":\"a\"}", { { .failure = EXO_NETWORK }, { .status = 200, .body = ITEM } }, EXO_OK, 2, 0, 120, false },
  { "create_trunk", "{\"trunk_name\":\"a\"}", { { .failure = EXO_NETWORK, .sent = true } }, EXO_NETWORK, 1, 0, 120, false },
  { "delete_trunk", "{\"trunk_sid\":\"t\"}",
    { { .failure = EXO_NETWORK, .sent = true }, { .status = 404, .body = "{\"response\":{\"code\":404,\"status\":\"failure\",\"error_data\":{\"code\":1000}}}" } },
    EXO_OK, 2, 0, 120, false },
  { "get_trunk", "{\"trunk_sid\":\"t\"}", { { .status = 429, .retry_after = 50 } }, EXO_RATE_LIMITED, 1, 0, 20, false },
  { "get_trunk", "{\"trunk_sid\":\"t\"}", { { .status = 503 }, { .status = 503 }, { .status = 200, .body = ITEM } }, EXO_OK, 3, 2, 120, false },
  { "get_trunk", "{\"trunk_sid\":\"t\"}", { { .status = 503 }, { .status = 503 }, { .status = 200, .body = ITEM } }, EXO_SERVER, 2, 2, 20, false },
  { "create_credential", CREDENTIAL, { { .status = 400, .body = ECHO } }, EXO_REJECTED, 1, 0, 120, false },
  { "create_credential", CREDENTIAL, { { .status = 502, .body = "<html>hunter2_hunter2" } }, EXO_SERVER, 1, 0, 120, false },
  { "create_credential", CREDENTIAL, { { .status = 401, .body = "no, the_token" } }, EXO_AUTHENTICATION, 1, 0, 120, false },
  { "create_credential", CREDENTIAL, { { .status = 400, .body = ECHO } }, EXO_REJECTED, 1, 0, 120, true },
  { "create_credential", CREDENTIAL, { { .status = 200, .body = ITEM } }, EXO_OK, 1, 0, 120, true },
  { "update_trunk", "{" SENT_OTHERWISE "\"trunk_sid\":\"t\"}", { { .status = 200, .body = ANSWERED_OTHERWISE } }, EXO_OK, 1, 0, 120, false },
};
/* clang-format on */

static const life *current;
static const exo_value *arguments, *simple; /* the life's, and those of any other call */
static size_t runs;
static fake_net net;
static exo_client *client;

/* ---- the client ---- */

static void make_client(void) {
  exo_error error;
  exo_config config = test_config();
  exo_platform platform = fake_platform(&net);
  exo_transport transport = fake_transport(&net);
  runs++;
  net = (fake_net){ .now = 1000 };
  for (size_t i = 0; i < FAKE_EXCHANGES; i++)
    net.replies[i] = i < COUNT(current->replies) ? current->replies[i] : (fake_reply){ .status = 200, .body = ITEM };
  config.retries = 5;
  config.validate = false;
  config.rate_limit = current->rate_limit;
  config.deadline = current->deadline;
  if (open_client(&client, &config, &platform, &transport, &error) == EXO_RESULT_OK)
    exo_client_events(client)->wanted = true;
  else assert_true(memory_failed());
}

static exo_call *finished(const char *operation, const exo_value *given) {
  exo_call_options options = EXO_CALL_OPTIONS_DEFAULT;
  if (current->kept && given != simple) {
    options.keep_answer = true;
    options.body = "{}";
    options.content_type = "text/plain";
  }
  exo_call *call = start_call_with(client, operation, given, &options);
  if (call == NULL) assert_true(memory_failed());
  while (call != NULL && exo_client_poll(client, 1000) > 0) continue;
  return call;
}

/* With memory again, and pacing out of the way: a call like any other, and all that was taken is given back. */
static void go_on(void) {
  if (client == NULL) return;
  net.now += 1000;
  if (net.sent < COUNT(current->replies)) net.replies[net.sent] = (fake_reply){ .status = 200, .body = ITEM };
  exo_call *call = finished("get_trunk", simple);
  assert_int_equal(exo_call_outcome(call)->kind, EXO_OK);
  assert_string_equal(exo_json_string(exo_call_outcome(call)->answer->item.data, "id"), "1");
  exo_client_free_call(client, call);
  exo_client_free(client);
  client = NULL;
}

/* ---- what may be seen ---- */

static void check_hidden(const char *text, size_t length) {
  for (size_t i = 0; text != NULL && i < COUNT(secrets); i++)
    for (size_t at = 0, size = strlen(secrets[i]); at + size <= length; at++)
      if (memcmp(text + at, secrets[i], size) == 0) fail_msg("%s: a secret shows in %s", current->operation, text);
}

static void check_hidden_text(const char *text) {
  if (text != NULL) check_hidden(text, strlen(text));
}

/* As it came, but for secrets. */
static void check_answer(const exo_outcome *outcome) {
  assert_true((outcome->reply != NULL) == current->kept);
  if (outcome->reply == NULL) return;
  assert_int_equal(outcome->reply->status, outcome->http_status);
  assert_true(outcome->reply->body.length > 0);
  check_hidden(outcome->reply->body.data, outcome->reply->body.length);
}

/* For lack of memory nothing is shown at all: Lua raises. */
static void check_failure(const exo_outcome *outcome) {
  assert_non_null(outcome->message);
  check_hidden_text(outcome->message);
  check_hidden_text(outcome->description);
  check_hidden(outcome->body, outcome->body_length);
  if (outcome->answer != NULL) check_hidden_text(outcome->answer->request_id);
}

/* A write that the service has answered as done was not without effect. */
static void check_doubt(const exo_outcome *outcome) {
  const exo_operation *operation = exo_operation_find(current->operation);
  bool is_done = current->kind == EXO_OK && outcome->attempts == current->attempts;
  if (is_done && exo_operation_writes(operation) && !outcome->maybe_applied)
    fail_msg("%s was done, and is said to be without effect", current->operation);
}

static void check_outcome(const exo_outcome *outcome) {
  bool lacked = memory_failed() && outcome->kind == EXO_NO_MEMORY;
  if (lacked) {
    check_doubt(outcome);
    return;
  }
  if (outcome->kind != current->kind) fail_msg("%s came to %s", current->operation, exo_kind_name(outcome->kind));
  if (outcome->attempts != current->attempts) fail_msg("%s took %u attempts", current->operation, outcome->attempts);
  if (outcome->kind != EXO_OK) check_failure(outcome);
  check_answer(outcome);
}

/* The log may lack what there was no memory for; what is in it is whole. */
static void check_events(size_t most) {
  const exo_events *events = exo_client_events(client);
  assert_true(events->count <= most);
  if (!memory_failed()) assert_true(events->count >= current->attempts);
  for (size_t i = 0; i < events->count; i++) {
    const exo_event *event = &events->list[i];
    assert_non_null(event->operation);
    assert_true(event->path[0] == '/' && event->attempt >= 1);
    if (event->type == EXO_EVENT_ATTEMPT) assert_non_null(event->kind);
    check_hidden_text(event->path);
    check_hidden_text(event->request_id);
  }
}

static void live(void) {
  make_client();
  if (client == NULL) return;
  exo_call *call = finished(current->operation, arguments);
  if (call != NULL) check_outcome(exo_call_outcome(call));
  check_events(2 * COUNT(current->replies));
  exo_client_free_call(client, call);
}

static void every_life_and_the_next_call(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(lives); i++) {
    current = &lives[i];
    arguments = value_from(current->arguments);
    each_allocation_fails(live, go_on);
  }
}

/* ---- several at a time ---- */

enum { MANY = 6 };

/* Some wait for their turn, some for their next attempt, one is cancelled; whatever fails, the others go on. */
static void live_together(void) {
  exo_call *calls[MANY] = { NULL };
  make_client();
  if (client == NULL) return;
  for (size_t i = 0; i < MANY; i++) calls[i] = start_call_with(client, "get_trunk", simple, &EXO_CALL_OPTIONS_DEFAULT);
  exo_client_poll(client, 0);
  if (calls[2] != NULL) exo_client_cancel(client, calls[2]);
  while (exo_client_poll(client, 1000) > 0) continue;
  for (size_t i = 0; i < MANY; i++) {
    const exo_outcome *outcome = calls[i] != NULL ? exo_call_outcome(calls[i]) : NULL;
    if (outcome == NULL) assert_true(memory_failed());
    else if (outcome->kind == EXO_NO_MEMORY) assert_true(memory_failed());
    else assert_true(outcome->kind == EXO_OK || outcome->kind == EXO_CANCELLED);
    exo_client_free_call(client, calls[i]);
  }
}

static const life together = {
  .replies = { { .after = 1, .status = 503 },
               { .after = 2, .status = 200, .body = ITEM },
               { .after = 50, .status = 200, .body = ITEM },
               { .after = 1, .failure = EXO_NETWORK, .sent = true },
               { .status = 200, .body = ITEM },
               { .status = 200, .body = ITEM } },
  .rate_limit = 5,
  .deadline = 1000,
};

static void many_calls_at_once(void **state) {
  (void)state;
  current = &together;
  each_allocation_fails(live_together, go_on);
}

/* ---- a log that nobody reads ---- */

static void fill_the_log(void) {
  make_client();
  if (client == NULL) return;
  for (int i = 0; i < 40 && net.sent < FAKE_EXCHANGES; i++) {
    net.replies[net.sent] = (fake_reply){ .status = 200, .body = ITEM };
    exo_call *call = finished("get_trunk", simple);
    if (call != NULL && !memory_failed()) assert_int_equal(exo_call_outcome(call)->kind, EXO_OK);
    exo_client_free_call(client, call);
  }
  assert_true(exo_client_events(client)->count <= 40);
  if (!memory_failed()) assert_int_equal(exo_client_events(client)->count, 40);
}

static void the_log_grows(void **state) {
  (void)state;
  current = &lives[0];
  each_allocation_fails(fill_the_log, go_on);
}

static int open_all(void **state) {
  memory_open(state);
  simple = value_from("{\"trunk_sid\":\"t\"}");
  runs = 0;
  return 0;
}

static int close_all(void **state) {
  print_message("%zu runs\n", runs);
  values_forget(state);
  return memory_close(state);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_all, close_all)

int main(void) {
  const struct CMUnitTest tests[] = { TEST(every_life_and_the_next_call), TEST(many_calls_at_once),
                                      TEST(the_log_grows) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
