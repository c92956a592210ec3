/* The certificates that servers are verified with. */
#ifndef EXOTEL_TRANSPORT_CURL_CA_H
#define EXOTEL_TRANSPORT_CURL_CA_H

#include "exotel/base/config.h"

enum { EXO_CA_PATH_MAX = 1024 };

/* A bundle, a folder of certificates, or both; both NULL where nothing is verified (plain http). They are the option's
 * text, or copies. */
typedef struct exo_curl_ca {
  const char *file, *folder;
  char file_copy[EXO_CA_PATH_MAX], folder_copy[EXO_CA_PATH_MAX];
} exo_curl_ca;

/* The option ca_file; or what CURL_CA_BUNDLE, or else SSL_CERT_FILE and SSL_CERT_DIR name, as for the curl command; or
 * what libcurl has built in. False when there is none, or it can't be read. Must stay where it is. */
bool exo_curl_ca_find(exo_curl_ca *ca, const exo_config *config, exo_error *error);

/* What the transport is made of. */
typedef struct exo_libraries {
  const char *curl, *tls; /* versions, for people */
  /* The bundle that is trusted unless ca_file names one; else a folder of them; "" for none. */
  char ca[EXO_CA_PATH_MAX];
} exo_libraries;

void exo_curl_libraries(exo_libraries *libraries);

#endif
