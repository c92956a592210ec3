/* The file of a directory as readers see it: replaced, damaged, gone, something else; read piece by piece; by several
 * threads while another one replaces it. */
#include "exotel/directory/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include "exotel/base/file.h"
#include "one_directory.h"

static char folder[64], path[PATH_MAX], other[PATH_MAX];
static exo_directory_reader reader;

/* ---- clocks, as the test wants them ---- */

static double coarse = 0; /* seconds to add */

int __real_clock_gettime(clockid_t clock, struct timespec *time);
int __wrap_clock_gettime(clockid_t clock, struct timespec *time);
int __wrap_clock_gettime(clockid_t clock, struct timespec *time) {
  int result = __real_clock_gettime(clock, time);
  if (clock != CLOCK_REALTIME) time->tv_sec += (time_t)coarse; /* which the files have, too */
  return result;
}

/* ---- a file ---- */

static void put(const char *target_path, const void *bytes, size_t size) {
  exo_target target;
  assert_int_equal(exo_target_find(target_path, &target), 0);
  assert_int_equal(exo_file_replace(&target, bytes, size, 0640, NULL), 0);
}

/* A directory in which one number is on the trunk `name`, with `more` other numbers. */
static void *make(const char *name, uint32_t more, size_t *size) {
  char number[20];
  exo_directory_builder builder;
  void *made;
  begin(&builder, &exo_libc_allocator);
  add_trunk(&builder, name, name, 0);
  add_number(&builder, 0, "+919876543210", "flow");
  for (uint32_t i = 0; i < more; i++) {
    snprintf(number, sizeof number, "+92%010u", i);
    add_number(&builder, 0, number, "pstn");
  }
  if (exo_builder_finish(&builder, &made, size) != EXO_BUILD_OK) abort();
  exo_builder_free(&builder);
  return made;
}

static void write_directory(const char *name, uint32_t more) {
  size_t size;
  void *made = make(name, more, &size);
  put(path, made, size);
  free(made);
}

static const char *trunk_in(exo_directory_reader *from) {
  const exo_directory_number *number = exo_directory_find_number(&from->directory, text_of("+919876543210"));
  return number == NULL ? "none" : sid_of(&from->directory, number->trunk);
}

/* Whose number it is, for the first look-up after a pause. */
static const char *trunk_later(void) {
  coarse += 2;
  exo_reader_poll(&reader);
  return trunk_in(&reader);
}

/* It is time to look, and there was a look-up just now. */
static void poll_busily(void) {
  coarse += 2;
  reader.last = exo_coarse_now();
  exo_reader_poll(&reader);
}

static int open_reader(void **state) {
  memory_open(state);
  coarse = 0;
  strcpy(folder, "/tmp/exotel-test-XXXXXX");
  if (mkdtemp(folder) == NULL) return -1;
  snprintf(path, sizeof path, "%s/directory", folder);
  snprintf(other, sizeof other, "%s/other", folder);
  write_directory("first", 0);
  exo_reader_init(&reader, &counted_allocator);
  return exo_reader_open(&reader, path) ? 0 : -1;
}

static int close_reader(void **state) {
  char command[128];
  exo_reader_close(&reader);
  exo_reader_close(&reader);
  snprintf(command, sizeof command, "rm -rf %s", folder);
  if (system(command) != 0) return -1;
  return memory_close(state);
}

/* ---- newer files ---- */

static void a_newer_file_is_taken(void **state) {
  (void)state;
  assert_string_equal(trunk_in(&reader), "first");
  write_directory("second", 0);
  assert_string_equal(trunk_later(), "second");
  assert_string_equal(reader.problem, "");
}

static void it_is_looked_for_once_a_second(void **state) {
  (void)state;
  assert_string_equal(trunk_later(), "first");
  write_directory("second", 0);
  for (int i = 0; i < 1000; i++) exo_reader_poll(&reader);
  assert_string_equal(trunk_in(&reader), "first");
  assert_string_equal(trunk_later(), "second");
}

static void an_update_takes_it_at_once(void **state) {
  (void)state;
  write_directory("second", 100000);
  exo_reader_update(&reader);
  assert_string_equal(trunk_in(&reader), "second");
}

/* The old one answers as long as the newer one is read, which takes many look-ups. */
static void a_large_one_is_read_piece_by_piece(void **state) {
  int polls = 0;
  (void)state;
  write_directory("second", 20000);
  poll_busily();
  while (strcmp(trunk_in(&reader), "first") == 0 && polls < 100000) {
    exo_reader_poll(&reader);
    polls++;
  }
  assert_string_equal(trunk_in(&reader), "second");
  assert_true(polls > 20);
}

/* Who looks up seldom has it soon all the same. */
static void more_is_read_after_a_pause(void **state) {
  (void)state;
  write_directory("second", 100000);
  assert_string_equal(trunk_later(), "second");
}

