/* The rate limiter: how many requests may leave in any 60 seconds, counted exactly, and when the service said to wait.
 * Pure. */
#ifndef EXOTEL_ENGINE_RATE_LIMITER_H
#define EXOTEL_ENGINE_RATE_LIMITER_H

#include <stdbool.h>
#include <stddef.h>

#include "exotel/base/memory.h"

typedef struct exo_rate_limiter {
  const exo_allocator *allocator;
  double *ended; /* a ring: when each of the last requests ended */
  size_t limit;  /* requests in any 60 seconds; 0: no limit */
  size_t most;   /* the same, or fewer for a while */
  size_t first, count;
  size_t under_way;
  double paused_until; /* by the service's X-RateLimit headers */
  size_t told_left;    /* requests that the service leaves by these headers, until told_until */
  double told_until;
} exo_rate_limiter;

/* False when memory ran out. */
bool exo_rate_limiter_init(exo_rate_limiter *limiter, size_t limit, const exo_allocator *allocator);
void exo_rate_limiter_free(exo_rate_limiter *limiter);

/* When the next request may leave: `now` or earlier: at once. A request counts from its start until 60 seconds after
 * its end, since it reaches the service at a moment in between that only the service knows. INFINITY: not before one
 * that is under way has ended. */
double exo_rate_limiter_when(exo_rate_limiter *limiter, double now);
/* Why nothing may leave now; static. */
const char *exo_rate_limiter_reason(const exo_rate_limiter *limiter, double now);
/* How many more may leave in the window as it is now; SIZE_MAX without a limit. */
size_t exo_rate_limiter_left(exo_rate_limiter *limiter, double now);
void exo_rate_limiter_begin(exo_rate_limiter *limiter);
/* `sent` false: it never left, and does not count. */
void exo_rate_limiter_end(exo_rate_limiter *limiter, bool sent, double now);
/* So few for a while; 0: as many as at first. */
void exo_rate_limiter_restrict(exo_rate_limiter *limiter, size_t most);
/* How long ago the requests of the last 60 seconds ended, oldest first; → how many there are, none without a limit */
size_t exo_rate_limiter_history(exo_rate_limiter *limiter, double now, double *ages, size_t most);
/* The service said how many are left until then. What is under way may or may not be among those that it has counted:
 * it is taken off. */
void exo_rate_limiter_tell(exo_rate_limiter *limiter, size_t left, double until);
/* How many more the service leaves by what it said last; SIZE_MAX when it said nothing, or that is over. It paces
 * nothing: others may use the same account. It is for who needs places for several requests. */
size_t exo_rate_limiter_told(const exo_rate_limiter *limiter, double now);
/* The service said that nothing is left until then. */
void exo_rate_limiter_pause(exo_rate_limiter *limiter, double until);

#endif
