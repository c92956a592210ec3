/* The arguments of a call as the core sees them: a small tree, owned by the call's arena. */
#ifndef EXOTEL_API_VALUE_H
#define EXOTEL_API_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
  EXO_VALUE_NULL,
  EXO_VALUE_BOOLEAN,
  EXO_VALUE_INTEGER,
  EXO_VALUE_NUMBER, /* not integral */
  EXO_VALUE_TEXT,
  EXO_VALUE_LIST,   /* 1..n without a hole; an empty table is an empty list */
  EXO_VALUE_RECORD, /* members with names */
  EXO_VALUE_OTHER   /* nothing that could be sent; `text` names its type */
} exo_value_type;

typedef struct exo_value {
  exo_value_type type;
  const char *name; /* of a record's member */
  bool boolean;
  int64_t integer;
  double number;
  const char *text; /* followed by a NUL, may hold others: `length` counts */
  size_t length;
  struct exo_value *items; /* of a list or a record */
  size_t count;
} exo_value;

/* What a person calls the type: "a string", "a list". */
const char *exo_value_type_name(const exo_value *value);
/* A record's member, or NULL; NULL also for what is no record. */
const exo_value *exo_value_member(const exo_value *record, const char *name);
bool exo_value_is_text(const exo_value *value, const char *text);

#endif
