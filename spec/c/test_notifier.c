/* What wakes an event loop that can't wait for a client's sockets: the thread, and what a client tells it. */
#include <dirent.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "exotel/base/notifier.h"
#include "support.h"

#ifdef EXO_WITHOUT_EPOLL

static void there_is_none_without_epoll(void **state) {
  (void)state;
  assert_null(exo_notifier_open());
}

int main(void) {
  const struct CMUnitTest tests[] = { cmocka_unit_test(there_is_none_without_epoll) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

#include "connect_to.h"
#include "one_client.h"

/* Milliseconds: how long something is waited for that has to come, and something that must not. */
enum { LONG = 10000, SHORT = 50 };

static exo_notifier *notifier;
static int reader;
static int pipes[2][2];
static int threads_before, blocking_before; /* a sanitizer may have one of its own */

static void open_notifier(void) {
  notifier = exo_notifier_open();
  assert_non_null(notifier);
  reader = connect_to(exo_notifier_path(notifier));
  assert_true(exo_notifier_start(notifier));
}

static bool is_readable(int fd, int milliseconds) {
  struct pollfd one = { .fd = fd, .events = POLLIN };
  return poll(&one, 1, milliseconds) == 1;
}

/* How many bytes have come, of which one was waited for. */
static ssize_t told(void) {
  char bytes[16];
  assert_true(is_readable(reader, LONG));
  return read(reader, bytes, sizeof bytes);
}

static void make_readable(int which) { assert_int_equal(write(pipes[which][1], "x", 1), 1); }

static void watch(int which) { assert_true(exo_notifier_watch(notifier, pipes[which][0])); }

static int count_entries(const char *path) {
  int count = 0;
  DIR *folder = opendir(path);
  while (folder != NULL && readdir(folder) != NULL) count++;
  closedir(folder);
  return count;
}

static int count_threads(void) { return count_entries("/proc/self/task") - 2; }

static void wait_for_threads(int count) {
  for (int i = 0; count_threads() != count && i < LONG; i++) usleep(1000);
  assert_int_equal(count_threads(), count);
}

static bool blocks_all(const char *path) {
  char line[128];
  unsigned long long blocked = 0;
  FILE *file = fopen(path, "r");
  assert_non_null(file);
  while (fgets(line, sizeof line, file) != NULL) (void)sscanf(line, "SigBlk: %llx", &blocked);
  fclose(file);
  return (blocked & 0x7fff) == (0x7fff & ~(1ull << (SIGKILL - 1)));
}

/* How many threads have all signals blocked. */
static int count_blocking(void) {
  int blocking = 0;
  DIR *tasks = opendir("/proc/self/task");
  for (const struct dirent *entry; tasks != NULL && (entry = readdir(tasks)) != NULL;) {
    char path[300];
    snprintf(path, sizeof path, "/proc/self/task/%s/status", entry->d_name);
    if (entry->d_name[0] != '.') blocking += blocks_all(path);
  }
  closedir(tasks);
  return blocking;
}

static int open_all(void **state) {
  set_up(state);
  for (int i = 0; i < 2; i++)
    if (pipe(pipes[i]) != 0) return -1;
  threads_before = count_threads();
  blocking_before = count_blocking();
  open_notifier();
  net.descriptor = pipes[0][0];
  net.network = INFINITY;
  return 0;
}

static int close_all(void **state) {
  exo_notifier_release(notifier);
  notifier = NULL;
  close(reader);
  for (int i = 0; i < 4; i++) close(pipes[i / 2][i % 2]);
  return tear_down(state);
}

/* ---- the thread ---- */

static void tells_once_of_what_becomes_readable(void **state) {
  (void)state;
  watch(0);
  assert_false(is_readable(reader, SHORT));
  make_readable(0);
  assert_int_equal(told(), 1);
  make_readable(0); /* an answer in pieces */
  assert_false(is_readable(reader, SHORT));
}

static void tells_of_what_is_readable_already(void **state) {
  (void)state;
  make_readable(0);
  watch(0);
  assert_int_equal(told(), 1);
  watch(0); /* nobody has read it */
  assert_int_equal(told(), 1);
}

static void tells_of_several(void **state) {
  (void)state;
  watch(0);
  watch(1);
  make_readable(1);
  assert_int_equal(told(), 1);
  make_readable(0);
  assert_int_equal(told(), 1);
}

static void a_closed_descriptor_is_no_longer_watched_and_its_number_may_come_again(void **state) {
  (void)state;
  watch(0);
  int number = pipes[0][0];
  close(pipes[0][0]);
  pipes[0][0] = fcntl(pipes[1][0], F_DUPFD_CLOEXEC, number);
  assert_int_equal(pipes[0][0], number);
  assert_false(is_readable(reader, SHORT));
  watch(0);
  make_readable(1);
  assert_int_equal(told(), 1);
}

static void tells_when_it_is_told_to(void **state) {
  (void)state;
  exo_notifier_notify(notifier);
  assert_int_equal(told(), 1);
}

static void what_cannot_be_watched_is_refused(void **state) {
  (void)state;
  assert_false(exo_notifier_watch(notifier, -1));
}

static void an_unread_socket_stops_nobody(void **state) {
  (void)state;
  for (int i = 0; i < 100000; i++) exo_notifier_notify(notifier);
  watch(0);
  make_readable(0);
  assert_true(told() > 1);
}

static void a_stop_ends_thread_and_connection(void **state) {
  (void)state;
  assert_int_equal(count_threads(), threads_before + 1);
  watch(0);
  exo_notifier_stop(notifier);
  wait_for_threads(threads_before);
  assert_int_equal(told(), 0);
  assert_false(exo_notifier_watch(notifier, pipes[0][0]));
  exo_notifier_notify(notifier);
  exo_notifier_stop(notifier);
}

static void the_last_who_keeps_it_stops_it(void **state) {
  (void)state;
  exo_notifier_keep(notifier);
  exo_notifier_release(notifier);
  assert_int_equal(count_threads(), threads_before + 1);
  exo_notifier_release(notifier);
  notifier = NULL;
  wait_for_threads(threads_before);
}

static void a_reader_that_goes_ends_the_thread(void **state) {
  (void)state;
  watch(0);
  close(reader);
  wait_for_threads(threads_before);
  exo_notifier_notify(notifier); /* no signal */
  reader = -1;
}

/* It would take the host's signals, whose handler may end a call of the system with EINTR where it is waited for. */
static void the_hosts_signals_are_not_for_the_thread(void **state) {
  (void)state;
  assert_int_equal(count_blocking(), blocking_before + 1);
}

static void a_program_that_the_host_starts_inherits_nothing(void **state) {
  (void)state;
  for (int fd = 3; fd < 100; fd++) {
    char path[64], target[64] = "";
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    bool known = readlink(path, target, sizeof target - 1) > 0;
    bool own = known && (strstr(target, "socket:") != NULL || strstr(target, "eventpoll") != NULL);
    if (own && (fcntl(fd, F_GETFD) & FD_CLOEXEC) == 0) fail_msg("descriptor %d, %s", fd, target);
  }
}

static bool folder_of(char folder[128], const char *path) {
  struct stat facts;
  snprintf(folder, 128, "%s", path);
  *strrchr(folder, '/') = '\0';
  return stat(folder, &facts) == 0 && (facts.st_mode & 0777) == 0700;
}

static void the_socket_stands_in_a_private_folder_until_it_is_connected(void **state) {
  char folder[128];
  (void)state;
  exo_notifier *other = exo_notifier_open();
  assert_true(folder_of(folder, exo_notifier_path(other)));
  int own = connect_to(exo_notifier_path(other));
  assert_true(exo_notifier_start(other));
  assert_int_not_equal(access(folder, F_OK), 0);
  close(own);
  exo_notifier_release(other);
  other = exo_notifier_open();
  assert_true(folder_of(folder, exo_notifier_path(other)));
  assert_false(exo_notifier_start(other)); /* nobody has connected */
  assert_int_not_equal(access(folder, F_OK), 0);
  exo_notifier_release(other);
  other = exo_notifier_open();
  assert_true(folder_of(folder, exo_notifier_path(other)));
  exo_notifier_release(other);
  assert_int_not_equal(access(folder, F_OK), 0);
}

static void there_is_none_without_a_folder(void **state) {
  (void)state;
  setenv("TMPDIR", "/nowhere", 1);
  exo_notifier *other = exo_notifier_open();
  unsetenv("TMPDIR");
  assert_null(other);
}

static void a_long_name_of_a_folder_is_not_taken(void **state) {
  char folder[201];
  (void)state;
  memset(folder, 'x', sizeof folder - 1);
  folder[0] = '/';
  folder[200] = '\0';
  setenv("TMPDIR", folder, 1);
  exo_notifier *other = exo_notifier_open();
  unsetenv("TMPDIR");
  assert_non_null(other);
  exo_notifier_release(other);
}

static void an_empty_variable_is_not_the_root_folder(void **state) {
  (void)state;
  setenv("TMPDIR", "", 1);
  exo_notifier *other = exo_notifier_open();
  unsetenv("TMPDIR");
  assert_non_null(other);
  assert_int_equal(strncmp(exo_notifier_path(other), "/tmp/", 5), 0);
  exo_notifier_release(other);
}

static int in_child(bool (*act)(void)) {
  int status;
  pid_t child = fork();
  if (child == 0) _exit(act() ? 0 : 1);
  assert_true(waitpid(child, &status, 0) == child);
  return status;
}

static bool use_inherited(void) {
  bool watched = exo_notifier_watch(notifier, pipes[1][0]);
  exo_notifier_notify(notifier);
  exo_notifier_release(notifier);
  open_notifier(); /* one of its own */
  watch(1);
  make_readable(1);
  return !watched && told() == 1;
}

static void a_child_has_none_and_leaves_the_parents_alone(void **state) {
  (void)state;
  assert_int_equal(in_child(use_inherited), 0);
  assert_false(is_readable(reader, SHORT));
  watch(0);
  make_readable(0);
  assert_int_equal(told(), 1);
}

/* ---- the client ---- */

static double watch_client(void) {
  double seconds = -1;
  assert_true(exo_client_watch(client, notifier, &seconds));
  return seconds;
}

static exo_call *send_one(void) {
  exo_call *call = start_call(client, "list_trunks", "{}");
  exo_client_poll(client, 0);
  return call;
}

static void its_descriptor_is_watched(void **state) {
  (void)state;
  net.replies[0] = (fake_reply){ .status = 200, .body = LIST, .after = 5 };
  exo_call *call = send_one();
  assert_true(isinf(watch_client()));
  assert_false(is_readable(reader, SHORT));
  make_readable(0);
  assert_int_equal(told(), 1);
  exo_client_free_call(client, call);
}

static void one_without_a_descriptor_cannot_be(void **state) {
  double seconds;
  (void)state;
  net.descriptor = 0;
  assert_false(exo_client_watch(client, notifier, &seconds));
}

static void says_when_the_network_wants_to_be_polled(void **state) {
  (void)state;
  net.replies[0] = (fake_reply){ .status = 200, .body = LIST, .after = 5 };
  exo_call *call = send_one();
  net.network = 0.25;
  assert_true(watch_client() == 0.25);
  exo_client_free_call(client, call);
}

static void says_when_a_wait_ends(void **state) {
  (void)state;
  exo_call_options options = EXO_CALL_OPTIONS_DEFAULT;
  options.retries = 1;
  net.replies[0] = (fake_reply){ .status = 503, .body = "{}", .retry_after = 7 };
  exo_call *call = start_call_with(client, "list_trunks", value_from("{}"), &options);
  exo_client_poll(client, 0);
  assert_true(watch_client() == 0); /* an answer was read: a place is free */
  exo_client_poll(client, 0);
  double seconds = watch_client();
  if (seconds < 7 || seconds > 8) fail_msg("%f", seconds);
  exo_client_free_call(client, call);
}

static void says_at_once_of_a_call_that_no_poll_has_seen(void **state) {
  (void)state;
  exo_call *call = start_call(client, "list_trunks", "{}");
  assert_true(watch_client() == 0);
  exo_client_free_call(client, call);
}

static void says_at_once_what_a_poll_has_left(void **state) {
  (void)state;
  net.replies[0] = net.replies[1] = (fake_reply){ .status = 200, .body = LIST, .after = -1 };
  exo_call *first = start_call(client, "list_trunks", "{}"), *second = start_call(client, "list_trunks", "{}");
  net.sending = 0.01; /* more than a poll may take */
  exo_client_poll(client, 0);
  assert_int_equal(net.sent, 1);
  assert_true(watch_client() == 0);
  exo_client_free_call(client, first);
  exo_client_free_call(client, second);
}

static void says_nothing_when_nothing_is_to_be_done(void **state) {
  (void)state;
  exo_client_poll(client, 0);
  assert_true(isinf(watch_client()));
}

static void tells_of_a_call_that_is_started(void **state) {
  (void)state;
  watch_client();
  exo_call *call = start_call(client, "list_trunks", "{}");
  assert_int_equal(told(), 1);
  exo_call *other = start_call(client, "list_trunks", "{}"); /* told once */
  assert_false(is_readable(reader, SHORT));
  exo_client_free_call(client, call);
  exo_client_free_call(client, other);
}

static void tells_of_a_call_that_is_cancelled(void **state) {
  (void)state;
  net.replies[0] = (fake_reply){ .status = 200, .body = LIST, .after = -1 };
  exo_call *call = send_one();
  watch_client();
  exo_client_free_call(client, call);
  assert_int_equal(told(), 1);
}

/* What came is no longer to be seen in the descriptor then. */
static void tells_of_a_poll_that_somebody_else_makes(void **state) {
  (void)state;
  net.replies[0] = (fake_reply){ .status = 200, .body = LIST, .after = -1 };
  exo_call *call = send_one();
  watch_client();
  exo_client_poll(client, 0);
  assert_int_equal(told(), 1);
  watch_client();
  exo_client_unwatch(client);
  exo_client_poll(client, 0);
  assert_false(is_readable(reader, SHORT));
  exo_client_free_call(client, call);
}

static void tells_of_its_end(void **state) {
  net.replies[0] = (fake_reply){ .status = 200, .body = LIST, .after = -1 };
  exo_call *call = send_one();
  watch_client();
  exo_client_free(client);
  assert_int_equal(told(), 1);
  assert_int_equal(outcome_of(call)->kind, EXO_CANCELLED);
  exo_client_free_call(NULL, call);
  net.closed = 0;
  set_up(state);
}

static void keeps_no_thread_beyond_its_own_end(void **state) {
  watch_client();
  exo_client_free(client);
  net.closed = 0;
  exo_notifier_release(notifier);
  notifier = NULL;
  wait_for_threads(threads_before);
  set_up(state);
}

static void outlives_its_notifier(void **state) {
  (void)state;
  watch_client();
  exo_notifier_stop(notifier);
  exo_notifier_release(notifier);
  notifier = NULL;
  exo_client_free_call(client, start_call(client, "list_trunks", "{}"));
}

static void tells_nobody_of_a_fork(void **state) {
  (void)state;
  net.replies[0] = (fake_reply){ .status = 200, .body = LIST, .after = -1 };
  exo_call *call = send_one();
  watch_client();
  net.process++;
  exo_client_poll(client, 0);
  assert_false(is_readable(reader, SHORT));
  exo_client_free_call(client, call);
}

#undef TEST
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_all, close_all)

int main(void) {
  const struct CMUnitTest tests[] = {
    TEST(tells_once_of_what_becomes_readable),
    TEST(tells_of_what_is_readable_already),
    TEST(tells_of_several),
    TEST(a_closed_descriptor_is_no_longer_watched_and_its_number_may_come_again),
    TEST(tells_when_it_is_told_to),
    TEST(what_cannot_be_watched_is_refused),
    TEST(an_unread_socket_stops_nobody),
    TEST(a_stop_ends_thread_and_connection),
    TEST(the_last_who_keeps_it_stops_it),
    TEST(a_reader_that_goes_ends_the_thread),
    TEST(the_hosts_signals_are_not_for_the_thread),
    TEST(a_program_that_the_host_starts_inherits_nothing),
    TEST(the_socket_stands_in_a_private_folder_until_it_is_connected),
    TEST(there_is_none_without_a_folder),
    TEST(a_long_name_of_a_folder_is_not_taken),
    TEST(an_empty_variable_is_not_the_root_folder),
    TEST(a_child_has_none_and_leaves_the_parents_alone),
    TEST(its_descriptor_is_watched),
    TEST(one_without_a_descriptor_cannot_be),
    TEST(says_when_the_network_wants_to_be_polled),
    TEST(says_when_a_wait_ends),
    TEST(says_at_once_of_a_call_that_no_poll_has_seen),
    TEST(says_at_once_what_a_poll_has_left),
    TEST(says_nothing_when_nothing_is_to_be_done),
    TEST(tells_of_a_call_that_is_started),
    TEST(tells_of_a_call_that_is_cancelled),
    TEST(tells_of_a_poll_that_somebody_else_makes),
    TEST(tells_of_its_end),
    TEST(keeps_no_thread_beyond_its_own_end),
    TEST(outlives_its_notifier),
    TEST(tells_nobody_of_a_fork),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

#endif
