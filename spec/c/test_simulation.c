/* The engine on a network, a clock and randomness of the test's own: many short random lives, each checked against what
 * the fake service saw. A failing run names its seed: EXO_SEED=… EXO_RUNS=1 replays it. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"

enum { CALLS_MAX = 8, SENDINGS_MAX = 64, RUNS = 100000 };

/* ---- what can become of a request ---- */

typedef enum {
  ANSWERED,      /* done and confirmed */
  REFUSED_BY_IT, /* 400: the service said no */
  GONE,          /* 404 */
  TOO_MANY,      /* 429 */
  BROKEN,        /* 500, 503: anything may have happened */
  GARBAGE,       /* an answer that can't be understood */
  DIED,          /* the connection broke after the request left */
  NEVER,         /* no answer at all */
  UNREACHED,     /* DNS, refused */
  UNTRUSTED,     /* TLS */
  FATES
} fate;

typedef struct sending {
  size_t call;
  fate fate;
  bool effect; /* what really happened on the service */
  bool timed_out;
  double sent_at, due, arrives;
  exo_exchange *exchange; /* NULL once it is done */
  long retry_after, remaining, reset;
} sending;

typedef struct simulation {
  uint32_t seed, state;
  double now, wall_offset;
  exo_config config;
  exo_client *client;
  exo_call *calls[CALLS_MAX];
  exo_method methods[CALLS_MAX];
  double deadlines[CALLS_MAX];
  bool cancelled[CALLS_MAX];
  size_t call_count;
  sending sendings[SENDINGS_MAX];
  size_t sending_count;
  double no_sending_before; /* as X-RateLimit said */
} simulation;

static uint32_t below(simulation *s, uint32_t n) { return next_random(&s->state) % n; }
static double up_to(simulation *s, double most) { return most * (double)below(s, 100001) / 100000.0; }

static void require_(const simulation *s, bool good, const char *what, int line) {
  if (good) return;
  print_error("line %d: %s; replay with EXO_SEED=%u EXO_RUNS=1\n", line, what, (unsigned)s->seed);
  fail();
}
#define require(s, good) require_(s, good, #good, __LINE__)

/* ---- the world ---- */

static double sim_now(void *context) { return ((simulation *)context)->now; }
static double sim_wall(void *context) { return ((simulation *)context)->now + ((simulation *)context)->wall_offset; }
static double sim_random(void *context) { return (double)below(context, 1000000) / 1000000.0; }

static long sim_process(void *context) {
  (void)context;
  return 1;
}

static bool had_contact(fate f) { return f != UNREACHED && f != UNTRUSTED; }

/* Whether the outcome of a write is left open by it. */
static bool leaves_open(const sending *it) {
  if (!had_contact(it->fate)) return false;
  return it->timed_out || it->fate == BROKEN || it->fate == GARBAGE || it->fate == DIED;
}

static bool takes_effect(simulation *s, fate f) {
  switch (f) {
    case ANSWERED: return true;
    case BROKEN:
    case GARBAGE:
    case DIED:
    case NEVER: return below(s, 2) == 0;
    default: return false;
  }
}

/* The call whose trunk "c<number>" stands in the request. */
static size_t call_of(const exo_request *request) {
  const char *mark = strstr(exo_request_target(request), "/trunks");
  const char *at = strstr(mark, "trunk_sid=c");
  return (size_t)strtoul(at != NULL ? at + 11 : mark + 9, NULL, 10);
}

static void check_sending(simulation *s, size_t call) {
  require(s, s->now >= s->no_sending_before);
  require(s, s->now < s->deadlines[call]);
  if (s->methods[call] != EXO_POST) return;
  for (size_t i = 0; i < s->sending_count; i++) {
    const sending *former = &s->sendings[i];
    if (former->call != call) continue;
    require(s, !had_contact(former->fate) || (former->fate == TOO_MANY && !former->timed_out));
    require(s, !former->effect);
  }
}

static bool sim_send(void *context, exo_exchange *exchange) {
  simulation *s = context;
  size_t call = call_of(exchange->request);
  check_sending(s, call);
  require(s, s->sending_count < SENDINGS_MAX);
  sending *it = &s->sendings[s->sending_count++];
  *it = (sending){ .call = call, .fate = (fate)below(s, FATES), .sent_at = s->now, .exchange = exchange };
  double latency = it->fate == NEVER ? 1e6 : below(s, 4) == 0 ? up_to(s, 60) : up_to(s, 0.5);
  it->timed_out = latency >= exchange->timeout;
  it->due = s->now + (it->timed_out ? exchange->timeout : latency);
  it->arrives = s->now + up_to(s, it->due - s->now);
  it->effect = takes_effect(s, it->fate);
  it->retry_after = below(s, 3) == 0 ? (long)below(s, 90) : -1;
  it->remaining = below(s, 10) == 0 ? 0 : -1;
  it->reset = (long)(s->now + s->wall_offset) + (long)below(s, 70);
  return true;
}

static void set_failure(exo_reply *reply, exo_kind kind, bool sent) {
  reply->failure = kind;
  reply->sent = sent;
  snprintf(reply->message, sizeof reply->message, "simulated");
}

