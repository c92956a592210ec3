#include "exotel/engine/retry.h"

enum { BACKOFF_MAX = 8 }; /* seconds */

/* Whether the outcome of a write is not known after it. A failure that is not the service's plain no may come after the
 * write was done. */
static bool leaves_doubt(const exo_operation *operation, const exo_attempt *attempt) {
  if (!exo_operation_writes(operation) || !attempt->sent || attempt->kind == EXO_OK) return false;
  if (attempt->kind == EXO_PARTIAL) return attempt->unknown;
  return !attempt->refused;
}

/* Whether the fault may be gone the next time. */
static bool is_transient(const exo_attempt *attempt) {
  switch (attempt->kind) {
    case EXO_CONFIG: return attempt->lacks_descriptors;
    case EXO_NETWORK:
    case EXO_TIMEOUT:
    case EXO_RATE_LIMITED: return true;
    case EXO_SERVER: return attempt->status == 500 || (attempt->status >= 502 && attempt->status <= 504);
    default: return false;
  }
}

/* Whether sending it again leaves the service as sending it once does. */
static bool is_repeatable(const exo_operation *operation, const exo_attempt *attempt) {
  return exo_operation_repeatable(operation) || !attempt->sent || attempt->refused;
}

/* Full jitter: anything up to a bound that doubles, so that clients that failed together don't return together. */
static double wait_time(const exo_retry *retry, const exo_attempt *attempt, double random) {
  double bound = retry->backoff;
  if (attempt->retry_after > 0) return (double)attempt->retry_after;
  for (unsigned i = 1; i < retry->attempts && bound < BACKOFF_MAX; i++) bound *= 2;
  return (bound < BACKOFF_MAX ? bound : BACKOFF_MAX) * random;
}

/* Of a transient fault: why it is not waited out, or NULL. */
static const char *why_not(const exo_retry *retry, const exo_attempt *attempt, bool retryable) {
  if (!retryable) return "not repeated: once more might do it twice";
  if (retry->attempts > (unsigned)retry->retries) return "no retries left";
  return attempt->retry_after > EXO_RETRY_AFTER_MAX ? "the service asks for a longer wait than 60 seconds" : NULL;
}

static exo_decision wait(const exo_retry *retry, const exo_attempt *attempt, double now, double random) {
  double until = now + wait_time(retry, attempt, random);
  if (until >= retry->deadline)
    return (exo_decision){ EXO_FINISH, 0, "the deadline would pass before the next attempt", true };
  const char *reason = attempt->retry_after > 0 ? "the service said when to come back" : "it may pass";
  return (exo_decision){ EXO_WAIT, until, reason, true };
}

exo_decision exo_retry_next(exo_retry *retry, const exo_attempt *attempt, double now, double random) {
  bool deleted_before = retry->maybe_applied && retry->operation->method == EXO_DELETE;
  retry->attempts++;
  if (attempt->kind == EXO_OK) {
    retry->maybe_applied = exo_operation_writes(retry->operation); /* it counts where there is no memory to say more */
    return (exo_decision){ .step = EXO_FINISH };
  }
  if (attempt->kind == EXO_NOT_FOUND && attempt->refused && attempt->own && deleted_before)
    return (exo_decision){ .step = EXO_FINISH_DELETED,
                           .reason = "an earlier attempt, whose reply was lost, deleted it" };
  if (leaves_doubt(retry->operation, attempt)) retry->maybe_applied = true;
  if (!is_transient(attempt)) return (exo_decision){ .step = EXO_FINISH };
  bool retryable = is_repeatable(retry->operation, attempt);
  if (retry->retries == 0) return (exo_decision){ .step = EXO_FINISH, .retryable = retryable };
  const char *reason = why_not(retry, attempt, retryable);
  if (reason != NULL) return (exo_decision){ EXO_FINISH, 0, reason, retryable };
  return wait(retry, attempt, now, random);
}

void exo_retry_cancel(exo_retry *retry, bool sent) {
  exo_attempt attempt = { .kind = EXO_CANCELLED, .sent = sent };
  retry->attempts++;
  if (leaves_doubt(retry->operation, &attempt)) retry->maybe_applied = true;
}

bool exo_retry_lose(exo_retry *retry) {
  if (exo_operation_writes(retry->operation)) retry->maybe_applied = true;
  return exo_operation_repeatable(retry->operation);
}
