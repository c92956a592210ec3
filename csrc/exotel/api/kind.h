/* What can go wrong with a call. */
#ifndef EXOTEL_API_KIND_H
#define EXOTEL_API_KIND_H

#include <stdbool.h>

typedef enum {
  EXO_OK,
  EXO_CONFIG,
  EXO_INVALID_ARGUMENT,
  EXO_AUTHENTICATION,
  EXO_PERMISSION,
  EXO_NOT_FOUND,
  EXO_CONFLICT,
  EXO_RATE_LIMITED,
  EXO_REJECTED,
  EXO_SERVER,
  EXO_PARTIAL,
  EXO_NETWORK,
  EXO_TIMEOUT,
  EXO_TLS,
  EXO_PROTOCOL,
  EXO_CANCELLED,
  EXO_NO_MEMORY /* raised as Lua's memory error, never an error object */
} exo_kind;

/* "rejected" and so on: the `kind` of an error object. */
const char *exo_kind_name(exo_kind kind);
/* What an HTTP status means; EXO_OK for 2xx, EXO_PROTOCOL for what no API call should be answered with. */
exo_kind exo_kind_of_status(long status);
/* Whether it is what a 4xx means: the service says no, and has done nothing. */
bool exo_kind_is_refusal(exo_kind kind);

#endif
