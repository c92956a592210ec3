#include "exotel/base/descriptors.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* The first is a file of its own, since those of the whole system may be short, too. */
static int open_one(int first) {
  return first < 0 ? open("/", O_RDONLY | O_CLOEXEC) : fcntl(first, F_DUPFD_CLOEXEC, 0);
}

bool exo_descriptors_left(int count) {
  int opened[EXO_DESCRIPTORS_MAX], n = 0;
  while (n < count && (opened[n] = open_one(n > 0 ? opened[0] : -1)) >= 0) n++;
  bool left = n == count || (errno != EMFILE && errno != ENFILE);
  while (n > 0) close(opened[--n]);
  return left;
}
