/* A small directory for tests. Included by the file of the tests. */
#ifndef EXOTEL_SPEC_ONE_DIRECTORY_H
#define EXOTEL_SPEC_ONE_DIRECTORY_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exotel/directory/builder.h"
#include "support.h"

static exo_text text_of(const char *text) { return (exo_text){ text, strlen(text) }; }

static uint32_t add_text(exo_directory_builder *builder, const char *text) {
  return exo_builder_text(builder, text_of(text));
}

static uint32_t add_trunk(exo_directory_builder *builder, const char *sid, const char *name, double age) {
  uint32_t fields[EXO_TRUNK_FIELDS] = { 0 };
  fields[EXO_TRUNK_SID] = add_text(builder, sid);
  fields[EXO_TRUNK_NAME] = add_text(builder, name);
  return exo_builder_trunk(builder, fields, age, isinf(age));
}

static void add_number(exo_directory_builder *builder, uint32_t trunk, const char *number, const char *mode) {
  uint32_t written = exo_builder_common(builder, text_of(mode));
  exo_builder_number(builder, trunk, text_of(number), written, add_text(builder, "41512"));
}

static void begin(exo_directory_builder *builder, const exo_allocator *allocator) {
  exo_builder_init(builder, allocator);
  exo_moment_now(&builder->header.written);
  builder->header.list_age = builder->header.complete_age = 0;
  builder->header.account = add_text(builder, "sandbox1");
}

static const char *string_at(const exo_directory *from, uint32_t at) {
  exo_text text = exo_directory_text(from, at);
  return text.bytes == NULL ? "(none)" : text.bytes;
}

/* The SID of a trunk. */
static const char *sid_of(const exo_directory *from, uint32_t trunk) {
  const exo_directory_trunk *own = exo_directory_trunk_at(from, trunk);
  return own == NULL ? "(none)" : string_at(from, own->fields[EXO_TRUNK_SID]);
}

#endif
