#include "exotel/directory/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define EVERY 1.0 /* seconds between two looks */

/* A look-up reads what takes a few microseconds; more after a pause, since a worker that is asked seldom must not
 * answer from an old file for long: at a gigabyte a second this is a fiftieth of the time that passed. */
enum { PIECE = 8 * 1024, PIECE_PER_SECOND = 20 * 1024 * 1024 };

/* Files that are written within this many seconds may have the same times, and even the same node. */
#define RESOLUTION 2.0

void exo_reader_init(exo_directory_reader *reader, const exo_allocator *allocator) {
  memset(reader, 0, sizeof *reader);
  reader->allocator = allocator;
  reader->loading.descriptor = -1;
}

/* ---- one file ---- */

static exo_file_identity identity_of(const struct stat *facts) {
  return (exo_file_identity){ facts->st_dev, facts->st_ino, facts->st_size, facts->st_mtim, facts->st_ctim };
}

static bool are_equal(const struct timespec *a, const struct timespec *b) {
  return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

static bool is_same(const exo_file_identity *a, const exo_file_identity *b) {
  return a->device == b->device && a->node == b->node && a->size == b->size && are_equal(&a->modified, &b->modified) &&
         are_equal(&a->changed, &b->changed);
}

static void set_problem(exo_directory_reader *reader, const char *reason) {
  snprintf(reader->problem, sizeof reader->problem, "%s", reason);
}

static void drop_loading(exo_directory_reader *reader) {
  exo_loading *loading = &reader->loading;
  if (loading->descriptor >= 0) close(loading->descriptor);
  exo_free(reader->allocator, loading->block);
  *loading = (exo_loading){ .descriptor = -1 };
}

static void refuse(exo_directory_reader *reader, exo_file_fault fault, const char *reason) {
  drop_loading(reader);
  reader->fault = fault;
  set_problem(reader, reason);
}

/* It may go away by itself: the same file is looked at again. */
static void refuse_for_now(exo_directory_reader *reader, exo_file_fault fault, const char *reason) {
  refuse(reader, fault, reason);
  memset(&reader->identity, 0, sizeof reader->identity);
}

/* ---- reading one ---- */

static ssize_t read_at(int descriptor, void *bytes, size_t length, size_t at) {
  ssize_t got;
  do got = pread(descriptor, bytes, length, (off_t)at);
  while (got < 0 && errno == EINTR);
  return got;
}

static void begin(exo_directory_reader *reader) {
  const char *reason;
  exo_loading *loading = &reader->loading;
  size_t size = (size_t)loading->identity.size;
  ssize_t got = read_at(loading->descriptor, &loading->header, sizeof loading->header, 0);
  if (got < 0) {
    refuse_for_now(reader, EXO_FILE_REFUSED, strerror(errno));
    return;
  }
  if ((size_t)got < sizeof loading->header) size = (size_t)got;
  exo_directory_fault fault = exo_directory_judge(&loading->header, size, &reason);
  if (fault != EXO_DIRECTORY_GOOD) {
    refuse(reader, fault == EXO_DIRECTORY_DAMAGED ? EXO_FILE_DAMAGED : EXO_FILE_REFUSED, reason);
    return;
  }
  loading->size = size;
  loading->block = exo_allocate(reader->allocator, size);
  if (loading->block == NULL) refuse_for_now(reader, EXO_FILE_REFUSED, "there is not enough memory for it");
  exo_digest_begin(&loading->digest);
}

static void take(exo_directory_reader *reader) {
  exo_loading *loading = &reader->loading;
  void *former = reader->block;
  exo_directory_view(&reader->directory, loading->block);
  reader->block = loading->block;
  loading->block = NULL;
  reader->serial++;
  set_problem(reader, "");
  reader->fault = EXO_FILE_GOOD;
  drop_loading(reader);
  exo_free(reader->allocator, former);
}

/* The header counts as it stands in the block: it may have changed since it was read first. */
static void finish(exo_directory_reader *reader) {
  exo_loading *loading = &reader->loading;
  const exo_directory_header *header = (const void *)loading->block;
  if (memcmp(header, &loading->header, sizeof *header) != 0 || header->digest != exo_digest_end(&loading->digest)) {
    refuse(reader, EXO_FILE_DAMAGED, exo_directory_bad_digest);
  } else {
    take(reader);
  }
}

/* The first block is not part of what is checked. */
static void add_piece(exo_loading *loading, size_t end) {
  size_t from = loading->at < EXO_DIGEST_BLOCK ? EXO_DIGEST_BLOCK : loading->at;
  exo_digest_add(&loading->digest, loading->block + from, end - from);
  loading->at = end;
}

/* Reads up to `most` bytes, which is a multiple of the digest's blocks. */
static void read_piece(exo_directory_reader *reader, size_t most) {
  exo_loading *loading = &reader->loading;
  size_t left = loading->size - loading->at, length = left < most ? left : most;
  size_t end = loading->at + length, at = loading->at;
  while (at < end) {
    ssize_t got = read_at(loading->descriptor, loading->block + at, end - at, at);
    if (got < 0) {
      refuse_for_now(reader, EXO_FILE_REFUSED, strerror(errno));
      return;
    }
    if (got == 0) {
      refuse(reader, EXO_FILE_DAMAGED, "it is not complete: it was cut short");
      return;
    }
    at += (size_t)got;
  }
  add_piece(loading, end);
  if (end == loading->size) finish(reader);
}

/* ---- looking for one ---- */

/* Never waits: a pipe is opened without a writer. */
static int open_file(exo_directory_reader *reader, struct stat *facts) {
  int descriptor = open(reader->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (descriptor >= 0 && fstat(descriptor, facts) == 0) return descriptor;
  if (errno == ENOENT) refuse_for_now(reader, EXO_FILE_MISSING, "there is no such file");
  else refuse_for_now(reader, EXO_FILE_REFUSED, strerror(errno));
  if (descriptor >= 0) close(descriptor);
  return -1;
}

/* Whether a file that looks like the one that is in use is another one all the same. */
static bool is_another(const exo_directory_reader *reader, int descriptor) {
  exo_directory_header header;
  if (reader->block == NULL) return true;
  if (read_at(descriptor, &header, sizeof header, 0) != (ssize_t)sizeof header) return true;
  return memcmp(&header, reader->directory.header, sizeof header) != 0;
}

static bool is_settled(const struct stat *facts) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return difftime(now.tv_sec, facts->st_ctim.tv_sec) > RESOLUTION;
}

static void begin_with(exo_directory_reader *reader, int descriptor, const struct stat *facts) {
  reader->loading.descriptor = descriptor;
  reader->loading.identity = reader->identity = identity_of(facts);
  reader->is_settled = is_settled(facts);
  if (S_ISREG(facts->st_mode)) begin(reader);
  else refuse(reader, EXO_FILE_REFUSED, "it is no file");
}

static void look_closely(exo_directory_reader *reader) {
  struct stat facts;
  int descriptor = open_file(reader, &facts);
  if (descriptor < 0) return;
  exo_file_identity found = identity_of(&facts);
  if (!is_same(&found, &reader->identity) || is_another(reader, descriptor)) {
    begin_with(reader, descriptor, &facts);
    return;
  }
  reader->is_settled = is_settled(&facts);
  close(descriptor);
}

static void look(exo_directory_reader *reader) {
  struct stat facts;
  if (stat(reader->path, &facts) == 0) {
    exo_file_identity found = identity_of(&facts);
    if (reader->is_settled && is_same(&found, &reader->identity)) return;
  }
  look_closely(reader);
}

static size_t piece_after(double seconds) {
  double more = seconds * PIECE_PER_SECOND;
  if (more > EXO_DIRECTORY_SIZE_MAX) return EXO_DIRECTORY_SIZE_MAX;
  return PIECE + (size_t)more / PIECE * PIECE;
}

void exo_reader_poll(exo_directory_reader *reader) {
  double now = exo_coarse_now(), passed = now - reader->last;
  reader->last = now;
  if (reader->loading.descriptor < 0 && now >= reader->look_at) {
    look(reader);
    reader->look_at = now + EVERY;
  }
  if (reader->loading.descriptor >= 0) read_piece(reader, piece_after(passed));
}

void exo_reader_update(exo_directory_reader *reader) {
  drop_loading(reader);
  reader->is_settled = false;
  look_closely(reader);
  while (reader->loading.descriptor >= 0) read_piece(reader, EXO_DIRECTORY_SIZE_MAX);
  reader->last = exo_coarse_now();
  reader->look_at = reader->last + EVERY;
}

bool exo_reader_open(exo_directory_reader *reader, const char *path) {
  exo_moment_now(&reader->now);
  if (snprintf(reader->path, sizeof reader->path, "%s", path) >= (int)sizeof reader->path) {
    refuse(reader, EXO_FILE_REFUSED, strerror(ENAMETOOLONG));
    return false;
  }
  exo_reader_update(reader);
  return reader->block != NULL;
}

void exo_reader_close(exo_directory_reader *reader) {
  drop_loading(reader);
  exo_free(reader->allocator, reader->block);
  reader->block = NULL;
  reader->serial++;
  memset(&reader->directory, 0, sizeof reader->directory);
}

double exo_reader_age(exo_directory_reader *reader, double age) {
  exo_moment_renew(&reader->now);
  return exo_directory_age(&reader->directory, age, &reader->now);
}
