/* The file of a directory: one block, read in place. All numbers are as this machine has them; a text is the place of
 * its length (two bytes), its bytes and a NUL among the texts; place 0 is no text.
 *
 *   header · trunks · destinations · ips · numbers · names · buckets · texts, up to a multiple of 32 bytes
 *
 * Numbers and names are sorted by the hash of their text. Bucket i holds the place of the first number whose hash
 * begins with i or more; one more bucket holds the count. */
#ifndef EXOTEL_DIRECTORY_FORMAT_H
#define EXOTEL_DIRECTORY_FORMAT_H

#include <stdint.h>

#include "exotel/base/moment.h"

#define EXO_DIRECTORY_MAGIC \
  "\x89"                    \
  "EXODIR\n"

enum { EXO_DIRECTORY_ORDER = 0x01020304, EXO_DIRECTORY_VERSION = 2 };

/* The longest text, the largest file. */
enum { EXO_DIRECTORY_TEXT_MAX = 1000, EXO_DIRECTORY_SIZE_MAX = 1 << 30 };

typedef struct exo_directory_header {
  char magic[8];
  uint32_t order, version;
  uint64_t size;   /* of the whole file */
  uint64_t digest; /* of all that follows */
  exo_moment written;
  uint64_t masks;      /* bit n: there are ips of mask n */
  double complete_age; /* when it was written, in seconds: since everything was read, */
  double list_age;     /* since the list of trunks was read. Infinite: it never was */
  uint32_t account, host;
  uint32_t trunks, destinations, ips, numbers, bucket_bits, texts; /* how many; of texts, bytes */
  uint32_t unused[8];
} exo_directory_header;

/* What is known of a trunk beside what is on it. No field that could hold a secret. */
typedef enum exo_trunk_field {
  EXO_TRUNK_SID,
  EXO_TRUNK_NAME,
  EXO_TRUNK_STATUS,
  EXO_TRUNK_DOMAIN_NAME,
  EXO_TRUNK_NSO_CODE,
  EXO_TRUNK_AUTH_TYPE,
  EXO_TRUNK_REGISTRATION_ENABLED,
  EXO_TRUNK_EDGE_PREFERENCE,
  EXO_TRUNK_SECURE_TRUNKING,
  EXO_TRUNK_DATE_CREATED,
  EXO_TRUNK_DATE_UPDATED,
  EXO_TRUNK_CALLER_ID,
  EXO_TRUNK_FIELDS
} exo_trunk_field;

typedef struct exo_directory_trunk {
  uint32_t fields[EXO_TRUNK_FIELDS];
  double age; /* seconds since what is on it was read, when the file was written; infinite: it never was */
  uint32_t partial, unused; /* 1: the last refresh could not read it */
  uint32_t first_destination, destinations;
} exo_directory_trunk;

/* Of one trunk they stand together, by priority and weight. */
typedef struct exo_directory_destination {
  uint32_t trunk, uri, id;
  int32_t priority, weight; /* -1: not told */
} exo_directory_destination;

/* Sorted by mask, longest first, then by network. */
typedef struct exo_directory_ip {
  uint32_t trunk, address, mask, id;
} exo_directory_ip;

/* Sorted by hash. The digits of one in E.164 stand in it as well, so that it is found without a look at its text, which
 * is elsewhere in memory; both are 0 for others. */
typedef struct exo_directory_number {
  uint32_t hash, digits[2], text, trunk, mode, id;
} exo_directory_number;

/* Names and SIDs of trunks, sorted by hash. */
typedef struct exo_directory_name {
  uint32_t hash, text, trunk;
} exo_directory_name;

#endif
