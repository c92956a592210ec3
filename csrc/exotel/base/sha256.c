#include "exotel/base/sha256.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define BLOCK 64
#define LENGTH_BYTES 8

/* The first 32 bits of the fractional parts of the cube roots of the first 64 primes. */
static const uint32_t constants[64] = {
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

/* The same of the square roots of the first 8. */
static const uint32_t initial[8] = {
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};

static uint32_t rotate(uint32_t x, unsigned bits) { return (x >> bits) | (x << (32 - bits)); }

static uint32_t read_word(const unsigned char *bytes) {
  return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static void expand(const unsigned char *block, uint32_t words[64]) {
  for (int i = 0; i < 16; i++) words[i] = read_word(block + 4 * i);
  for (int i = 16; i < 64; i++) {
    uint32_t a = words[i - 15], b = words[i - 2];
    uint32_t s0 = rotate(a, 7) ^ rotate(a, 18) ^ (a >> 3), s1 = rotate(b, 17) ^ rotate(b, 19) ^ (b >> 10);
    words[i] = words[i - 16] + s0 + words[i - 7] + s1;
  }
}

/* One round: the registers move on by one place. */
static void turn(uint32_t r[8], uint32_t word) {
  uint32_t a = r[0], e = r[4];
  uint32_t choice = (e & r[5]) ^ (~e & r[6]), majority = (a & r[1]) ^ (a & r[2]) ^ (r[1] & r[2]);
  uint32_t t1 = r[7] + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + choice + word;
  uint32_t t2 = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + majority;
  memmove(r + 1, r, 7 * sizeof *r);
  r[0] = t1 + t2;
  r[4] += t1;
}

static void take_block(uint32_t state[8], const unsigned char *block) {
  uint32_t words[64], r[8];
  expand(block, words);
  memcpy(r, state, sizeof r);
  for (int i = 0; i < 64; i++) turn(r, constants[i] + words[i]);
  for (int i = 0; i < 8; i++) state[i] += r[i];
}

/* What is left of the text, a bit, zeros, and the text's length in bits. */
static void take_rest(uint32_t state[8], const unsigned char *rest, size_t left, uint64_t bits) {
  unsigned char last[2 * BLOCK] = { 0 };
  size_t size = left < BLOCK - LENGTH_BYTES ? BLOCK : 2 * BLOCK;
  if (left > 0) memcpy(last, rest, left);
  last[left] = 0x80;
  for (int i = 0; i < LENGTH_BYTES; i++) last[size - 1 - (size_t)i] = (unsigned char)(bits >> 8 * i);
  for (size_t i = 0; i < size; i += BLOCK) take_block(state, last + i);
}

void exo_sha256_hex(const void *data, size_t length, char out[EXO_SHA256_HEX + 1]) {
  const unsigned char *bytes = data;
  uint32_t state[8];
  size_t whole = length - length % BLOCK;
  memcpy(state, initial, sizeof state);
  for (size_t i = 0; i < whole; i += BLOCK) take_block(state, bytes + i);
  take_rest(state, bytes + whole, length - whole, (uint64_t)length * 8);
  for (int i = 0; i < 8; i++) snprintf(out + 8 * i, 9, "%08x", (unsigned)state[i]);
}
