#ifndef EXOTEL_TRANSPORT_SIGPIPE_H
#define EXOTEL_TRANSPORT_SIGPIPE_H

#include <signal.h>
#include <stdbool.h>

/* Older libcurls write to TLS connections that the peer has closed, which would end the host by SIGPIPE: between hold
 * and release the calling thread gets none, and one that was raised then is gone. */
typedef struct {
  sigset_t before;
  bool pending; /* one that is not ours */
} exo_sigpipe;

void exo_sigpipe_hold(exo_sigpipe *held);
void exo_sigpipe_release(const exo_sigpipe *held);

#endif
