/* What else lives in the process, where libcurl can't live beside it. */
#ifndef EXOTEL_NEIGHBOURS_H
#define EXOTEL_NEIGHBOURS_H

#include "exotel/complaint.h"

/* `tls_library` as libcurl names it: "OpenSSL/3.0.15". False with what to do when the process would not survive its use:
 * Kamailio's tls module replaces OpenSSL's allocator, and a libcurl on OpenSSL then frees what it has not allocated. */
bool exo_neighbours_allow(const char *tls_library, exo_complaint *complaint);

#endif
