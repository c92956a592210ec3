/* What differs between two directories. */
#ifndef EXOTEL_DIRECTORY_CHANGES_H
#define EXOTEL_DIRECTORY_CHANGES_H

#include "exotel/directory/directory.h"

typedef enum { EXO_CHANGED_TRUNK, EXO_CHANGED_NUMBER, EXO_CHANGED_IP, EXO_CHANGED_DESTINATION } exo_changed;

/* The entry before and after, of the type that `what` says; NULL: it came, or went. */
typedef struct exo_change {
  exo_changed what;
  const void *before, *after;
} exo_change;

/* Begin with all other fields 0. */
typedef struct exo_changes {
  const exo_directory *before, *after;
  int phase;
  uint32_t index;
} exo_changes;

/* → false after the last one */
bool exo_changes_next(exo_changes *walk, exo_change *change);

#endif
