/* Files that are written as a whole or locked, where the disk fails and others have a hand. The linker puts this file's
 * functions before the system's. */
#include "exotel/base/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support.h"

static char folder[64];
static exo_target target, other;

/* ---- the system, as the test wants it ---- */

static bool sync_fails, replaced_meanwhile, is_synced;

int __real_fsync(int descriptor);
int __wrap_fsync(int descriptor);
int __wrap_fsync(int descriptor) {
  is_synced = true;
  errno = EIO;
  return sync_fails ? -1 : __real_fsync(descriptor);
}

int __real_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to) {
  assert_true(is_synced);
  return __real_rename(from, to);
}

/* Somebody else puts another file in the place of the one that was just opened. */
int __real_flock(int descriptor, int operation);
int __wrap_flock(int descriptor, int operation);
int __wrap_flock(int descriptor, int operation) {
  if (replaced_meanwhile) __real_rename(other.path, target.path);
  replaced_meanwhile = false;
  return __real_flock(descriptor, operation);
}

/* ---- setting up ---- */

static void find(const char *name, exo_target *found) {
  char path[PATH_MAX];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  assert_int_equal(exo_target_find(path, found), 0);
}

static int open_folder(void **state) {
  (void)state;
  strcpy(folder, "/tmp/exotel-test-XXXXXX");
  if (mkdtemp(folder) == NULL) return -1;
  sync_fails = replaced_meanwhile = is_synced = false;
  find("file", &target);
  find("other", &other);
  return 0;
}

static int close_folder(void **state) {
  (void)state;
  unlink(target.path);
  unlink(other.path);
  return rmdir(folder); /* which is not empty where something was left behind */
}

static int write_text(const exo_target *to, const char *text) {
  is_synced = false;
  return exo_file_replace(to, text, strlen(text), 0600, NULL);
}

static void expect_text(const char *text) {
  char read[64] = "";
  FILE *file = fopen(target.path, "rb");
  assert_non_null(file);
  read[fread(read, 1, sizeof read - 1, file)] = '\0';
  fclose(file);
  assert_string_equal(read, text);
}

static int next_descriptor(void) {
  int next = dup(STDERR_FILENO);
  close(next);
  return next;
}

/* ---- the tests ---- */

static void a_text_is_on_the_disk_before_it_takes_its_place(void **state) {
  (void)state;
  assert_int_equal(write_text(&target, "one"), 0);
  assert_int_equal(write_text(&target, "two"), 0);
  expect_text("two");
}

static void what_could_not_be_written_changes_nothing(void **state) {
  (void)state;
  assert_int_equal(write_text(&target, "one"), 0);
  sync_fails = true;
  assert_int_equal(write_text(&target, "two"), EIO);
  expect_text("one");
}

static void no_descriptor_is_left(void **state) {
  (void)state;
  int before = next_descriptor();
  assert_int_equal(write_text(&target, "one"), 0);
  sync_fails = true;
  assert_int_equal(write_text(&target, "two"), EIO);
  assert_int_equal(next_descriptor(), before);
}

static void a_file_that_was_replaced_is_opened_again(void **state) {
  (void)state;
  int descriptor;
  struct stat opened, named;
  assert_int_equal(write_text(&target, "one"), 0);
  assert_int_equal(write_text(&other, "two"), 0);
  replaced_meanwhile = true;
  assert_int_equal(exo_file_open_locked(&target, &descriptor), 0);
  assert_int_equal(fstat(descriptor, &opened), 0);
  assert_int_equal(stat(target.path, &named), 0);
  assert_true(opened.st_ino == named.st_ino);
  close(descriptor);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_folder, close_folder)

int main(void) {
  const struct CMUnitTest tests[] = {
    TEST(a_text_is_on_the_disk_before_it_takes_its_place),
    TEST(what_could_not_be_written_changes_nothing),
    TEST(no_descriptor_is_left),
    TEST(a_file_that_was_replaced_is_opened_again),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
