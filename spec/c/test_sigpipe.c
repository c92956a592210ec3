/* What libcurl writes to a closed connection is no end of the host, and the host's own signals stay as they were. */
#include <errno.h>
#include <unistd.h>

#include "exotel/transport/sigpipe.h"
#include "support.h"

static int received;

static void receive(int signal) {
  (void)signal;
  received++;
}

static int set_up(void **state) {
  struct sigaction action = { .sa_handler = receive };
  (void)state;
  received = 0;
  return sigaction(SIGPIPE, &action, NULL);
}

static void write_to_nobody(void) {
  int ends[2];
  assert_int_equal(pipe(ends), 0);
  close(ends[0]);
  assert_int_equal(write(ends[1], "x", 1), -1);
  assert_int_equal(errno, EPIPE);
  close(ends[1]);
}

static bool is_blocked(void) {
  sigset_t blocked;
  sigprocmask(SIG_BLOCK, NULL, &blocked);
  return sigismember(&blocked, SIGPIPE) == 1;
}

static void what_is_raised_meanwhile_is_gone(void **state) {
  exo_sigpipe held;
  (void)state;
  exo_sigpipe_hold(&held, true);
  write_to_nobody();
  exo_sigpipe_release(&held);
  assert_int_equal(received, 0);
  assert_false(is_blocked());
}

static void the_hosts_own_is_received(void **state) {
  exo_sigpipe held;
  (void)state;
  exo_sigpipe_hold(&held, true);
  exo_sigpipe_release(&held);
  write_to_nobody();
  assert_int_equal(received, 1);
}

static void one_that_was_pending_before_stays(void **state) {
  exo_sigpipe held;
  sigset_t set, before;
  (void)state;
  sigemptyset(&set);
  sigaddset(&set, SIGPIPE);
  sigprocmask(SIG_BLOCK, &set, &before);
  write_to_nobody();
  exo_sigpipe_hold(&held, true);
  write_to_nobody();
  exo_sigpipe_release(&held);
  assert_true(is_blocked());
  assert_int_equal(received, 0);
  sigprocmask(SIG_SETMASK, &before, NULL);
  assert_int_equal(received, 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup(what_is_raised_meanwhile_is_gone, set_up),
    cmocka_unit_test_setup(the_hosts_own_is_received, set_up),
    cmocka_unit_test_setup(one_that_was_pending_before_stays, set_up),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
