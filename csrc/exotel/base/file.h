/* Files that are written where others may have a hand: links are followed, but not those that somebody else could have
 * laid out; a file is replaced as a whole, and keeps its mode. All functions return 0, an errno, or EXO_FOREIGN_LINK.
 */
#ifndef EXOTEL_BASE_FILE_H
#define EXOTEL_BASE_FILE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { EXO_FOREIGN_LINK = -1 };

/* What to say of a result that isn't 0; as strerror. */
const char *exo_file_message(int failure);

/* Where a path leads: the file at the end of its links, which need not exist. */
typedef struct exo_target {
  char path[PATH_MAX];
  bool is_special; /* a device, a pipe, an open descriptor: there is nothing to replace */
} exo_target;

/* Follows links. EXO_FOREIGN_LINK for one that stands in a folder where others than its owner can write, and belongs to
 * neither this user nor the folder's owner. */
int exo_target_find(const char *path, exo_target *target);

/* Writes all of it to a descriptor. */
int exo_file_write(int descriptor, const char *text, size_t length);

/* Makes the text the file's: a new file beside it takes its place, with its mode, or with `mode` where there was none.
 * What is special is written to. `descriptor`: that of the new file, for the caller to close; or NULL. */
int exo_file_replace(const exo_target *target, const char *text, size_t length, mode_t mode, int *descriptor);

/* Opens a file for reading and appending, makes it if there is none, and locks it for this process. EWOULDBLOCK when
 * another has it. Nothing locks what is special, nor files on a system that has no locks. */
int exo_file_open_locked(const exo_target *target, int *descriptor);
int exo_file_lock(int descriptor);

#endif
