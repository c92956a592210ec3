#include "exotel/engine/rate_limiter.h"

#include <math.h>
#include <stdint.h>

static const double WINDOW = 60.0;
/* The window's ends belong to it: a request exactly 60 seconds after another would still be in it. */
static const double MARGIN = 0.001;

bool exo_rate_limiter_init(exo_rate_limiter *pace, size_t limit, const exo_allocator *allocator) {
  *pace = (exo_rate_limiter){ .allocator = allocator, .limit = limit };
  if (limit == 0) return true;
  pace->ended = exo_allocate(allocator, limit * sizeof *pace->ended);
  return pace->ended != NULL;
}

void exo_rate_limiter_free(exo_rate_limiter *pace) {
  if (pace->ended != NULL) exo_free(pace->allocator, pace->ended);
  pace->ended = NULL;
}

static void forget_old(exo_rate_limiter *pace, double now) {
  while (pace->count > 0 && pace->ended[pace->first] + WINDOW + MARGIN <= now) {
    pace->first = (pace->first + 1) % pace->limit;
    pace->count--;
  }
}

double exo_rate_limiter_when(exo_rate_limiter *pace, double now) {
  if (pace->limit == 0) return pace->paused_until;
  forget_old(pace, now);
  if (pace->count + pace->under_way < pace->limit) return pace->paused_until;
  double free_at = pace->count > 0 ? pace->ended[pace->first] + WINDOW + MARGIN : INFINITY;
  return free_at > pace->paused_until ? free_at : pace->paused_until;
}

size_t exo_rate_limiter_left(exo_rate_limiter *pace, double now) {
  if (pace->limit == 0) return SIZE_MAX;
  forget_old(pace, now);
  return pace->limit - pace->count - pace->under_way;
}

void exo_rate_limiter_begin(exo_rate_limiter *pace) { pace->under_way++; }

void exo_rate_limiter_end(exo_rate_limiter *pace, bool sent, double now) {
  pace->under_way--;
  if (pace->limit == 0 || !sent) return;
  pace->ended[(pace->first + pace->count++) % pace->limit] = now;
}

void exo_rate_limiter_pause(exo_rate_limiter *pace, double until) {
  if (until > pace->paused_until) pace->paused_until = until;
}
