/* A directory as a block of bytes in memory: checked, and looked up in place. Pure functions. No byte of a block can
 * lead them outside of it. */
#ifndef EXOTEL_DIRECTORY_DIRECTORY_H
#define EXOTEL_DIRECTORY_DIRECTORY_H

#include <stdbool.h>
#include <stddef.h>

#include "exotel/directory/format.h"

typedef struct exo_directory {
  const exo_directory_header *header;
  const exo_directory_trunk *trunks;
  const exo_directory_destination *destinations;
  const exo_directory_ip *ips;
  const exo_directory_number *numbers;
  const exo_directory_name *names;
  const uint32_t *buckets;
  const char *texts;
} exo_directory;

/* A text that is not there has no bytes (NULL). */
typedef struct exo_text {
  const char *bytes;
  size_t length;
} exo_text;

/* What is wrong with a file. */
typedef enum exo_directory_fault {
  EXO_DIRECTORY_GOOD,
  EXO_DIRECTORY_DAMAGED, /* it was a directory, or was to become one: one may be put in its place */
  EXO_DIRECTORY_REFUSED, /* it is something else: not to be overwritten */
} exo_directory_fault;

/* Judges a header as that of a file of `size` bytes; `reason` is set to what is wrong with it. */
exo_directory_fault exo_directory_judge(const exo_directory_header *header, uint64_t size, const char **reason);
/* What is said of a wrong checksum. */
extern const char exo_directory_bad_digest[];
/* Takes a block whose header was found right and which has that size, aligned as a uint64_t. */
void exo_directory_view(exo_directory *directory, const void *block);
/* The checksum of a block, as its header has to have it. */
uint64_t exo_directory_digest(const void *block, size_t size);
/* All of it at once. */
exo_directory_fault exo_directory_open(exo_directory *directory, const void *block, size_t size, const char **reason);

exo_text exo_directory_text(const exo_directory *directory, uint32_t at);
/* NULL when there is none of that number. */
const exo_directory_trunk *exo_directory_trunk_at(const exo_directory *directory, uint32_t index);

/* NULL: there is none. */
const exo_directory_number *exo_directory_find_number(const exo_directory *directory, exo_text number);
const exo_directory_trunk *exo_directory_find_sid(const exo_directory *directory, exo_text sid);
/* By SID or name; of a trunk that has another one's SID as its name, the other. */
const exo_directory_trunk *exo_directory_find_trunk(const exo_directory *directory, exo_text name);

/* Walks over what covers an address: the longest mask first. Begin with `mask` 32 and `index` 0. */
typedef struct exo_ip_walk {
  uint32_t address;
  int mask;
  uint32_t index;
} exo_ip_walk;

/* → the next one, NULL after the last. */
const exo_directory_ip *exo_directory_next_ip(const exo_directory *directory, exo_ip_walk *walk);
/* Whether an address of four decimal numbers; `address` is set then. */
bool exo_directory_read_ip(exo_text text, uint32_t *address);

/* Its destinations; `count` is how many there are. */
const exo_directory_destination *exo_directory_destinations(const exo_directory *directory,
                                                            const exo_directory_trunk *trunk, uint32_t *count);

/* The order of ips in a directory. */
uint32_t exo_directory_network(uint32_t address, uint32_t mask);

/* Seconds, INFINITY where it can't be told: an age that was written, now. */
double exo_directory_age(const exo_directory *directory, double age, const exo_moment *now);

#endif
