/* Where a call of a trunk is sent: RFC 2782's rule for priority and weight. Pure. */
#ifndef EXOTEL_DIRECTORY_CHOICE_H
#define EXOTEL_DIRECTORY_CHOICE_H

#include <stdbool.h>

#include "exotel/directory/format.h"

/* One of those of the lowest priority of which one is up. `list`: as in a directory, by priority and weight; `down`:
 * which are, or NULL when none is; `random`: from 0 up to, but without 1. → NULL when all are down */
const exo_directory_destination *exo_choose(const exo_directory_destination *list, uint32_t count, const bool *down,
                                            double random);

#endif
