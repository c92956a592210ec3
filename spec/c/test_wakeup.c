/* The descriptor for others' event loops. */
#include "exotel/base/wakeup.h"

#include <math.h>
#include <poll.h>
#include <unistd.h>

#include "support.h"

#if defined __linux__ && !defined EXO_WITHOUT_EPOLL

static exo_wakeup *wakeup;

static int open_wakeup(void **state) {
  (void)state;
  wakeup = exo_wakeup_open();
  return wakeup != NULL ? 0 : -1;
}

static int close_wakeup(void **state) {
  (void)state;
  exo_wakeup_release(wakeup);
  return 0;
}

/* Waits so many milliseconds at most. */
static bool is_readable(int milliseconds) {
  struct pollfd watched = { .fd = exo_wakeup_descriptor(wakeup), .events = POLLIN };
  return poll(&watched, 1, milliseconds) == 1;
}

static void it_is_readable_once_its_time_has_come(void **state) {
  (void)state;
  assert_false(is_readable(0)); /* as long as nobody has set it */
  exo_wakeup_set(wakeup, 3600);
  assert_false(is_readable(0));
  exo_wakeup_set(wakeup, 0.01);
  assert_true(is_readable(10000));
  assert_true(is_readable(0)); /* and stays so until it is set anew */
  exo_wakeup_set(wakeup, 3600);
  assert_false(is_readable(0));
}

static void it_is_readable_at_once_where_there_is_no_time_to_lose(void **state) {
  (void)state;
  const double now[] = { 0, -1, -INFINITY, NAN };
  for (size_t i = 0; i < COUNT(now); i++) {
    exo_wakeup_set(wakeup, now[i]);
    assert_true(is_readable(1000));
    exo_wakeup_set(wakeup, now[i]);
    assert_true(is_readable(0));
    exo_wakeup_set(wakeup, INFINITY);
    assert_false(is_readable(0));
  }
}

static void what_is_far_away_is_never(void **state) {
  (void)state;
  const double far[] = { INFINITY, 1e9, 1e300, 999999999.9999999 };
  for (size_t i = 0; i < COUNT(far); i++) {
    exo_wakeup_set(wakeup, 0);
    exo_wakeup_set(wakeup, far[i]);
    assert_false(is_readable(0));
  }
}

static void it_is_readable_while_another_descriptor_is(void **state) {
  int ends[2];
  char byte = 'x';
  (void)state;
  assert_int_equal(pipe(ends), 0);
  assert_true(exo_wakeup_add(wakeup, ends[0]));
  assert_false(is_readable(0));
  assert_int_equal(write(ends[1], &byte, 1), 1);
  assert_true(is_readable(1000));
  exo_wakeup_set(wakeup, INFINITY); /* which is about the time alone */
  assert_true(is_readable(0));
  assert_int_equal(read(ends[0], &byte, 1), 1);
  assert_false(is_readable(0));
  close(ends[0]);
  close(ends[1]);
  assert_false(exo_wakeup_add(wakeup, ends[0]));
}

static void it_lives_until_the_last_one_releases_it(void **state) {
  (void)state;
  int descriptor = exo_wakeup_descriptor(wakeup);
  assert_ptr_equal(exo_wakeup_keep(wakeup), wakeup);
  exo_wakeup_release(wakeup);
  exo_wakeup_set(wakeup, 0);
  assert_true(is_readable(1000));
  exo_wakeup_release(wakeup);
  assert_int_equal(close(descriptor), -1); /* it is closed */
  exo_wakeup_release(NULL);
  wakeup = NULL;
}

#define OPENED(test) cmocka_unit_test_setup_teardown(test, open_wakeup, close_wakeup)

int main(void) {
  const struct CMUnitTest tests[] = {
    OPENED(it_is_readable_once_its_time_has_come),
    OPENED(it_is_readable_at_once_where_there_is_no_time_to_lose),
    OPENED(what_is_far_away_is_never),
    OPENED(it_is_readable_while_another_descriptor_is),
    OPENED(it_lives_until_the_last_one_releases_it),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

static void there_is_none(void **state) {
  (void)state;
  assert_null(exo_wakeup_open());
}

int main(void) {
  const struct CMUnitTest tests[] = { cmocka_unit_test(there_is_none) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

#endif
