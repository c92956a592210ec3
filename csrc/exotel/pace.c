#include "exotel/pace.h"

#include <math.h>
#include <stdint.h>

static const double WINDOW = 60.0;
/* The window's ends belong to it: a request exactly 60 seconds after another would still be in it. */
static const double MARGIN = 0.001;

bool exo_pace_init(exo_pace *pace, size_t limit, const exo_allocator *allocator) {
  *pace = (exo_pace){ .allocator = allocator, .limit = limit };
  if (limit == 0) return true;
  pace->ended = exo_allocate(allocator, limit * sizeof *pace->ended);
  return pace->ended != NULL;
}

void exo_pace_free(exo_pace *pace) {
  if (pace->ended != NULL) exo_free(pace->allocator, pace->ended);
  pace->ended = NULL;
}

static void forget_old(exo_pace *pace, double now) {
  while (pace->count > 0 && pace->ended[pace->first] + WINDOW + MARGIN <= now) {
    pace->first = (pace->first + 1) % pace->limit;
    pace->count--;
  }
}

double exo_pace_when(exo_pace *pace, double now) {
  if (pace->limit == 0) return pace->paused_until;
  forget_old(pace, now);
  if (pace->count + pace->under_way < pace->limit) return pace->paused_until;
  double free_at = pace->count > 0 ? pace->ended[pace->first] + WINDOW + MARGIN : INFINITY;
  return free_at > pace->paused_until ? free_at : pace->paused_until;
}

size_t exo_pace_left(exo_pace *pace, double now) {
  if (pace->limit == 0) return SIZE_MAX;
  forget_old(pace, now);
  return pace->limit - pace->count - pace->under_way;
}

void exo_pace_begin(exo_pace *pace) { pace->under_way++; }

void exo_pace_end(exo_pace *pace, bool sent, double now) {
  pace->under_way--;
  if (pace->limit == 0 || !sent) return;
  pace->ended[(pace->first + pace->count++) % pace->limit] = now;
}

void exo_pace_pause(exo_pace *pace, double until) {
  if (until > pace->paused_until) pace->paused_until = until;
}
