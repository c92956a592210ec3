#include "exotel/transport/response.h"

#include <curl/curl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { VALUE_MAX = 64 };

/* What stands behind a header's name; false when it is another header. */
static bool value_of(const char *line, size_t length, const char *name, char value[VALUE_MAX]) {
  size_t n = strlen(name);
  if (length <= n || strncasecmp(line, name, n) != 0) return false;
  line += n, length -= n;
  for (; length > 0 && (*line == ' ' || *line == '\t'); line++) length--;
  snprintf(value, VALUE_MAX, "%.*s", (int)length, line);
  return true;
}

/* Part of a second is one. Two numbers can always be added. */
static bool read_number(const char *value, long *number) {
  static const long most = LONG_MAX / 2;
  char *end;
  if (*value < '0' || *value > '9') return false;
  *number = strtol(value, &end, 10);
  if (*number >= most) *number = most;
  else if (*end == '.') *number += 1;
  return true;
}

/* → -1 where it can't be read. */
static long date_of(const char *value) { return (long)curl_getdate(value, NULL); }

/* An answer that a cache has kept was made so long before it was sent. */
static void read_clock(exo_reply *reply, const char *date, const char *age) {
  long made = reply->server_time >= 0 ? reply->server_time - reply->age : -1;
  if (date != NULL) made = date_of(date);
  if (age != NULL) read_number(age, &reply->age);
  if (made >= 0) reply->server_time = made + reply->age;
}

void exo_response_header(exo_reply *reply, const char *line, size_t length) {
  char value[VALUE_MAX];
  if (value_of(line, length, "X-RateLimit-Remaining:", value)) read_number(value, &reply->rate_remaining);
  else if (value_of(line, length, "X-RateLimit-Reset:", value)) read_number(value, &reply->rate_reset);
  else if (value_of(line, length, "Date:", value)) read_clock(reply, value, NULL);
  else if (value_of(line, length, "Age:", value)) read_clock(reply, NULL, value);
  else if (value_of(line, length, "Retry-After:", value) && !read_number(value, &reply->retry_after))
    reply->retry_at = date_of(value);
}