static void of_several_the_last_one_is_taken(void **state) {
  (void)state;
  write_directory("second", 20000);
  poll_busily();
  write_directory("third", 0);
  for (int i = 0; i < 1000; i++) exo_reader_poll(&reader);
  assert_string_equal(trunk_later(), "third");
}

/* Written within a tick of the file system's clock, in a node that was used before. */
static void none_is_missed_however_alike_they_look(void **state) {
  struct stat facts;
  (void)state;
  for (int i = 0; i < 20; i++) {
    write_directory("aaaaaa", 0);
    exo_reader_update(&reader);
    assert_int_equal(stat(path, &facts), 0);
    write_directory("bbbbbb", 0);
    write_directory("cccccc", 0);
    reader.identity = (exo_file_identity){ 0 };
    assert_int_equal(stat(path, &facts), 0);
    /* As if it had looked the same. */
    reader.identity = (exo_file_identity){ facts.st_dev, facts.st_ino, facts.st_size, facts.st_mtim, facts.st_ctim };
    assert_string_equal(trunk_later(), "cccccc");
  }
}

/* ---- what is refused ---- */

static void assert_refused(const char *reason, exo_file_fault fault) {
  assert_string_equal(trunk_later(), "first");
  assert_string_equal(reader.problem, reason);
  assert_int_equal(reader.fault, fault);
  write_directory("second", 0);
  assert_string_equal(trunk_later(), "second");
  assert_string_equal(reader.problem, "");
  assert_int_equal(reader.fault, EXO_FILE_GOOD);
}

static void a_foreign_file_is_refused(void **state) {
  char text[1000];
  (void)state;
  memset(text, 'x', sizeof text);
  put(path, text, sizeof text);
  assert_refused("it is no directory of exotel's", EXO_FILE_REFUSED);
}

static void an_empty_file_is_refused(void **state) {
  (void)state;
  put(path, "", 0);
  assert_refused("it is empty", EXO_FILE_DAMAGED);
}

static void one_that_is_cut_short_is_refused(void **state) {
  size_t size;
  void *made = make("second", 0, &size);
  (void)state;
  put(path, made, size - 32);
  free(made);
  assert_refused("it is not complete: it was cut short", EXO_FILE_DAMAGED);
}

static void one_that_is_damaged_is_refused(void **state) {
  size_t size;
  char *made = make("second", 0, &size);
  (void)state;
  made[size - 1] ^= 1;
  put(path, made, size);
  free(made);
  assert_refused("it is damaged: its checksum is wrong", EXO_FILE_DAMAGED);
}

static void one_that_is_gone_leaves_the_old_one(void **state) {
  (void)state;
  assert_int_equal(unlink(path), 0);
  assert_refused("there is no such file", EXO_FILE_MISSING);
}

static void a_folder_is_no_file(void **state) {
  (void)state;
  assert_int_equal(unlink(path), 0);
  assert_int_equal(mkdir(path, 0700), 0);
  assert_string_equal(trunk_later(), "first");
  assert_string_equal(reader.problem, "it is no file");
  assert_int_equal(rmdir(path), 0);
  write_directory("second", 0);
  assert_string_equal(trunk_later(), "second");
}

static void a_pipe_is_not_waited_for(void **state) {
  (void)state;
  assert_int_equal(unlink(path), 0);
  assert_int_equal(mkfifo(path, 0600), 0);
  assert_string_equal(trunk_later(), "first");
  assert_string_equal(reader.problem, "it is no file");
  assert_int_equal(unlink(path), 0);
}

/* Whoever does that in place, while it is being read and after it was. */
static void a_file_that_is_cut_short_in_place_harms_nobody(void **state) {
  (void)state;
  assert_int_equal(truncate(path, 10), 0);
  assert_string_equal(trunk_later(), "first");
  write_directory("second", 20000);
  poll_busily();
  assert_true(reader.loading.descriptor >= 0);
  assert_int_equal(truncate(path, 20000), 0);
  for (int i = 0; i < 1000; i++) exo_reader_poll(&reader);
  assert_int_equal(reader.loading.descriptor, -1);
  assert_string_equal(trunk_in(&reader), "first");
  assert_string_equal(reader.problem, "it is not complete: it was cut short");
}

static void a_file_that_is_changed_in_place_is_refused(void **state) {
  (void)state;
  write_directory("second", 20000);
  poll_busily();
  int descriptor = open(path, O_WRONLY);
  assert_true(descriptor >= 0);
  assert_int_equal(pwrite(descriptor, "x", 1, (off_t)reader.loading.size - 100), 1);
  close(descriptor);
  for (int i = 0; i < 1000; i++) exo_reader_poll(&reader);
  assert_string_equal(trunk_in(&reader), "first");
  assert_string_equal(reader.problem, "it is damaged: its checksum is wrong");
}

