/* What is wrong with something the user gave: where, and what to do. */
#ifndef EXOTEL_COMPLAINT_H
#define EXOTEL_COMPLAINT_H

#include <stdbool.h>

typedef struct exo_complaint {
  char field[160]; /* full name: destinations[2].destination; "" when it is no single one */
  char message[320];
} exo_complaint;

/* Writes what fits and returns false, so that a check can end with `return exo_complain(…)`. */
bool exo_complain(exo_complaint *complaint, const char *field, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
