#include "exotel/base/error.h"

#include <stdarg.h>
#include <stdio.h>

/* Names come from the user and may hold anything; an error is one line. */
static void make_printable(char *text) {
  for (; *text != '\0'; text++)
    if ((unsigned char)*text < 0x20 || *text == 0x7F) *text = '?';
}

bool exo_error_set(exo_error *error, const char *field, const char *format, ...) {
  va_list arguments;
  snprintf(error->field, sizeof error->field, "%s", field);
  va_start(arguments, format);
  vsnprintf(error->message, sizeof error->message, format, arguments);
  va_end(arguments);
  make_printable(error->field);
  make_printable(error->message);
  return false;
}
