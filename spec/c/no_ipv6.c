/* To be preloaded: a machine without a route to any IPv6 address. */
#include <dlfcn.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

/* glibc has it with _GNU_SOURCE only, with which its connect takes no struct sockaddr of ISO C. */
#ifndef RTLD_NEXT
#define RTLD_NEXT ((void *)-1L)
#endif

typedef int connecting(int, const struct sockaddr *, socklen_t);

/* The system's. POSIX has dlsym return functions as data. */
static connecting *real_connect(void) {
  void *found = dlsym(RTLD_NEXT, "connect");
  connecting *function;
  memcpy(&function, &found, sizeof function);
  return function;
}

__attribute__((visibility("default"))) int connect(int fd, const struct sockaddr *address, socklen_t length) {
  if (address->sa_family != AF_INET6) return real_connect()(fd, address, length);
  errno = ENETUNREACH;
  return -1;
}
