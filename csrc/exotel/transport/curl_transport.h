/* The transport on libcurl. */
#ifndef EXOTEL_TRANSPORT_CURL_TRANSPORT_H
#define EXOTEL_TRANSPORT_CURL_TRANSPORT_H

#include "exotel/base/config.h"
#include "exotel/transport/transport.h"

/* EXO_RESULT_ERROR: the configuration (no CA bundle), or something in the process that rules libcurl out. `config`
 * and `allocator` must outlive the transport. */
exo_result exo_curl_transport_open(exo_transport *transport, const exo_config *config, const exo_allocator *allocator,
                                   exo_error *error);

#endif
