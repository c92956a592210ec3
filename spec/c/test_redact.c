/* Secrets in texts that people see, however they are written there. */
#include "exotel/api/redact.h"

#include <stdlib.h>
#include <string.h>

#include "support.h"

static const exo_redaction secrets = { { "tok3n/1234", "1234pass\\word", "%41pha" }, 3 };

typedef struct row {
  const char *text, *shown;
} row;

static const row rows[] = {
  { "", "" },
  { "nothing", "nothing" },
  { "a tok3n/1234 b", "a ********** b" },
  { "tok3n\\/1234", "***********" },
  { "tok3n%2F1234", "************" },
  { "\\u0074ok3n\\u002f1234", "********************" },
  { "%74%6F%6b3n/1234", "****************" },
  { "tok3n/123", "tok3n/123" },
  { "tok3n%2", "tok3n%2" },
  { "\\u00", "\\u00" },
  { "1234pass\\\\word", "**************" },
  { "1234pass\\word", "*************" },
  { "1234pass%5Cword", "***************" },
  { "%41pha", "******" },
  { "%2541pha", "********" },
  { "tttok3n/1234", "tt**********" },
  { "tok3n/1234tok3n/1234", "********************" },
  { "\\u0174ok3n/1234", "\\u0174ok3n/1234" },
  /* One begins where another ends: both are gone. */
  { "tok3n/1234pass\\word", "*******************" },
};

static void secrets_are_overwritten(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(rows); i++) {
    char text[64];
    strcpy(text, rows[i].text);
    exo_redact(&secrets, text, strlen(text));
    assert_string_equal(text, rows[i].shown);
  }
}

/* Whichever comes first among them. */
static void the_longest_of_several_is_gone(void **state) {
  (void)state;
  static const exo_redaction lists[] = { { { "tok3n/1234", "tok3", "k3n/" }, 3 },
                                         { { "k3n/", "tok3", "tok3n/1234" }, 3 } };
  for (size_t i = 0; i < COUNT(lists); i++) {
    char text[] = "a tok3n/1234 b tok3 c";
    exo_redact(&lists[i], text, strlen(text));
    assert_string_equal(text, "a ********** b **** c");
  }
}

/* What a cut leaves of one is looked for behind it, so the end of a text is an end. */
static void nothing_behind_the_end_is_looked_at(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(rows); i++) {
    for (size_t length = 0; length <= strlen(rows[i].text); length++) {
      char *text = malloc(length > 0 ? length : 1);
      assert_non_null(text);
      memcpy(text, rows[i].text, length);
      exo_redact(&secrets, text, length);
      free(text);
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(secrets_are_overwritten),
    cmocka_unit_test(the_longest_of_several_is_gone),
    cmocka_unit_test(nothing_behind_the_end_is_looked_at),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
