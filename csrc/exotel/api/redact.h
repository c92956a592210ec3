/* Keeps secrets out of what people see: a proxy may echo a request back. */
#ifndef EXOTEL_API_REDACT_H
#define EXOTEL_API_REDACT_H

#include "exotel/api/json.h"
#include "exotel/api/operation.h"
#include "exotel/base/config.h"

enum { EXO_REDACTIONS_MAX = 10 };

/* The texts to be hidden for one call: the token, user and password of a proxy, what the Authorization headers make of
 * them, and the passwords among the arguments.
 * They live in the arena. */
typedef struct exo_redaction {
  const char *texts[EXO_REDACTIONS_MAX];
  size_t count;
} exo_redaction;

/* False when memory ran out: then nothing may be shown. */
bool exo_redaction_collect(exo_redaction *secrets, const exo_config *config, const exo_operation *operation,
                           const exo_value *arguments, exo_arena *arena);
/* Overwrites every occurrence in place with asterisks, also where JSON or a URL writes it with escapes. */
void exo_redact(const exo_redaction *secrets, char *text, size_t length);
/* How many bytes of a text the longest of them may take. */
size_t exo_redact_reach(const exo_redaction *secrets);
/* The same for every text of an answer, names and numbers included; a number with a secret in it becomes a string. */
void exo_redact_json(const exo_redaction *secrets, const exo_json *json);

#endif
