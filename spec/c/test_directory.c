/* The block of a directory: made, checked, looked up, merged, compared; with every byte of it wrong. */
#include "exotel/directory/changes.h"
#include "exotel/directory/digest.h"
#include <sys/mman.h>
#include <unistd.h>

#include "one_directory.h"

/* ---- the directory of the tests ---- */

static uint32_t address_of(const char *text) {
  uint32_t address;
  if (!exo_directory_read_ip(text_of(text), &address)) fail_msg("%s is no address", text);
  return address;
}

static void add_ip(exo_directory_builder *builder, uint32_t trunk, const char *address, uint32_t mask) {
  exo_directory_ip ip = { trunk, address_of(address), mask, add_text(builder, "7") };
  exo_builder_ip(builder, &ip);
}

static void add_destination(exo_directory_builder *builder, uint32_t trunk, const char *uri, int priority, int weight) {
  exo_directory_destination destination = { trunk, add_text(builder, uri), add_text(builder, uri), priority, weight };
  exo_builder_destination(builder, &destination);
}

/* Two trunks with numbers, IPs that overlap and destinations. */
static void fill(exo_directory_builder *builder) {
  uint32_t one = add_trunk(builder, "sid-1", "one", 5), other = add_trunk(builder, "sid-2", "other", 0);
  add_number(builder, one, "+919876543210", "flow");
  add_number(builder, one, "+919876543211", "pstn");
  add_number(builder, other, "+918040264208", "pstn");
  add_ip(builder, other, "203.0.113.9", 24);
  add_ip(builder, one, "203.0.113.77", 32);
  add_ip(builder, other, "203.0.113.77", 32);
  add_ip(builder, one, "203.0.0.0", 16);
  add_destination(builder, one, "sip:b:5060", 2, 1);
  add_destination(builder, one, "sip:a:5060", 1, 10);
  add_destination(builder, one, "sip:c:5060", 1, 90);
}

static void *block;
static size_t block_size;
static exo_directory directory;

/* Makes the builder's block that of the test, and opens it. */
static void finish(exo_directory_builder *builder) {
  const char *reason;
  assert_int_equal(exo_builder_finish(builder, &block, &block_size), EXO_BUILD_OK);
  if (exo_directory_open(&directory, block, block_size, &reason) != EXO_DIRECTORY_GOOD) fail_msg("%s", reason);
  exo_builder_free(builder);
}

static int open_directory(void **state) {
  exo_directory_builder builder;
  memory_open(state);
  begin(&builder, &counted_allocator);
  fill(&builder);
  finish(&builder);
  return 0;
}

static int close_directory(void **state) {
  exo_free(&counted_allocator, block);
  block = NULL;
  return memory_close(state);
}

/* ---- looking up ---- */

/* One of many numbers, none of which is in the small directory. */
static void number_text(char text[20], uint32_t i) { snprintf(text, 20, "+91%010u", 800000000u + i * 37u); }

static const char *trunk_of_number(const char *number) {
  const exo_directory_number *found = exo_directory_find_number(&directory, text_of(number));
  return found == NULL ? "none" : sid_of(&directory, found->trunk);
}

static void a_number_is_found_by_its_text(void **state) {
  (void)state;
  assert_string_equal(trunk_of_number("+919876543210"), "sid-1");
  assert_string_equal(trunk_of_number("+918040264208"), "sid-2");
  static const char *const strangers[] = { "+91987654321", "+9198765432100", "919876543210", "", "+919876543219" };
  for (size_t i = 0; i < COUNT(strangers); i++) assert_string_equal(trunk_of_number(strangers[i]), "none");
  const exo_directory_number *number = exo_directory_find_number(&directory, text_of("+919876543210"));
  assert_string_equal(string_at(&directory, number->mode), "flow");
  assert_string_equal(string_at(&directory, number->id), "41512");
}

