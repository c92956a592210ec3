/* The seam between the engine and the network: the engine hands over exchanges and asks for time to be spent on them;
 * nothing here knows the API. A test brings its own transport. */
#ifndef EXOTEL_TRANSPORT_TRANSPORT_H
#define EXOTEL_TRANSPORT_TRANSPORT_H

#include "exotel/api/kind.h"
#include "exotel/api/request.h"

enum { EXO_BODY_MAX = 16 * 1024 * 1024 };

/* What came of an exchange. */
typedef struct exo_reply {
  exo_kind failure; /* EXO_OK: an HTTP answer came whole; else network, timeout, tls, protocol, config or no memory */
  bool lacks_descriptors; /* of config: the process has too many files open, which may pass */
  char message[400];      /* of a failure: one line for people */
  bool sent;              /* the request may have left this machine */
  long status;            /* HTTP's; 0 when none came */
  exo_buffer body;        /* as far as it came */
  exo_buffer headers;     /* the same, lines as they came; empty unless they are kept */
  long retry_after;       /* Retry-After in seconds, -1 when not said so */
  long retry_at;          /* Retry-After as a date, epoch seconds, -1 when not said so */
  long rate_remaining;    /* X-RateLimit-Remaining, -1 when not said */
  long rate_reset;        /* X-RateLimit-Reset, epoch seconds, -1 when not said */
  long server_time;       /* Date and Age, epoch seconds, -1 when not said */
  long age;               /* Age, seconds */
} exo_reply;

/* One request on its way and what comes back. The engine owns it and keeps it in place until it is done. */
typedef struct exo_exchange {
  const exo_request *request;
  double timeout, connect_timeout; /* seconds */
  bool keeps_headers;
  exo_reply reply;
  bool done;
  void *transport_data;
} exo_exchange;

/* An exchange of which nothing is known yet, with the timeouts left out. */
void exo_exchange_init(exo_exchange *exchange, const exo_request *request, const exo_allocator *allocator);
/* Frees what came. */
void exo_exchange_free(exo_exchange *exchange);

typedef struct exo_transport {
  void *context;
  /* Begins an exchange at once; never waits. One that can't be sent at all is done. False when memory ran out. */
  bool (*send)(void *context, exo_exchange *exchange);
  /* Moves every exchange on and marks those that are done. Waits at most `seconds` for something to happen; works at
   * most `budget` seconds (INFINITY: as long as there is work). True when it left work for the next poll. */
  bool (*poll)(void *context, double seconds, double budget);
  /* Forgets an exchange that was sent and is not done. */
  void (*cancel)(void *context, exo_exchange *exchange);
  /* In a process that was forked off: leaves every connection and exchange to the parent, without a word to the other
   * side and without touching an exchange. What is sent from then on is this process's own. */
  void (*abandon)(void *context);
  void (*close)(void *context);
  /* For a caller that waits by itself: a descriptor that is readable while there is something to do, -1 where there is
   * none, and the seconds after which to poll whatever it shows. NULL: there is never one. */
  int (*watch)(void *context, double *seconds);
} exo_transport;

#endif
