#include "exotel/transport/response.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

static void read_number_header(const char *line, size_t length, const char *name, long *number) {
  size_t n = strlen(name);
  char digits[24];
  if (length <= n || strncasecmp(line, name, n) != 0) return;
  snprintf(digits, sizeof digits, "%.*s", (int)(length - n < 20 ? length - n : 20), line + n);
  char *end;
  long value = strtol(digits, &end, 10);
  if (end != digits && value >= 0) *number = value;
}

static void read_date(const char *line, size_t length, long *seconds) {
  char date[64];
  size_t n = strlen("Date:");
  if (length <= n || strncasecmp(line, "Date:", n) != 0) return;
  snprintf(date, sizeof date, "%.*s", (int)(length - n < 60 ? length - n : 60), line + n);
  time_t time = curl_getdate(date, NULL);
  if (time > 0) *seconds = (long)time;
}

void exo_response_header(exo_reply *reply, const char *line, size_t length) {
  read_number_header(line, length, "X-RateLimit-Remaining:", &reply->rate_remaining);
  read_number_header(line, length, "X-RateLimit-Reset:", &reply->rate_reset);
  read_date(line, length, &reply->server_time);
}
