#ifndef EXOTEL_TRANSPORT_SIGPIPE_H
#define EXOTEL_TRANSPORT_SIGPIPE_H

#include <signal.h>
#include <stdbool.h>

/* Between hold and release the calling thread gets no SIGPIPE, and one that was raised then is gone. */
typedef struct {
  sigset_t before;
  bool needed, pending; /* one that is not ours */
} exo_sigpipe;

/* Does nothing where it is not needed: it costs four system calls. */
void exo_sigpipe_hold(exo_sigpipe *held, bool needed);
void exo_sigpipe_release(const exo_sigpipe *held);

#endif
