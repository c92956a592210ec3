/* Makes the block of a directory. */
#ifndef EXOTEL_DIRECTORY_BUILDER_H
#define EXOTEL_DIRECTORY_BUILDER_H

#include "exotel/base/memory.h"
#include "exotel/directory/directory.h"

enum { EXO_COMMON_TEXTS = 8 };

/* Each list is an array of what it becomes in the block, unsorted. A text that is too long makes it fail, as lack of
 * memory does. */
typedef struct exo_directory_builder {
  exo_directory_header header;
  exo_buffer trunks, destinations, ips, numbers, texts;
  uint32_t common[EXO_COMMON_TEXTS], next_common; /* places of texts that recur */
  bool too_long;
} exo_directory_builder;

void exo_builder_init(exo_directory_builder *builder, const exo_allocator *allocator);
void exo_builder_free(exo_directory_builder *builder);

/* → where it is now; 0 for none */
uint32_t exo_builder_text(exo_directory_builder *builder, exo_text text);
/* The same for one that recurs, as a mode: it is there once. */
uint32_t exo_builder_common(exo_directory_builder *builder, exo_text text);
/* `fields`: texts of this builder's. → the number of the trunk, for what is added to it */
uint32_t exo_builder_trunk(exo_directory_builder *builder, const uint32_t fields[EXO_TRUNK_FIELDS], double age,
                           bool partial);
void exo_builder_destination(exo_directory_builder *builder, const exo_directory_destination *destination);
void exo_builder_ip(exo_directory_builder *builder, const exo_directory_ip *ip);
void exo_builder_number(exo_directory_builder *builder, uint32_t trunk, exo_text number, uint32_t mode, uint32_t id);

/* Makes the block of what was added so far, from the allocator; of a number on several trunks the entry of the one that
 * was read last. → EXO_RESULT_NO_MEMORY, or EXO_RESULT_ERROR: it would be larger than a directory may be */
typedef enum { EXO_BUILD_OK, EXO_BUILD_NO_MEMORY, EXO_BUILD_TOO_LARGE } exo_build;
exo_build exo_builder_finish(exo_directory_builder *builder, void **block, size_t *size);

/* Adds what two directories know: the trunks of the one whose list of them is newer, each with what is on it from where
 * that was read last. The header's account and host are those of `a`. Nothing was added before. */
void exo_builder_merge(exo_directory_builder *builder, const exo_directory *a, const exo_directory *b,
                       const exo_moment *now);

#endif
