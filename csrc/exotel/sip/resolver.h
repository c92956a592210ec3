/* Asks name servers, without waiting: a thin layer over c-ares, which reads /etc/hosts and /etc/resolv.conf, and
 * repeats over TCP what doesn't fit into a datagram. One question at a time. */
#ifndef EXOTEL_SIP_RESOLVER_H
#define EXOTEL_SIP_RESOLVER_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

enum { EXO_RECORDS_MAX = 16, EXO_NAME_MAX = 256, EXO_RESOLVER_SOCKETS = 15 };

/* An address, or a server of SRV. */
typedef struct exo_record {
  char name[EXO_NAME_MAX];    /* the address in numbers, or the server's name */
  int port, priority, weight; /* of SRV */
} exo_record;

typedef enum {
  EXO_RESOLVER_WAITS, /* for an answer */
  EXO_RESOLVER_FOUND,
  EXO_RESOLVER_NONE,   /* the name is not there, or has no such record */
  EXO_RESOLVER_FAILED, /* nobody answered, or said that it can't */
} exo_resolver_state;

typedef struct exo_resolver exo_resolver;

/* `servers`: "ADDRESS[:PORT]" with commas between, to ask instead of the system's and of /etc/hosts; NULL for these.
 * NULL with a `message` when that can't be. */
exo_resolver *exo_resolver_open(const char *servers, const char **message);
void exo_resolver_close(exo_resolver *resolver);

void exo_resolver_ask_servers(exo_resolver *resolver, const char *name);   /* SRV */
void exo_resolver_ask_addresses(exo_resolver *resolver, const char *name); /* A and AAAA */

/* Moves it on; never waits. */
exo_resolver_state exo_resolver_poll(exo_resolver *resolver);
/* What was found: how many, of which at most EXO_RECORDS_MAX are kept. In the order in which they are to be tried. */
size_t exo_resolver_records(const exo_resolver *resolver, const exo_record **records);
/* Of what was not found, one line for people. */
const char *exo_resolver_message(const exo_resolver *resolver);
/* Its sockets, and the milliseconds after which it wants to be polled in any case, -1 for never. → how many */
size_t exo_resolver_watch(const exo_resolver *resolver, struct pollfd list[EXO_RESOLVER_SOCKETS], int *milliseconds);

#endif
