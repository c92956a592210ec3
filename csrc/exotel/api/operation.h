/* The API as a table: one row an operation. Requests, validation, the Lua methods and the docs read it. */
#ifndef EXOTEL_API_OPERATION_H
#define EXOTEL_API_OPERATION_H

#include <stdbool.h>
#include <stddef.h>

#include "exotel/api/rules.h"

typedef enum { EXO_GET, EXO_POST, EXO_PUT, EXO_DELETE } exo_method;

typedef enum { EXO_IN_PATH, EXO_IN_QUERY, EXO_IN_BODY } exo_location;

typedef enum {
  EXO_TEXT,
  EXO_ID, /* digits, as a string or an integer */
  EXO_INTEGER,
  EXO_RECORDS /* a list of tables with `fields`, at least one */
} exo_type;

/* What the answer holds: one object, a list of them (one page), or one for each thing sent. */
typedef enum { EXO_ITEM, EXO_LIST, EXO_BATCH } exo_answer_form;

typedef struct exo_parameter {
  const char *name; /* NULL ends a list of parameters */
  exo_location location;
  exo_type type;
  bool required;
  bool secret;          /* never shown in a message */
  exo_rule rule;        /* NULL: any value of the type */
  const char *fallback; /* used when it is absent; {account_sid} stands for the account's */
  const struct exo_parameter *fields;
} exo_parameter;

/* Comes before every path; {account_sid} is the account's. */
#define EXO_PATH_PREFIX "/v2/accounts/{account_sid}"

enum { EXO_PARAMETERS_MAX = 11 };

typedef struct exo_operation {
  const char *name;
  exo_method method;
  const char *path; /* after EXO_PATH_PREFIX; {name} is a path parameter */
  exo_answer_form answer;
  bool needs_change; /* at least one body parameter must be given */
  char source;       /* 'S' the vendor's reference, 'V' the vendor's samples: see the README */
  const char *summary;
  exo_parameter parameters[EXO_PARAMETERS_MAX];
} exo_operation;

extern const exo_operation exo_operations[];
extern const size_t exo_operation_count;

/* NULL when there is no operation of that name. */
const exo_operation *exo_operation_find(const char *name);
const exo_parameter *exo_parameter_find(const exo_parameter *parameters, const char *name);
const char *exo_method_name(exo_method method);
/* Whether it changes something on the service. */
bool exo_operation_writes(const exo_operation *operation);
/* Whether doing it twice leaves the service as doing it once does: all but POST. A POST that appends
 * (add_destinations) leaves two, one that creates answers a conflict that hides the first one's id. */
bool exo_operation_repeatable(const exo_operation *operation);

#endif
