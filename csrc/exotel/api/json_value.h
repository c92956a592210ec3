/* What a JSON text says: its values in the order of the text, side by side in one block. A value is used in place, and
 * never copied: its text and what it holds are found from where it stands. */
#ifndef EXOTEL_API_JSON_VALUE_H
#define EXOTEL_API_JSON_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
  EXO_JSON_NULL,
  EXO_JSON_FALSE,
  EXO_JSON_TRUE,
  EXO_JSON_NUMBER, /* its text is kept: at most 63 characters, integers at most 15 digits */
  EXO_JSON_STRING,
  EXO_JSON_ARRAY,  /* followed by its values */
  EXO_JSON_OBJECT, /* followed by its members: a string, which is the name, and a value */
} exo_json_type;

typedef struct exo_json_value {
  uint32_t type;
  uint32_t length; /* bytes of text; of an array or object: how many values or members it has */
  uint32_t place;  /* how far before the value its text begins; of an array or object: how many values stand in it */
} exo_json_value;

/* NULL is a value of no type. */
static inline bool exo_json_is(const exo_json_value *value, exo_json_type type) {
  return value != NULL && value->type == (uint32_t)type;
}

/* The text of a string or number, followed by a NUL, and without another one. */
static inline const char *exo_json_text(const exo_json_value *value) { return (const char *)value - value->place; }

/* The first of an array or object; with length 0 there is none. */
static inline const exo_json_value *exo_json_first(const exo_json_value *value) { return value + 1; }

/* What stands behind a value and all that it holds. */
static inline const exo_json_value *exo_json_next(const exo_json_value *value) {
  return value + 1 + (value->type >= EXO_JSON_ARRAY ? value->place : 0);
}

/* A number of up to 15 digits without fraction and exponent; false: it is another one. */
bool exo_json_whole(const exo_json_value *number, int64_t *whole);
double exo_json_number(const exo_json_value *number);

/* ---- members of an object, which may be NULL or no object ---- */

/* The first of that name, or NULL. */
const exo_json_value *exo_json_member(const exo_json_value *object, const char *name);
/* The text of one that is a string, or NULL. */
const char *exo_json_string(const exo_json_value *object, const char *name);
/* One that is an integer, also as a string of digits; `otherwise` when it is not. */
long exo_json_integer(const exo_json_value *object, const char *name, long otherwise);
/* One that is a number of seconds, also as text; part of one counts as a whole. -1 when it is none. */
long exo_json_seconds(const exo_json_value *object, const char *name);

#endif