static const char *trunk_named(const char *name) {
  const exo_directory_trunk *found = exo_directory_find_trunk(&directory, text_of(name));
  return found == NULL ? "none" : string_at(&directory, found->fields[EXO_TRUNK_SID]);
}

static void a_trunk_is_found_by_name_and_sid(void **state) {
  (void)state;
  assert_string_equal(trunk_named("one"), "sid-1");
  assert_string_equal(trunk_named("sid-2"), "sid-2");
  assert_string_equal(trunk_named("two"), "none");
  assert_string_equal(trunk_named(""), "none");
}

/* A trunk may be called what another one's SID is. */
static void a_sid_goes_before_a_name(void **state) {
  (void)state;
  exo_directory_builder builder;
  exo_free(&counted_allocator, block);
  begin(&builder, &counted_allocator);
  add_trunk(&builder, "a", "b", 0);
  add_trunk(&builder, "b", "a", 0);
  add_trunk(&builder, "c", "", 0);
  finish(&builder);
  assert_string_equal(trunk_named("a"), "a");
  assert_string_equal(trunk_named("b"), "b");
  assert_string_equal(trunk_named("c"), "c");
}

static const char *covering(const char *address) {
  static char list[256];
  exo_ip_walk walk = { address_of(address), 32, 0 };
  const exo_directory_ip *ip;
  list[0] = '\0';
  while ((ip = exo_directory_next_ip(&directory, &walk)) != NULL) {
    size_t at = strlen(list);
    snprintf(list + at, sizeof list - at, "%s/%u ", sid_of(&directory, ip->trunk), ip->mask);
  }
  return list;
}

static void an_address_is_covered_the_longest_mask_first(void **state) {
  (void)state;
  assert_string_equal(covering("203.0.113.77"), "sid-1/32 sid-2/32 sid-2/24 sid-1/16 ");
  assert_string_equal(covering("203.0.113.255"), "sid-2/24 sid-1/16 ");
  assert_string_equal(covering("203.0.112.1"), "sid-1/16 ");
  assert_string_equal(covering("203.1.0.0"), "");
  assert_string_equal(covering("0.0.0.0"), "");
  assert_string_equal(covering("255.255.255.255"), "");
}

static void a_mask_of_0_covers_all(void **state) {
  (void)state;
  exo_directory_builder builder;
  exo_free(&counted_allocator, block);
  begin(&builder, &counted_allocator);
  add_ip(&builder, add_trunk(&builder, "a", "b", 0), "1.2.3.4", 0);
  finish(&builder);
  assert_string_equal(covering("255.255.255.255"), "a/0 ");
  assert_string_equal(covering("0.0.0.0"), "a/0 ");
}

static void what_is_no_address_is_told(void **state) {
  static const char *const wrong[] = { "",          "1",         "1.2.3",      "1.2.3.4.", "1.2.3.4.5",
                                       "256.1.1.1", "1.2.3.999", "01.2.3.4",   "1.2.3.04", " 1.2.3.4",
                                       "1.2.3.4 ",  "1..3.4",    "1.2.3.-4",   "a.b.c.d",  "::1",
                                       "1.2.3.4\n", "1.2.3.4/8", "1000.1.1.1", "1.2.3.4x", "+1.2.3.4" };
  uint32_t address;
  (void)state;
  for (size_t i = 0; i < COUNT(wrong); i++)
    if (exo_directory_read_ip(text_of(wrong[i]), &address)) fail_msg("%s is taken for an address", wrong[i]);
  assert_int_equal(address_of("255.0.10.1"), 0xFF000A01);
  assert_int_equal(address_of("0.0.0.0"), 0);
}

static void destinations_stand_by_priority_and_weight(void **state) {
  uint32_t count;
  (void)state;
  const exo_directory_trunk *one = exo_directory_find_trunk(&directory, text_of("one"));
  const exo_directory_destination *list = exo_directory_destinations(&directory, one, &count);
  assert_int_equal(count, 3);
  assert_string_equal(string_at(&directory, list[0].uri), "sip:c:5060");
  assert_string_equal(string_at(&directory, list[1].uri), "sip:a:5060");
  assert_string_equal(string_at(&directory, list[2].uri), "sip:b:5060");
  exo_directory_destinations(&directory, exo_directory_find_trunk(&directory, text_of("other")), &count);
  assert_int_equal(count, 0);
}

