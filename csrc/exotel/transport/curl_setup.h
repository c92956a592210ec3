/* How libcurl is told what to do: the options of an easy handle. */
#ifndef EXOTEL_TRANSPORT_CURL_SETUP_H
#define EXOTEL_TRANSPORT_CURL_SETUP_H

#include "exotel/transport/curl_ca.h"
#include "exotel/transport/curl_version.h"
#include "exotel/transport/curl_watch.h"
#include "exotel/transport/transport.h"

/* What is the same for all requests of a client. */
typedef struct exo_curl_setup {
  const exo_config *config;
  exo_curl_ca ca;
  struct curl_slist *read_headers, *write_headers; /* with the credentials */
} exo_curl_setup;

exo_result exo_curl_setup_open(exo_curl_setup *setup, const exo_config *config, const exo_allocator *allocator,
                               exo_error *error);
/* Not while a handle is used that was set up with it. */
void exo_curl_setup_close(exo_curl_setup *setup);

/* What one request has in place of those: a content type of its own, before the headers of a read. */
typedef struct exo_curl_own_headers {
  struct curl_slist *first, *last; /* NULL: none */
} exo_curl_own_headers;

void exo_curl_own_headers_free(exo_curl_own_headers *own);

/* What libcurl refuses is never overlooked: without an option another request would be sent, without credentials, past
 * the proxy, without a timeout, or a DELETE as a GET. */

/* Sets what is the same for all requests. Without the callbacks, but for those that tell the watch of sockets: it has
 * to live longer than the connections. */
CURLcode exo_curl_set_up(const exo_curl_setup *setup, exo_curl_watch *watch, CURL *easy);
/* Sets all that may differ between requests, whatever the handle was used for before. `url` and `own`: the handle's,
 * which live longer. */
CURLcode exo_curl_set_request(const exo_curl_setup *setup, CURL *easy, CURLU *url, exo_curl_own_headers *own,
                              const exo_exchange *exchange);

#endif
