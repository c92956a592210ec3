#include "exotel/base/shared_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "exotel/base/environment.h"
#include "exotel/base/file.h"

#define MAGIC "exotel store "
#define FORM MAGIC "1 "
/* What a line begins with that says nothing, and the very first one that says something. */
#define NO_VERSION FORM "0 "
#define FIRST_VERSION FORM "1 "

/* The text stands at one of two places, with a line before it that says its version, length and checksum. */
enum { LINE = 64, PLACE = LINE + EXO_SHARED_TEXT_MAX };

/* How often the lock is tried, and the file opened anew since it was replaced meanwhile. */
enum { TRIES = 1000, ATTEMPTS = 100 };

typedef struct header {
  unsigned long long version;
  unsigned length, sum;
} header;

/* FNV-1a */
static unsigned checksum(const char *text, size_t length) {
  uint32_t sum = 2166136261u;
  for (size_t i = 0; i < length; i++) sum = (sum ^ (unsigned char)text[i]) * 16777619u;
  return sum;
}

static bool complain(exo_error *error, const char *path, const char *what) {
  return exo_error_set(error, "store", "the store %.200s %.100s", path, what);
}

/* ---- opening ---- */

static int open_once(const char *path) {
  int flags = O_RDWR | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW | O_NONBLOCK;
  int descriptor = open(path, flags); /* first: in a shared folder the kernel lets nobody "create" others' files */
  return descriptor < 0 && errno == ENOENT ? open(path, flags | O_CREAT, S_IRUSR | S_IWUSR) : descriptor;
}

