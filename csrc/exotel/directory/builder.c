#include "exotel/directory/builder.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "exotel/directory/digest.h"

void exo_builder_init(exo_directory_builder *builder, const exo_allocator *allocator) {
  memset(builder, 0, sizeof *builder);
  memcpy(builder->header.magic, EXO_DIRECTORY_MAGIC, sizeof builder->header.magic);
  builder->header.order = EXO_DIRECTORY_ORDER;
  builder->header.version = EXO_DIRECTORY_VERSION;
  builder->header.complete_age = builder->header.list_age = INFINITY;
  exo_buffer_init(&builder->trunks, allocator);
  exo_buffer_init(&builder->destinations, allocator);
  exo_buffer_init(&builder->ips, allocator);
  exo_buffer_init(&builder->numbers, allocator);
  exo_buffer_init(&builder->texts, allocator);
  exo_buffer_append(&builder->texts, "\0", 2); /* so that no text is at place 0 */
}

void exo_builder_free(exo_directory_builder *builder) {
  exo_buffer_free(&builder->trunks);
  exo_buffer_free(&builder->destinations);
  exo_buffer_free(&builder->ips);
  exo_buffer_free(&builder->numbers);
  exo_buffer_free(&builder->texts);
}

/* ---- adding ---- */

static bool is_at(const exo_buffer *texts, uint32_t at, exo_text text) {
  uint16_t length;
  if (at == 0) return false;
  memcpy(&length, texts->data + at, sizeof length);
  return length == text.length && memcmp(texts->data + at + sizeof length, text.bytes, text.length) == 0;
}

uint32_t exo_builder_text(exo_directory_builder *builder, exo_text text) {
  exo_buffer *texts = &builder->texts;
  uint16_t length = (uint16_t)text.length;
  if (text.bytes == NULL || texts->failed) return 0;
  if (text.length > EXO_DIRECTORY_TEXT_MAX) builder->too_long = true;
  if (builder->too_long || texts->length > EXO_DIRECTORY_SIZE_MAX) return 0;
  uint32_t at = (uint32_t)texts->length;
  exo_buffer_append(texts, (const char *)&length, sizeof length);
  exo_buffer_append(texts, text.bytes, text.length);
  exo_buffer_append(texts, "", 1);
  return at;
}

uint32_t exo_builder_common(exo_directory_builder *builder, exo_text text) {
  for (int i = 0; i < EXO_COMMON_TEXTS && text.bytes != NULL; i++) {
    if (is_at(&builder->texts, builder->common[i], text)) return builder->common[i];
  }
  uint32_t at = exo_builder_text(builder, text);
  builder->common[builder->next_common++ % EXO_COMMON_TEXTS] = builder->texts.failed ? 0 : at;
  return at;
}

static void append(exo_buffer *list, const void *item, size_t size) { exo_buffer_append(list, item, size); }

static uint32_t count_of(const exo_buffer *list, size_t size) { return (uint32_t)(list->length / size); }

uint32_t exo_builder_trunk(exo_directory_builder *builder, const uint32_t fields[EXO_TRUNK_FIELDS], double age,
                           bool partial) {
  exo_directory_trunk trunk = { .age = age, .partial = partial ? 1 : 0 };
  memcpy(trunk.fields, fields, sizeof trunk.fields);
  append(&builder->trunks, &trunk, sizeof trunk);
  return count_of(&builder->trunks, sizeof trunk) - 1;
}

void exo_builder_destination(exo_directory_builder *builder, const exo_directory_destination *destination) {
  append(&builder->destinations, destination, sizeof *destination);
}

void exo_builder_ip(exo_directory_builder *builder, const exo_directory_ip *ip) {
  append(&builder->ips, ip, sizeof *ip);
}

void exo_builder_number(exo_directory_builder *builder, uint32_t trunk, exo_text number, uint32_t mode, uint32_t id) {
  exo_directory_number added = {
    .hash = exo_hash(number.bytes, number.length), .trunk = trunk, .mode = mode, .id = id
  };
  exo_pack_digits(number.bytes, number.length, added.digits);
  added.text = exo_builder_text(builder, number);
  append(&builder->numbers, &added, sizeof added);
}

/* ---- sorting ---- */

static int compare(uint64_t a, uint64_t b) { return a < b ? -1 : a > b; }