/* ---- texts of the same hash ---- */

enum { TRIED = 300000 };

static uint64_t hashes[TRIED]; /* each with its number */

static int compare_hashes(const void *a, const void *b) {
  uint64_t one = *(const uint64_t *)a, other = *(const uint64_t *)b;
  return one < other ? -1 : one > other;
}

/* Finds two that have one. */
static void find_alike(const char *format, char texts[2][20]) {
  for (uint32_t i = 0; i < TRIED; i++) {
    int length = snprintf(texts[0], sizeof texts[0], format, i);
    hashes[i] = (uint64_t)exo_hash(texts[0], (size_t)length) << 32 | i;
  }
  qsort(hashes, TRIED, sizeof *hashes, compare_hashes);
  size_t i = 1;
  while (i < TRIED && hashes[i] >> 32 != hashes[i - 1] >> 32) i++;
  assert_true(i < TRIED);
  snprintf(texts[0], sizeof texts[0], format, (uint32_t)hashes[i]);
  snprintf(texts[1], sizeof texts[1], format, (uint32_t)hashes[i - 1]);
}

static void texts_of_the_same_hash_are_told_apart(void **state) {
  static const char *const formats[] = { "+%u", "x%u" };
  (void)state;
  for (size_t i = 0; i < COUNT(formats); i++) {
    char texts[2][20];
    exo_directory_builder builder;
    find_alike(formats[i], texts);
    exo_free(&counted_allocator, block);
    begin(&builder, &counted_allocator);
    for (uint32_t k = 0; k < 2; k++) add_number(&builder, add_trunk(&builder, texts[k], "", 0), texts[k], "flow");
    finish(&builder);
    for (int k = 0; k < 2; k++) assert_string_equal(trunk_of_number(texts[k]), texts[k]);
  }
}

/* ---- many ---- */

enum { MANY = 20000 };

static void each_of_many_is_found(void **state) {
  char text[20], name[20];
  exo_directory_builder builder;
  (void)state;
  exo_free(&counted_allocator, block);
  begin(&builder, &counted_allocator);
  for (uint32_t i = 0; i < MANY; i++) {
    snprintf(name, sizeof name, "trunk%u", i / 100);
    if (i % 100 == 0) add_trunk(&builder, name, name, 0);
    number_text(text, i);
    add_number(&builder, i / 100, text, i % 2 == 0 ? "flow" : "pstn");
  }
  finish(&builder);
  for (uint32_t i = 0; i < MANY; i++) {
    number_text(text, i);
    snprintf(name, sizeof name, "trunk%u", i / 100);
    assert_string_equal(trunk_of_number(text), name);
    number_text(text, MANY + i);
    assert_string_equal(trunk_of_number(text), "none");
  }
}

/* ---- what is wrong with a block ---- */

static exo_directory_fault open_copy(const void *bytes, size_t size) {
  const char *reason;
  exo_directory other;
  void *copy = malloc(size > 0 ? size : 1); /* to the byte, for a sanitizer */
  memcpy(copy, bytes, size);
  exo_directory_fault fault = exo_directory_open(&other, copy, size, &reason);
  free(copy);
  return fault;
}

static void every_truncation_is_refused(void **state) {
  (void)state;
  for (size_t size = 0; size < block_size; size++) assert_int_equal(open_copy(block, size), EXO_DIRECTORY_DAMAGED);
  assert_int_equal(open_copy(block, block_size), EXO_DIRECTORY_GOOD);
}

