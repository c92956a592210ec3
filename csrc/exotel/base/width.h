/* How many columns of a terminal a text takes. */
#ifndef EXOTEL_BASE_WIDTH_H
#define EXOTEL_BASE_WIDTH_H

#include <stddef.h>

/* Of a text that a terminal may be shown: two for wide characters, none for combining marks. */
size_t exo_text_width(const char *text, size_t length);

#endif
