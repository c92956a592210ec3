/* Answers that were cut short or damaged on their way, and answers for which memory runs out. */
#include "one_answer.h"

/* Whatever came of it: it can be looked at, and success is never claimed without something to show. */
static void check_sane(const seed_answer *seed) {
  const exo_item *item = &answer.item;
  assert_in_range(item->kind, EXO_OK, EXO_NO_MEMORY);
  assert_int_not_equal(item->kind, EXO_NO_MEMORY);
  assert_true(answer.warning_count <= EXO_WARNINGS_MAX);
  for (size_t i = 0; i < answer.warning_count; i++) assert_non_null(answer.warnings[i]);
  if (item->kind == EXO_OK && answer.items == NULL && strcmp(seed->operation, "delete_trunk") != 0)
    assert_true(exo_json_is(item->data, EXO_JSON_OBJECT));
  for (size_t i = 0; item->kind == EXO_OK && i < answer.item_count; i++)
    if (answer.items[i].kind != EXO_OK || !exo_json_is(answer.items[i].data, EXO_JSON_OBJECT))
      fail_msg("a success with an item that is none");
}

static void every_prefix(void **state) {
  (void)state;
  static const long statuses[] = { 200, 207, 500 };
  for (size_t i = 0; i < seed_answer_count * COUNT(statuses); i++) {
    const seed_answer *seed = &seed_answers[i / COUNT(statuses)];
    size_t length;
    char *bytes = answer_load(seed->file, &length);
    for (size_t n = 0; n < length; n++) {
      exo_kind kind = read_bytes(seed->operation, statuses[i % COUNT(statuses)], bytes, n, seed->sent);
      if (kind == EXO_OK) fail_msg("%s: its first %zu bytes are a success", seed->file, n);
      check_sane(seed);
    }
    free(bytes);
  }
}

static size_t remove_byte(char *bytes, size_t length, size_t at) {
  memmove(bytes + at, bytes + at + 1, length - at - 1);
  return length - 1;
}

static size_t damage(char *bytes, size_t length, uint32_t *random) {
  static const char marks[] = "{}[]\",:\\0 1-n";
  for (uint32_t n = 1 + next_random(random) % 4; n > 0 && length > 1; n--) {
    size_t at = next_random(random) % length;
    switch (next_random(random) % 4) {
      case 0: bytes[at] ^= (char)(1 << next_random(random) % 8); break;
      case 1: length = remove_byte(bytes, length, at); break;
      case 2: bytes[at] = marks[next_random(random) % (sizeof marks - 1)]; break;
      default: bytes[at] = bytes[next_random(random) % length]; break;
    }
  }
  return length;
}

enum { MUTATIONS = 20000 };

static void damaged_bytes(void **state) {
  (void)state;
  uint32_t random = 2463534242u;
  size_t failures = 0;
  for (size_t i = 0; i < seed_answer_count; i++) {
    size_t length;
    char *bytes = answer_load(seed_answers[i].file, &length), *copy = malloc(length);
    for (int n = 0; n < MUTATIONS && copy != NULL; n++) {
      memcpy(copy, bytes, length);
      size_t left = damage(copy, length, &random);
      failures += read_bytes(seed_answers[i].operation, 200, copy, left, seed_answers[i].sent) != EXO_OK;
      check_sane(&seed_answers[i]);
    }
    free(copy);
    free(bytes);
  }
  /* Neither all nor none: the damage has to hit both structure and mere text. */
  assert_in_range(failures, seed_answer_count * MUTATIONS / 10, seed_answer_count * MUTATIONS * 9 / 10);
}

/* ---- memory ---- */

static const seed_answer *seed_to_read;
static char *seed_bytes;
static size_t seed_length;

static void read_with_little_memory(void) {
  exo_answer one;
  exo_arena small;
  exo_arena_init(&small, &counted_allocator);
  exo_answer_read(&one, operation_named(seed_to_read->operation), 200, seed_bytes, seed_length, seed_to_read->sent,
                  &small);
  assert_int_equal(one.item.kind, memory_failed() ? EXO_NO_MEMORY : EXO_OK);
  exo_answer_free(&one);
  exo_arena_free(&small);
}

static void memory_runs_out(void **state) {
  (void)state;
  for (size_t i = 0; i < seed_answer_count; i++) {
    seed_to_read = &seed_answers[i];
    seed_bytes = answer_load(seed_to_read->file, &seed_length);
    each_allocation_fails(read_with_little_memory, NULL);
    free(seed_bytes);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_prefix),
    cmocka_unit_test(damaged_bytes),
    cmocka_unit_test_setup_teardown(memory_runs_out, memory_open, memory_close),
  };
  return cmocka_run_group_tests(tests, NULL, tear_down);
}