static void more_at_the_end_is_refused(void **state) {
  char *longer = calloc(1, block_size + EXO_DIGEST_BLOCK);
  (void)state;
  memcpy(longer, block, block_size);
  for (size_t more = 1; more <= EXO_DIGEST_BLOCK; more++)
    assert_int_equal(open_copy(longer, block_size + more), EXO_DIRECTORY_DAMAGED);
  free(longer);
}

static void every_flipped_bit_is_refused(void **state) {
  char *bytes = block;
  (void)state;
  for (size_t i = 0; i < block_size * 8; i++) {
    bytes[i / 8] = (char)(bytes[i / 8] ^ 1 << i % 8);
    if (open_copy(block, block_size) == EXO_DIRECTORY_GOOD) fail_msg("bit %zu is not missed", i);
    bytes[i / 8] = (char)(bytes[i / 8] ^ 1 << i % 8);
  }
  assert_int_equal(open_copy(block, block_size), EXO_DIRECTORY_GOOD);
}

static const char *reason_of(void) {
  const char *reason;
  exo_directory other;
  return exo_directory_open(&other, block, block_size, &reason) == EXO_DIRECTORY_GOOD ? "" : reason;
}

static void what_is_wrong_is_named(void **state) {
  exo_directory_header *header = block;
  (void)state;
  header->version = EXO_DIRECTORY_VERSION + 1;
  assert_string_equal(reason_of(), "it was written by a newer version of exotel");
  header->version = 1;
  assert_string_equal(reason_of(), "it was written by an older version of exotel: it has to be made again");
  header->version = 0;
  assert_string_equal(reason_of(), "it is damaged: there is no such version");
  header->version = EXO_DIRECTORY_VERSION;
  header->order = 0x04030201;
  assert_string_equal(reason_of(), "it was written by a machine with another order of bytes");
  header->order = EXO_DIRECTORY_ORDER;
  header->magic[1] = 'X';
  assert_string_equal(reason_of(), "it is no directory of exotel's");
  assert_int_equal(open_copy(block, 3), EXO_DIRECTORY_REFUSED);
  header->magic[1] = 'E';
  header->numbers++;
  assert_string_equal(reason_of(), "it is damaged: its counts are wrong");
  header->numbers = UINT32_MAX;
  assert_string_equal(reason_of(), "it is damaged: its counts are wrong");
  header->numbers = 3;
  header->bucket_bits = 63;
  assert_string_equal(reason_of(), "it is damaged: its counts are wrong");
}

/* Looks at everything that can be looked at. */
static void look_everywhere(const exo_directory *from) {
  uint32_t count, sum = 0;
  exo_directory other = directory;
  exo_changes walk = { .before = &other, .after = from };
  exo_change change;
  exo_ip_walk ips = { address_of("203.0.113.77"), 32, 0 };
  exo_moment now;
  exo_moment_now(&now);
  const exo_directory_trunk *trunk = exo_directory_find_trunk(from, text_of("one"));
  const exo_directory_number *number = exo_directory_find_number(from, text_of("+919876543210"));
  if (number != NULL) sum += (uint32_t)strlen(sid_of(from, number->trunk));
  for (uint32_t i = 0; i < 16; i++) { /* in all buckets */
    char text[20];
    number_text(text, i);
    sum += exo_directory_find_number(from, text_of(text)) != NULL;
  }
  if (trunk != NULL) exo_directory_destinations(from, trunk, &count);
  while (exo_directory_next_ip(from, &ips) != NULL) sum++;
  while (exo_changes_next(&walk, &change)) sum++;
  for (int i = 0; i < EXO_TRUNK_FIELDS; i++)
    sum += trunk == NULL ? 0 : (uint32_t)strlen(string_at(from, trunk->fields[i]));
  exo_directory_age(from, from->header->complete_age, &now);
  exo_directory_builder builder;
  exo_builder_init(&builder, &exo_libc_allocator);
  exo_builder_merge(&builder, from, &other, &now);
  void *merged;
  size_t size;
  if (exo_builder_finish(&builder, &merged, &size) == EXO_BUILD_OK) free(merged);
  exo_builder_free(&builder);
}

