#include "exotel/directory/digest.h"

#include <string.h>

/* The steps are those of xxHash64: each is a one-to-one function of the lane and of the word. */
#define PRIME_1 0x9E3779B185EBCA87u
#define PRIME_2 0xC2B2AE3D27D4EB4Fu
#define PRIME_3 0x165667B19E3779F9u

static uint64_t rotate(uint64_t word, int bits) { return word << bits | word >> (64 - bits); }

static uint64_t take(uint64_t lane, uint64_t word) { return rotate(lane + word * PRIME_2, 31) * PRIME_1; }

static uint64_t mix(uint64_t word) {
  word = (word ^ word >> 33) * PRIME_2;
  word = (word ^ word >> 29) * PRIME_3;
  return word ^ word >> 32;
}

void exo_digest_begin(exo_digest *digest) {
  *digest = (exo_digest){ { PRIME_1, PRIME_2, PRIME_3, PRIME_1 ^ PRIME_2 } };
}

void exo_digest_add(exo_digest *digest, const void *bytes, size_t length) {
  const unsigned char *at = bytes;
  for (; length >= EXO_DIGEST_BLOCK; at += EXO_DIGEST_BLOCK, length -= EXO_DIGEST_BLOCK) {
    uint64_t words[4];
    memcpy(words, at, sizeof words);
    for (int i = 0; i < 4; i++) digest->lanes[i] = take(digest->lanes[i], words[i]);
  }
}

uint64_t exo_digest_end(const exo_digest *digest) {
  const uint64_t *lanes = digest->lanes;
  return mix(rotate(lanes[0], 1) + rotate(lanes[1], 7) + rotate(lanes[2], 12) + rotate(lanes[3], 18));
}

uint32_t exo_hash(const char *text, size_t length) {
  uint64_t hash = PRIME_3 + length, word;
  for (; length >= sizeof word; text += sizeof word, length -= sizeof word) {
    memcpy(&word, text, sizeof word);
    hash = take(hash, word);
  }
  word = 0;
  if (length > 0) memcpy(&word, text, length);
  return (uint32_t)(mix(take(hash, word)) >> 32);
}

bool exo_pack_digits(const char *text, size_t length, uint32_t digits[2]) {
  uint64_t packed = 0;
  bool good = length >= 2 && length <= 16 && text[0] == '+';
  for (size_t i = 1; good && i < length; i++) {
    unsigned digit = (unsigned char)text[i] - (unsigned)'0';
    good = digit <= 9;
    packed = packed << 4 | (digit + 1); /* no digit is 0 */
  }
  digits[0] = good ? (uint32_t)(packed >> 32) : 0;
  digits[1] = good ? (uint32_t)packed : 0;
  return good;
}
