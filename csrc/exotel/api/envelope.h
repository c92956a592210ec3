/* The service's answer: what it really says. Pure: no I/O, no time. */
#ifndef EXOTEL_API_ENVELOPE_H
#define EXOTEL_API_ENVELOPE_H

#include "exotel/api/json.h"
#include "exotel/api/kind.h"
#include "exotel/api/operation.h"
#include "exotel/base/memory.h"

/* One item of the answer: `response` itself, or an element of it. */
typedef struct exo_item {
  exo_kind kind;         /* EXO_OK, or how it failed; EXO_PROTOCOL when it contradicts itself */
  long status;           /* its own code, as HTTP's */
  long code;             /* error_data.code, or 0 */
  const char *code_text; /* when the code is a word */
  const char *message, *description;
  const exo_json_value *data; /* an object, or NULL */
} exo_item;

enum { EXO_WARNINGS_MAX = 12 };

typedef struct exo_answer {
  exo_item item;         /* the outcome: of the one item, or of the whole */
  exo_json json;         /* owned; everything below points into it or into the arena */
  const exo_item *items; /* of a list or batch: each one, with data where it succeeded; NULL for another answer */
  size_t item_count;
  const exo_json_value *metadata;
  const char *request_id;
  const char *warnings[EXO_WARNINGS_MAX];
  size_t warning_count;
  bool has_next;                    /* of a list: there is another page, there */
  long next_offset, next_page_size; /* 0: not said */
  long retry_after;                 /* of a failure: seconds, -1 when not said */
  bool effect_unknown;              /* of a batch: an item's outcome is not known */
  bool refused;                     /* of a failure: all that it says agrees that nothing was done */
  bool own;                         /* it is in one of the service's forms; else a proxy may have made it */
} exo_answer;

/* Reads an answer with a body. `sent` is how many items a batch must answer. Never fails: what can't be understood
 * becomes an item of kind EXO_PROTOCOL, lack of memory EXO_NO_MEMORY. Release with exo_answer_free in any case. */
void exo_answer_read(exo_answer *answer, const exo_operation *operation, long http_status, const char *body,
                     size_t length, size_t sent, exo_arena *arena);
/* Adds a warning to the last page of a list when it ends before the total that its metadata names. `offset`: of the
 * page. False when memory ran out. */
bool exo_answer_check_total(exo_answer *answer, size_t offset, exo_arena *arena);
void exo_answer_free(exo_answer *answer);

#endif
