/* How libcurl's sockets are watched: also where the system has no room for it, and never for long in a poll that must
 * not wait. The linker puts this file's functions before the system's. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "connect_to.h"
#include "exotel/base/notifier.h"
#include "exotel/transport/curl_watch.h"
#include "servers.h"
#include "support.h"

enum { CALLS = 5 };

/* Seconds. After five libcurl looks at its sockets of itself, which would hide that nobody watches them. */
#define PATIENCE 0.4

static const char *build;
static servers service;
static exo_client *client;

/* ---- the system, as the test wants it ---- */

static bool no_epoll, clock_leaps, clock_is_set;
static int additions_left;
static int watched; /* sockets that were added, and not taken out since */
static int changes, refusals, requests;
static int epoll_of_client;

int __real_epoll_create1(int flags);
int __wrap_epoll_create1(int flags);
int __wrap_epoll_create1(int flags) {
  if (!no_epoll) return __real_epoll_create1(flags);
  errno = EMFILE;
  return -1;
}

int __real_epoll_ctl(int epoll, int operation, int fd, struct epoll_event *event);
int __wrap_epoll_ctl(int epoll, int operation, int fd, struct epoll_event *event);
int __wrap_epoll_ctl(int epoll, int operation, int fd, struct epoll_event *event) {
  epoll_of_client = epoll;
  requests++;
  if (operation != EPOLL_CTL_ADD || additions_left-- > 0) {
    int result = __real_epoll_ctl(epoll, operation, fd, event);
    if (result == 0) watched += (operation == EPOLL_CTL_ADD) - (operation == EPOLL_CTL_DEL);
    if (result == 0) changes += operation == EPOLL_CTL_MOD;
    else refusals += operation == EPOLL_CTL_ADD;
    return result;
  }
  errno = ENOSPC;
  return -1;
}

int __real_clock_gettime(clockid_t clock, struct timespec *now);
int __wrap_clock_gettime(clockid_t clock, struct timespec *now);
/* Ten milliseconds pass between two looks at the clock; or somebody sets it, by an hour. */
int __wrap_clock_gettime(clockid_t clock, struct timespec *now) {
  static time_t leaps;
  int result = __real_clock_gettime(clock, now);
  if (clock_is_set && clock == CLOCK_REALTIME) now->tv_sec += 3600;
  if (clock_leaps) now->tv_sec += ++leaps / 100;
  if (clock_leaps) now->tv_nsec = leaps % 100 * 10000000;
  return result;
}

/* ---- setting up ---- */

static int open_all(void **state) {
  (void)state;
  no_epoll = clock_leaps = clock_is_set = false;
  additions_left = 1000000;
  watched = changes = refusals = requests = 0;
  return servers_start(&service, build, false) ? 0 : -1;
}

static int close_all(void **state) {
  exo_client_free(client);
  client = NULL;
  servers_stop(&service);
  return values_forget(state);
}

static exo_call *calls[CALLS];

static void start_calls(void) {
  client = servers_client(&service, service.base_url, NULL);
  assert_non_null(client);
  for (int i = 0; i < CALLS; i++) calls[i] = start_call(client, "list_trunks", "{}");
}

static void expect_success(void) {
  for (int i = 0; i < CALLS; i++) {
    const exo_outcome *outcome = exo_call_outcome(calls[i]);
    assert_non_null(outcome);
    if (outcome->kind != EXO_OK) fail_msg("%s", outcome->message);
    exo_client_free_call(client, calls[i]);
  }
}

static void wait_for_calls(void) {
  for (int rounds = 0; exo_client_poll(client, PATIENCE) > 0; rounds++) assert_true(rounds < 2 * CALLS);
  expect_success();
}

/* ---- the tests ---- */

static void without_epoll(void **state) {
  (void)state;
  no_epoll = true;
  start_calls();
  wait_for_calls();
}

