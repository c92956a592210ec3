#include "exotel/base/url.h"

#include <string.h>
#include <strings.h>

bool exo_url_starts(const char *url, const char *prefix) { return strncasecmp(url, prefix, strlen(prefix)) == 0; }

bool exo_url_visible(const char *text) {
  for (; *text != '\0'; text++)
    if (*text <= ' ' || *text > '~') return false;
  return true;
}

const char *exo_url_authority(const char *url, size_t *length) {
  const char *start = strstr(url, "://");
  start = start != NULL ? start + 3 : url;
  *length = strcspn(start, "/?#");
  return start;
}

bool exo_url_is_loopback(const char *url) {
  size_t length;
  const char *host = exo_url_authority(url, &length);
  size_t name = host[0] == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":/?#");
  if (name == 9 && strncasecmp(host, "localhost", 9) == 0) return true;
  if (name == 5 && strncmp(host, "[::1]", 5) == 0) return true;
  return strncmp(host, "127.", 4) == 0 && strspn(host, "0123456789.") == name;
}
