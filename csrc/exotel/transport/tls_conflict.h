/* What else lives in the process, where libcurl can't live beside it. */
#ifndef EXOTEL_TRANSPORT_TLS_CONFLICT_H
#define EXOTEL_TRANSPORT_TLS_CONFLICT_H

#include "exotel/base/error.h"

/* `tls_library` as libcurl names it: "OpenSSL/3.0.15". False with what to do when the process would not survive its
 * use: Kamailio's tls module replaces OpenSSL's allocator, and a libcurl on OpenSSL then frees what it has not
 * allocated. */
bool exo_tls_conflict_check(const char *tls_library, exo_error *error);

#endif
