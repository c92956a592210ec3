/* One request as it came in, and the reply that the service gave to it. */
#ifndef EXOTEL_SANDBOX_EXCHANGE_H
#define EXOTEL_SANDBOX_EXCHANGE_H

#include <microhttpd.h>
#include <stdbool.h>
#include <stddef.h>

#include "lua/compat.h"
#include "parking.h"

struct bytes {
  char *data;
  size_t length;
};

struct header {
  char *name;
  char *value;
};

/* What goes out. Times are seconds; 0 is none. */
struct reply {
  unsigned int status;
  struct bytes body;
  struct header *headers;
  size_t header_count;
  bool drop;   /* the connection is closed without a reply */
  bool reset;  /* and the client gets a TCP RST */
  bool hang;   /* there is never a reply */
  bool is_cut; /* the body ends after `cut` bytes */
  size_t cut;
  double delay; /* before the reply */
  double drip;  /* between two bytes of the body */
};

struct exchange {
  char *target;       /* path and query as on the wire */
  const char *method; /* these two are the daemon's, good as long as the request */
  struct MHD_Connection *connection;
  struct bytes body;
  struct reply reply;
  bool begun;    /* the daemon has shown us the headers */
  bool answered; /* the service has filled in the reply */
  bool waited;   /* the delay, or the pause before the next dripped byte, is over */
  struct parked parked;
};

/* NULL for want of memory. */
struct exchange *exchange_new(const char *target);
void exchange_free(struct exchange *exchange);

/* Appends to the request's body. False for want of memory. */
bool exchange_append(struct exchange *exchange, const char *data, size_t length);

/* Pushes the request as a table of method, target, headers and body. Raises for want of memory. */
void exchange_push_request(lua_State *L, const struct exchange *exchange);

/* Fills in the reply from the table at the top of the stack. Raises for want of memory. */
void exchange_read_reply(lua_State *L, struct exchange *exchange);

/* Makes the reply a plain 500 with this text: a fault of the sandbox itself, which must not pass for the service's. */
void exchange_fail(struct exchange *exchange, const char *message);

#endif
