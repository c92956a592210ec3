/* The retry decision as a pure function: what happened so far in, what happens next out. No I/O, no clock. */
#ifndef EXOTEL_ENGINE_RETRY_H
#define EXOTEL_ENGINE_RETRY_H

#include <stdbool.h>

#include "exotel/api/kind.h"
#include "exotel/api/operation.h"

enum { EXO_RETRY_AFTER_MAX = 60 }; /* seconds; a longer Retry-After is not waited for */

/* What is known of a call. Times are seconds on the client's clock. */
typedef struct exo_retry {
  const exo_operation *operation;
  int retries;        /* how often it may be repeated */
  double backoff;     /* the first wait, seconds */
  double deadline;    /* when it must have ended */
  unsigned attempts;  /* made so far */
  bool maybe_applied; /* an attempt so far may have had effect */
} exo_retry;

/* How an attempt ended. */
typedef struct exo_attempt {
  exo_kind kind;          /* EXO_OK: it succeeded */
  long status;            /* HTTP's, or the answer's own */
  long retry_after;       /* seconds, -1 when not said */
  bool sent;              /* the request may have left */
  bool lacks_descriptors; /* of EXO_CONFIG: the process has too many files open */
  bool unknown;           /* of a batch: an item's outcome is not known */
  bool refused;           /* all that the answer says agrees that nothing was done */
  bool own;               /* the answer is the service's, not a proxy's */
} exo_attempt;

typedef enum {
  EXO_FINISH,         /* with the attempt's outcome */
  EXO_FINISH_DELETED, /* a repeated DELETE is answered "not found": an earlier attempt did it */
  EXO_WAIT            /* then send again */
} exo_step;

typedef struct exo_decision {
  exo_step step;
  double until;       /* of EXO_WAIT */
  const char *reason; /* why it goes on or why it stops; NULL for a plain end */
  bool retryable;     /* the same call may be repeated: the fault may pass, and no second effect is possible */
} exo_decision;

/* Counts the attempt in and decides. `random` is 0 <= r < 1. */
exo_decision exo_retry_next(exo_retry *retry, const exo_attempt *attempt, double now, double random);
/* Counts in an attempt that is given up before it ended. `sent` as above. */
void exo_retry_cancel(exo_retry *retry, bool sent);
/* For a call that another process goes on with. Whether this one may make the same call. */
bool exo_retry_lose(exo_retry *retry);

#endif
