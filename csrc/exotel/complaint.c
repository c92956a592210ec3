#include "exotel/complaint.h"

#include <stdarg.h>
#include <stdio.h>

/* Names come from the user and may hold anything; a complaint is one line. */
static void make_printable(char *text) {
  for (; *text != '\0'; text++)
    if ((unsigned char)*text < 0x20 || *text == 0x7F) *text = '?';
}

bool exo_complain(exo_complaint *complaint, const char *field, const char *format, ...) {
  va_list arguments;
  snprintf(complaint->field, sizeof complaint->field, "%s", field);
  va_start(arguments, format);
  vsnprintf(complaint->message, sizeof complaint->message, format, arguments);
  va_end(arguments);
  make_printable(complaint->field);
  make_printable(complaint->message);
  return false;
}
