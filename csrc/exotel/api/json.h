/* JSON text to its values, losing nothing. */
#ifndef EXOTEL_API_JSON_H
#define EXOTEL_API_JSON_H

#include "exotel/api/json_value.h"
#include "exotel/base/memory.h"

/* A text that was read: one block with the texts of its values and the values behind them. */
typedef struct exo_json {
  const exo_json_value *root; /* NULL: nothing was read */
  exo_json_value *values;     /* the same, and all that follow */
  size_t count;
  void *block;
  const exo_allocator *allocator;
} exo_json;

typedef enum { EXO_JSON_GOOD, EXO_JSON_BAD, EXO_JSON_NO_MEMORY } exo_json_result;

/* Reads strict JSON (RFC 8259) of at most 64 levels, 50,000 values and 2 MiB of text, 64 KiB in one string, without NUL
 * anywhere. A number under a key that names an id, an integer of more than 15 digits and a number of more than 63
 * characters becomes a string, since a double would round it.
 * `bare_words` also reads a bare word where a value should stand as that string; NULL: strict. It counts them: with
 * none the text is strict JSON. On EXO_JSON_GOOD the values live until exo_json_free; the text is not needed any more.
 */
exo_json_result exo_json_read(exo_json *json, const char *text, size_t length, const exo_allocator *allocator,
                              size_t *bare_words);

/* Where a strict reading gave up: both counted from 1, the column in bytes. */
typedef struct exo_json_fault {
  size_t line, column;
  bool too_large; /* beyond one of the limits */
} exo_json_fault;

/* Reads a text of the user's own: strict, at most 1,000,000 values and 32 MiB of text. `fault`: for EXO_JSON_BAD. */
exo_json_result exo_json_read_file(exo_json *json, const char *text, size_t length, const exo_allocator *allocator,
                                   exo_json_fault *fault);

/* One that is zeroed, or not good, is fine. */
void exo_json_free(exo_json *json);

#endif
