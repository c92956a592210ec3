/* A directory as those read it who look numbers up: the file's newest good content in memory, and a look for a newer
 * file at most once a second. A newer one is read and checked a piece at a time, by the look-ups, and takes the old
 * one's place when it was found good; until then, and whatever becomes of the file, the old one stays.
 *
 * The file is not mapped: somebody who cuts it short in place would end the process. */
#ifndef EXOTEL_DIRECTORY_READER_H
#define EXOTEL_DIRECTORY_READER_H

#include <limits.h>
#include <sys/stat.h>

#include "exotel/base/error.h"
#include "exotel/base/memory.h"
#include "exotel/directory/digest.h"
#include "exotel/directory/directory.h"

/* Tells a file, in the state that it was seen in, from others. */
typedef struct exo_file_identity {
  dev_t device;
  ino_t node;
  off_t size;
  struct timespec modified, changed;
} exo_file_identity;

/* What is the matter with the newest file, in short. */
typedef enum exo_file_fault {
  EXO_FILE_GOOD,
  EXO_FILE_MISSING, /* there is none */
  EXO_FILE_DAMAGED, /* as EXO_DIRECTORY_DAMAGED */
  EXO_FILE_REFUSED, /* anything else */
} exo_file_fault;

/* A file that is being read. */
typedef struct exo_loading {
  int descriptor; /* -1: none is */
  exo_file_identity identity;
  exo_directory_header header;
  char *block;
  size_t size, at;
  exo_digest digest;
} exo_loading;

typedef struct exo_directory_reader {
  const exo_allocator *allocator;
  char path[PATH_MAX];
  exo_directory directory; /* its header is NULL while there is none */
  void *block;
  unsigned serial;            /* grows when the block goes */
  exo_file_identity identity; /* of the file that was looked at last, be it good or refused */
  bool is_settled;            /* that file can't have changed without showing it */
  exo_loading loading;
  double look_at, last; /* by exo_coarse_now: of the next look at the file, of the last look-up */
  exo_moment now;
  char problem[320]; /* why the newest file was not taken; "" */
  exo_file_fault fault;
} exo_directory_reader;

/* Closed and empty: what exo_reader_close may be called for. */
void exo_reader_init(exo_directory_reader *reader, const exo_allocator *allocator);
/* Reads the whole file. → whether it is good; the reader's problem says why not */
bool exo_reader_open(exo_directory_reader *reader, const char *path);
void exo_reader_close(exo_directory_reader *reader);

/* To be called before each look-up: looks for a newer file, if it is time, and reads a piece of it. */
void exo_reader_poll(exo_directory_reader *reader);
/* Looks at once, and reads all of a newer file. */
void exo_reader_update(exo_directory_reader *reader);

/* Seconds, INFINITY where it can't be told. */
double exo_reader_age(exo_directory_reader *reader, double age);

#endif