static void without_room_for_another_socket(void **state) {
  (void)state;
  additions_left = 2;
  start_calls();
  wait_for_calls();
  assert_true(additions_left < 0); /* it was asked for */
}

static void a_clock_that_is_set_moves_no_deadline(void **state) {
  (void)state;
  start_calls();
  clock_is_set = true;
  wait_for_calls();
}

static void a_poll_that_must_not_wait_begins_no_more_than_its_time_allows(void **state) {
  (void)state;
  start_calls();
  clock_leaps = true;
  for (unsigned i = 0; i < CALLS; i++) {
    size_t before = exo_client_activity(client);
    exo_client_poll(client, 0);
    assert_true(exo_client_activity(client) > before); /* so that who polls knows of the rest */
    assert_true(service.state->opened <= i + 1);
  }
  clock_leaps = false;
  wait_for_calls();
}

static bool all_are_sent(void) {
  unsigned count = service.state->opened;
  for (unsigned i = 0; i < count; i++)
    if (service.state->received[i] == 0) return false;
  return count == CALLS;
}

/* All at once: the relay held them back. Nobody reads them yet. */
static void wait_for_answers(void) {
  struct epoll_event events[2 * CALLS];
  service.state->hold = true;
  start_calls();
  while (!all_are_sent()) exo_client_poll(client, 0);
  service.state->hold = false;
  while (epoll_wait(epoll_of_client, events, 2 * CALLS, 1000) < CALLS) continue;
}

static void a_poll_that_must_not_wait_serves_no_more_than_its_time_allows(void **state) {
  (void)state;
  wait_for_answers();
  clock_leaps = true;
  size_t before = exo_client_activity(client);
  assert_int_equal(exo_client_poll(client, 0), CALLS);
  assert_true(exo_client_activity(client) > before);
  clock_leaps = false;
  wait_for_calls();
}

static void call_once(void) {
  exo_call *call = start_call(client, "list_trunks", "{}");
  while (exo_client_poll(client, PATIENCE) > 0) continue;
  const exo_outcome *outcome = exo_call_outcome(call);
  if (outcome->kind != EXO_OK) fail_msg("%s", outcome->message);
  exo_client_free_call(client, call);
}

