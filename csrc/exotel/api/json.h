/* JSON text to a cJSON tree that has lost nothing. */
#ifndef EXOTEL_API_JSON_H
#define EXOTEL_API_JSON_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

#include "exotel/base/memory.h"

typedef enum { EXO_JSON_GOOD, EXO_JSON_BAD, EXO_JSON_NO_MEMORY } exo_json_result;

/* Reads strict JSON (RFC 8259) of at most 64 levels, 50,000 values and 2 MiB of text, 64 KiB in one string, without NUL
 * anywhere. Differences from cJSON alone: a number under a key that names an id, an integer of more than 15 digits and
 * a number of more than 63 characters becomes a string, since a double would round it.
 * `bare_words` also reads a bare word where a value should stand as that string; NULL: strict. It counts them.
 * On EXO_JSON_GOOD the tree is the caller's, to be freed with cJSON_Delete. */
exo_json_result exo_json_read(const char *text, size_t length, const exo_allocator *allocator, size_t *bare_words,
                              cJSON **tree);

/* The same for a text of the user's own: strict, at most 1,000,000 values and 32 MiB of text. */
exo_json_result exo_json_read_file(const char *text, size_t length, const exo_allocator *allocator, cJSON **tree);

/* Where a strict reading gave up: both counted from 1, the column in bytes. */
typedef struct exo_json_fault {
  size_t line, column;
  bool too_large; /* beyond one of the limits above */
} exo_json_fault;

/* For what exo_json_read_file found to be EXO_JSON_BAD: where, and whether it is only too large or too deep. */
exo_json_fault exo_json_find_fault(const char *text, size_t length);

/* A member of an object, or NULL; `object` may be NULL. */
const cJSON *exo_json_member(const cJSON *object, const char *name);
/* A member that is a string, or NULL. */
const char *exo_json_text(const cJSON *object, const char *name);
/* A member that is an integer, also as a string of digits; `otherwise` when it is not. */
long exo_json_integer(const cJSON *object, const char *name, long otherwise);
/* A member that is a number of seconds, also as text; part of one counts as a whole. -1 when it is none. */
long exo_json_seconds(const cJSON *object, const char *name);

#endif
