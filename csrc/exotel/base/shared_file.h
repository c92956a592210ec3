/* A small text that several processes change, one at a time, and that outlives each of them: a file with an advisory
 * lock. Each change goes where the last but one stood, so that one which is cut off, by a killed process or a full
 * disk, leaves what was there before. The lock belongs to the opening (flock), not to the process: threads exclude one
 * another, and no other descriptor of the file gives it up. */
#ifndef EXOTEL_BASE_SHARED_FILE_H
#define EXOTEL_BASE_SHARED_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "exotel/base/error.h"

enum { EXO_SHARED_TEXT_MAX = 128 * 1024 - 64 };

typedef struct exo_shared_file {
  int descriptor; /* -1: closed */
  char *text;     /* with a NUL behind it */
  size_t length;
  uint64_t version; /* of the text: how often it was changed; 0: the file is new */
} exo_shared_file;

/* Opens the file, makes it if there is none, waits for its lock a second at most, and reads. `error` names the file. */
exo_result exo_shared_file_open(exo_shared_file *file, const char *path, exo_error *error);
/* Makes this the text. The old one stays where that fails. */
exo_result exo_shared_file_write(exo_shared_file *file, const char *path, const char *text, size_t length,
                                 exo_error *error);
/* Gives up the lock; harmless twice. */
void exo_shared_file_close(exo_shared_file *file);

/* Where a user's own is: below XDG_RUNTIME_DIR, else in a folder of its own below TMPDIR or /tmp, which is made, and
 * refused when it is somebody else's or others can get at it. */
exo_result exo_shared_file_default(char *path, size_t size, exo_error *error);

/* Seconds on a clock that all processes of this machine share, that goes on while it sleeps, and that nobody can set.
 * `name`: of the clock, another one after a restart and on another machine. */
double exo_shared_clock(char *name, size_t size);

#endif
