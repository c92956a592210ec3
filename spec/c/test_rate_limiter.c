/* The rate limit: what is counted, until when, and what is left. */
#include "exotel/engine/rate_limiter.h"

#include <math.h>

#include "support.h"

static exo_rate_limiter limiter;

static void open_limiter(size_t limit) { assert_true(exo_rate_limiter_init(&limiter, limit, &exo_libc_allocator)); }

static void make_request(double now) {
  exo_rate_limiter_begin(&limiter);
  exo_rate_limiter_end(&limiter, true, now);
}

/* The service may count both ends in, so exactly 60 seconds are still within them. */
static void a_request_may_leave_when_another_is_more_than_60_seconds_old(void **state) {
  (void)state;
  open_limiter(1);
  make_request(100);
  double when = exo_rate_limiter_when(&limiter, 100);
  assert_true(when > 160 && when < 160.1);
  assert_int_equal(exo_rate_limiter_left(&limiter, 160), 0);
  assert_true(exo_rate_limiter_when(&limiter, 160) > 160);
  assert_true(exo_rate_limiter_when(&limiter, when) <= when);
  assert_int_equal(exo_rate_limiter_left(&limiter, when), 1);
  exo_rate_limiter_free(&limiter);
}

static void what_is_under_way_is_not_left(void **state) {
  (void)state;
  open_limiter(3);
  make_request(100);
  exo_rate_limiter_begin(&limiter);
  assert_int_equal(exo_rate_limiter_left(&limiter, 100), 1);
  assert_true(exo_rate_limiter_when(&limiter, 100) <= 100);
  exo_rate_limiter_begin(&limiter);
  assert_int_equal(exo_rate_limiter_left(&limiter, 100), 0);
  assert_true(exo_rate_limiter_when(&limiter, 100) > 160);
  exo_rate_limiter_end(&limiter, false, 101); /* it never left */
  assert_int_equal(exo_rate_limiter_left(&limiter, 101), 1);
  exo_rate_limiter_free(&limiter);
}

/* Nobody knows when: something under way has to end first. */
static void with_nothing_but_what_is_under_way_there_is_no_time(void **state) {
  (void)state;
  open_limiter(1);
  exo_rate_limiter_begin(&limiter);
  assert_true(isinf(exo_rate_limiter_when(&limiter, 100)));
  exo_rate_limiter_end(&limiter, true, 101);
  assert_true(exo_rate_limiter_when(&limiter, 101) > 161);
  exo_rate_limiter_free(&limiter);
}

static void the_later_of_the_two_waits_counts(void **state) {
  (void)state;
  open_limiter(1);
  make_request(100);
  exo_rate_limiter_pause(&limiter, 500);
  exo_rate_limiter_pause(&limiter, 400);
  assert_true(fabs(exo_rate_limiter_when(&limiter, 100) - 500) <= 1e-9);
  assert_string_equal(exo_rate_limiter_reason(&limiter, 100), "the service says that no requests are left");
  assert_string_equal(exo_rate_limiter_reason(&limiter, 500), "the rate limit is used up");
  exo_rate_limiter_free(&limiter);
}

static void without_a_limit_only_the_services_pause_counts(void **state) {
  (void)state;
  open_limiter(0);
  for (int i = 0; i < 1000; i++) make_request(100);
  assert_true(exo_rate_limiter_when(&limiter, 100) <= 100);
  assert_int_equal(exo_rate_limiter_left(&limiter, 100), SIZE_MAX);
  exo_rate_limiter_pause(&limiter, 130);
  assert_true(fabs(exo_rate_limiter_when(&limiter, 100) - 130) <= 1e-9);
  exo_rate_limiter_free(&limiter);
}

/* However the times lie in its ring: never more than the limit in 60 seconds, and no longer wait than that needs. */
static void requests_at_the_first_moment_that_is_allowed(void **state) {
  enum { LIMIT = 5, REQUESTS = 40 };
  double made[REQUESTS], now = 0;
  uint32_t seed = 7;
  (void)state;
  open_limiter(LIMIT);
  for (size_t i = 0; i < REQUESTS; i++) {
    double when = exo_rate_limiter_when(&limiter, now);
    if (when > now) now = when;
    assert_true(exo_rate_limiter_when(&limiter, now) <= now); /* as the client asks before it sends */
    if (i >= LIMIT) assert_true(now > made[i - LIMIT] + 60);
    if (when > 0 && i >= LIMIT) assert_true(when <= made[i - LIMIT] + 60.1);
    made[i] = now;
    make_request(now);
    now += next_random(&seed) % 20;
  }
  exo_rate_limiter_free(&limiter);
}

static void what_the_service_leaves_is_told_until_its_reset(void **state) {
  (void)state;
  open_limiter(10);
  assert_int_equal(exo_rate_limiter_told(&limiter, 100), SIZE_MAX);
  exo_rate_limiter_begin(&limiter);
  exo_rate_limiter_tell(&limiter, 4, 130);
  assert_int_equal(exo_rate_limiter_told(&limiter, 100), 3);
  exo_rate_limiter_begin(&limiter);
  assert_int_equal(exo_rate_limiter_told(&limiter, 129), 2);
  assert_int_equal(exo_rate_limiter_told(&limiter, 130), SIZE_MAX);
  exo_rate_limiter_tell(&limiter, 1, 130);
  assert_int_equal(exo_rate_limiter_told(&limiter, 100), 0);
  exo_rate_limiter_begin(&limiter);
  assert_int_equal(exo_rate_limiter_told(&limiter, 100), 0);
  assert_true(exo_rate_limiter_when(&limiter, 100) <= 100);
  exo_rate_limiter_free(&limiter);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_request_may_leave_when_another_is_more_than_60_seconds_old),
    cmocka_unit_test(what_is_under_way_is_not_left),
    cmocka_unit_test(with_nothing_but_what_is_under_way_there_is_no_time),
    cmocka_unit_test(the_later_of_the_two_waits_counts),
    cmocka_unit_test(without_a_limit_only_the_services_pause_counts),
    cmocka_unit_test(what_the_service_leaves_is_told_until_its_reset),
    cmocka_unit_test(requests_at_the_first_moment_that_is_allowed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
