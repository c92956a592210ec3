/* For programs that preload it: all clocks go EXOTEL_CLOCK_SPEED times as fast, the same in all processes. What waits,
 * waits as long as ever. */
#define _GNU_SOURCE
#include <stdbool.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

EXPORT int clock_gettime(clockid_t clock, struct timespec *now);
EXPORT int gettimeofday(struct timeval *restrict now, void *restrict zone);
EXPORT time_t time(time_t *now);

/* Seconds since 1970 go fast from here on: a day that all processes have begun in. */
enum { DAY = 86400 };

static long speed(void) {
  const char *value = getenv("EXOTEL_CLOCK_SPEED");
  return value != NULL ? atol(value) : 1;
}

int clock_gettime(clockid_t clock, struct timespec *now) {
  if (syscall(SYS_clock_gettime, clock, now) != 0) return -1;
  if (clock == CLOCK_PROCESS_CPUTIME_ID || clock == CLOCK_THREAD_CPUTIME_ID) return 0;
  bool is_wall = clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE;
  long times = speed(), start = is_wall ? now->tv_sec / DAY * DAY : 0;
  long long nanoseconds = now->tv_nsec * (long long)times;
  now->tv_sec = start + (now->tv_sec - start) * times + (time_t)(nanoseconds / 1000000000);
  now->tv_nsec = (long)(nanoseconds % 1000000000);
  return 0;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  struct timespec time;
  (void)zone;
  clock_gettime(CLOCK_REALTIME, &time);
  now->tv_sec = time.tv_sec;
  now->tv_usec = time.tv_nsec / 1000;
  return 0;
}

time_t time(time_t *now) {
  struct timespec time;
  clock_gettime(CLOCK_REALTIME, &time);
  if (now != NULL) *now = time.tv_sec;
  return time.tv_sec;
}
