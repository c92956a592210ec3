#include "exotel/engine/rate_limiter.h"

#include <math.h>
#include <stdint.h>

static const double WINDOW = 60.0;
/* The window's ends belong to it: a request exactly 60 seconds after another would still be in it. */
static const double MARGIN = 0.001;

bool exo_rate_limiter_init(exo_rate_limiter *limiter, size_t limit, const exo_allocator *allocator) {
  *limiter = (exo_rate_limiter){ .allocator = allocator, .limit = limit, .most = limit };
  if (limit == 0) return true;
  limiter->ended = exo_allocate(allocator, limit * sizeof *limiter->ended);
  return limiter->ended != NULL;
}

void exo_rate_limiter_free(exo_rate_limiter *limiter) {
  if (limiter->ended != NULL) exo_free(limiter->allocator, limiter->ended);
  limiter->ended = NULL;
}

static void forget_old(exo_rate_limiter *limiter, double now) {
  while (limiter->count > 0 && limiter->ended[limiter->first] + WINDOW + MARGIN <= now) {
    limiter->first = (limiter->first + 1) % limiter->limit;
    limiter->count--;
  }
}

static double ended(const exo_rate_limiter *limiter, size_t i) {
  return limiter->ended[(limiter->first + i) % limiter->limit];
}

/* How many besides the oldest have to be forgotten before another one may leave. */
static size_t surplus(const exo_rate_limiter *limiter) {
  size_t all = limiter->count + limiter->under_way, over = all > limiter->most ? all - limiter->most : 0;
  return over < limiter->count ? over : limiter->count - 1;
}

double exo_rate_limiter_when(exo_rate_limiter *limiter, double now) {
  if (limiter->limit == 0) return limiter->paused_until;
  forget_old(limiter, now);
  if (limiter->count + limiter->under_way < limiter->most) return limiter->paused_until;
  double free_at = limiter->count > 0 ? ended(limiter, surplus(limiter)) + WINDOW + MARGIN : INFINITY;
  return free_at > limiter->paused_until ? free_at : limiter->paused_until;
}

const char *exo_rate_limiter_reason(const exo_rate_limiter *limiter, double now) {
  return limiter->paused_until > now ? "the service says that no requests are left" : "the rate limit is used up";
}

size_t exo_rate_limiter_left(exo_rate_limiter *limiter, double now) {
  if (limiter->limit == 0) return SIZE_MAX;
  forget_old(limiter, now);
  size_t all = limiter->count + limiter->under_way;
  return limiter->most > all ? limiter->most - all : 0;
}

void exo_rate_limiter_begin(exo_rate_limiter *limiter) {
  limiter->under_way++;
  if (limiter->told_left > 0) limiter->told_left--;
}

void exo_rate_limiter_end(exo_rate_limiter *limiter, bool sent, double now) {
  limiter->under_way--;
  if (limiter->limit == 0 || !sent) return;
  limiter->ended[(limiter->first + limiter->count++) % limiter->limit] = now;
}

void exo_rate_limiter_restrict(exo_rate_limiter *limiter, size_t most) {
  limiter->most = most == 0 || most > limiter->limit ? limiter->limit : most;
}

size_t exo_rate_limiter_history(exo_rate_limiter *limiter, double now, double *ages, size_t most) {
  if (limiter->limit == 0) return 0;
  forget_old(limiter, now);
  for (size_t i = 0; i < limiter->count && i < most; i++) ages[i] = now - ended(limiter, i);
  return limiter->count;
}

void exo_rate_limiter_tell(exo_rate_limiter *limiter, size_t left, double until) {
  limiter->told_left = left > limiter->under_way ? left - limiter->under_way : 0;
  limiter->told_until = until;
}

size_t exo_rate_limiter_told(const exo_rate_limiter *limiter, double now) {
  return now < limiter->told_until ? limiter->told_left : SIZE_MAX;
}

void exo_rate_limiter_pause(exo_rate_limiter *limiter, double until) {
  if (until > limiter->paused_until) limiter->paused_until = until;
}
