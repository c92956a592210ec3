/* The file that processes share: what a change that is cut off leaves, who is kept out and for how long, and what is
 * refused. The linker puts this file's functions before the system's. */
#include "exotel/base/shared_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support.h"

static char folder[64], path[128], other[128];
static exo_shared_file file;
static exo_error error;

/* ---- the system, as the test wants it ---- */

static size_t room;    /* bytes that the disk still takes */
static size_t piece;   /* that one write takes at most */
static int interrupts; /* calls that a signal interrupts first */
static int tries;      /* of the lock */
static bool is_locked_elsewhere, is_replaced_meanwhile;

static bool is_interrupted(void) {
  if (interrupts == 0) return false;
  interrupts--;
  errno = EINTR;
  return true;
}

ssize_t __real_pwrite(int descriptor, const void *bytes, size_t length, off_t at);
ssize_t __wrap_pwrite(int descriptor, const void *bytes, size_t length, off_t at);
ssize_t __wrap_pwrite(int descriptor, const void *bytes, size_t length, off_t at) {
  if (is_interrupted()) return -1;
  if (length > piece) length = piece;
  if (length > room) length = room;
  errno = ENOSPC;
  if (length == 0) return -1;
  room -= length;
  return __real_pwrite(descriptor, bytes, length, at);
}

ssize_t __real_pread(int descriptor, void *bytes, size_t length, off_t at);
ssize_t __wrap_pread(int descriptor, void *bytes, size_t length, off_t at);
ssize_t __wrap_pread(int descriptor, void *bytes, size_t length, off_t at) {
  if (is_interrupted()) return -1;
  return __real_pread(descriptor, bytes, length < piece ? length : piece, at);
}

int __real_flock(int descriptor, int operation);
int __wrap_flock(int descriptor, int operation);
int __wrap_flock(int descriptor, int operation) {
  tries++;
  if (is_interrupted()) return -1;
  errno = EWOULDBLOCK;
  if (is_locked_elsewhere && (operation & LOCK_UN) == 0) return -1;
  if (is_replaced_meanwhile) rename(other, path);
  is_replaced_meanwhile = false;
  return __real_flock(descriptor, operation);
}

/* It has no time. */
int __wrap_nanosleep(const struct timespec *time, struct timespec *left);
int __wrap_nanosleep(const struct timespec *time, struct timespec *left) { return (void)time, (void)left, 0; }

/* ---- setting up ---- */

static int open_folder(void **state) {
  (void)state;
  strcpy(folder, "/tmp/exotel-test-XXXXXX");
  if (mkdtemp(folder) == NULL) return -1;
  snprintf(path, sizeof path, "%s/store", folder);
  snprintf(other, sizeof other, "%s/other", folder);
  room = piece = SIZE_MAX;
  interrupts = tries = 0;
  is_locked_elsewhere = is_replaced_meanwhile = false;
  return 0;
}

static int close_folder(void **state) {
  (void)state;
  exo_shared_file_close(&file);
  unlink(path);
  unlink(other);
  return rmdir(folder);
}

static exo_result open_file(void) { return exo_shared_file_open(&file, path, &error); }

static exo_result put(const char *text) { return exo_shared_file_write(&file, path, text, strlen(text), &error); }

/* Opens it anew, and compares. */
static void expect_text(const char *text, uint64_t version) {
  exo_shared_file_close(&file);
  assert_int_equal(open_file(), EXO_RESULT_OK);
  assert_string_equal(file.text, text);
  assert_int_equal(file.length, strlen(text));
  assert_int_equal(file.version, version);
}

static void keep(const char *text) {
  assert_int_equal(open_file(), EXO_RESULT_OK);
  assert_int_equal(put(text), EXO_RESULT_OK);
  exo_shared_file_close(&file);
}

static void overwrite(const char *bytes, size_t length, off_t at) {
  int descriptor = open(path, O_WRONLY | O_CREAT, S_IRUSR | S_IWUSR);
  assert_int_equal(__real_pwrite(descriptor, bytes, length, at), length);
  close(descriptor);
}

/* ---- tests ---- */

static void a_new_one_is_empty_and_keeps_what_was_written_last(void **state) {
  (void)state;
  expect_text("", 0);
  const char *texts[] = { "one", "two two", "", "four" };
  for (size_t i = 0; i < COUNT(texts); i++) {
    assert_int_equal(put(texts[i]), EXO_RESULT_OK);
    expect_text(texts[i], i + 1);
  }
  exo_shared_file_close(&file);
  exo_shared_file_close(&file);
}