/* Memory behind which there is none. */
typedef struct guarded {
  char *pages, *bytes;
  size_t length;
} guarded;

static guarded guard(size_t size) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE), length = (size + page - 1) / page * page;
  char *pages = mmap(NULL, length + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  assert_true(pages != MAP_FAILED);
  assert_int_equal(mprotect(pages + length, page, PROT_NONE), 0);
  return (guarded){ pages, pages + length - size, length + page };
}

/* Somebody has damaged it, and then written a checksum that fits. */
static void no_bit_with_a_right_checksum_leads_outside(void **state) {
  exo_directory other;
  const char *reason;
  guarded copied = guard(block_size);
  char *copy = copied.bytes;
  (void)state;
  for (size_t i = EXO_DIGEST_BLOCK * 8; i < block_size * 8; i++) {
    memcpy(copy, block, block_size);
    copy[i / 8] = (char)(copy[i / 8] ^ 1 << i % 8);
    uint64_t digest = exo_directory_digest(copy, block_size);
    memcpy(copy + offsetof(exo_directory_header, digest), &digest, sizeof digest);
    if (exo_directory_open(&other, copy, block_size, &reason) == EXO_DIRECTORY_GOOD) look_everywhere(&other);
  }
  munmap(copied.pages, copied.length);
}

/* ---- memory ---- */

static void build_once(void) {
  exo_directory_builder builder;
  void *made = NULL;
  size_t size;
  begin(&builder, &counted_allocator);
  fill(&builder);
  exo_build result = exo_builder_finish(&builder, &made, &size);
  assert_int_equal(result, memory_failed() ? EXO_BUILD_NO_MEMORY : EXO_BUILD_OK);
  exo_builder_free(&builder);
  exo_free(&counted_allocator, made);
}

static void building_lacks_memory(void **state) {
  (void)state;
  each_allocation_fails(build_once, NULL);
}

static void merge_once(void) {
  exo_directory_builder builder;
  void *made = NULL;
  size_t size;
  exo_builder_init(&builder, &counted_allocator);
  exo_builder_merge(&builder, &directory, &directory, &directory.header->written);
  exo_build result = exo_builder_finish(&builder, &made, &size);
  assert_int_equal(result, memory_failed() ? EXO_BUILD_NO_MEMORY : EXO_BUILD_OK);
  exo_builder_free(&builder);
  exo_free(&counted_allocator, made);
}

static void merging_lacks_memory(void **state) {
  (void)state;
  each_allocation_fails(merge_once, NULL);
}

static void a_text_that_is_too_long_makes_no_directory(void **state) {
  char text[EXO_DIRECTORY_TEXT_MAX + 2] = { 0 };
  exo_directory_builder builder;
  void *made;
  size_t size;
  (void)state;
  begin(&builder, &counted_allocator);
  memset(text, 'x', EXO_DIRECTORY_TEXT_MAX);
  add_trunk(&builder, text, "one", 0);
  assert_int_equal(exo_builder_finish(&builder, &made, &size), EXO_BUILD_OK);
  exo_free(&counted_allocator, made);
  memset(text, 'x', EXO_DIRECTORY_TEXT_MAX + 1);
  add_trunk(&builder, text, "two", 0);
  assert_int_equal(exo_builder_finish(&builder, &made, &size), EXO_BUILD_TOO_LARGE);
  exo_builder_free(&builder);
}

/* ---- a number on two trunks, and several rounds of building ---- */

static void of_a_number_on_two_trunks_the_last_reading_counts(void **state) {
  (void)state;
  for (int order = 0; order < 2; order++) {
    exo_directory_builder builder;
    exo_free(&counted_allocator, block);
    begin(&builder, &counted_allocator);
    uint32_t old = add_trunk(&builder, "old", "old", 9), young = add_trunk(&builder, "young", "young", 1);
    add_number(&builder, order == 0 ? old : young, "+919876543210", "pstn");
    add_number(&builder, order == 0 ? young : old, "+919876543210", "flow");
    finish(&builder);
    assert_int_equal(directory.header->numbers, 1);
    assert_string_equal(trunk_of_number("+919876543210"), "young");
  }
}

