/* What libcurl's errors mean: a kind for programs, and one line for people. */
#ifndef EXOTEL_TRANSPORT_CURL_ERRORS_H
#define EXOTEL_TRANSPORT_CURL_ERRORS_H

#include <curl/curl.h>

#include "exotel/transport/transport.h"

/* Fills in the failure and the message of a transfer that ended with `code`, not CURLE_OK. `detail`: what libcurl wrote
 * into its error buffer, "" for nothing. */
void exo_curl_describe(exo_reply *reply, CURL *easy, CURLcode code, const char *detail);

#endif
