/* One request as it came in, and the reply to it. */
#ifndef EXOTEL_SANDBOX_EXCHANGE_H
#define EXOTEL_SANDBOX_EXCHANGE_H

#include <microhttpd.h>
#include <stdbool.h>
#include <stddef.h>

#include "lua/compat.h"
#include "sandbox/timers.h"

typedef struct sbx_bytes {
  char *data;
  size_t length;
} sbx_bytes;

typedef struct sbx_header {
  char *name;
  char *value;
} sbx_header;

/* What goes out. Times are seconds; 0: none. */
typedef struct sbx_reply {
  unsigned int status;
  sbx_bytes body;
  sbx_header *headers;
  size_t header_count;
  bool drop;   /* the connection is closed without a reply */
  bool reset;  /* and the client gets a TCP RST */
  bool hang;   /* there is never a reply */
  bool is_cut; /* the body ends after `cut` bytes */
  size_t cut;
  double delay; /* before the reply */
  double drip;  /* between two bytes of the body */
} sbx_reply;

typedef struct sbx_exchange {
  char *target;       /* path and query as on the wire */
  const char *method; /* these two are the daemon's, valid for the duration of the request */
  struct MHD_Connection *connection;
  sbx_bytes body;
  sbx_reply reply;
  bool begun;    /* the daemon has shown us the headers */
  bool answered; /* the handler has filled in the reply */
  bool waited;   /* the delay, or the pause before the next dripped byte, is over */
  sbx_timer timer;
} sbx_exchange;

/* NULL when memory ran out. */
sbx_exchange *sbx_exchange_new(const char *target);
/* NULL is fine. */
void sbx_exchange_free(sbx_exchange *exchange);
/* Appends to the request's body. False when memory ran out. */
bool sbx_exchange_append(sbx_exchange *exchange, const char *data, size_t length);
/* Pushes the request as a table of method, target, headers and body. Raises when memory ran out. */
void sbx_exchange_push_request(lua_State *L, const sbx_exchange *exchange);
/* Fills in the reply from the table at the top of the stack. Raises when memory ran out or a text is missing; what was
 * filled in by then belongs to the exchange. */
void sbx_exchange_read_reply(lua_State *L, sbx_exchange *exchange);
/* Makes the reply a plain 500 with this text, NULL for one of its own: a failure of the sandbox itself, which must not
 * pass for an answer of the service. */
void sbx_exchange_fail(sbx_exchange *exchange, const char *message);

#endif
