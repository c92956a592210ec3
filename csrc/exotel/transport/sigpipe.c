#include "exotel/transport/sigpipe.h"

#include <pthread.h>
#include <time.h>
#include <unistd.h>

static bool is_pending(void) {
  sigset_t pending;
  return sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE) == 1;
}

static sigset_t only_sigpipe(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGPIPE);
  return set;
}

/* Takes a pending one. */
static void take(void) {
  sigset_t set = only_sigpipe();
#if defined _POSIX_REALTIME_SIGNALS && _POSIX_REALTIME_SIGNALS > 0
  static const struct timespec at_once = { 0, 0 };
  sigtimedwait(&set, NULL, &at_once);
#else
  int signal;
  sigwait(&set, &signal);
#endif
}

void exo_sigpipe_hold(exo_sigpipe *held, bool needed) {
  held->needed = needed;
  if (!needed) return;
  sigset_t set = only_sigpipe();
  held->pending = is_pending();
  pthread_sigmask(SIG_BLOCK, &set, &held->before);
}

void exo_sigpipe_release(const exo_sigpipe *held) {
  if (!held->needed) return;
  if (!held->pending && is_pending()) take();
  pthread_sigmask(SIG_SETMASK, &held->before, NULL);
}