static void two_changes_without_opening_it_anew_are_two(void **state) {
  (void)state;
  assert_int_equal(open_file(), EXO_RESULT_OK);
  assert_int_equal(put("one"), EXO_RESULT_OK);
  assert_int_equal(put("two"), EXO_RESULT_OK);
  expect_text("two", 2);
}

/* Bytes that a change of five writes before it counts: a line, the text, and a line as far as its last digit. */
enum { CUT = 64 + 5 + (int)sizeof "exotel store 1 1 5 12345678" - 1 };

/* At each byte, as by a full disk or SIGKILL. */
static void a_change_that_is_cut_off_anywhere_leaves_the_text_before_it(void **state) {
  static const char new_text[] = "third"; /* as long as the first: only the checksum tells them apart */
  (void)state;
  keep("first");
  keep("second");
  for (size_t length = 0; length < CUT; length++) {
    assert_int_equal(open_file(), EXO_RESULT_OK);
    room = length;
    assert_int_equal(put(new_text), EXO_RESULT_ERROR);
    room = SIZE_MAX;
    assert_non_null(strstr(error.message, "can't be written: No space left on device"));
    assert_non_null(strstr(error.message, path));
    expect_text("second", 2);
    exo_shared_file_close(&file);
  }
  keep(new_text);
  expect_text(new_text, 3);
}

static void a_first_change_that_is_cut_off_anywhere_leaves_an_empty_file(void **state) {
  (void)state;
  for (size_t length = 0; length < CUT; length++) {
    assert_int_equal(open_file(), EXO_RESULT_OK);
    room = length;
    assert_int_equal(put("first"), EXO_RESULT_ERROR);
    room = SIZE_MAX;
    expect_text("", 0);
    exo_shared_file_close(&file);
    unlink(path);
  }
}

static void signals_and_small_pieces_change_nothing(void **state) {
  (void)state;
  piece = 3;
  interrupts = 5;
  assert_int_equal(open_file(), EXO_RESULT_OK);
  interrupts = 5;
  assert_int_equal(put("a text that takes several"), EXO_RESULT_OK);
  expect_text("a text that takes several", 1);
}

static void it_waits_for_the_lock_but_not_for_ever(void **state) {
  (void)state;
  keep("text");
  is_locked_elsewhere = true;
  tries = 0;
  assert_int_equal(open_file(), EXO_RESULT_ERROR);
  assert_int_equal(tries, 1000); /* of a millisecond each */
  assert_non_null(strstr(error.message, "has been locked by another process for more than a second"));
  is_locked_elsewhere = false;
  expect_text("text", 1);
}

static void the_lock_excludes_another_opening_in_the_same_process(void **state) {
  exo_shared_file second = { .descriptor = -1 };
  (void)state;
  assert_int_equal(open_file(), EXO_RESULT_OK);
  assert_int_equal(exo_shared_file_open(&second, path, &error), EXO_RESULT_ERROR);
  assert_int_equal(second.descriptor, -1);
  exo_shared_file_close(&file);
  assert_int_equal(exo_shared_file_open(&second, path, &error), EXO_RESULT_OK);
  exo_shared_file_close(&second);
}

static void a_file_that_was_replaced_meanwhile_is_opened_anew(void **state) {
  char own[sizeof path];
  (void)state;
  strcpy(own, path);
  strcpy(path, other);
  keep("the new one");
  strcpy(path, own);
  keep("the old one");
  is_replaced_meanwhile = true;
  expect_text("the new one", 1);
}

static void expect_refused(const char *reason) {
  assert_int_equal(open_file(), EXO_RESULT_ERROR);
  assert_non_null(strstr(error.message, reason));
  assert_non_null(strstr(error.message, path));
  assert_int_equal(file.descriptor, -1);
  assert_null(file.text);
}

