#include "exotel/transport/response.h"

#include <curl/curl.h>
#include <limits.h>
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
  if (length >= VALUE_MAX) length = VALUE_MAX - 1;
  memcpy(value, line, length);
  value[length] = '\0';
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

/* Two digits as a number; more than 99 when they are none. */
static int two_digits(const char *text) {
  unsigned tens = (unsigned)text[0] - '0', ones = (unsigned)text[1] - '0';
  return tens <= 9 && ones <= 9 ? (int)(tens * 10 + ones) : 100;
}

/* 0 to 11; 12 when it is none. */
static int month_of(const char *name) {
  static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
  int month = 0;
  while (month < 12 && memcmp(names + 3 * month, name, 3) != 0) month++;
  return month;
}

/* Days from 1970-01-01 to a day of the Gregorian calendar, from 1970 on. */
static long days_until(int year, int month, int day) {
  static const int before[] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334 };
  int past = month > 1 ? year : year - 1; /* the last year whose leap day has been */
  return 365L * (year - 1970) + (past / 4 - past / 100 + past / 400) - (1969 / 4 - 1969 / 100 + 1969 / 400) +
         before[month] + day - 1;
}

static bool has_form(const char *text, const char *form) {
  for (; *form != '\0'; text++, form++)
    if (*text == '\0' || (*form != '?' && *form != *text)) return false;
  return text[strspn(text, " \r\n")] == '\0';
}

/* As RFC 9110 has servers write it, "Thu, 26 Nov 2026 09:40:52 GMT". -1: it is none, or an odd one. */
static long read_usual_date(const char *text) {
  if (!has_form(text, "???, ?? ??? ???? ??:??:?? GMT")) return -1;
  int day = two_digits(text + 5), month = month_of(text + 8), century = two_digits(text + 12);
  int year = century * 100 + two_digits(text + 14);
  int hour = two_digits(text + 17), minute = two_digits(text + 20), second = two_digits(text + 23);
  if (day < 1 || day > 31 || month > 11 || year < 1970 || year > 9999) return -1;
  if (hour > 23 || minute > 59 || second > 59) return -1;
  return ((days_until(year, month, day) * 24 + hour) * 60 + minute) * 60 + second;
}

/* libcurl reads all forms, and takes its time. → -1 where it can't be read. */
static long date_of(const char *value) {
  long usual = read_usual_date(value);
  return usual >= 0 ? usual : (long)curl_getdate(value, NULL);
}

/* An answer that a cache has kept was made so long before it was sent. */
static void read_clock(exo_reply *reply, const char *date, const char *age) {
  long made = reply->server_time >= 0 ? reply->server_time - reply->age : -1;
  if (date != NULL) made = date_of(date);
  if (age != NULL) read_number(age, &reply->age);
  if (made >= 0) reply->server_time = made + reply->age;
}

static void read_rate_limit(exo_reply *reply, const char *line, size_t length) {
  char value[VALUE_MAX];
  if (value_of(line, length, "X-RateLimit-Remaining:", value)) read_number(value, &reply->rate_remaining);
  else if (value_of(line, length, "X-RateLimit-Reset:", value)) read_number(value, &reply->rate_reset);
}

static void read_retry_after(exo_reply *reply, const char *line, size_t length) {
  char value[VALUE_MAX];
  if (value_of(line, length, "Retry-After:", value) && !read_number(value, &reply->retry_after))
    reply->retry_at = date_of(value);
}

/* Most headers say nothing that is asked for. */
void exo_response_header(exo_reply *reply, const char *line, size_t length) {
  char value[VALUE_MAX];
  switch (length > 0 ? line[0] | 0x20 : 0) {
    case 'a':
      if (value_of(line, length, "Age:", value)) read_clock(reply, NULL, value);
      break;
    case 'd':
      if (value_of(line, length, "Date:", value)) read_clock(reply, value, NULL);
      break;
    case 'r': read_retry_after(reply, line, length); break;
    case 'x': read_rate_limit(reply, line, length); break;
    default: break;
  }
}
