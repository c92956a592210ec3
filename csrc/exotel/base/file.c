#include "exotel/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LINKS_MAX = 40, ATTEMPTS_MAX = 100 };

const char *exo_file_message(int failure) {
  if (failure == EXO_FOREIGN_LINK) return "it is a link of somebody else's, in a folder that others can write to";
  return strerror(failure);
}

/* ---- where a path leads ---- */

static int folder_of(const char *path, char folder[PATH_MAX]) {
  char copy[PATH_MAX];
  snprintf(copy, sizeof copy, "%s", path);
  int length = snprintf(folder, PATH_MAX, "%s", dirname(copy));
  return length < PATH_MAX ? 0 : ENAMETOOLONG;
}

/* The kernel's rule for links in /tmp (fs.protected_symlinks), for every folder that others can write to. */
static int check_link(const char *path, const struct stat *link) {
  char folder[PATH_MAX];
  struct stat facts;
  int failure = folder_of(path, folder);
  if (failure != 0) return failure;
  if (stat(folder, &facts) != 0) return errno;
  bool is_shared = (facts.st_mode & (S_IWGRP | S_IWOTH)) != 0;
  bool is_trusted = link->st_uid == geteuid() || link->st_uid == facts.st_uid;
  return is_shared && !is_trusted ? EXO_FOREIGN_LINK : 0;
}

/* Puts what the link says in its place. */
static int follow(char path[PATH_MAX]) {
  char content[PATH_MAX], folder[PATH_MAX];
  ssize_t length = readlink(path, content, sizeof content - 1);
  if (length < 0) return errno;
  content[length] = '\0';
  int failure = folder_of(path, folder);
  if (failure != 0) return failure;
  int total = content[0] == '/' ? snprintf(path, PATH_MAX, "%s", content)
                                : snprintf(path, PATH_MAX, "%s/%s", folder, content);
  return total < PATH_MAX ? 0 : ENAMETOOLONG;
}

/* What /proc shows of descriptors looks like links, but names nothing. */
static bool is_in_proc(const char *path) { return strncmp(path, "/proc/", 6) == 0; }

int exo_target_find(const char *path, exo_target *target) {
  struct stat facts;
  if (strlen(path) >= PATH_MAX) return ENAMETOOLONG;
  snprintf(target->path, PATH_MAX, "%s", path);
  for (int i = 0; i < LINKS_MAX; i++) {
    target->is_special = false;
    if (lstat(target->path, &facts) != 0) return errno == ENOENT ? 0 : errno;
    target->is_special = !S_ISREG(facts.st_mode);
    if (!S_ISLNK(facts.st_mode) || is_in_proc(target->path)) return 0;
    int failure = check_link(target->path, &facts);
    if (failure == 0) failure = follow(target->path);
    if (failure != 0) return failure;
  }
  return ELOOP;
}

/* ---- writing ---- */

int exo_file_write(int descriptor, const char *text, size_t length) {
  while (length > 0) {
    ssize_t written = write(descriptor, text, length);
    if (written < 0 && errno != EINTR) return errno;
    if (written <= 0) continue;
    text += written;
    length -= (size_t)written;
  }
  return 0;
}

static int write_special(const char *path, const char *text, size_t length) {
  int flags = O_WRONLY | O_NOCTTY | O_CLOEXEC | (is_in_proc(path) ? 0 : O_NOFOLLOW);
  int descriptor = open(path, flags | O_APPEND); /* standard output may be a file */
  if (descriptor < 0) return errno;
  int failure = exo_file_write(descriptor, text, length);
  if (close(descriptor) != 0 && failure == 0) failure = errno;
  return failure;
}

/* Made by this call, whatever stands in the folder: nobody can have put a link in its place. */
static int make_beside(const exo_target *target, char path[PATH_MAX], int *descriptor) {
  char folder[PATH_MAX];
  int failure = folder_of(target->path, folder);
  if (failure != 0) return failure;
  if (snprintf(path, PATH_MAX, "%s/.exotel-XXXXXX", folder) >= PATH_MAX) return ENAMETOOLONG;
  *descriptor = mkstemp(path);
  if (*descriptor < 0) return errno;
  fcntl(*descriptor, F_SETFD, FD_CLOEXEC);
  fcntl(*descriptor, F_SETFL, O_APPEND);
  return 0;
}

/* Only root can give a file away; others keep the mode alone. */
static int take_mode(int descriptor, const char *path, mode_t mode) {
  struct stat facts;
  if (lstat(path, &facts) == 0) {
    mode = facts.st_mode & 0777;
    if (fchown(descriptor, facts.st_uid, facts.st_gid) != 0 && errno != EPERM) return errno;
  }
  return fchmod(descriptor, mode) != 0 ? errno : 0;
}

static int fill(int descriptor, const exo_target *target, const char *text, size_t length, mode_t mode) {
  int failure = take_mode(descriptor, target->path, mode);
  if (failure == 0) failure = exo_file_write(descriptor, text, length);
  if (failure == 0 && fsync(descriptor) != 0) failure = errno;
  return failure;
}

int exo_file_replace(const exo_target *target, const char *text, size_t length, mode_t mode, int *descriptor) {
  char fresh[PATH_MAX];
  int own = -1;
  if (target->is_special) return write_special(target->path, text, length);
  int failure = make_beside(target, fresh, &own);
  if (failure != 0) return failure;
  failure = fill(own, target, text, length, mode);
  if (failure == 0 && descriptor != NULL) failure = exo_file_lock(own);
  if (failure == 0 && rename(fresh, target->path) != 0) failure = errno;
  if (failure != 0) unlink(fresh);
  if (failure == 0 && descriptor != NULL) *descriptor = own;
  else close(own);
  return failure;
}

/* ---- locking ---- */

int exo_file_lock(int descriptor) {
  if (flock(descriptor, LOCK_EX | LOCK_NB) == 0 || errno == ENOLCK || errno == EOPNOTSUPP || errno == ENOSYS) return 0;
  return errno;
}

/* Whether the file has not been replaced since it was opened. */
static bool is_current(int descriptor, const char *path) {
  struct stat opened, named;
  if (fstat(descriptor, &opened) != 0 || stat(path, &named) != 0) return false;
  return opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

int exo_file_open_locked(const exo_target *target, int *descriptor) {
  int more = (target->is_special ? 0 : O_CREAT) | (is_in_proc(target->path) ? 0 : O_NOFOLLOW);
  for (int i = 0; i < ATTEMPTS_MAX; i++) {
    *descriptor = open(target->path, O_RDWR | O_APPEND | O_NOCTTY | O_CLOEXEC | more, 0666);
    if (*descriptor < 0) return errno;
    int failure = target->is_special ? 0 : exo_file_lock(*descriptor);
    if (failure == 0 && (target->is_special || is_current(*descriptor, target->path))) return 0;
    close(*descriptor);
    if (failure != 0) return failure;
  }
  return EWOULDBLOCK;
}
