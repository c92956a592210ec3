/* What fuzzing has found, so that it stays found: spec/fuzz. */
#include <string.h>

#include "exotel/api/json.h"
#include "support.h"

/* cJSON fails on a byte order mark before a single byte, which passed for a lack of memory. */
static void a_mark_before_one_byte(void **state) {
  (void)state;
  cJSON *tree;
  size_t words;
  static const char text[] = "\xEF\xBB\xBF"
                             "9";
  assert_int_equal(exo_json_read(text, 4, &exo_libc_allocator, NULL, &tree), EXO_JSON_GOOD);
  assert_true(cJSON_IsNumber(tree) && tree->valueint == 9);
  cJSON_Delete(tree);
  assert_int_equal(exo_json_read(text, 3, &exo_libc_allocator, &words, &tree), EXO_JSON_BAD);
  assert_null(tree);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_mark_before_one_byte),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
