/* Text that nobody can guess, such as a password. */
#ifndef EXOTEL_BASE_RANDOM_TEXT_H
#define EXOTEL_BASE_RANDOM_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* Fills `text` with `length` letters and digits, each as likely as any other, from the system's source of randomness
 * for secrets, for which it waits at the start of a system. False where there is none: nothing else is taken instead.
 */
bool exo_random_text(char *text, size_t length);

#endif