static int compare_numbers(const void *a, const void *b) {
  const exo_directory_number *one = a, *other = b;
  int order = compare(one->hash, other->hash);
  return order != 0 ? order : compare(one->text, other->text);
}

static int compare_names(const void *a, const void *b) {
  const exo_directory_name *one = a, *other = b;
  int order = compare(one->hash, other->hash);
  return order != 0 ? order : compare(one->trunk, other->trunk);
}

static int compare_ips(const void *a, const void *b) {
  const exo_directory_ip *one = a, *other = b;
  int order = compare(other->mask, one->mask);
  if (order == 0) {
    order = compare(exo_directory_network(one->address, one->mask), exo_directory_network(other->address, other->mask));
  }
  if (order == 0) order = compare(one->trunk, other->trunk);
  return order != 0 ? order : compare(one->id, other->id);
}

/* A higher weight goes first; what is not told, which is -1, goes last. */
static int compare_destinations(const void *a, const void *b) {
  const exo_directory_destination *one = a, *other = b;
  int order = compare(one->trunk, other->trunk);
  if (order == 0) order = compare((uint32_t)one->priority, (uint32_t)other->priority);
  if (order == 0) order = (one->weight < other->weight) - (one->weight > other->weight);
  return order != 0 ? order : compare(one->id, other->id);
}

static void sort(exo_buffer *list, size_t size, int (*order)(const void *, const void *)) {
  if (list->length > size) qsort(list->data, list->length / size, size, order);
}

/* ---- the same number twice ---- */

static double age_of(const exo_directory_builder *builder, const exo_directory_number *number) {
  const exo_directory_trunk *trunks = (const void *)builder->trunks.data;
  return trunks[number->trunk].age;
}

static bool are_same(const exo_directory_builder *builder, const exo_directory_number *a,
                     const exo_directory_number *b) {
  uint16_t length;
  memcpy(&length, builder->texts.data + b->text, sizeof length);
  exo_text text = { builder->texts.data + b->text + sizeof length, length };
  return is_at(&builder->texts, a->text, text);
}

/* Takes a number's place among those of its hash, if one of them is the same. */
static bool replace_same(const exo_directory_builder *builder, exo_directory_number *first, exo_directory_number *end,
                         const exo_directory_number *number) {
  while (end > first && end[-1].hash == number->hash) {
    end--;
    if (!are_same(builder, end, number)) continue;
    if (age_of(builder, number) < age_of(builder, end)) *end = *number;
    return true;
  }
  return false;
}

static void drop_doubles(exo_directory_builder *builder) {
  exo_directory_number *numbers = (void *)builder->numbers.data, *end = numbers;
  uint32_t count = count_of(&builder->numbers, sizeof *numbers);
  for (uint32_t i = 0; i < count; i++) {
    if (!replace_same(builder, numbers, end, &numbers[i])) *end++ = numbers[i];
  }
  builder->numbers.length = (size_t)(end - numbers) * sizeof *numbers;
}

/* ---- the block ---- */

static uint32_t bits_for(uint32_t count) {
  uint32_t bits = 0;
  while (bits < 20 && (uint32_t)1 << bits < count) bits++;
  return bits;
}

static void count_all(exo_directory_builder *builder) {
  exo_directory_header *header = &builder->header;
  header->trunks = count_of(&builder->trunks, sizeof(exo_directory_trunk));
  header->destinations = count_of(&builder->destinations, sizeof(exo_directory_destination));
  header->ips = count_of(&builder->ips, sizeof(exo_directory_ip));
  header->numbers = count_of(&builder->numbers, sizeof(exo_directory_number));
  header->bucket_bits = bits_for(header->numbers);
}

static void set_destinations(exo_directory_builder *builder) {
  exo_directory_trunk *trunks = (void *)builder->trunks.data;
  const exo_directory_destination *list = (const void *)builder->destinations.data;
  for (uint32_t i = 0; i < builder->header.trunks; i++) trunks[i].destinations = 0;
  for (uint32_t i = 0; i < builder->header.destinations; i++) {
    exo_directory_trunk *trunk = &trunks[list[i].trunk];
    if (trunk->destinations++ == 0) trunk->first_destination = i;
  }
}

