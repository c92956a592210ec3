/* Connections that wait: suspended now, resumed by a thread of their own when their time has come. */
#ifndef EXOTEL_SANDBOX_PARKING_H
#define EXOTEL_SANDBOX_PARKING_H

#include <microhttpd.h>
#include <pthread.h>
#include <stdbool.h>

/* One waiting connection. Its owner keeps it in place until the connection is resumed. */
struct parked {
  struct MHD_Connection *connection;
  double due; /* on the monotonic clock */
  struct parked *next;
};

struct parking {
  pthread_mutex_t lock;
  pthread_cond_t changed;
  pthread_t thread;
  struct parked *first;
  bool closed;
};

/* Returns 0, or an errno. */
int parking_open(struct parking *parking);

/*
 * Suspends the connection for so many seconds (HUGE_VAL: until the parking is closed). To be called from within one
 * of its callbacks. False, with nothing done, once the parking is closed.
 */
bool parking_park(struct parking *parking, struct parked *slot, struct MHD_Connection *connection, double seconds);

bool parking_is_closed(struct parking *parking);

/* Resumes every connection and takes no more. To be called before MHD_stop_daemon, which aborts on a suspended one. */
void parking_close(struct parking *parking);

/* After parking_close, when no callback can run any more. */
void parking_free(struct parking *parking);

#endif