static void without_memory_the_old_one_stays(void **state) {
  (void)state;
  write_directory("second", 0);
  memory_limit(1, false);
  assert_string_equal(trunk_later(), "first");
  assert_string_equal(reader.problem, "there is not enough memory for it");
  memory_limit(0, false);
  assert_string_equal(trunk_later(), "second");
}

static void without_a_descriptor_the_old_one_stays(void **state) {
  int taken[4096], count = 0;
  (void)state;
  write_directory("second", 0);
  while (count < 4096 && (taken[count] = dup(0)) >= 0) count++;
  if (count < 4096) {
    assert_string_equal(trunk_later(), "first");
    assert_string_equal(reader.problem, strerror(EMFILE));
  }
  while (count > 0) close(taken[--count]);
  assert_string_equal(trunk_later(), "second");
}

static void a_path_without_a_file_is_told(void **state) {
  exo_directory_reader none;
  char longer[PATH_MAX + 10];
  (void)state;
  exo_reader_init(&none, &counted_allocator);
  assert_false(exo_reader_open(&none, other));
  assert_int_equal(none.fault, EXO_FILE_MISSING);
  memset(longer, 'x', sizeof longer);
  longer[sizeof longer - 1] = '\0';
  assert_false(exo_reader_open(&none, longer));
  assert_int_equal(none.fault, EXO_FILE_REFUSED);
  exo_reader_close(&none);
}

static void no_descriptor_is_left_open(void **state) {
  (void)state;
  int before = dup(0);
  close(before);
  for (int i = 0; i < 5; i++) {
    write_directory("second", 3000);
    trunk_later();
    exo_reader_update(&reader);
    put(path, "x", 1);
    trunk_later();
  }
  int after = dup(0);
  close(after);
  assert_int_equal(before, after);
}

/* ---- several threads ---- */

enum { READERS = 4, FILES = 300 };

static void *replaced[2];
static size_t replaced_size[2];
static bool is_over;

static bool read_over(void) { return __atomic_load_n(&is_over, __ATOMIC_RELAXED); }

/* Each has a reader of its own, as each Lua state has. */
static void *read_on(void *wrong) {
  exo_directory_reader own;
  exo_reader_init(&own, &exo_libc_allocator);
  if (!exo_reader_open(&own, path)) abort();
  while (!read_over()) {
    own.look_at = 0;
    exo_reader_poll(&own);
    const char *name = trunk_in(&own);
    if (strcmp(name, "red") != 0 && strcmp(name, "blue") != 0) *(int *)wrong = 1;
    if (own.problem[0] != '\0') *(int *)wrong = 2;
  }
  exo_reader_close(&own);
  return NULL;
}

static void threads_read_while_it_is_replaced(void **state) {
  pthread_t threads[READERS];
  int wrong[READERS] = { 0 };
  (void)state;
  replaced[0] = make("red", 2000, &replaced_size[0]);
  replaced[1] = make("blue", 3000, &replaced_size[1]);
  put(path, replaced[0], replaced_size[0]);
  is_over = false;
  for (int i = 0; i < READERS; i++) assert_int_equal(pthread_create(&threads[i], NULL, read_on, &wrong[i]), 0);
  for (int i = 0; i < FILES; i++) put(path, replaced[i % 2], replaced_size[i % 2]);
  __atomic_store_n(&is_over, true, __ATOMIC_RELAXED);
  for (int i = 0; i < READERS; i++) pthread_join(threads[i], NULL);
  for (int i = 0; i < READERS; i++) assert_int_equal(wrong[i], 0);
  free(replaced[0]);
  free(replaced[1]);
}

int main(void) {
#define ONE(test) cmocka_unit_test_setup_teardown(test, open_reader, close_reader)
  const struct CMUnitTest tests[] = {
    ONE(a_newer_file_is_taken),
    ONE(it_is_looked_for_once_a_second),
    ONE(an_update_takes_it_at_once),
    ONE(a_large_one_is_read_piece_by_piece),
    ONE(more_is_read_after_a_pause),
    ONE(of_several_the_last_one_is_taken),
    ONE(none_is_missed_however_alike_they_look),
    ONE(a_foreign_file_is_refused),
    ONE(an_empty_file_is_refused),
    ONE(one_that_is_cut_short_is_refused),
    ONE(one_that_is_damaged_is_refused),
    ONE(one_that_is_gone_leaves_the_old_one),
    ONE(a_folder_is_no_file),
    ONE(a_pipe_is_not_waited_for),
    ONE(a_file_that_is_cut_short_in_place_harms_nobody),
    ONE(a_file_that_is_changed_in_place_is_refused),
    ONE(without_memory_the_old_one_stays),
    ONE(without_a_descriptor_the_old_one_stays),
    ONE(a_path_without_a_file_is_told),
    ONE(no_descriptor_is_left_open),
    ONE(threads_read_while_it_is_replaced),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
