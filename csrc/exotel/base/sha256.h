/* SHA-256 (FIPS 180-4), for telling whether a text is what it was. Nothing secret is hashed, and no library that every
 * build is linked with has it. */
#ifndef EXOTEL_BASE_SHA256_H
#define EXOTEL_BASE_SHA256_H

#include <stddef.h>

#define EXO_SHA256_HEX 64

/* The digest of `length` bytes in hexadecimal digits, with a NUL behind them. */
void exo_sha256_hex(const void *data, size_t length, char out[EXO_SHA256_HEX + 1]);

#endif