static void another_file_is_refused_and_left_alone(void **state) {
  char bytes[8] = "";
  (void)state;
  overwrite("hello\n", 6, 0);
  expect_refused("is a file of something else");
  int descriptor = open(path, O_RDONLY);
  assert_int_equal(read(descriptor, bytes, sizeof bytes), 6);
  close(descriptor);
  assert_memory_equal(bytes, "hello\n", 6);
  unlink(path);
  assert_int_equal(mkdir(path, S_IRWXU), 0);
  expect_refused("can't be opened: Is a directory");
  rmdir(path);
  overwrite("            \n", 13, 0);
  expect_refused("is a file of something else");
  unlink(path);
  overwrite("                                                                an indented text", 80, 0);
  expect_refused("is a file of something else");
  unlink(path);
  assert_int_equal(mkfifo(path, S_IRUSR | S_IWUSR), 0); /* which must not be waited for */
  assert_int_equal(open_file(), EXO_RESULT_ERROR);
}

static void a_version_or_length_that_cannot_be_is_no_text(void **state) {
  static const char *const lines[] = {
    "exotel store 2 1 0 811c9dc5",        "exotel store 1 x",    "exotel store 1 2 ffffffff 811c9dc5",
    "exotel store 1 2 1ffc1 811c9dc5",    "exotel store 1 -1 0", "exotel store 1 2 0 1",
    "exotel store 1 11 0 1 of something",
  };
  (void)state;
  for (size_t i = 0; i < COUNT(lines); i++) {
    char line[65];
    snprintf(line, sizeof line, "%-63s\n", lines[i]);
    overwrite(line, 64, 0);
    expect_refused("is damaged, or was made by another version of exotel");
    unlink(path);
  }
}

/* Else whoever damages a store could send as much again. */
static void a_change_that_was_cut_off_beside_a_damaged_text_is_no_new_file(void **state) {
  char line[65];
  (void)state;
  keep("first");
  keep("second");
  snprintf(line, sizeof line, "%-63s\n", "exotel store 1 0");
  overwrite(line, 64, 0);
  expect_text("second", 2);
  exo_shared_file_close(&file);
  overwrite("S", 1, 64 + EXO_SHARED_TEXT_MAX + 64);
  expect_refused("is damaged, or was made by another version of exotel");
}

static void a_text_that_is_too_long_is_refused_and_the_old_one_stays(void **state) {
  static char text[EXO_SHARED_TEXT_MAX + 2];
  (void)state;
  keep("old");
  memset(text, 'x', sizeof text - 1);
  assert_int_equal(open_file(), EXO_RESULT_OK);
  assert_int_equal(put(text), EXO_RESULT_ERROR);
  assert_non_null(strstr(error.message, "File too large"));
  expect_text("old", 1);
  text[EXO_SHARED_TEXT_MAX] = '\0';
  assert_int_equal(put(text), EXO_RESULT_OK); /* beside the old one */
  assert_int_equal(put("new"), EXO_RESULT_OK);
  assert_int_equal(put(text), EXO_RESULT_OK);
  expect_text(text, 4);
}

static void the_clock_has_a_name_and_goes_on(void **state) {
  char name[96], again[96];
  (void)state;
  double first = exo_shared_clock(name, sizeof name), second = exo_shared_clock(again, sizeof again);
  assert_true(second >= first);
  assert_string_equal(name, again);
  assert_null(strpbrk(name, " \n"));
  assert_true(strlen(name) > 5);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, open_folder, close_folder)

int main(void) {
  const struct CMUnitTest tests[] = {
    IN_FOLDER(a_new_one_is_empty_and_keeps_what_was_written_last),
    IN_FOLDER(two_changes_without_opening_it_anew_are_two),
    IN_FOLDER(a_change_that_is_cut_off_anywhere_leaves_the_text_before_it),
    IN_FOLDER(a_first_change_that_is_cut_off_anywhere_leaves_an_empty_file),
    IN_FOLDER(signals_and_small_pieces_change_nothing),
    IN_FOLDER(it_waits_for_the_lock_but_not_for_ever),
    IN_FOLDER(the_lock_excludes_another_opening_in_the_same_process),
    IN_FOLDER(a_file_that_was_replaced_meanwhile_is_opened_anew),
    IN_FOLDER(another_file_is_refused_and_left_alone),
    IN_FOLDER(a_version_or_length_that_cannot_be_is_no_text),
    IN_FOLDER(a_change_that_was_cut_off_beside_a_damaged_text_is_no_new_file),
    IN_FOLDER(a_text_that_is_too_long_is_refused_and_the_old_one_stays),
    IN_FOLDER(the_clock_has_a_name_and_goes_on),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