static void set_answer(const sending *it, exo_reply *reply, long status, const char *body) {
  reply->status = status;
  reply->sent = true;
  reply->retry_after = it->retry_after;
  reply->rate_remaining = it->remaining;
  reply->rate_reset = it->reset;
  exo_buffer_text(&reply->body, body);
}

static const char *success_for(exo_exchange *exchange) {
  const char *target = exo_request_target(exchange->request);
  if (exchange->request->method == EXO_GET) return "{\"request_id\":\"r\",\"http_code\":200,\"response\":[]}";
  if (strstr(target, "destination-uris") != NULL)
    return "{\"http_code\":200,\"response\":[{\"code\":200,\"status\":\"success\",\"data\":{\"id\":\"1\"}}]}";
  return "{\"http_code\":200,\"response\":{\"code\":200,\"status\":\"success\",\"data\":{\"id\":\"1\"}}}";
}

static const char *failure_body = "{\"http_code\":400,\"response\":{\"code\":400,\"status\":\"failure\",\"error_data\":"
                                  "{\"code\":1002},\"data\":null}}";

static void come_back(simulation *s, sending *it) {
  exo_exchange *exchange = it->exchange;
  exo_reply *reply = &exchange->reply;
  if (it->timed_out) set_failure(reply, EXO_TIMEOUT, had_contact(it->fate));
  else if (it->fate == ANSWERED) set_answer(it, reply, 200, success_for(exchange));
  else if (it->fate == REFUSED_BY_IT) set_answer(it, reply, 400, failure_body);
  else if (it->fate == GONE) set_answer(it, reply, 404, "");
  else if (it->fate == TOO_MANY) set_answer(it, reply, 429, "");
  else if (it->fate == BROKEN) set_answer(it, reply, below(s, 2) == 0 ? 500 : 503, "<html>");
  else if (it->fate == GARBAGE) set_answer(it, reply, 200, "{\"http_code\":200,\"respo");
  else if (it->fate == UNREACHED) set_failure(reply, EXO_NETWORK, false);
  else if (it->fate == UNTRUSTED) set_failure(reply, EXO_TLS, false);
  else set_failure(reply, EXO_NETWORK, true);
  if (reply->status != 0 && it->remaining == 0 && (double)it->reset > sim_wall(s)) {
    double until = (double)it->reset - s->wall_offset;
    if (until > s->no_sending_before) s->no_sending_before = until - 1e-6;
  }
  exchange->done = true;
  it->exchange = NULL;
}

static double next_due(const simulation *s) {
  double due = INFINITY;
  for (size_t i = 0; i < s->sending_count; i++)
    if (s->sendings[i].exchange != NULL && s->sendings[i].due < due) due = s->sendings[i].due;
  return due;
}

static bool sim_poll(void *context, double seconds, double budget) {
  simulation *s = context;
  (void)budget;
  double due = next_due(s);
  s->now = due < s->now + seconds ? due : s->now + seconds;
  for (size_t i = 0; i < s->sending_count; i++)
    if (s->sendings[i].exchange != NULL && s->sendings[i].due <= s->now) come_back(s, &s->sendings[i]);
  return false;
}

static void sim_cancel(void *context, exo_exchange *exchange) {
  simulation *s = context;
  for (size_t i = 0; i < s->sending_count; i++) {
    if (s->sendings[i].exchange != exchange) continue;
    exchange->reply.sent = had_contact(s->sendings[i].fate);
    s->sendings[i].timed_out = true; /* as open as a timeout */
    s->sendings[i].due = s->now;
    if (s->sendings[i].arrives > s->now) s->sendings[i].arrives = s->now;
    s->sendings[i].exchange = NULL;
  }
}

static void sim_close(void *context) { (void)context; }

/* ---- a run ---- */

static void random_config(simulation *s) {
  s->config = test_config();
  s->config.retries = (int)below(s, 5);
  s->config.timeout = 0.01 + up_to(s, 20);
  s->config.deadline = 0.01 + (below(s, 2) == 0 ? up_to(s, 5) : up_to(s, 200));
  s->config.backoff = up_to(s, 4);
  s->config.rate_limit = below(s, 3) == 0 ? 0 : 1 + (int)below(s, 6);
  s->config.max_connections = 1 + (int)below(s, 4);
}

static void start_one(simulation *s) {
  /* clang-format off */
  static const struct { const char *operation, *arguments; exo_method method; } kinds[] = {
    { "list_phone_numbers", "{\"trunk_sid\":\"c%zu\"}", EXO_GET },
    { "map_phone_number", "{\"trunk_sid\":\"c%zu\",\"phone_number\":\"+919876543210\"}", EXO_POST },
    { "add_destinations", "{\"trunk_sid\":\"c%zu\",\"destinations\":[{\"destination\":\"a.example.com:5060\"}]}", EXO_POST },
    { "update_phone_number", "{\"trunk_sid\":\"c%zu\",\"id\":\"1\",\"phone_number\":\"+919876543210\",\"mode\":\"flow\"}", EXO_PUT },
    { "delete_trunk", "{\"trunk_sid\":\"c%zu\"}", EXO_DELETE },
  };
  /* clang-format on */
  size_t kind = below(s, COUNT(kinds)), n = s->call_count;
  char arguments[160];
  snprintf(arguments, sizeof arguments, kinds[kind].arguments, n);
  s->methods[n] = kinds[kind].method;
  s->deadlines[n] = s->now + s->config.deadline;
  s->calls[s->call_count++] = start_call(s->client, kinds[kind].operation, arguments);
}

