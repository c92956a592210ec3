/* What the core needs of the machine: an allocator, clocks, randomness, the process. A test hands in its own. */
#ifndef EXOTEL_BASE_PLATFORM_H
#define EXOTEL_BASE_PLATFORM_H

#include "exotel/base/memory.h"

typedef struct exo_platform {
  exo_allocator allocator;
  double (*now)(void *context);    /* seconds, never going back */
  double (*wall)(void *context);   /* seconds since the epoch */
  double (*random)(void *context); /* 0 <= r < 1 */
  long (*process)(void *context);  /* the id of this process: another one after a fork */
  void *context;
} exo_platform;

/* The C library's allocator, the monotonic clock, the system's randomness, the process's id. */
extern const exo_platform exo_system_platform;

#endif