static void more_can_be_added_after_a_block_was_made(void **state) {
  uint32_t count;
  exo_directory_builder builder;
  (void)state;
  exo_free(&counted_allocator, block);
  begin(&builder, &counted_allocator);
  fill(&builder);
  assert_int_equal(exo_builder_finish(&builder, &block, &block_size), EXO_BUILD_OK);
  exo_free(&counted_allocator, block);
  add_number(&builder, 1, "+911140000000", "flow");
  add_destination(&builder, 1, "sip:d:5060", 0, 0);
  finish(&builder);
  assert_string_equal(trunk_of_number("+911140000000"), "sid-2");
  assert_string_equal(trunk_of_number("+919876543210"), "sid-1");
  exo_directory_destinations(&directory, exo_directory_find_trunk(&directory, text_of("one")), &count);
  assert_int_equal(count, 3);
  exo_directory_destinations(&directory, exo_directory_find_trunk(&directory, text_of("other")), &count);
  assert_int_equal(count, 1);
}

/* ---- two refreshes ---- */

static const char *changes_between(const exo_directory *before, const exo_directory *after) {
  static const char *const names[] = { "trunk", "number", "ip", "destination" };
  static char list[512];
  exo_changes walk = { .before = before, .after = after };
  exo_change change;
  list[0] = '\0';
  while (exo_changes_next(&walk, &change)) {
    size_t at = strlen(list);
    const char *action = change.before == NULL ? "+" : change.after == NULL ? "-" : "~";
    snprintf(list + at, sizeof list - at, "%s%s ", action, names[change.what]);
  }
  return list;
}

typedef struct made_directory {
  void *bytes;
  exo_directory directory;
} made_directory;

static made_directory open_made(exo_directory_builder *builder) {
  made_directory made;
  size_t size;
  const char *reason;
  assert_int_equal(exo_builder_finish(builder, &made.bytes, &size), EXO_BUILD_OK);
  assert_int_equal(exo_directory_open(&made.directory, made.bytes, size, &reason), EXO_DIRECTORY_GOOD);
  exo_builder_free(builder);
  return made;
}

/* One trunk "t" with that number, its lists read `age` seconds ago; never: INFINITY. */
static made_directory one_trunk(double list_age, double age, const char *number) {
  exo_directory_builder builder;
  begin(&builder, &counted_allocator);
  builder.header.list_age = list_age;
  builder.header.complete_age = age;
  uint32_t trunk = add_trunk(&builder, "t", "t", age);
  if (number != NULL) add_number(&builder, trunk, number, "pstn");
  return open_made(&builder);
}

static void merge(const made_directory *a, const made_directory *b) {
  exo_directory_builder builder;
  exo_moment now;
  exo_free(&counted_allocator, block);
  exo_moment_now(&now);
  exo_builder_init(&builder, &counted_allocator);
  exo_builder_merge(&builder, &a->directory, &b->directory, &now);
  finish(&builder);
  exo_free(&counted_allocator, a->bytes);
  exo_free(&counted_allocator, b->bytes);
}

static const exo_directory_trunk *only_trunk(void) {
  assert_int_equal(directory.header->trunks, 1);
  return directory.trunks;
}

static void a_trunk_is_as_it_was_read_last(void **state) {
  (void)state;
  for (int order = 0; order < 2; order++) {
    made_directory young = one_trunk(5, 4, "+911"), old = one_trunk(50, 40, "+912");
    if (order == 0) merge(&young, &old);
    else merge(&old, &young);
    assert_string_equal(trunk_of_number("+911"), "t");
    assert_string_equal(trunk_of_number("+912"), "none");
    assert_true(only_trunk()->age >= 4 && only_trunk()->age < 5);
    assert_true(directory.header->list_age < 6 && directory.header->complete_age < 5);
    assert_int_equal(only_trunk()->partial, 0);
  }
}

