/* What two refreshes know, in one directory. */
#include "exotel/directory/builder.h"

#include <math.h>

/* The trunks of the new directory that take what is on them from one of the two: by its number there, plus one. */
typedef struct source {
  const exo_directory *directory;
  uint32_t *taken;
} source;

static uint32_t add_text(exo_directory_builder *builder, const exo_directory *from, uint32_t at) {
  return exo_builder_text(builder, exo_directory_text(from, at));
}

static void add_destinations(exo_directory_builder *builder, const source *from) {
  for (uint32_t i = 0; i < from->directory->header->destinations; i++) {
    exo_directory_destination item = from->directory->destinations[i];
    if (exo_directory_trunk_at(from->directory, item.trunk) == NULL || from->taken[item.trunk] == 0) continue;
    item.trunk = from->taken[item.trunk] - 1;
    item.uri = add_text(builder, from->directory, item.uri);
    item.id = add_text(builder, from->directory, item.id);
    exo_builder_destination(builder, &item);
  }
}

static void add_ips(exo_directory_builder *builder, const source *from) {
  for (uint32_t i = 0; i < from->directory->header->ips; i++) {
    exo_directory_ip item = from->directory->ips[i];
    if (exo_directory_trunk_at(from->directory, item.trunk) == NULL || from->taken[item.trunk] == 0) continue;
    item.trunk = from->taken[item.trunk] - 1;
    item.id = add_text(builder, from->directory, item.id);
    item.mask = item.mask > 32 ? 32 : item.mask;
    exo_builder_ip(builder, &item);
  }
}

static void add_numbers(exo_directory_builder *builder, const source *from) {
  for (uint32_t i = 0; i < from->directory->header->numbers; i++) {
    exo_directory_number item = from->directory->numbers[i];
    exo_text text = exo_directory_text(from->directory, item.text);
    if (exo_directory_trunk_at(from->directory, item.trunk) == NULL || from->taken[item.trunk] == 0) continue;
    if (text.bytes == NULL) continue;
    uint32_t mode = exo_builder_common(builder, exo_directory_text(from->directory, item.mode));
    uint32_t id = add_text(builder, from->directory, item.id);
    exo_builder_number(builder, from->taken[item.trunk] - 1, text, mode, id);
  }
}

static double age_of(const source *from, const exo_directory_trunk *trunk, const exo_moment *now) {
  return trunk == NULL ? INFINITY : exo_directory_age(from->directory, trunk->age, now);
}

static double list_age(const exo_directory *directory, const exo_moment *now) {
  return exo_directory_age(directory, directory->header->list_age, now);
}

/* A trunk's own fields are those of the newer list; caller ID and what is on it those that were read last. */
static void add_trunk(exo_directory_builder *builder, source *newer, source *older, uint32_t index,
                      const exo_moment *now) {
  const exo_directory_trunk *own = &newer->directory->trunks[index];
  exo_text sid = exo_directory_text(newer->directory, own->fields[EXO_TRUNK_SID]);
  const exo_directory_trunk *other = sid.bytes == NULL ? NULL : exo_directory_find_sid(older->directory, sid);
  double age = age_of(newer, own, now), other_age = age_of(older, other, now);
  bool is_other = other != NULL && other_age < age;
  uint32_t fields[EXO_TRUNK_FIELDS];
  for (int i = 0; i < EXO_TRUNK_FIELDS; i++) fields[i] = add_text(builder, newer->directory, own->fields[i]);
  if (is_other) fields[EXO_TRUNK_CALLER_ID] = add_text(builder, older->directory, other->fields[EXO_TRUNK_CALLER_ID]);
  double read = is_other ? other_age : age;
  uint32_t added = exo_builder_trunk(builder, fields, read, read > list_age(newer->directory, now));
  if (is_other) older->taken[other - older->directory->trunks] = added + 1;
  else newer->taken[index] = added + 1;
}

static double complete_age(const exo_directory *directory, const exo_moment *now) {
  return exo_directory_age(directory, directory->header->complete_age, now);
}

static void merge_headers(exo_directory_builder *builder, const exo_directory *a, const exo_directory *b,
                          const exo_moment *now) {
  exo_directory_header *header = &builder->header;
  header->written = *now;
  header->account = add_text(builder, a, a->header->account);
  header->host = add_text(builder, a, a->header->host);
  header->list_age = fmin(list_age(a, now), list_age(b, now));
  header->complete_age = fmin(complete_age(a, now), complete_age(b, now));
}

static void add_all(exo_directory_builder *builder, const source *from) {
  add_destinations(builder, from);
  add_ips(builder, from);
  add_numbers(builder, from);
}

static bool open_source(source *from, const exo_directory *directory, const exo_allocator *allocator) {
  from->directory = directory;
  from->taken = exo_allocate_zeroed(allocator, ((size_t)directory->header->trunks + 1) * sizeof *from->taken);
  return from->taken != NULL;
}

void exo_builder_merge(exo_directory_builder *builder, const exo_directory *a, const exo_directory *b,
                       const exo_moment *now) {
  const exo_allocator *allocator = builder->texts.allocator;
  bool is_a = list_age(a, now) <= list_age(b, now);
  source newer = { NULL, NULL }, older = { NULL, NULL };
  if (open_source(&newer, is_a ? a : b, allocator) && open_source(&older, is_a ? b : a, allocator)) {
    merge_headers(builder, a, b, now);
    for (uint32_t i = 0; i < newer.directory->header->trunks; i++) add_trunk(builder, &newer, &older, i, now);
    add_all(builder, &newer);
    add_all(builder, &older);
  } else {
    builder->texts.failed = true;
  }
  exo_free(allocator, newer.taken);
  exo_free(allocator, older.taken);
}
