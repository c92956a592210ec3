/* Whether and when an attempt is repeated: a pure function. */
#include "exotel/engine/retry.h"

#include <math.h>

#include "support.h"

static exo_retry retry_of(const char *operation) {
  return (exo_retry){ .operation = operation_named(operation), .retries = 10, .backoff = 0.5, .deadline = 1000 };
}

static const exo_attempt cut_off = { .kind = EXO_NETWORK, .retry_after = -1, .sent = true };

/* Full jitter: the random number is the share of a bound that doubles, up to eight seconds. */
static void waits_are_a_share_of_a_bound_that_doubles(void **state) {
  static const double bounds[] = { 0.5, 1, 2, 4, 8, 8 };
  (void)state;
  for (double share = 0; share < 1; share += 0.25) {
    exo_retry retry = retry_of("list_trunks");
    for (size_t i = 0; i < COUNT(bounds); i++) {
      exo_decision decision = exo_retry_next(&retry, &cut_off, 100, share);
      assert_int_equal(decision.step, EXO_WAIT);
      assert_true(fabs(decision.until - (100 + bounds[i] * share)) <= 1e-9);
    }
  }
}

/* The service's own wait has no jitter: it would be too early. */
static void the_services_wait_is_kept_to_the_second(void **state) {
  (void)state;
  exo_retry retry = retry_of("list_trunks");
  exo_attempt attempt = { .kind = EXO_RATE_LIMITED, .status = 429, .retry_after = 60, .sent = true, .refused = true };
  exo_decision decision = exo_retry_next(&retry, &attempt, 100, 0.25);
  assert_int_equal(decision.step, EXO_WAIT);
  assert_true(fabs(decision.until - 160) <= 1e-9);
  attempt.retry_after = 61;
  assert_int_equal(exo_retry_next(&retry, &attempt, 100, 0.25).step, EXO_FINISH);
}

static void no_wait_ends_at_the_deadline_or_after_it(void **state) {
  (void)state;
  exo_attempt attempt = { .kind = EXO_RATE_LIMITED, .status = 429, .retry_after = 10, .sent = true, .refused = true };
  exo_retry retry = retry_of("list_trunks");
  retry.deadline = 110;
  assert_int_equal(exo_retry_next(&retry, &attempt, 100, 0).step, EXO_FINISH);
  assert_int_equal(exo_retry_next(&retry, &attempt, 99.999, 0).step, EXO_WAIT);
}

static void so_many_retries_and_no_more(void **state) {
  (void)state;
  exo_retry retry = retry_of("list_trunks");
  retry.retries = 2;
  assert_int_equal(exo_retry_next(&retry, &cut_off, 100, 0).step, EXO_WAIT);
  assert_int_equal(exo_retry_next(&retry, &cut_off, 100, 0).step, EXO_WAIT);
  assert_int_equal(exo_retry_next(&retry, &cut_off, 100, 0).step, EXO_FINISH);
  assert_int_equal(retry.attempts, 3);
}

static void only_these_statuses_of_a_server_pass(void **state) {
  (void)state;
  for (long status = 500; status < 600; status++) {
    exo_retry retry = retry_of("list_trunks");
    exo_attempt attempt = { .kind = EXO_SERVER, .status = status, .retry_after = -1, .sent = true };
    bool passes = status == 500 || status == 502 || status == 503 || status == 504;
    assert_int_equal(exo_retry_next(&retry, &attempt, 100, 0).step, passes ? EXO_WAIT : EXO_FINISH);
  }
}

/* A call that may not be repeated at all needs no reason for it. */
static void without_retries_no_reason_is_given(void **state) {
  (void)state;
  exo_retry retry = retry_of("list_trunks");
  retry.retries = 0;
  exo_decision decision = exo_retry_next(&retry, &cut_off, 100, 0);
  assert_int_equal(decision.step, EXO_FINISH);
  assert_null(decision.reason);
  assert_true(decision.retryable);
}

static void an_attempt_that_is_cancelled_counts(void **state) {
  (void)state;
  exo_retry retry = retry_of("create_trunk");
  exo_retry_cancel(&retry, false);
  assert_int_equal(retry.attempts, 1);
  assert_false(retry.maybe_applied);
  exo_retry_cancel(&retry, true);
  assert_int_equal(retry.attempts, 2);
  assert_true(retry.maybe_applied);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(waits_are_a_share_of_a_bound_that_doubles),
    cmocka_unit_test(the_services_wait_is_kept_to_the_second),
    cmocka_unit_test(no_wait_ends_at_the_deadline_or_after_it),
    cmocka_unit_test(so_many_retries_and_no_more),
    cmocka_unit_test(only_these_statuses_of_a_server_pass),
    cmocka_unit_test(without_retries_no_reason_is_given),
    cmocka_unit_test(an_attempt_that_is_cancelled_counts),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
