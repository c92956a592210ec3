#include "exotel/base/wakeup.h"

#include <stddef.h>

#if defined __linux__ && !defined EXO_WITHOUT_EPOLL

#include <math.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

/* Seconds: what is later is never. */
#define FOREVER 1e9

struct exo_wakeup {
  unsigned keepers;
  int epoll, timer; /* -1: none */
  bool is_now;      /* it is readable since it was set to now */
};

exo_wakeup *exo_wakeup_open(void) {
  exo_wakeup *wakeup = calloc(1, sizeof *wakeup);
  if (wakeup == NULL) return NULL;
  wakeup->keepers = 1;
  wakeup->epoll = epoll_create1(EPOLL_CLOEXEC);
  wakeup->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
  if (wakeup->epoll >= 0 && wakeup->timer >= 0 && exo_wakeup_add(wakeup, wakeup->timer)) return wakeup;
  exo_wakeup_release(wakeup);
  return NULL;
}

int exo_wakeup_descriptor(const exo_wakeup *wakeup) { return wakeup->epoll; }

bool exo_wakeup_add(const exo_wakeup *wakeup, int descriptor) {
  struct epoll_event event = { .events = EPOLLIN, .data.fd = descriptor };
  return epoll_ctl(wakeup->epoll, EPOLL_CTL_ADD, descriptor, &event) == 0;
}

/* A time of zero would stop it. */
static struct timespec in_time(double seconds) {
  struct timespec time = { .tv_nsec = 1 };
  if (!(seconds > 0)) return time;
  time.tv_sec = (time_t)seconds;
  time.tv_nsec = 1 + (long)((seconds - floor(seconds)) * 999999998.0);
  return time;
}

void exo_wakeup_set(exo_wakeup *wakeup, double seconds) {
  struct itimerspec when = { .it_value = { 0, 0 } };
  if (wakeup->is_now && !(seconds > 0)) return;
  wakeup->is_now = !(seconds > 0);
  if (!(seconds >= FOREVER)) when.it_value = in_time(seconds);
  timerfd_settime(wakeup->timer, 0, &when, NULL);
}

exo_wakeup *exo_wakeup_keep(exo_wakeup *wakeup) {
  wakeup->keepers++;
  return wakeup;
}

void exo_wakeup_release(exo_wakeup *wakeup) {
  if (wakeup == NULL || --wakeup->keepers > 0) return;
  if (wakeup->timer >= 0) close(wakeup->timer);
  if (wakeup->epoll >= 0) close(wakeup->epoll);
  free(wakeup);
}

#else

exo_wakeup *exo_wakeup_open(void) { return NULL; }
int exo_wakeup_descriptor(const exo_wakeup *wakeup) { return (void)wakeup, -1; }
bool exo_wakeup_add(const exo_wakeup *wakeup, int descriptor) { return (void)wakeup, (void)descriptor, false; }
void exo_wakeup_set(exo_wakeup *wakeup, double seconds) { (void)wakeup, (void)seconds; }
exo_wakeup *exo_wakeup_keep(exo_wakeup *wakeup) { return wakeup; }
void exo_wakeup_release(exo_wakeup *wakeup) { (void)wakeup; }

#endif