static void a_trunk_that_could_not_be_read_keeps_what_was_known(void **state) {
  (void)state;
  made_directory unread = one_trunk(0, INFINITY, NULL), before = one_trunk(50, 40, "+912");
  merge(&unread, &before);
  assert_string_equal(trunk_of_number("+912"), "t");
  assert_true(only_trunk()->age >= 40 && only_trunk()->age < 42);
  assert_int_equal(only_trunk()->partial, 1);
  assert_true(directory.header->complete_age >= 40 && directory.header->complete_age < 42);
}

/* One that is called what the SID of another is, is another one. */
static void a_name_is_no_sid(void **state) {
  exo_directory_builder builder;
  (void)state;
  begin(&builder, &counted_allocator);
  builder.header.list_age = 9;
  add_number(&builder, add_trunk(&builder, "s", "t", 1), "+911", "pstn");
  made_directory other = open_made(&builder), own = one_trunk(0, INFINITY, NULL);
  assert_string_equal(changes_between(&other.directory, &own.directory), "+trunk -trunk -number ");
  merge(&own, &other);
  assert_true(isinf(only_trunk()->age));
  assert_string_equal(trunk_of_number("+911"), "none");
}

static void one_that_was_never_read_says_so(void **state) {
  (void)state;
  made_directory unread = one_trunk(0, INFINITY, NULL), before = one_trunk(9, INFINITY, NULL);
  merge(&unread, &before);
  assert_true(isinf(only_trunk()->age));
  assert_int_equal(only_trunk()->partial, 1);
}

static void trunks_are_those_of_the_newer_list(void **state) {
  exo_directory_builder builder;
  (void)state;
  begin(&builder, &counted_allocator);
  made_directory none = open_made(&builder), some = one_trunk(50, 1, "+911");
  merge(&none, &some);
  assert_int_equal(directory.header->trunks, 0);
  assert_int_equal(directory.header->numbers, 0);
}

/* ---- what differs ---- */

static void what_differs_is_told(void **state) {
  exo_directory_builder builder;
  (void)state;
  begin(&builder, &counted_allocator);
  made_directory none = open_made(&builder);
  begin(&builder, &counted_allocator);
  uint32_t one = add_trunk(&builder, "sid-1", "renamed", 0);
  add_number(&builder, one, "+919876543210", "pstn"); /* was flow */
  add_number(&builder, one, "+918040264208", "pstn"); /* was on the other one */
  add_number(&builder, one, "+911140000000", "pstn"); /* is new */
  add_ip(&builder, one, "203.0.113.77", 32);
  add_ip(&builder, one, "203.0.113.77", 24);
  add_destination(&builder, one, "sip:a:5060", 1, 20); /* had the weight 10 */
  add_destination(&builder, one, "sip:b:5060", 2, 1);
  made_directory later = open_made(&builder);
  assert_string_equal(changes_between(&directory, &directory), "");
  assert_string_equal(changes_between(&none.directory, &directory),
                      "+trunk +trunk +number +number +number +ip +ip +ip +ip +destination +destination +destination ");
  assert_string_equal(changes_between(&directory, &none.directory),
                      "-trunk -trunk -number -number -number -ip -ip -ip -ip -destination -destination -destination ");
  const char *told = changes_between(&directory, &later.directory);
  assert_int_equal(strlen(told), strlen("~trunk -trunk ~number +number ~number -number +ip -ip -ip -ip ~destination "
                                        "-destination "));
  assert_non_null(strstr(told, "~trunk -trunk "));
  assert_non_null(strstr(told, "-number +ip -ip -ip -ip ~destination -destination "));
  exo_free(&counted_allocator, none.bytes);
  exo_free(&counted_allocator, later.bytes);
}

