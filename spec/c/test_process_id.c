/* Which process this is, after each way to fork; also where the kernel wipes no page. The linker puts this file's
 * functions before the system's. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "exotel/base/process.h"
#include "support.h"

enum { WIPES, REFUSES, OBEYS_NOTHING };
static int kernel = WIPES;
static int questions; /* how often the kernel was asked who this is */

int __real_madvise(void *from, size_t size, int advice);
int __wrap_madvise(void *from, size_t size, int advice);
int __wrap_madvise(void *from, size_t size, int advice) {
  if (kernel == WIPES) return __real_madvise(from, size, advice);
  if (kernel == OBEYS_NOTHING) return 0;
  errno = EINVAL;
  return -1;
}

pid_t __real_getpid(void);
pid_t __wrap_getpid(void);
pid_t __wrap_getpid(void) {
  questions++;
  return __real_getpid();
}

static bool knows_itself(void) {
  return exo_process_id() == (long)__real_getpid() && exo_process_id() == (long)__real_getpid();
}

/* ---- ways to fork ---- */

static pid_t by_fork(void) { return fork(); }

/* Without the C library, which would have told its handlers. */
static pid_t by_the_kernel(void) { return (pid_t)syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL); }

static bool ends_well(pid_t child) {
  int status;
  return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

/* A child knows itself, so does its child, and the parent still does. */
static bool all_know_themselves(pid_t (*forked)(void)) {
  if (!knows_itself()) return false;
  pid_t child = forked();
  if (child == 0) {
    bool good = knows_itself();
    pid_t grandchild = forked();
    if (grandchild == 0) _exit(knows_itself() ? 0 : 1);
    _exit(good && ends_well(grandchild) && knows_itself() ? 0 : 1);
  }
  return ends_well(child) && knows_itself();
}

/* ---- tests ---- */

/* In a child, which has not asked yet: what the kernel can is found out once. */
static void expect_right_with(int which) {
  pid_t child = fork();
  if (child == 0) {
    kernel = which;
    _exit(all_know_themselves(by_fork) && all_know_themselves(by_the_kernel) ? 0 : 1);
  }
  assert_true(ends_well(child));
}

static void where_no_page_is_wiped(void **state) {
  (void)state;
  expect_right_with(REFUSES);
}

static void where_any_advice_is_taken_and_none_followed(void **state) {
  (void)state;
  expect_right_with(OBEYS_NOTHING);
}

static void where_a_page_is_wiped(void **state) {
  (void)state;
  expect_right_with(WIPES);
}

/* Where there is no such page, each time. */
static void the_kernel_is_asked_once(void **state) {
  (void)state;
  for (int i = 0; i < 100; i++) exo_process_id();
  bool wipes = __real_madvise(NULL, 0, MADV_WIPEONFORK) == 0 && sysconf(_SC_PAGESIZE) == 4096;
  assert_int_equal(questions, wipes ? 1 : 100);
}

static bool goes_on = true;

static void *ask(void *data) {
  while (__atomic_load_n(&goes_on, __ATOMIC_RELAXED)) exo_process_id();
  return data;
}

static void where_other_threads_ask_meanwhile(void **state) {
  pthread_t threads[2];
  (void)state;
  for (int i = 0; i < 2; i++) assert_int_equal(pthread_create(&threads[i], NULL, ask, NULL), 0);
  for (int i = 0; i < 50; i++) assert_true(all_know_themselves(i % 2 == 0 ? by_fork : by_the_kernel));
  __atomic_store_n(&goes_on, false, __ATOMIC_RELAXED);
  for (int i = 0; i < 2; i++) assert_int_equal(pthread_join(threads[i], NULL), 0);
}

/* It stands in its parent's memory, and must leave there what the parent goes on with. */
static void a_child_in_the_same_memory_changes_nothing(void **state) {
  (void)state;
  long before = exo_process_id();
  pid_t child = vfork();
  if (child == 0) {
    exo_process_id();
    _exit(0);
  }
  assert_true(ends_well(child));
  assert_int_equal(exo_process_id(), before);
  assert_true(knows_itself());
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(where_no_page_is_wiped),
    cmocka_unit_test(where_any_advice_is_taken_and_none_followed),
    cmocka_unit_test(where_a_page_is_wiped),
    cmocka_unit_test(the_kernel_is_asked_once),
    cmocka_unit_test(where_other_threads_ask_meanwhile),
    cmocka_unit_test(a_child_in_the_same_memory_changes_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
