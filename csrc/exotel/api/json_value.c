#include "exotel/api/json_value.h"

#include <limits.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool digit(char c) { return c >= '0' && c <= '9'; }

bool exo_json_whole(const exo_json_value *number, int64_t *whole) {
  enum { MOST = 16 }; /* with the sign; what is longer has a fraction */
  const char *c = exo_json_text(number), *end = c + (number->length < MOST ? number->length : MOST);
  bool negative = *c == '-';
  int64_t sum = 0;
  for (c += negative; c < end && digit(*c); c++) sum = sum * 10 + (*c - '0');
  *whole = negative ? -sum : sum;
  return *c == '\0';
}

/* strtod expects the decimal point of the host's locale. */
double exo_json_number(const exo_json_value *number) {
  char text[64];
  memcpy(text, exo_json_text(number), number->length + 1);
  char *point = strchr(text, '.');
  if (point != NULL) *point = localeconv()->decimal_point[0];
  return strtod(text, NULL);
}

static bool has_name(const exo_json_value *name, const char *wanted, size_t length) {
  return name->length == length && memcmp(exo_json_text(name), wanted, length) == 0;
}

const exo_json_value *exo_json_member(const exo_json_value *object, const char *name) {
  if (!exo_json_is(object, EXO_JSON_OBJECT)) return NULL;
  size_t length = strlen(name);
  const exo_json_value *own = exo_json_first(object);
  for (uint32_t i = 0; i < object->length; i++, own = exo_json_next(own + 1))
    if (has_name(own, name, length)) return own + 1;
  return NULL;
}

const char *exo_json_string(const exo_json_value *object, const char *name) {
  const exo_json_value *member = exo_json_member(object, name);
  return exo_json_is(member, EXO_JSON_STRING) ? exo_json_text(member) : NULL;
}

static long in_range(const exo_json_value *value) {
  int64_t whole;
  double number = exo_json_whole(value, &whole) ? (double)whole : exo_json_number(value);
  if (number >= INT_MAX) return INT_MAX;
  return number <= INT_MIN ? INT_MIN : (long)number;
}

long exo_json_integer(const exo_json_value *object, const char *name, long otherwise) {
  const exo_json_value *member = exo_json_member(object, name);
  if (exo_json_is(member, EXO_JSON_NUMBER)) return in_range(member);
  if (!exo_json_is(member, EXO_JSON_STRING) || !digit(*exo_json_text(member))) return otherwise;
  char *end;
  long number = strtol(exo_json_text(member), &end, 10);
  return *end == '\0' && number < INT_MAX ? number : otherwise;
}

long exo_json_seconds(const exo_json_value *object, const char *name) {
  const exo_json_value *member = exo_json_member(object, name);
  bool text = exo_json_is(member, EXO_JSON_STRING) && digit(*exo_json_text(member));
  if (!text && !exo_json_is(member, EXO_JSON_NUMBER)) return -1;
  double seconds = text ? strtod(exo_json_text(member), NULL) : exo_json_number(member);
  if (!(seconds >= 0)) return -1;
  return seconds < INT_MAX ? (long)ceil(seconds) : INT_MAX;
}
