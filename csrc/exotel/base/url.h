/* The parts of a URL that configuration looks at. */
#ifndef EXOTEL_BASE_URL_H
#define EXOTEL_BASE_URL_H

#include <stdbool.h>
#include <stddef.h>

/* Whether a text begins with a prefix, in letters of either case. */
bool exo_url_starts(const char *url, const char *prefix);
/* Visible ASCII only. */
bool exo_url_visible(const char *text);
/* What stands between "//", or the start, and the next "/", "?" or "#". */
const char *exo_url_authority(const char *url, size_t *length);
/* Whether it is this machine: localhost, 127.0.0.0/8 or ::1. */
bool exo_url_is_loopback(const char *url);

#endif