static void set_masks(exo_directory_builder *builder) {
  const exo_directory_ip *ips = (const void *)builder->ips.data;
  builder->header.masks = 0;
  for (uint32_t i = 0; i < builder->header.ips; i++) builder->header.masks |= (uint64_t)1 << ips[i].mask;
}

/* All texts are there before the names are hashed. */
static void write_names(const exo_directory_builder *builder, exo_directory_name *names) {
  const exo_directory_trunk *trunks = (const void *)builder->trunks.data;
  for (uint32_t i = 0; i < 2 * builder->header.trunks; i++) {
    uint32_t at = trunks[i / 2].fields[i % 2 == 0 ? EXO_TRUNK_SID : EXO_TRUNK_NAME];
    uint16_t length = 0;
    memcpy(&length, builder->texts.data + at, sizeof length);
    names[i] = (exo_directory_name){ exo_hash(builder->texts.data + at + sizeof length, length), at, i / 2 };
  }
  qsort(names, 2 * (size_t)builder->header.trunks, sizeof *names, compare_names);
}

static void write_buckets(const exo_directory_builder *builder, uint32_t *buckets) {
  const exo_directory_number *numbers = (const void *)builder->numbers.data;
  uint32_t bits = builder->header.bucket_bits, count = builder->header.numbers, place = 0;
  for (uint64_t i = 0; i <= (uint64_t)1 << bits; i++) {
    while (place < count && (bits == 0 ? 0 : numbers[place].hash >> (32 - bits)) < i) place++;
    buckets[i] = place;
  }
}

static char *put(char *at, const exo_buffer *list) {
  if (list->length > 0) memcpy(at, list->data, list->length);
  return at + list->length;
}

static void write_block(const exo_directory_builder *builder, char *block) {
  const exo_directory_header *header = &builder->header;
  char *at = block + sizeof *header;
  at = put(at, &builder->trunks);
  at = put(at, &builder->destinations);
  at = put(at, &builder->ips);
  at = put(at, &builder->numbers);
  write_names(builder, (void *)at);
  at += 2 * (size_t)header->trunks * sizeof(exo_directory_name);
  write_buckets(builder, (void *)at);
  put(at + (((size_t)1 << header->bucket_bits) + 1) * sizeof(uint32_t), &builder->texts);
}

static uint64_t size_before_texts(const exo_directory_builder *builder) {
  uint64_t size = sizeof builder->header + builder->trunks.length + builder->destinations.length;
  size += builder->ips.length + builder->numbers.length;
  size += 2 * (uint64_t)builder->header.trunks * sizeof(exo_directory_name);
  return size + (((uint64_t)1 << builder->header.bucket_bits) + 1) * sizeof(uint32_t);
}

static bool has_failed(const exo_directory_builder *builder) {
  return builder->trunks.failed || builder->destinations.failed || builder->ips.failed || builder->numbers.failed ||
         builder->texts.failed;
}

static void arrange(exo_directory_builder *builder) {
  sort(&builder->numbers, sizeof(exo_directory_number), compare_numbers);
  drop_doubles(builder);
  sort(&builder->ips, sizeof(exo_directory_ip), compare_ips);
  sort(&builder->destinations, sizeof(exo_directory_destination), compare_destinations);
  count_all(builder);
  set_destinations(builder);
  set_masks(builder);
}

exo_build exo_builder_finish(exo_directory_builder *builder, void **block, size_t *size) {
  exo_directory_header *header = &builder->header;
  if (builder->too_long) return EXO_BUILD_TOO_LARGE;
  if (has_failed(builder)) return EXO_BUILD_NO_MEMORY;
  arrange(builder);
  uint64_t before = size_before_texts(builder), total = before + builder->texts.length;
  total = (total + EXO_DIGEST_BLOCK - 1) / EXO_DIGEST_BLOCK * EXO_DIGEST_BLOCK;
  if (total > EXO_DIRECTORY_SIZE_MAX) return EXO_BUILD_TOO_LARGE;
  header->size = total;
  header->texts = (uint32_t)(total - before);
  *block = exo_allocate_zeroed(builder->texts.allocator, (size_t)total);
  if (*block == NULL) return EXO_BUILD_NO_MEMORY;
  write_block(builder, *block);
  memcpy(*block, header, sizeof *header);
  *size = (size_t)total;
  header->digest = exo_directory_digest(*block, *size);
  memcpy(*block, header, sizeof *header);
  return EXO_BUILD_OK;
}
