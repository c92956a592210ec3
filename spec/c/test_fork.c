/* A client made before a fork: its children, its parent, and what each finds of the other's connections. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "exotel/api/json.h"
#include "servers.h"
#include "support.h"

enum { WORKERS = 8, CALLS = 500 };

static const char *build;
static servers service;
static exo_client *client;

static int set_up_with(bool tls) {
  if (!servers_start(&service, build, tls)) return -1;
  client = servers_client(&service, service.base_url, NULL);
  return client != NULL ? 0 : -1;
}

static int set_up_http(void **state) {
  (void)state;
  return set_up_with(false);
}

static int set_up_https(void **state) {
  (void)state;
  return set_up_with(true);
}

static int tear_down(void **state) {
  exo_client_free(client);
  client = NULL;
  servers_stop(&service);
  return values_forget(state);
}

/* ---- calls; in a child nothing may be asserted, so they return NULL or a fault ---- */

static exo_call *finished(const char *operation, const char *json) {
  exo_call *call = start_call(client, operation, json);
  while (exo_client_poll(client, 10) > 0) continue;
  return call;
}

static const char *told(const exo_call *call, const char *field) {
  const exo_outcome *outcome = exo_call_outcome(call);
  const char *text = outcome->kind == EXO_OK ? exo_json_string(outcome->answer->item.data, field) : NULL;
  if (text == NULL) fprintf(stderr, "%s: %s\n", exo_kind_name(outcome->kind), outcome->message);
  return text;
}

/* Renames a trunk, to a name that no other call gives. */
static bool rename_trunk(const char *trunk_sid, int who, int number) {
  char json[200], name[17];
  snprintf(name, sizeof name, "w%d_%d", who, number);
  snprintf(json, sizeof json, "{\"trunk_sid\":\"%s\",\"trunk_name\":\"%s\"}", trunk_sid, name);
  exo_call *call = finished("update_trunk", json);
  const char *answered = told(call, "trunk_name");
  bool own = answered != NULL && strcmp(answered, name) == 0;
  if (!own) fprintf(stderr, "%s was answered %s\n", name, answered != NULL ? answered : "nothing");
  exo_client_free_call(client, call);
  values_forget(NULL);
  return own;
}

static bool call_many(const char *trunk_sid, int who, int count) {
  bool good = true;
  for (int i = 0; good && i < count; i++) good = rename_trunk(trunk_sid, who, i);
  return good;
}

static void make_trunk(int who, char *trunk_sid, size_t size) {
  char json[64];
  snprintf(json, sizeof json, "{\"trunk_name\":\"w%d\"}", who);
  exo_call *call = finished("create_trunk", json);
  const char *sid = told(call, "trunk_sid");
  assert_non_null(sid);
  snprintf(trunk_sid, size, "%s", sid);
  exo_client_free_call(client, call);
}

/* ---- children ---- */

/* A child does its work and ends in its way; exit looks for leaks where a sanitizer is there. */
static pid_t spawn(bool (*work)(int), int who) {
  fflush(NULL);
  pid_t pid = fork();
  assert_true(pid >= 0);
  if (pid > 0) return pid;
  bool good = work(who);
  if (who % 3 == 0) exo_client_free(client); /* 1: exits with it; 2: without a word */
  if (who % 3 == 0) client = NULL;
  fflush(NULL);
  if (who % 3 == 2) _exit(good ? 0 : 1);
  exit(good ? 0 : 1);
}

static void expect_good(pid_t pid) {
  int status;
  assert_int_equal(waitpid(pid, &status, 0), pid);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) fail_msg("a child ended with status %#x", (unsigned)status);
}

/* ---- many processes, one client ---- */

static char sids[WORKERS + 1][64];

static bool work_alone(int who) { return call_many(sids[who], who, CALLS); }
static bool do_nothing(int who) { return who >= 0; }

/* The parent's connection is the first: it stands, the next call takes it, and each of the others has opened its own.
 * There may be more, for a port is open to any stranger. */
static void check_connections(const char *trunk_sid, unsigned least) {
  unsigned long before = service.state->received[0];
  assert_true(rename_trunk(trunk_sid, 9, 0));
  assert_true(service.state->received[0] > before);
  assert_false(service.state->closed[0]);
  if (service.state->opened < least) fail_msg("%u connections, not %u", service.state->opened, least);
}

