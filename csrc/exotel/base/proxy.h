/* The proxy on the way to an address, and what of it is secret. */
#ifndef EXOTEL_BASE_PROXY_H
#define EXOTEL_BASE_PROXY_H

#include "exotel/base/error.h"
#include "exotel/base/memory.h"

typedef struct exo_proxy {
  const char *url;             /* NULL: none */
  const char *user, *password; /* as they are, not as the URL writes them; NULL: none */
} exo_proxy;

/* The proxy for `base_url`: `given`, or where that is NULL the one that the environment names, as libcurl would find
 * it, but none for this machine itself. It lives in the arena. The error never quotes it. */
exo_result exo_proxy_find(exo_proxy *proxy, const char *given, const char *base_url, exo_arena *arena,
                          exo_error *error);

#endif
