/* Connections that wait: suspended now, resumed by a thread of their own when their time has come. */
#ifndef EXOTEL_SANDBOX_TIMERS_H
#define EXOTEL_SANDBOX_TIMERS_H

#include <microhttpd.h>
#include <pthread.h>
#include <stdbool.h>

/* One waiting connection. Its owner keeps it in place until the connection is resumed. */
typedef struct sbx_timer {
  struct MHD_Connection *connection;
  double due; /* on the monotonic clock */
  struct sbx_timer *next;
} sbx_timer;

typedef struct sbx_timers {
  pthread_mutex_t lock;
  pthread_cond_t changed;
  pthread_t thread;
  sbx_timer *first;
  bool closed;
} sbx_timers;

/* Starts the thread. Returns 0, or an errno with nothing left to free. */
int sbx_timers_open(sbx_timers *timers);
/* Suspends the connection for so many seconds (HUGE_VAL: until the timers are closed). To be called from within one of
 * its callbacks. False, with nothing done, once the timers are closed. */
bool sbx_timers_suspend(sbx_timers *timers, sbx_timer *timer, struct MHD_Connection *connection, double seconds);
bool sbx_timers_closed(sbx_timers *timers);
/* Resumes every connection and suspends no more. To be called before MHD_stop_daemon, which aborts on a suspended
 * one. */
void sbx_timers_close(sbx_timers *timers);
/* After sbx_timers_close, when no callback can run any more. */
void sbx_timers_free(sbx_timers *timers);

#endif
