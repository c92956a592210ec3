/* Descriptors: how many files, sockets and the like a process may have open is limited. */
#ifndef EXOTEL_BASE_DESCRIPTORS_H
#define EXOTEL_BASE_DESCRIPTORS_H

#include <stdbool.h>

enum { EXO_DESCRIPTORS_MAX = 16 };

/* Whether so many more can be opened, at most EXO_DESCRIPTORS_MAX: opens and closes them, so that other threads lack
 * them for some microseconds. True also where that can't be told. */
bool exo_descriptors_left(int count);

#endif