/* A trunk as it was updated then. */
static made_directory updated(const char *date) {
  exo_directory_builder builder;
  uint32_t fields[EXO_TRUNK_FIELDS] = { 0 };
  begin(&builder, &counted_allocator);
  fields[EXO_TRUNK_SID] = add_text(&builder, "s");
  fields[EXO_TRUNK_DATE_UPDATED] = add_text(&builder, date);
  exo_builder_trunk(&builder, fields, 0, false);
  return open_made(&builder);
}

static void a_date_alone_is_no_news(void **state) {
  (void)state;
  made_directory before = updated("2026-01-23T09:24:59Z"), after = updated("2026-01-23T09:25:00Z");
  assert_string_equal(changes_between(&before.directory, &after.directory), "");
  exo_free(&counted_allocator, before.bytes);
  exo_free(&counted_allocator, after.bytes);
}

/* ---- ages ---- */

static double age_between(double wall, double steady, const char *boot) {
  exo_moment then = { 1000, 500, "a" }, now = { wall, steady, "" };
  snprintf(now.boot, sizeof now.boot, "%s", boot);
  return exo_moment_age(&then, &now);
}

static void an_age_is_told_by_a_clock_that_nobody_sets(void **state) {
  (void)state;
  assert_true(age_between(1060, 560, "a") == 60);
  assert_true(age_between(-99999, 560, "a") == 60); /* the wall clock was turned back */
  assert_true(age_between(999999, 560, "a") == 60); /* or forward */
  assert_true(age_between(1060, 3, "b") == 60);     /* this machine was started again */
  assert_true(age_between(1060, 9999, "b") == 60);  /* or is another one */
  assert_true(age_between(1060, 9999, "") == 60);   /* which start this is can't be told */
  assert_true(age_between(999, 3, "b") == 0);       /* two machines' clocks may differ a little */
  assert_true(isinf(age_between(900, 3, "b")));     /* turned back: nobody knows */
  assert_true(isinf(age_between(1060, 400, "a")));
}

static void a_moment_is_now(void **state) {
  exo_moment then, now;
  (void)state;
  exo_moment_now(&then);
  now = then;
  exo_moment_renew(&now);
  double age = exo_moment_age(&then, &now);
  assert_true(age >= 0 && age < 60);
  assert_true(strlen(then.boot) < sizeof then.boot);
#ifdef __linux__
  assert_int_equal(strlen(then.boot), 36);
#endif
}

int main(void) {
#define ONE(test) cmocka_unit_test_setup_teardown(test, open_directory, close_directory)
  const struct CMUnitTest tests[] = {
    ONE(a_number_is_found_by_its_text),
    ONE(a_trunk_is_found_by_name_and_sid),
    ONE(a_sid_goes_before_a_name),
    ONE(an_address_is_covered_the_longest_mask_first),
    ONE(a_mask_of_0_covers_all),
    ONE(what_is_no_address_is_told),
    ONE(destinations_stand_by_priority_and_weight),
    ONE(texts_of_the_same_hash_are_told_apart),
    ONE(each_of_many_is_found),
    ONE(every_truncation_is_refused),
    ONE(more_at_the_end_is_refused),
    ONE(every_flipped_bit_is_refused),
    ONE(what_is_wrong_is_named),
    ONE(no_bit_with_a_right_checksum_leads_outside),
    ONE(building_lacks_memory),
    ONE(merging_lacks_memory),
    ONE(a_text_that_is_too_long_makes_no_directory),
    ONE(of_a_number_on_two_trunks_the_last_reading_counts),
    ONE(more_can_be_added_after_a_block_was_made),
    ONE(a_trunk_is_as_it_was_read_last),
    ONE(a_trunk_that_could_not_be_read_keeps_what_was_known),
    ONE(a_name_is_no_sid),
    ONE(one_that_was_never_read_says_so),
    ONE(trunks_are_those_of_the_newer_list),
    ONE(what_differs_is_told),
    ONE(a_date_alone_is_no_news),
    ONE(an_age_is_told_by_a_clock_that_nobody_sets),
    ONE(a_moment_is_now),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
