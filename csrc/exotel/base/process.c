#include "exotel/base/process.h"

#include <stdbool.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/mman.h>
#endif

#ifdef MADV_WIPEONFORK

enum { PAGE = 4096 }; /* where pages are larger the kernel refuses this one */

/* Nothing but this stands in the page: the kernel fills it with zeros in each child, however that was forked off. */
static struct {
  _Alignas(PAGE) long id; /* 0: not known */
  char rest[PAGE - sizeof(long)];
} wiped;

/* What takes any advice follows none: old versions of qemu-user do. */
static bool has_wiping(void) {
  static const int no_advice = -1;
  return madvise(&wiped, sizeof wiped, no_advice) != 0 && madvise(&wiped, sizeof wiped, MADV_WIPEONFORK) == 0;
}

/* Threads may come here at once: they find the same. */
static bool is_wiped_at_fork(void) {
  static int answer; /* 0: not asked yet; a child inherits it, as it does the advice */
  int known = __atomic_load_n(&answer, __ATOMIC_ACQUIRE);
  if (known == 0) {
    known = has_wiping() ? 1 : -1;
    __atomic_store_n(&answer, known, __ATOMIC_RELEASE);
  }
  return known > 0;
}

long exo_process_id(void) {
  long id = __atomic_load_n(&wiped.id, __ATOMIC_RELAXED);
  if (id != 0) return id;
  id = (long)getpid();
  if (is_wiped_at_fork()) __atomic_store_n(&wiped.id, id, __ATOMIC_RELAXED);
  return id;
}

#else

long exo_process_id(void) { return (long)getpid(); }

#endif
