/* One answer at a time, read for a test. Included by the file of the tests. */
#ifndef EXOTEL_SPEC_ONE_ANSWER_H
#define EXOTEL_SPEC_ONE_ANSWER_H

#include <stdlib.h>
#include <string.h>

#include "exotel/api/envelope.h"
#include "support.h"

static exo_arena arena = { .allocator = &exo_libc_allocator };
static exo_answer answer;

static void forget(void) {
  exo_answer_free(&answer);
  exo_arena_free(&arena);
}

/* Reads a copy without a NUL behind it, so that a look past the end is seen by the sanitizer. */
static exo_kind read_bytes(const char *operation, long http_status, const char *body, size_t length, size_t sent) {
  char *exact = malloc(length > 0 ? length : 1);
  assert_non_null(exact);
  if (length > 0) memcpy(exact, body, length);
  forget();
  exo_answer_read(&answer, operation_named(operation), http_status, exact, length, sent, &arena);
  free(exact);
  return answer.item.kind;
}

static int tear_down(void **state) {
  (void)state;
  forget();
  return 0;
}

#endif
