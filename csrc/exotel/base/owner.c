#include "exotel/base/owner.h"

#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* After the name, which may hold anything, in brackets. */
enum { FIELDS_BEFORE_START = 20 };

/* When it was started, in ticks since the machine was. False when there is none of that id. */
static bool read_start(long id, char *start, size_t size) {
  char path[64], line[1024];
  snprintf(path, sizeof path, "/proc/%ld/stat", id);
  FILE *file = fopen(path, "re");
  if (file == NULL) return false;
  size_t length = fread(line, 1, sizeof line - 1, file);
  fclose(file);
  line[length] = '\0';
  const char *field = strrchr(line, ')');
  if (field == NULL || strncmp(field, ") Z", 3) == 0) return false; /* ended, and not yet buried */
  for (int i = 0; i < FIELDS_BEFORE_START && field != NULL; i++) field = strchr(field + 1, ' ');
  if (field == NULL) return false;
  snprintf(start, size, "%.*s", (int)strcspn(field + 1, " "), field + 1);
  return true;
}

enum { SPACE = 64 };

static bool add_link(const char *path, char *space) {
  size_t used = strlen(space);
  ssize_t length = readlink(path, space + used, SPACE - 1 - used);
  if (length > 0) space[used + (size_t)length] = '\0';
  return length > 0;
}

/* Ids are unique within a namespace, and times of starting comparable. Not every kernel has namespaces of time. */
static bool read_namespace(char space[SPACE]) {
  space[0] = '\0';
  if (!add_link("/proc/self/ns/pid", space)) return false;
  add_link("/proc/self/ns/time", space);
  return true;
}

static void read_birth(long id, char *birth, size_t size) {
  char space[SPACE], start[24];
  birth[0] = '\0';
  if (read_namespace(space) && read_start(id, start, sizeof start)) snprintf(birth, size, "%s/%s", space, start);
}

static void read_user(char *name, size_t size) {
  char bytes[4096];
  struct passwd entry, *found = NULL;
  bool known = getpwuid_r(geteuid(), &entry, bytes, sizeof bytes, &found) == 0 && found != NULL;
  if (known) snprintf(name, size, "%s", found->pw_name);
  else snprintf(name, size, "%lu", (unsigned long)geteuid());
}

static void read_host(char *host, size_t size) {
  if (gethostname(host, size) != 0) snprintf(host, size, "?");
  host[size - 1] = '\0';
}

void exo_owner_describe(exo_owner *owner) {
  read_host(owner->host, sizeof owner->host);
  read_user(owner->user, sizeof owner->user);
  owner->id = (long)getpid();
  read_birth(owner->id, owner->birth, sizeof owner->birth);
}

bool exo_owner_is_gone(const char *host, long id, const char *birth) {
  char own_host[256], space[SPACE], now[96];
  read_host(own_host, sizeof own_host);
  size_t length = read_namespace(space) ? strlen(space) : 0;
  bool is_here = length > 0 && strcmp(host, own_host) == 0 && strncmp(birth, space, length) == 0 &&
                 birth[length] == '/';
  if (!is_here) return false;
  read_birth(id, now, sizeof now);
  return strcmp(birth, now) != 0;
}
