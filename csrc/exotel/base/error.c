#include "exotel/base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "exotel/base/utf8.h"

/* Names come from the user and may hold anything; an error is one line. */
static void make_printable(char *text) {
  for (; *text != '\0'; text++)
    if ((unsigned char)*text < 0x20 || *text == 0x7F) *text = '?';
}

/* What was too long is cut between characters, not within one: the bytes of a last one that is not whole go. */
static void trim_cut(char *text, size_t size) {
  size_t length = strlen(text), start = length;
  if (length + 1 < size) return;
  while (start > 0 && length - start < 3 && ((unsigned char)text[start - 1] & 0xC0) == 0x80) start--;
  if (start > 0 && (unsigned char)text[start - 1] >= 0xC0) start--;
  if (start < length && !exo_utf8_valid(text + start, length - start)) text[start] = '\0';
}

bool exo_error_set(exo_error *error, const char *field, const char *format, ...) {
  va_list arguments;
  snprintf(error->field, sizeof error->field, "%s", field);
  va_start(arguments, format);
  vsnprintf(error->message, sizeof error->message, format, arguments);
  va_end(arguments);
  trim_cut(error->field, sizeof error->field);
  trim_cut(error->message, sizeof error->message);
  make_printable(error->field);
  make_printable(error->message);
  return false;
}
