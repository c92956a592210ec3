/* Pacing: how many requests may leave in any 60 seconds, counted exactly, and when the service said to wait. Pure. */
#ifndef EXOTEL_PACE_H
#define EXOTEL_PACE_H

#include <stdbool.h>
#include <stddef.h>

#include "exotel/memory.h"

typedef struct exo_pace {
  const exo_allocator *allocator;
  double *ended;         /* a ring: when each of the last requests ended */
  size_t limit;          /* requests in any 60 seconds; 0: no limit */
  size_t first, count;
  size_t under_way;
  double paused_until;   /* by the service's X-RateLimit headers */
} exo_pace;

/* False when memory ran out. */
bool exo_pace_init(exo_pace *pace, size_t limit, const exo_allocator *allocator);
void exo_pace_free(exo_pace *pace);

/* When the next request may leave: `now` or earlier: at once. A request counts from its start until 60 seconds after
 * its end, since it reaches the service at a moment in between that only the service knows. INFINITY: not before one
 * that is under way has ended. */
double exo_pace_when(exo_pace *pace, double now);
/* How many more may leave in the window as it is now; SIZE_MAX without a limit. */
size_t exo_pace_left(exo_pace *pace, double now);
void exo_pace_begin(exo_pace *pace);
/* `sent` false: it never left, and does not count. */
void exo_pace_end(exo_pace *pace, bool sent, double now);
/* The service said that nothing is left until then. */
void exo_pace_pause(exo_pace *pace, double until);

#endif
