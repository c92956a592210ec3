/* The HTTP or HTTPS daemon on a loopback port: its thread, and that of the connections that wait. */
#ifndef EXOTEL_SANDBOX_DAEMON_H
#define EXOTEL_SANDBOX_DAEMON_H

#include <stdint.h>

#include "sandbox/handler.h"
#include "sandbox/timers.h"

/* All zero: not started. Stays in place from its start until it is stopped. */
typedef struct sbx_daemon {
  struct MHD_Daemon *http; /* NULL: not running */
  sbx_timers timers;
  bool timers_open;
  sbx_handler *handler;
} sbx_daemon;

/* Listens on 127.0.0.1 (`port` 0: any free one) and has `handler`, which is open, answer. `certificate` and `key`: PEM,
 * read before it returns; both NULL without TLS. Returns 0, or an errno; what was started by then is left to
 * sbx_daemon_stop. */
int sbx_daemon_start(sbx_daemon *daemon, sbx_handler *handler, uint16_t port, const char *certificate, const char *key);
bool sbx_daemon_running(const sbx_daemon *daemon);
/* The port it listens on; 0 when that can't be told. */
uint16_t sbx_daemon_port(const sbx_daemon *daemon);
/* Drops the connections that wait and ends the threads. Harmless when it is not started. */
void sbx_daemon_stop(sbx_daemon *daemon);

#endif
