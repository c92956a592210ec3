/* Queues of calls: whatever is added and taken out, the first is the one that comes before all others. */
#include "exotel/engine/call_queue.h"

#include "support.h"

enum { CALLS = 60, STEPS = 200000 };

static exo_call calls[CALLS];
static bool standing[CALLS];
static exo_call_queue queue;

static bool is_earlier(const exo_call *a, const exo_call *b) { return a->wait_until < b->wait_until; }

static const exo_call *earliest(void) {
  const exo_call *found = NULL;
  for (int i = 0; i < CALLS; i++)
    if (standing[i] && (found == NULL || is_earlier(&calls[i], found))) found = &calls[i];
  return found;
}

/* Few different times, so that many are equal. */
static void add_or_take_out(uint32_t *random) {
  uint32_t i = next_random(random) % CALLS;
  if (standing[i]) exo_call_queue_remove(&queue, &calls[i]);
  else {
    calls[i].wait_until = next_random(random) % 40;
    assert_true(exo_call_queue_reserve(&queue, queue.count + 1));
    exo_call_queue_add(&queue, &calls[i]);
  }
  standing[i] = !standing[i];
}

static void the_first_comes_before_all_others(void **state) {
  uint32_t random = 88172645u;
  (void)state;
  exo_call_queue_init(&queue, &counted_allocator, EXO_CALL_BY_DEADLINE, is_earlier);
  for (int i = 0; i < STEPS; i++) {
    add_or_take_out(&random);
    const exo_call *first = exo_call_queue_first(&queue), *expected = earliest();
    assert_int_equal(first == NULL, expected == NULL);
    if (first != NULL) assert_true(first->wait_until == expected->wait_until);
  }
  exo_call_queue_free(&queue);
}

static void without_memory_it_stays_as_it_was(void **state) {
  (void)state;
  exo_call_queue_init(&queue, &counted_allocator, EXO_CALL_IN_LINE, is_earlier);
  assert_true(exo_call_queue_reserve(&queue, 1));
  exo_call_queue_add(&queue, &calls[0]);
  memory_limit(1, false);
  assert_false(exo_call_queue_reserve(&queue, queue.capacity + 1));
  memory_limit(0, false);
  assert_ptr_equal(exo_call_queue_first(&queue), &calls[0]);
  exo_call_queue_free(&queue);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(the_first_comes_before_all_others, memory_open, memory_close),
    cmocka_unit_test_setup_teardown(without_memory_it_stays_as_it_was, memory_open, memory_close),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
