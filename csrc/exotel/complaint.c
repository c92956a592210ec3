#include "exotel/complaint.h"

#include <stdarg.h>
#include <stdio.h>

bool exo_complain(exo_complaint *complaint, const char *field, const char *format, ...) {
  va_list arguments;
  snprintf(complaint->field, sizeof complaint->field, "%s", field);
  va_start(arguments, format);
  vsnprintf(complaint->message, sizeof complaint->message, format, arguments);
  va_end(arguments);
  return false;
}
