/* Moments that can be written down, and how long ago they were: by a clock that nobody sets as long as this machine
 * runs, else by the wall clock. */
#ifndef EXOTEL_BASE_MOMENT_H
#define EXOTEL_BASE_MOMENT_H

enum { EXO_BOOT_MAX = 39 };

typedef struct exo_moment {
  double wall;                 /* seconds since the epoch */
  double steady;               /* seconds since this machine was started, sleep included */
  char boot[EXO_BOOT_MAX + 1]; /* which start that was; "" where it can't be known */
} exo_moment;

void exo_moment_now(exo_moment *moment);
/* The same for one that was taken in this process before: costs no look at the system's files. */
void exo_moment_renew(exo_moment *moment);

/* Seconds from `then` to `now`; INFINITY when it can't be told, since a clock was turned back in between. */
double exo_moment_age(const exo_moment *then, const exo_moment *now);

/* The second from which on a clock reads the same for some milliseconds, and costs next to nothing. Never goes back. */
double exo_coarse_now(void);

#endif
