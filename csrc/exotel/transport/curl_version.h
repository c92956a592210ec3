/* The releases of libcurl that are supported. */
#ifndef EXOTEL_TRANSPORT_CURL_VERSION_H
#define EXOTEL_TRANSPORT_CURL_VERSION_H

#include <curl/curl.h>

#if LIBCURL_VERSION_NUM < 0x074A00
#error "exotel needs libcurl 7.74 or newer"
#endif

/* EXO_OLD_LIBCURL=1 builds as with the oldest one, so that what it lacks is tested with any. */
#ifdef EXO_OLD_LIBCURL
#define EXO_LIBCURL_VERSION 0x074A00
#else
#define EXO_LIBCURL_VERSION LIBCURL_VERSION_NUM
#endif

#endif
