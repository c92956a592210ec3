#include "exotel/base/platform.h"

#include <stdbool.h>
#include <time.h>
#include <unistd.h>

#include "exotel/base/process.h"

#ifdef __linux__
#include <sys/random.h>
#endif

static double monotonic_now(void *context) {
  struct timespec now;
  (void)context;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static double wall_now(void *context) {
  struct timespec now;
  (void)context;
  clock_gettime(CLOCK_REALTIME, &now);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* False where the system has none yet, or none that is asked for here. */
static bool fill_randomly(unsigned *bits) {
#ifdef __linux__
  return getrandom(bits, sizeof *bits, GRND_NONBLOCK) == (ssize_t)sizeof *bits;
#else
  return getentropy(bits, sizeof *bits) == 0;
#endif
}

static double system_random(void *context) {
  unsigned bits = 0;
  (void)context;
  if (!fill_randomly(&bits)) bits = (unsigned)time(NULL) * 2654435761u;
  return (double)(bits >> 1) / 2147483648.0;
}

static long system_process(void *context) {
  (void)context;
  return exo_process_id();
}

const exo_platform exo_system_platform = {
  { NULL, NULL }, monotonic_now, wall_now, system_random, system_process, NULL
};
