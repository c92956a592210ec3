/* Text from elsewhere on its way to a terminal, where some characters are orders or hide what is written. */
#ifndef EXOTEL_BASE_PLAIN_H
#define EXOTEL_BASE_PLAIN_H

#include <stddef.h>
#include <stdint.h>

typedef enum exo_char_class {
  EXO_CHAR_PLAIN,
  EXO_CHAR_CONTROL, /* below a space, DEL */
  EXO_CHAR_HIDDEN,  /* C1 controls, what turns the direction of writing, line separators, a byte order mark */
  EXO_CHAR_BROKEN   /* a byte that is no UTF-8 */
} exo_char_class;

typedef struct exo_char {
  exo_char_class class;
  size_t length; /* bytes, at least 1 */
  uint32_t code; /* of a broken one the byte */
} exo_char;

/* The character at the beginning of a text that isn't empty. */
exo_char exo_char_read(const char *text, size_t length);

#endif
