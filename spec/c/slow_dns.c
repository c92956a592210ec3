/* To be preloaded: a name server that never answers for names that end in "slow.example". */
#define _GNU_SOURCE /* RTLD_NEXT */
#include <dlfcn.h>
#include <netdb.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

typedef int lookup(const char *, const char *, const struct addrinfo *, struct addrinfo **);

static bool is_slow(const char *name) {
  static const char ending[] = "slow.example";
  size_t length = name != NULL ? strlen(name) : 0;
  return length >= sizeof ending - 1 && strcmp(name + length - (sizeof ending - 1), ending) == 0;
}

/* The system's. POSIX has dlsym return functions as data. */
static lookup *real_lookup(void) {
  void *found = dlsym(RTLD_NEXT, "getaddrinfo");
  lookup *function;
  memcpy(&function, &found, sizeof function);
  return function;
}

__attribute__((visibility("default"))) int getaddrinfo(const char *name, const char *service,
                                                       const struct addrinfo *hints, struct addrinfo **result) {
  while (is_slow(name)) pause();
  return real_lookup()(name, service, hints, result);
}
