/* UTF-8, as RFC 3629 has it. */
#ifndef EXOTEL_BASE_UTF8_H
#define EXOTEL_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* Whether all of it is well formed: no overlong form, no surrogate, nothing above U+10FFFF. */
bool exo_utf8_valid(const char *text, size_t length);

#endif