/* Each time it would cost two system calls. */
static void a_connection_that_is_used_again_is_watched_already(void **state) {
  (void)state;
  start_calls();
  wait_for_calls();
  int before = requests;
  for (int i = 0; i < CALLS; i++) call_once();
  assert_int_equal(requests, before);
  assert_int_equal(service.state->opened, CALLS);
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

/* A descriptor that is ready for ever would end it at once. */
static void expect_a_wait_that_nothing_ends(void) {
  double began = now();
  exo_client_wait(client, 0.05);
  assert_true(now() - began >= 0.045);
}

/* It would wake each wait at once, and a processor would be busy with nothing. */
static void a_connection_that_its_server_closes_wakes_once(void **state) {
  (void)state;
  start_calls();
  wait_for_calls();
  assert_int_equal(watched, CALLS);
  close(service.lifeline);
  service.lifeline = -1;
  double began = now();
  while (watched > 0 && now() - began < 10) exo_client_wait(client, 10);
  assert_int_equal(watched, 0);
  expect_a_wait_that_nothing_ends();
}

/* As one of a connection that somebody uses, and closes before its answer is there. */
static void cancel_one_under_way(void) {
  unsigned number = service.state->opened;
  exo_call *call = start_call(client, "list_trunks", "{}");
  while (service.state->opened == number || service.state->received[number] == 0) exo_client_poll(client, 0);
  exo_client_free_call(client, call);
}

/* The next connection has the number of the one before, or another one. */
static void a_socket_that_was_closed_is_forgotten(void **state) {
  int others[EXO_CURL_KEPT_MAX + 2];
  (void)state;
  client = servers_client(&service, service.base_url, NULL);
  service.state->hold = true;
  cancel_one_under_way();
  for (int i = 0; i < EXO_CURL_KEPT_MAX + 2; i++) {
    cancel_one_under_way();
    others[i] = dup(STDIN_FILENO);
  }
  service.state->hold = false;
  assert_int_equal(watched, 0);
  call_once();
  int before = requests;
  call_once();
  assert_int_equal(requests, before); /* there is a place for it */
  for (int i = 0; i < EXO_CURL_KEPT_MAX + 2; i++) close(others[i]);
}

static exo_client *client_of(const char *url, int connections) {
  exo_error error;
  exo_client *wide = NULL;
  exo_config config = EXO_CONFIG_DEFAULTS;
  config.account_sid = "sandbox1", config.api_key = "sandbox_key", config.api_token = "sandbox_token";
  config.base_url = url;
  config.max_connections = connections;
  config.retries = config.rate_limit = 0;
  assert_int_equal(exo_client_open(&config, &exo_system_platform, &wide, &error), EXO_RESULT_OK);
  return wide;
}

/* Some are added and removed for each transfer then. */
static void more_sockets_than_there_are_places(void **state) {
  enum { MANY = EXO_CURL_KEPT_MAX + 6 };
  static exo_call *many[MANY];
  (void)state;
  client = client_of(service.base_url, MANY);
  service.state->hold = true;
  for (int i = 0; i < MANY; i++) many[i] = start_call(client, "list_trunks", "{}");
  while (service.state->opened < MANY || service.state->received[MANY - 1] == 0) exo_client_poll(client, 0);
  service.state->hold = false;
  while (exo_client_poll(client, PATIENCE) > 0) continue;
  for (int i = 0; i < MANY; i++) assert_int_equal(exo_call_outcome(many[i])->kind, EXO_OK);
  for (int i = 0; i < MANY; i++) exo_client_free_call(client, many[i]);
  assert_int_equal(watched, EXO_CURL_KEPT_MAX);
  assert_int_equal(refusals, 0);
}

/* epoll knows a socket until the last process has closed it. */
static void a_socket_that_a_child_has_is_forgotten_as_well(void **state) {
  int ends[2];
  (void)state;
  assert_int_equal(pipe(ends), 0);
  client = servers_client(&service, service.base_url, NULL);
  service.state->hold = true;
  exo_call *call = start_call(client, "list_trunks", "{}");
  while (service.state->opened == 0 || service.state->received[0] == 0) exo_client_poll(client, 0);
  pid_t child = fork();
  if (child == 0) _exit(close(ends[1]) == 0 && read(ends[0], &(char){ 0 }, 1) == 0 ? 0 : 1);
  exo_client_free_call(client, call);
  kill(service.relay, SIGKILL);
  assert_int_equal(waitpid(service.relay, NULL, 0), service.relay);
  service.relay = 0; /* the end of its connection is to be read now, by whoever has it */
  expect_a_wait_that_nothing_ends();
  close(ends[0]), close(ends[1]);
  assert_int_equal(waitpid(child, NULL, 0), child);
}

/* First a request waits to be written, then for its answer. A refusal would end the watching for good. */
static void a_socket_that_is_known_is_changed(void **state) {
  (void)state;
  start_calls();
  wait_for_calls();
  assert_true(changes > 0);
  assert_int_equal(refusals, 0);
}

/* How many descriptors of epoll this process has. */
static int count_epolls(void) {
  int count = 0;
  DIR *folder = opendir("/proc/self/fd");
  for (const struct dirent *entry; folder != NULL && (entry = readdir(folder)) != NULL;) {
    char path[300], target[64] = "";
    snprintf(path, sizeof path, "/proc/self/fd/%s", entry->d_name);
    if (readlink(path, target, sizeof target - 1) > 0) count += strstr(target, "[eventpoll]") != NULL;
  }
  closedir(folder);
  return count;
}

static void a_closed_client_leaves_no_descriptor(void **state) {
  (void)state;
  int before = count_epolls();
  start_calls();
  wait_for_calls();
  assert_int_equal(count_epolls(), before + 1);
  exo_client_free(client);
  client = NULL;
  assert_int_equal(count_epolls(), before);
}

/* The program's standard input has the number that such a client would have. */
static void a_client_that_cannot_be_made_closes_nothing(void **state) {
  (void)state;
  assert_true(fcntl(STDIN_FILENO, F_GETFD) >= 0);
  snprintf(service.ca_file, sizeof service.ca_file, "/nowhere/ca.pem");
  assert_null(servers_client(&service, "https://127.0.0.1:9", NULL));
  assert_true(fcntl(STDIN_FILENO, F_GETFD) >= 0);
}

static int count_after_a_call(void) {
  start_call(client, "list_trunks", "{}");
  while (exo_client_poll(client, PATIENCE) > 0) continue;
  return count_epolls();
}

/* A child has one of its own in its place. */
static void a_child_keeps_no_descriptor_of_its_parent(void **state) {
  int status;
  (void)state;
  start_calls();
  wait_for_calls();
  int before = count_epolls();
  pid_t child = fork();
  if (child == 0) _exit(count_after_a_call() == before ? 0 : 1);
  assert_true(waitpid(child, &status, 0) == child);
  assert_int_equal(status, 0);
}

/* For a caller that waits by itself. */
static void who_watches_is_told_of_answers_and_knows_of_timeouts(void **state) {
  double seconds = -1;
  (void)state;
  exo_notifier *notifier = exo_notifier_open();
  struct pollfd reader = { .fd = connect_to(exo_notifier_path(notifier)), .events = POLLIN };
  assert_true(exo_notifier_start(notifier));
  start_calls();
  for (int rounds = 0; exo_client_poll(client, 0) > 0; rounds++) {
    char bytes[16];
    assert_true(rounds < 1000 && exo_client_watch(client, notifier, &seconds));
    assert_true(seconds >= 0 && seconds < 120); /* at the latest the call's own timeout */
    poll(&reader, 1, (int)(seconds * 1000) + 1);
    if (poll(&reader, 1, 0) == 1) assert_true(read(reader.fd, bytes, sizeof bytes) > 0);
    else assert_true(seconds < PATIENCE);
  }
  expect_success();
  exo_notifier_release(notifier);
  close(reader.fd);
}

static void without_epoll_nobody_can_watch(void **state) {
  double seconds;
  (void)state;
  exo_notifier *notifier = exo_notifier_open();
  int reader = connect_to(exo_notifier_path(notifier));
  assert_true(exo_notifier_start(notifier));
  no_epoll = true;
  start_calls();
  assert_false(exo_client_watch(client, notifier, &seconds));
  exo_notifier_release(notifier);
  close(reader);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_all, close_all)

int main(int count, char **words) {
  const struct CMUnitTest tests[] = {
    TEST(without_epoll),
    TEST(without_room_for_another_socket),
    TEST(a_clock_that_is_set_moves_no_deadline),
    TEST(a_poll_that_must_not_wait_begins_no_more_than_its_time_allows),
    TEST(a_poll_that_must_not_wait_serves_no_more_than_its_time_allows),
    TEST(a_connection_that_is_used_again_is_watched_already),
    TEST(a_connection_that_its_server_closes_wakes_once),
    TEST(a_socket_that_was_closed_is_forgotten),
    TEST(more_sockets_than_there_are_places),
    TEST(a_socket_that_a_child_has_is_forgotten_as_well),
    TEST(a_socket_that_is_known_is_changed),
    TEST(a_closed_client_leaves_no_descriptor),
    TEST(a_client_that_cannot_be_made_closes_nothing),
    TEST(a_child_keeps_no_descriptor_of_its_parent),
    TEST(who_watches_is_told_of_answers_and_knows_of_timeouts),
    TEST(without_epoll_nobody_can_watch),
  };
  (void)count;
  build = servers_build(words[0]);
  return cmocka_run_group_tests(tests, NULL, NULL);
}
