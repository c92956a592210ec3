#include "exotel/engine/retry.h"

enum { BACKOFF_MAX = 8 }; /* seconds */

/* Full jitter: anything up to a bound that doubles, so that clients that failed together don't return together. */
static double wait_time(const exo_retry *life, const exo_attempt *attempt, double random) {
  double bound = life->backoff;
  if (attempt->retry_after >= 0) return (double)attempt->retry_after;
  for (unsigned i = 1; i < life->attempts && bound < BACKOFF_MAX; i++) bound *= 2;
  return (bound < BACKOFF_MAX ? bound : BACKOFF_MAX) * random;
}

static exo_decision finish(const char *reason) { return (exo_decision){ EXO_FINISH, 0, reason }; }

/* Why a fault that passes is not waited out; no reason where no repetition was asked for. */
static const char *why_not(const exo_retry *life, const exo_attempt *attempt) {
  if (life->retries == 0) return NULL;
  if (!exo_retryable(life->operation, attempt->kind, attempt->status, attempt->sent)) {
    bool passing = exo_retryable(life->operation, attempt->kind, attempt->status, false);
    return passing ? "not repeated: once more might do it twice" : NULL;
  }
  if (life->attempts > (unsigned)life->retries) return "no retries left";
  return attempt->retry_after > EXO_RETRY_AFTER_MAX ? "the service asks for a longer wait than 60 seconds" : NULL;
}

exo_decision exo_retry_next(exo_retry *life, const exo_attempt *attempt, double now, double random) {
  bool deleted_before = life->effect_possible && life->operation->method == EXO_DELETE;
  life->attempts++;
  if (attempt->kind == EXO_OK) return finish(NULL);
  if (attempt->kind == EXO_NOT_FOUND && deleted_before)
    return (exo_decision){ EXO_FINISH_DELETED, 0, "an earlier attempt, whose reply was lost, deleted it" };
  if (exo_maybe_applied(life->operation, attempt->kind, attempt->sent) || attempt->unknown)
    life->effect_possible = true;
  bool retryable = exo_retryable(life->operation, attempt->kind, attempt->status, attempt->sent);
  const char *reason = why_not(life, attempt);
  if (reason != NULL || !retryable || life->retries == 0) return finish(reason);
  double until = now + wait_time(life, attempt, random);
  if (until >= life->deadline) return finish("the deadline would pass before the next attempt");
  return (exo_decision){ EXO_WAIT, until,
                         attempt->retry_after >= 0 ? "the service said when to come back" : "it may pass" };
}
