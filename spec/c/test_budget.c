/* Requests that a store has granted: which may begin, and what the store is told of them. */
#include "exotel/engine/budget.h"

#include <math.h>

#include "support.h"

static exo_budget budget;

static int open_shared(void **state) {
  memory_open(state);
  exo_budget_init(&budget, &counted_allocator, 30);
  budget.is_shared = true;
  return 0;
}

static int close_shared(void **state) {
  exo_budget_free(&budget);
  return memory_close(state);
}

static void grant(size_t requests, exo_lease lease) {
  budget.granted = requests;
  budget.lease = lease;
  budget.usable_until = 105;
  budget.reach = 30;
}

static void without_a_store_everything_may_begin_and_nothing_is_told(void **state) {
  (void)state;
  budget.is_shared = false;
  assert_true(exo_budget_allows(&budget, 1000, 0));
  assert_true(exo_budget_take(&budget) == EXO_NO_LEASE);
  exo_budget_spend(&budget, EXO_NO_LEASE, true, 1);
  exo_budget_pause(&budget, 100);
  assert_int_equal(budget.count, 0);
  assert_false(budget.pause_is_news);
}

static void what_was_granted_may_begin_in_its_time(void **state) {
  (void)state;
  assert_false(exo_budget_allows(&budget, 1, 100));
  grant(2, 7);
  assert_true(exo_budget_allows(&budget, 30, 105));
  assert_false(exo_budget_allows(&budget, 30, 105.001)); /* it might end after the store has forgotten it */
  assert_false(exo_budget_allows(&budget, 30.001, 105)); /* so might one that takes longer than was asked for */
  budget.is_awaited = true;
  assert_true(exo_budget_take(&budget) == 7);
  assert_false(budget.is_awaited);
  assert_true(exo_budget_take(&budget) == 7);
  assert_false(exo_budget_allows(&budget, 1, 100));
}

static void alone_everything_may_begin_without_a_lease(void **state) {
  (void)state;
  budget.is_alone = true;
  assert_true(exo_budget_allows(&budget, 1000, 1000));
  assert_true(exo_budget_take(&budget) == EXO_NO_LEASE);
  exo_budget_spend(&budget, EXO_NO_LEASE, true, 1);
  exo_budget_spend(&budget, EXO_NO_LEASE, false, 1); /* it never left, and nobody has granted it */
  assert_int_equal(budget.count, 1);
  assert_int_equal(budget.spendings[0].count, 1);
}

static void expect_spending(size_t i, exo_lease lease, size_t count, bool used, double ended) {
  assert_true(i < budget.count);
  assert_true(budget.spendings[i].lease == lease);
  assert_int_equal(budget.spendings[i].count, count);
  assert_int_equal(budget.spendings[i].used, used);
  assert_true(budget.spendings[i].ended == ended);
}

/* A report that says an earlier end than there was would have the store forget too early. */
static void what_ended_together_is_told_together_by_the_last_of_it(void **state) {
  (void)state;
  exo_budget_spend(&budget, 7, true, 100);
  exo_budget_spend(&budget, 7, true, 100.2);
  expect_spending(0, 7, 2, true, 100.2);
  exo_budget_spend(&budget, 7, true, 100.3); /* not for ever */
  expect_spending(1, 7, 1, true, 100.3);
  exo_budget_spend(&budget, 8, true, 100.3);
  exo_budget_spend(&budget, 8, false, 100.3);
  exo_budget_spend(&budget, 8, false, 200); /* what was not used has no end that matters */
  assert_int_equal(budget.count, 4);
  expect_spending(3, 8, 2, false, 200);
}

static void what_is_not_used_is_given_back_once(void **state) {
  (void)state;
  grant(5, 7);
  exo_budget_take(&budget);
  exo_budget_return(&budget, 101);
  expect_spending(0, 7, 4, false, 101);
  assert_int_equal(budget.granted, 0);
  exo_budget_return(&budget, 102);
  assert_int_equal(budget.count, 1);
}

static void only_a_longer_pause_is_news(void **state) {
  (void)state;
  exo_budget_pause(&budget, 130);
  assert_true(budget.pause_is_news);
  budget.pause_is_news = false;
  exo_budget_pause(&budget, 130);
  exo_budget_pause(&budget, 120);
  assert_false(budget.pause_is_news);
  assert_true(budget.paused_until == 130);
  exo_budget_pause(&budget, 130.5);
  assert_true(budget.pause_is_news);
}

static void a_process_that_was_forked_off_has_none_of_it_and_asks_at_once(void **state) {
  (void)state;
  grant(5, 7);
  exo_budget_spend(&budget, 7, true, 100);
  budget.ask_at = 500;
  exo_budget_forget(&budget);
  assert_int_equal(budget.granted, 0);
  assert_int_equal(budget.count, 0);
  assert_true(budget.ask_at < 0);
}

/* Then the store counts it for as long as the request could have taken. */
static void without_memory_the_store_is_not_told(void **state) {
  (void)state;
  memory_limit(1, false);
  exo_budget_spend(&budget, 7, true, 100);
  assert_int_equal(budget.count, 0);
  memory_limit(0, false);
  for (int i = 0; i < 8; i++) exo_budget_spend(&budget, i + 1, true, 100);
  memory_limit(1, false);
  exo_budget_spend(&budget, 9, true, 100);
  exo_budget_spend(&budget, 8, true, 100.1); /* needs none */
  assert_int_equal(budget.count, 8);
  memory_limit(0, false);
}

static void the_reason_says_who_wants_it(void **state) {
  (void)state;
  assert_string_equal(exo_budget_reason(&budget), "the shared rate limit is used up");
  budget.service_says = true;
  assert_string_equal(exo_budget_reason(&budget), "the service says that no requests are left");
}

#define SHARED(test) cmocka_unit_test_setup_teardown(test, open_shared, close_shared)

int main(void) {
  const struct CMUnitTest tests[] = {
    SHARED(without_a_store_everything_may_begin_and_nothing_is_told),
    SHARED(what_was_granted_may_begin_in_its_time),
    SHARED(alone_everything_may_begin_without_a_lease),
    SHARED(what_ended_together_is_told_together_by_the_last_of_it),
    SHARED(what_is_not_used_is_given_back_once),
    SHARED(only_a_longer_pause_is_news),
    SHARED(a_process_that_was_forked_off_has_none_of_it_and_asks_at_once),
    SHARED(without_memory_the_store_is_not_told),
    SHARED(the_reason_says_who_wants_it),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