static void eight_children_and_a_parent(void **state) {
  (void)state;
  pid_t pids[WORKERS], idle[3];
  for (int i = 0; i <= WORKERS; i++) make_trunk(i, sids[i], sizeof sids[i]);
  check_connections(sids[0], 1);
  for (int i = 0; i < WORKERS; i++) pids[i] = spawn(work_alone, i);
  for (int i = 0; i < 3; i++) idle[i] = spawn(do_nothing, i);
  assert_true(call_many(sids[WORKERS], WORKERS, CALLS));
  for (int i = 0; i < WORKERS; i++) expect_good(pids[i]);
  for (int i = 0; i < 3; i++) expect_good(idle[i]);
  check_connections(sids[WORKERS], 1 + WORKERS);
}

/* ---- a fork in the middle of calls ---- */

static exo_call *under_way[3];

static bool is_lost(const exo_call *call) {
  const exo_outcome *outcome = exo_call_outcome(call);
  return outcome != NULL && outcome->kind == EXO_NETWORK && strstr(outcome->message, "forked") != NULL;
}

/* The calls are the parent's; this process is told so, at once, and can make calls of its own. */
static bool find_them_lost(int who) {
  alarm(20); /* a signal that ends it, were it to wait */
  while (exo_client_poll(client, 600) > 0) continue;
  bool good = is_lost(under_way[0]) && is_lost(under_way[1]) && is_lost(under_way[2]);
  if (!good) fprintf(stderr, "a call under way at the fork came to something else\n");
  if (!exo_call_outcome(under_way[2])->maybe_applied) good = false;
  for (size_t i = 0; i < COUNT(under_way); i++) exo_client_free_call(client, under_way[i]);
  service.state->hold = false;
  return call_many(sids[0], who, 3) && good;
}

static bool cancel_them(int who) {
  (void)who;
  for (size_t i = 0; i < COUNT(under_way); i++) exo_client_cancel(client, under_way[i]);
  return exo_client_poll(client, 0) == 0;
}

static void start_all(void) {
  under_way[0] = start_call(client, "list_trunks", "{}");
  under_way[1] = start_call(client, "list_trunks", "{\"offset\":1}");
  under_way[2] = start_call(client, "create_trunk", "{\"trunk_name\":\"once\"}");
}

static bool all_received(const unsigned long before[]) {
  for (size_t i = 0; i < COUNT(under_way); i++)
    if (service.state->received[i] == before[i]) return false;
  return true;
}

/* On connections that stand already: what the service receives is the requests. */
static void wait_until_sent(void) {
  unsigned long before[COUNT(under_way)];
  for (size_t i = 0; i < COUNT(under_way); i++) before[i] = service.state->received[i];
  service.state->hold = true;
  start_all();
  while (!all_received(before)) exo_client_poll(client, 0.01);
}

static void finish_all(void) {
  while (exo_client_poll(client, 10) > 0) continue;
  for (size_t i = 0; i < COUNT(under_way); i++) {
    const exo_outcome *outcome = exo_call_outcome(under_way[i]);
    bool repeated = outcome->kind == EXO_CONFLICT; /* the name that was given before the fork */
    if (outcome->kind != EXO_OK && !repeated) fail_msg("the parent's call %zu: %s", i, outcome->message);
    exo_client_free_call(client, under_way[i]);
  }
}

/* While answers are held back no connection is free for the next call. */
static void open_connections(void) {
  service.state->hold = true;
  start_all();
  while (service.state->opened < COUNT(under_way)) exo_client_poll(client, 0.01);
  service.state->hold = false;
  finish_all();
}

static void calls_under_way_at_the_fork(void **state) {
  (void)state;
  make_trunk(0, sids[0], sizeof sids[0]);
  open_connections();
  wait_until_sent();
  for (int who = 0; who < 3; who++) expect_good(spawn(cancel_them, who));
  for (int who = 0; who < 3; who++)
    expect_good(spawn(do_nothing, who)); /* they free calls that are under way, or leave them */
  expect_good(spawn(find_them_lost, 1));
  finish_all();
  for (size_t i = 0; i < COUNT(under_way); i++) assert_false(service.state->closed[i]);
  if (service.state->opened <= COUNT(under_way)) fail_msg("the child used its parent's connections");
}

