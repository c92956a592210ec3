#include "exotel/base/moment.h"

#include <fcntl.h>
#include <math.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#ifndef CLOCK_BOOTTIME
#define CLOCK_BOOTTIME CLOCK_MONOTONIC
#endif
#ifndef CLOCK_MONOTONIC_COARSE
#define CLOCK_MONOTONIC_COARSE CLOCK_MONOTONIC
#endif

/* What two machines' clocks may differ by: no reason to distrust them. */
#define SKEW 2.0

static double seconds(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void read_boot(char boot[EXO_BOOT_MAX + 1]) {
  int descriptor = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
  ssize_t length = descriptor < 0 ? 0 : read(descriptor, boot, EXO_BOOT_MAX);
  if (descriptor >= 0) close(descriptor);
  boot[length > 0 ? length : 0] = '\0';
  boot[strcspn(boot, "\n")] = '\0';
}

void exo_moment_now(exo_moment *moment) {
  memset(moment, 0, sizeof *moment); /* it is written to files whole */
  read_boot(moment->boot);
  exo_moment_renew(moment);
}

void exo_moment_renew(exo_moment *moment) {
  moment->wall = seconds(CLOCK_REALTIME);
  moment->steady = seconds(CLOCK_BOOTTIME);
}

double exo_moment_age(const exo_moment *then, const exo_moment *now) {
  if (now->boot[0] != '\0' && strncmp(then->boot, now->boot, sizeof now->boot) == 0) {
    double age = now->steady - then->steady;
    return age >= 0 ? age : INFINITY;
  }
  double age = now->wall - then->wall;
  if (age >= 0) return age;
  return age >= -SKEW ? 0 : INFINITY;
}

double exo_coarse_now(void) { return seconds(CLOCK_MONOTONIC_COARSE); }
