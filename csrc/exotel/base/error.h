/* What is wrong with something the user gave: where, and what to do about it. */
#ifndef EXOTEL_BASE_ERROR_H
#define EXOTEL_BASE_ERROR_H

#include <stdbool.h>

/* How something ended that can be wrong and can run out of memory. */
typedef enum { EXO_RESULT_OK, EXO_RESULT_ERROR, EXO_RESULT_NO_MEMORY } exo_result;

/* Filled in where the result is EXO_RESULT_ERROR. */
typedef struct exo_error {
  char field[160]; /* its full name: destinations[2].destination; "" when it is no single one */
  char message[320];
} exo_error;

/* Writes what fits and returns false, so that a check can end with `return exo_error_set(...)`. */
bool exo_error_set(exo_error *error, const char *field, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
