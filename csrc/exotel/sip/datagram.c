#include "exotel/sip/datagram.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Only numbers are read, so that nobody is asked. */
static struct addrinfo *read_address(const char *address, int port) {
  struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV, .ai_socktype = SOCK_DGRAM }, *list = NULL;
  char service[16];
  snprintf(service, sizeof service, "%d", port);
  return getaddrinfo(address, service, &hints, &list) == 0 ? list : NULL;
}

/* A program that the host starts must not inherit it. */
static bool set_flags(int fd) {
  int flags = fcntl(fd, F_GETFL);
  return flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0 && fcntl(fd, F_SETFD, FD_CLOEXEC) == 0;
}

static int connected(const struct addrinfo *to) {
  int fd = socket(to->ai_family, SOCK_DGRAM, 0);
  if (fd < 0 || (set_flags(fd) && connect(fd, to->ai_addr, to->ai_addrlen) == 0)) return fd;
  int reason = errno;
  close(fd);
  errno = reason;
  return -1;
}

int exo_datagram_open(const char *address, int port) {
  struct addrinfo *list = read_address(address, port);
  if (list == NULL) {
    errno = EINVAL;
    return -1;
  }
  int fd = connected(list), reason = errno;
  freeaddrinfo(list);
  errno = reason;
  return fd;
}

bool exo_datagram_send(int fd, const char *bytes, size_t length) {
  ssize_t sent;
  do sent = send(fd, bytes, length, 0);
  while (sent < 0 && errno == EINTR);
  return sent >= 0;
}

ssize_t exo_datagram_receive(int fd, char *bytes, size_t size) {
  ssize_t got;
  do got = recv(fd, bytes, size, 0);
  while (got < 0 && errno == EINTR);
  return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK) ? 0 : got;
}

bool exo_datagram_local(int fd, char address[EXO_ADDRESS_MAX], int *port) {
  struct sockaddr_storage local;
  socklen_t length = sizeof local;
  char service[16];
  if (getsockname(fd, (struct sockaddr *)&local, &length) != 0) return false;
  if (getnameinfo((struct sockaddr *)&local, length, address, EXO_ADDRESS_MAX, service, sizeof service,
                  NI_NUMERICHOST | NI_NUMERICSERV) != 0)
    return false;
  *port = atoi(service);
  return true;
}
