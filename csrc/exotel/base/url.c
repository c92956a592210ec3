#include "exotel/base/url.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

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

/* What the system would connect to, however it is written; a name that only looks like an address is none. */
static bool is_loopback_address(const char *text) {
  struct in_addr four;
  struct in6_addr six;
  if (inet_pton(AF_INET6, text, &six) == 1)
    return IN6_IS_ADDR_LOOPBACK(&six) || (IN6_IS_ADDR_V4MAPPED(&six) && six.s6_addr[12] == 127);
  return strspn(text, "0123456789.") == strlen(text) && inet_aton(text, &four) != 0 && ntohl(four.s_addr) >> 24 == 127;
}

bool exo_url_is_loopback(const char *url) {
  size_t length;
  char address[INET6_ADDRSTRLEN];
  const char *host = exo_url_authority(url, &length);
  bool bracketed = host[0] == '[';
  size_t name = bracketed ? strcspn(++host, "]") : strcspn(host, ":/?#");
  if (name >= sizeof address) return false;
  snprintf(address, sizeof address, "%.*s", (int)name, host);
  return (!bracketed && strcasecmp(address, "localhost") == 0) || is_loopback_address(address);
}