/* ---- a fork before anything has left ---- */

/* More than there are connections, so that some are in line whatever the others do. */
enum { WRITES = 10, CONNECTIONS = 8 };

static exo_call *writes[WRITES];
static bool answered[WRITES]; /* before the fork */

static void start_writes(const char *stage) {
  for (int i = 0; i < WRITES; i++) {
    char json[64];
    snprintf(json, sizeof json, "{\"trunk_name\":\"%s_%d\"}", stage, i);
    writes[i] = start_call(client, "create_trunk", json);
  }
}

/* What this process asks first is its own question, and nothing of its parent's is sent with it. */
static bool lose_the_writes(int who) {
  alarm(20);
  service.state->hold = false;
  bool good = call_many(sids[0], who, 3);
  for (int i = 0; i < WRITES; i++) {
    if (!answered[i] && (!is_lost(writes[i]) || !exo_call_outcome(writes[i])->maybe_applied)) good = false;
    exo_client_free_call(client, writes[i]);
  }
  return good;
}

/* A name can be given once: were a write sent by the child, too, one of the two would be told of a conflict. */
static void finish_writes(void) {
  while (exo_client_poll(client, 10) > 0) continue;
  for (int i = 0; i < WRITES; i++) {
    const exo_outcome *outcome = exo_call_outcome(writes[i]);
    if (outcome->kind != EXO_OK) fail_msg("the parent's write %d: %s", i, outcome->message);
    exo_client_free_call(client, writes[i]);
  }
}

static void fork_with_writes(int who) {
  for (int i = 0; i < WRITES; i++) answered[i] = exo_call_finished(writes[i]);
  assert_false(answered[WRITES - 1]);
  expect_good(spawn(lose_the_writes, who));
  service.state->hold = false;
  finish_writes();
}

static void writes_in_line_at_the_fork(void **state) {
  (void)state;
  make_trunk(0, sids[0], sizeof sids[0]);
  start_writes("line");
  fork_with_writes(0);
}

static void writes_that_connect_at_the_fork(void **state) {
  (void)state;
  make_trunk(0, sids[0], sizeof sids[0]);
  start_writes("connect");
  exo_client_poll(client, 0);
  fork_with_writes(1);
}

/* Over HTTPS they are in the handshake, for the server's part of it is held back; over HTTP they have been sent. */
static void writes_in_the_handshake_at_the_fork(void **state) {
  (void)state;
  make_trunk(0, sids[0], sizeof sids[0]);
  service.state->hold = true;
  start_writes("shake");
  while (service.state->opened < CONNECTIONS) exo_client_poll(client, 0.01);
  fork_with_writes(2);
}

/* A grandchild is to its parent as that one is to its own. */
static bool fork_again(int who) {
  if (!call_many(sids[0], who, 5)) return false;
  pid_t pid = fork();
  if (pid == 0) exit(call_many(sids[1], 7, 5) ? 0 : 1);
  int status;
  bool good = waitpid(pid, &status, 0) == pid && status == 0;
  return call_many(sids[0], who, 5) && good;
}

static void a_grandchild(void **state) {
  (void)state;
  make_trunk(0, sids[0], sizeof sids[0]);
  make_trunk(1, sids[1], sizeof sids[1]);
  expect_good(spawn(fork_again, 0));
  check_connections(sids[0], 3);
}

#define TESTS(name)                                             \
  { #name " over HTTP", name, set_up_http, tear_down, NULL }, { \
#name " over HTTPS", name, set_up_https, tear_down, NULL    \
  }

int main(int count, char **words) {
  const struct CMUnitTest tests[] = {
    TESTS(eight_children_and_a_parent),         TESTS(calls_under_way_at_the_fork),
    TESTS(writes_in_line_at_the_fork),          TESTS(writes_that_connect_at_the_fork),
    TESTS(writes_in_the_handshake_at_the_fork), TESTS(a_grandchild)
  };
  (void)count;
  alarm(110);
  build = servers_build(words[0]);
  return cmocka_run_group_tests(tests, NULL, NULL);
}