static bool is_current(int descriptor, const char *path) {
  struct stat opened, named;
  if (fstat(descriptor, &opened) != 0 || stat(path, &named) != 0) return false;
  return opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

/* Not for ever: who has it may have been stopped. */
static int lock(int descriptor) {
  static const struct timespec moment = { .tv_nsec = 1000000 };
  for (int i = 0; i < TRIES; i++) {
    if (flock(descriptor, LOCK_EX | LOCK_NB) == 0) return 0;
    if (errno != EWOULDBLOCK && errno != EINTR) return errno;
    nanosleep(&moment, NULL);
  }
  return EWOULDBLOCK;
}

static const char *lock_message(int failure) {
  return failure == EWOULDBLOCK ? "has been locked by another process for more than a second" : strerror(failure);
}

/* → the descriptor of the locked file, or -1 */
static int open_locked(const char *path, exo_error *error) {
  for (int i = 0; i < ATTEMPTS; i++) {
    int descriptor = open_once(path);
    if (descriptor < 0) {
      exo_error_set(error, "store", "the store %.200s can't be opened: %.80s", path, strerror(errno));
      return -1;
    }
    int failure = lock(descriptor);
    if (failure == 0 && is_current(descriptor, path)) return descriptor;
    close(descriptor);
    if (failure == 0) continue;
    complain(error, path, lock_message(failure));
    return -1;
  }
  complain(error, path, "is replaced all the time");
  return -1;
}

/* ---- reading ---- */

static off_t place_of(uint64_t version) { return version % 2 == 1 ? 0 : PLACE; }

/* → how many bytes there were */
static size_t read_at(int descriptor, char *bytes, size_t length, off_t at) {
  size_t got = 0;
  while (got < length) {
    ssize_t count = pread(descriptor, bytes + got, length - got, at + (off_t)got);
    if (count == 0 || (count < 0 && errno != EINTR)) break;
    if (count > 0) got += (size_t)count;
  }
  return got;
}

/* What a line says; a version of 0 when it says nothing. */
static header read_header(int descriptor, off_t at) {
  header found = { .version = 0 };
  char line[LINE + 1] = "";
  bool is_whole = read_at(descriptor, line, LINE, at) == LINE && strncmp(line, FORM, sizeof FORM - 1) == 0 &&
                  sscanf(line + sizeof FORM - 1, "%llx %x %x", &found.version, &found.length, &found.sum) == 3;
  if (!is_whole || found.length > EXO_SHARED_TEXT_MAX) found.version = 0;
  return found;
}

static exo_result read_text(exo_shared_file *file, const header *found) {
  char *text = malloc(found->length + (size_t)1);
  if (text == NULL) return EXO_RESULT_NO_MEMORY;
  size_t length = read_at(file->descriptor, text, found->length, place_of(found->version) + LINE);
  if (length != found->length || checksum(text, length) != found->sum) {
    free(text);
    return EXO_RESULT_ERROR;
  }
  text[length] = '\0';
  file->text = text;
  file->length = length;
  file->version = found->version;
  return EXO_RESULT_OK;
}

static exo_result start_empty(exo_shared_file *file) {
  file->text = calloc(1, 1);
  file->length = 0;
  file->version = 0;
  return file->text != NULL ? EXO_RESULT_OK : EXO_RESULT_NO_MEMORY;
}

static const char *foreign(const exo_shared_file *file) {
  char line[sizeof MAGIC] = "";
  read_at(file->descriptor, line, sizeof MAGIC - 1, 0);
  if (strcmp(line, MAGIC) != 0) return "is a file of something else: take another path";
  return "is damaged, or was made by another version of exotel: remove it while nothing uses it";
}

/* `length`: of the line as far as it was written. */
static bool begins_as(const char *line, size_t length, const char *start) {
  return length > 0 && strncmp(line, start, length < strlen(start) ? length : strlen(start)) == 0;
}

/* The first text, cut off anywhere, was nobody's yet. The second one makes the file longer. */
static bool is_begun(const exo_shared_file *file, off_t size) {
  char line[LINE];
  size_t length = read_at(file->descriptor, line, LINE, 0);
  return size <= PLACE && (begins_as(line, length, NO_VERSION) || begins_as(line, length, FIRST_VERSION));
}

/* The newer text that is whole. */
static exo_result read_newest(exo_shared_file *file, off_t size, const char *path, exo_error *error) {
  header first = read_header(file->descriptor, 0), second = read_header(file->descriptor, PLACE);
  const header *newer = second.version > first.version ? &second : &first;
  const header *older = newer == &first ? &second : &first;
  exo_result result = newer->version > 0 ? read_text(file, newer) : EXO_RESULT_ERROR;
  if (result == EXO_RESULT_ERROR && older->version > 0) result = read_text(file, older);
  if (result == EXO_RESULT_ERROR && is_begun(file, size)) return start_empty(file);
  if (result == EXO_RESULT_ERROR) complain(error, path, foreign(file));
  return result;
}

static exo_result read_all(exo_shared_file *file, const char *path, exo_error *error) {
  struct stat facts;
  if (fstat(file->descriptor, &facts) != 0 || !S_ISREG(facts.st_mode)) {
    complain(error, path, "is no file");
    return EXO_RESULT_ERROR;
  }
  return facts.st_size == 0 ? start_empty(file) : read_newest(file, facts.st_size, path, error);
}

exo_result exo_shared_file_open(exo_shared_file *file, const char *path, exo_error *error) {
  exo_target target;
  *file = (exo_shared_file){ .descriptor = -1 };
  int failure = exo_target_find(path, &target);
  if (failure != 0) {
    exo_error_set(error, "store", "the store %.200s can't be opened: %.80s", path, exo_file_message(failure));
    return EXO_RESULT_ERROR;
  }
  file->descriptor = open_locked(target.path, error);
  if (file->descriptor < 0) return EXO_RESULT_ERROR;
  exo_result result = read_all(file, path, error);
  if (result != EXO_RESULT_OK) exo_shared_file_close(file);
  return result;
}

/* ---- writing ---- */

static int write_at(int descriptor, const char *bytes, size_t length, off_t at) {
  while (length > 0) {
    ssize_t count = pwrite(descriptor, bytes, length, at);
    if (count < 0 && errno != EINTR) return errno;
    if (count == 0) return ENOSPC;
    if (count < 0) continue;
    bytes += count;
    length -= (size_t)count;
    at += count;
  }
  return 0;
}

/* Spaces up to the line's end. */
static void pad(char line[LINE], int used) {
  memset(line + used, ' ', LINE - (size_t)used);
  line[LINE - 1] = '\n';
}

/* The line goes first and comes back last, so that nothing which is cut off looks like a text. */
static int write_text(const exo_shared_file *file, const char *text, size_t length) {
  uint64_t version = file->version + 1;
  off_t at = place_of(version);
  char line[LINE];
  pad(line, snprintf(line, LINE, "%s", NO_VERSION));
  int failure = write_at(file->descriptor, line, LINE, at);
  if (failure == 0) failure = write_at(file->descriptor, text, length, at + LINE);
  if (failure != 0) return failure;
  pad(line,
      snprintf(line, LINE, FORM "%llx %x %x", (unsigned long long)version, (unsigned)length, checksum(text, length)));
  return write_at(file->descriptor, line, LINE, at);
}

exo_result exo_shared_file_write(exo_shared_file *file, const char *path, const char *text, size_t length,
                                 exo_error *error) {
  int failure = length > EXO_SHARED_TEXT_MAX ? EFBIG : write_text(file, text, length);
  if (failure == 0) {
    file->version++;
    return EXO_RESULT_OK;
  }
  exo_error_set(error, "store", "the store %.200s can't be written: %.80s", path, strerror(failure));
  return EXO_RESULT_ERROR;
}

void exo_shared_file_close(exo_shared_file *file) {
  if (file->descriptor >= 0) {
    flock(file->descriptor, LOCK_UN); /* a process that was forked off meanwhile has the descriptor, too */
    close(file->descriptor);
  }
  free(file->text);
  *file = (exo_shared_file){ .descriptor = -1 };
}

/* ---- a user's own ---- */

static exo_result make_folder(const char *folder, exo_error *error) {
  struct stat facts;
  const char *wrong = NULL;
  if (mkdir(folder, S_IRWXU) != 0 && errno != EEXIST) wrong = strerror(errno);
  else if (lstat(folder, &facts) != 0) wrong = strerror(errno);
  else if (!S_ISDIR(facts.st_mode)) wrong = "it is no folder";
  else if (facts.st_uid != geteuid()) wrong = "it is another user's";
  else if ((facts.st_mode & (S_IRWXG | S_IRWXO)) != 0) wrong = "others can get at it";
  if (wrong == NULL) return EXO_RESULT_OK;
  exo_error_set(error, "store", "no store in the folder %.180s: %.80s", folder, wrong);
  return EXO_RESULT_ERROR;
}

exo_result exo_shared_file_default(char *path, size_t size, exo_error *error) {
  char folder[PATH_MAX];
  const char *runtime = exo_environment("XDG_RUNTIME_DIR"), *temporary = exo_environment("TMPDIR");
  int length = runtime != NULL ? snprintf(folder, sizeof folder, "%s/exotel", runtime)
                               : snprintf(folder, sizeof folder, "%s/exotel-%lu",
                                          temporary != NULL ? temporary : "/tmp", (unsigned long)geteuid());
  if (length >= (int)sizeof folder || snprintf(path, size, "%s/store", folder) >= (int)size) {
    exo_error_set(error, "store", "the path of the store is too long");
    return EXO_RESULT_ERROR;
  }
  return make_folder(folder, error);
}

/* ---- its clock ---- */

#ifdef CLOCK_BOOTTIME
#define SHARED_CLOCK CLOCK_BOOTTIME
#else
#define SHARED_CLOCK CLOCK_MONOTONIC
#endif

static void read_line(const char *path, char *line, size_t size) {
  FILE *file = fopen(path, "re");
  if (file == NULL) return;
  if (fgets(line, (int)size, file) == NULL) line[0] = '\0';
  line[strcspn(line, " \n")] = '\0';
  fclose(file);
}

/* Its offset is the same within a time namespace. */
double exo_shared_clock(char *name, size_t size) {
  struct timespec now;
  char boot[48] = "", offset[32] = "";
  read_line("/proc/sys/kernel/random/boot_id", boot, sizeof boot);
  ssize_t length = readlink("/proc/self/ns/time", offset, sizeof offset - 1);
  if (length > 0) offset[length] = '\0';
  snprintf(name, size, "%s/%s", boot[0] != '\0' ? boot : "boot", offset);
  clock_gettime(SHARED_CLOCK, &now);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}
