/* Real servers for tests of the real transport, each in a process of its own: the sandbox, and before it a relay that
 * counts connections and can keep answers back. All end with the test, at the latest after two minutes. */
#ifndef EXOTEL_SPEC_SERVERS_H
#define EXOTEL_SPEC_SERVERS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <sys/types.h>

#include "exotel/engine/open.h"

enum { RELAYED_MAX = 256 };

/* What the relay's process tells and is told: shared memory. */
typedef struct relay_state {
  atomic_uint opened;                 /* connections so far */
  atomic_bool closed[RELAYED_MAX];    /* by either side, in the order in which they were opened */
  atomic_ulong received[RELAYED_MAX]; /* bytes from the client, of each */
  atomic_bool hold;                   /* answers wait until it is false again */
} relay_state;

typedef struct servers {
  pid_t sandbox, relay;
  int lifeline;      /* both end when it is closed */
  char ca_file[128]; /* "" for plain HTTP */
  char base_url[64]; /* through the relay */
  char direct_url[64];
  relay_state *state;
} servers;

/* `build`: the folder with exotel/sandbox/server.so. False, with a line on standard error, when it can't be had. */
bool servers_start(servers *s, const char *build, bool tls);
void servers_stop(servers *s);
/* "build/lua5.4-plain" of "build/lua5.4-plain/c/test_x" */
const char *servers_build(const char *program);

/* A client at one of their addresses, without retries and pacing; `allocator` NULL: the C library's. NULL when memory
 * ran out. */
exo_client *servers_client(const servers *s, const char *url, const exo_allocator *allocator);

#endif
