/* The certificates that servers are verified with. */
#ifndef EXOTEL_TRANSPORT_CURL_CA_H
#define EXOTEL_TRANSPORT_CURL_CA_H

#include "exotel/base/config.h"

enum { EXO_CA_PATH_MAX = 256 };

/* A bundle, or else a folder of certificates; both NULL where nothing is verified (plain http). */
typedef struct exo_curl_ca {
  const char *file, *folder;
  char bundle[EXO_CA_PATH_MAX];
} exo_curl_ca;

/* The option ca_file, or what libcurl has built in. False when there is neither. Must stay where it is. */
bool exo_curl_ca_find(exo_curl_ca *ca, const exo_config *config, exo_error *error);

/* What the transport is made of. */
typedef struct exo_libraries {
  const char *curl, *tls; /* versions, for people */
  char
      ca[EXO_CA_PATH_MAX]; /* the bundle that is trusted unless ca_file names one; else a folder of them; "" for none */
} exo_libraries;

void exo_curl_libraries(exo_libraries *libraries);

#endif
