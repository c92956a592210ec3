/* A client's options: their defaults, what makes them wrong, and where they point. */
#ifndef EXOTEL_BASE_CONFIG_H
#define EXOTEL_BASE_CONFIG_H

#include <stdbool.h>

#include "exotel/base/error.h"
#include "exotel/base/memory.h"
#include "exotel/base/proxy.h"

enum { EXO_ACCOUNT_MAX = 64 }; /* characters of an account_sid */

/* Strings are borrowed; exo_config_resolve copies them. NULL: not given. */
typedef struct exo_config {
  const char *account_sid, *api_key, *api_token;
  const char *region, *subdomain, *base_url; /* one of the three */
  const char *ca_file;
  exo_proxy proxy; /* only its URL is given; the one of the environment is looked for without */
  double timeout, connect_timeout, deadline, backoff; /* seconds */
  double
      settle_wait; /* seconds in which a write whose reply was lost is looked for: for the workflows above the core */
  int retries, max_connections;
  int rate_limit;     /* requests in any 60 seconds, 0 for no limit */
  int store_fallback; /* the same while the store of a shared limit can't be had; 0: a quarter of it */
  bool allow_http, json_suffix, validate;
} exo_config;

#define EXO_CONFIG_DEFAULTS            \
  ((exo_config){ .timeout = 30,        \
                 .connect_timeout = 5, \
                 .deadline = 120,      \
                 .backoff = 0.5,       \
                 .settle_wait = 5,     \
                 .retries = 2,         \
                 .max_connections = 8, \
                 .rate_limit = 200,    \
                 .validate = true })

/* Checks the options, fills base_url from region or subdomain and copies every string into the arena. */
exo_result exo_config_resolve(const exo_config *given, exo_arena *arena, exo_config *resolved, exo_error *error);

/* "host[:port]" of a resolved configuration, into `out`. */
void exo_config_host(const exo_config *config, char *out, size_t size);

#endif