static bool all_finished(const simulation *s) {
  for (size_t i = 0; i < s->call_count; i++)
    if (!exo_call_finished(s->calls[i])) return false;
  return true;
}

static void cancel_one(simulation *s) {
  size_t n = below(s, (uint32_t)s->call_count);
  if (exo_call_finished(s->calls[n])) return;
  exo_client_cancel(s->client, s->calls[n]);
  s->cancelled[n] = true;
}

static void live(simulation *s) {
  size_t wanted = 1 + below(s, CALLS_MAX), rounds = 0;
  while (s->call_count < wanted || !all_finished(s)) {
    if (s->call_count < wanted && below(s, 3) > 0) start_one(s);
    if (s->call_count > 0 && below(s, 40) == 0) cancel_one(s);
    double before = s->now, most = up_to(s, 3);
    exo_client_poll(s->client, most);
    require(s, s->now <= before + most + 0.01);
    require(s, ++rounds < 20000);
  }
}

/* ---- what must be true of it ---- */

static bool answered_now(const simulation *s, const sending *it) {
  if (it->timed_out) return false;
  return it->fate == ANSWERED || (it->fate == GONE && s->methods[it->call] == EXO_DELETE);
}

static void check_call(simulation *s, size_t n) {
  const exo_outcome *outcome = exo_call_outcome(s->calls[n]);
  const sending *last = NULL;
  size_t count = 0;
  bool open = false, effect = false, write = s->methods[n] != EXO_GET;
  for (size_t i = 0; i < s->sending_count; i++) {
    const sending *it = &s->sendings[i];
    if (it->call != n) continue;
    count++;
    open = open || leaves_open(it);
    effect = effect || it->effect;
    last = it;
  }
  require(s, count <= (size_t)s->config.retries + 1);
  require(s, outcome->attempts == count);
  require(s, outcome->elapsed <= s->config.deadline + 0.01);
  require(s, (outcome->kind == EXO_CANCELLED) == s->cancelled[n]);
  if (outcome->kind == EXO_OK) require(s, answered_now(s, last) && (last->fate == ANSWERED || open));
  if (outcome->kind == EXO_OK && write) require(s, !outcome->maybe_applied);
  if (outcome->kind != EXO_OK) require(s, outcome->maybe_applied == (write && open));
  if (outcome->kind != EXO_OK && write && effect) require(s, outcome->maybe_applied);
}

/* The requests that reached the service, at the moments it saw them. */
static void check_pace(simulation *s) {
  for (size_t i = 0; s->config.rate_limit > 0 && i < s->sending_count; i++) {
    int within = 0;
    if (!had_contact(s->sendings[i].fate)) continue;
    double start = s->sendings[i].arrives;
    for (size_t k = 0; k < s->sending_count; k++) {
      double at = s->sendings[k].arrives;
      if (had_contact(s->sendings[k].fate) && at >= start && at <= start + 60) within++;
    }
    require(s, within <= s->config.rate_limit);
  }
}

static void run(uint32_t seed) {
  simulation s = { .seed = seed, .state = seed * 2654435761u + 1, .wall_offset = 1.7e9 };
  exo_platform platform = { counted_allocator, sim_now, sim_wall, sim_random, sim_process, &s };
  exo_transport transport = { &s, sim_send, sim_poll, sim_cancel, NULL, sim_close, NULL };
  exo_error error;
  size_t live_before = memory.live;
  random_config(&s);
  open_client(&s.client, &s.config, &platform, &transport, &error);
  live(&s);
  for (size_t i = 0; i < s.call_count; i++) check_call(&s, i);
  check_pace(&s);
  for (size_t i = 0; i < s.call_count; i++) exo_client_free_call(s.client, s.calls[i]);
  exo_client_free(s.client);
  values_forget(NULL);
  require(&s, memory.live == live_before);
}

static uint32_t number_from(const char *variable, uint32_t otherwise) {
  const char *text = getenv(variable);
  return text != NULL ? (uint32_t)strtoul(text, NULL, 10) : otherwise;
}

static void every_life_is_true(void **state) {
  uint32_t first = number_from("EXO_SEED", 1), runs = number_from("EXO_RUNS", RUNS);
  (void)state;
  for (uint32_t i = 0; i < runs; i++) run(first + i);
  print_message("simulated %u runs\n", (unsigned)runs);
}

int main(void) {
  const struct CMUnitTest tests[] = { cmocka_unit_test_setup_teardown(every_life_is_true, memory_open, memory_close) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
