/* The checksum of a directory, the hash of a text in it, and a number in few bytes. All are part of the file's format.
 */
#ifndef EXOTEL_DIRECTORY_DIGEST_H
#define EXOTEL_DIRECTORY_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All but the whole is taken in multiples of this many bytes. */
enum { EXO_DIGEST_BLOCK = 32 };

typedef struct exo_digest {
  uint64_t lanes[4];
} exo_digest;

void exo_digest_begin(exo_digest *digest);
/* `length`: a multiple of EXO_DIGEST_BLOCK. */
void exo_digest_add(exo_digest *digest, const void *bytes, size_t length);
/* A change within eight bytes in a row always changes it. */
uint64_t exo_digest_end(const exo_digest *digest);

uint32_t exo_hash(const char *text, size_t length);

/* A + and 1 to 15 digits, four bits each; no two are the same. → whether it is such a number; else both are 0 */
bool exo_pack_digits(const char *text, size_t length, uint32_t digits[2]);

#endif
