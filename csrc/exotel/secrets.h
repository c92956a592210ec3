/* Keeps secrets out of what people see: a proxy may echo a request back. */
#ifndef EXOTEL_SECRETS_H
#define EXOTEL_SECRETS_H

#include <cjson/cJSON.h>

#include "exotel/config.h"
#include "exotel/operation.h"

enum { EXO_SECRETS_MAX = 8 };

/* The texts to be hidden for one call: the token, the Authorization header's, and the passwords among the arguments,
 * They live in the arena. */
typedef struct exo_secrets {
  const char *texts[EXO_SECRETS_MAX];
  size_t count;
} exo_secrets;

/* False when memory ran out: then nothing may be shown. */
bool exo_secrets_gather(exo_secrets *secrets, const exo_config *config, const exo_operation *operation,
                        const exo_value *arguments, exo_arena *arena);
/* Overwrites every occurrence in place with asterisks, also where JSON or a URL writes it with escapes. */
void exo_secrets_hide(const exo_secrets *secrets, char *text, size_t length);
/* The same for every string of a tree, names included. */
void exo_secrets_hide_tree(const exo_secrets *secrets, cJSON *tree);

#endif
