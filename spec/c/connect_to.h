/* The side of a notifier that an event loop has. Included by the file of the tests. */
#ifndef EXOTEL_SPEC_CONNECT_TO_H
#define EXOTEL_SPEC_CONNECT_TO_H

#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "support.h"

/* → the connected socket */
static int connect_to(const char *path) {
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int own = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
  assert_int_equal(connect(own, (struct sockaddr *)&address, sizeof address), 0);
  return own;
}

#endif
