/* The file of a directory, with what looks things up in it. The input is a file; its checksum is put right, so that
 * what is behind it is reached, unless its last byte says otherwise. */
#include <string.h>

#include "exotel/directory/builder.h"
#include "exotel/directory/changes.h"
#include "exotel/directory/choice.h"
#include "exotel/directory/digest.h"
#include "fuzz.h"

static exo_text text_of(const char *text) { return (exo_text){ text, strlen(text) }; }

static void check_text(const exo_directory *directory, uint32_t at) {
  exo_text text = exo_directory_text(directory, at);
  CHECK(text.length <= EXO_DIRECTORY_TEXT_MAX);
  CHECK(text.length == 0 || fuzz_copy(text.bytes, text.length) != NULL); /* reads all of it */
}

static void look_up_numbers(const exo_directory *directory) {
  exo_directory_find_number(directory, text_of("+919876543210"));
  for (uint32_t i = 0; i < directory->header->numbers && i < 100; i++) {
    exo_text text = exo_directory_text(directory, directory->numbers[i].text);
    if (text.bytes != NULL) exo_directory_find_number(directory, text);
    check_text(directory, directory->numbers[i].mode);
  }
}

static void look_up_trunks(const exo_directory *directory) {
  uint32_t count;
  exo_directory_find_trunk(directory, text_of("one"));
  for (uint32_t i = 0; i < directory->header->trunks && i < 100; i++) {
    const exo_directory_trunk *trunk = exo_directory_trunk_at(directory, i);
    for (int field = 0; field < EXO_TRUNK_FIELDS; field++) check_text(directory, trunk->fields[field]);
    const exo_directory_destination *list = exo_directory_destinations(directory, trunk, &count);
    for (uint32_t n = 0; n < count; n++) check_text(directory, list[n].uri);
    const exo_directory_destination *chosen = exo_choose(list, count, NULL, (double)(i % 10) / 10);
    CHECK(chosen == NULL ? count == 0 : chosen >= list && chosen < list + count);
  }
}

static void look_up_ips(const exo_directory *directory) {
  uint32_t found = 0;
  const exo_directory_ip *ip;
  exo_ip_walk walk = { 0xCB00714D, 32, 0 };
  while ((ip = exo_directory_next_ip(directory, &walk)) != NULL) {
    CHECK(exo_directory_network(ip->address, ip->mask) == exo_directory_network(0xCB00714D, ip->mask));
    CHECK(++found <= directory->header->ips * 33u);
  }
}

/* What is made of it is a directory in which all its trunks are. */
static void merge(const exo_directory *directory) {
  void *block;
  size_t size;
  const char *reason;
  exo_directory_builder builder;
  exo_directory merged;
  exo_changes walk = { .before = directory, .after = directory };
  exo_change change;
  while (exo_changes_next(&walk, &change)) continue;
  exo_builder_init(&builder, &exo_libc_allocator);
  exo_builder_merge(&builder, directory, directory, &directory->header->written);
  CHECK(exo_builder_finish(&builder, &block, &size) == EXO_BUILD_OK);
  CHECK(exo_directory_open(&merged, block, size, &reason) == EXO_DIRECTORY_GOOD);
  CHECK(merged.header->trunks == directory->header->trunks);
  CHECK(merged.header->numbers <= directory->header->numbers);
  exo_builder_free(&builder);
  free(block);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const char *reason;
  exo_directory directory;
  char *exact = malloc(size > 0 ? size : 1); /* aligned, and watched to the byte */
  if (exact == NULL) abort();
  if (size > 0) memcpy(exact, data, size);
  if (size >= sizeof(exo_directory_header) && size % EXO_DIGEST_BLOCK == 0 && data[size - 1] != 0xFF) {
    uint64_t digest = exo_directory_digest(exact, size);
    memcpy(exact + offsetof(exo_directory_header, digest), &digest, sizeof digest);
  }
  if (exo_directory_open(&directory, exact, size, &reason) == EXO_DIRECTORY_GOOD) {
    look_up_numbers(&directory);
    look_up_trunks(&directory);
    look_up_ips(&directory);
    merge(&directory);
  } else {
    CHECK(reason != NULL && fuzz_one_line(reason));
  }
  free(exact);
  fuzz_forget();
  return 0;
}
