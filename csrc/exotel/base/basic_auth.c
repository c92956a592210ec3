#include "exotel/base/basic_auth.h"

#include <string.h>

/* Up to three bytes as four characters of base64. */
static void encode_group(const unsigned char *in, size_t length, char *out) {
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  unsigned bits = (unsigned)in[0] << 16 | (length > 1 ? (unsigned)in[1] << 8 : 0) | (length > 2 ? in[2] : 0);
  for (size_t i = 0; i < 4; i++) out[i] = i <= length ? digits[bits >> (18 - 6 * i) & 63] : '=';
}

char *exo_basic_auth(const char *user, const char *password, exo_arena *arena) {
  char *pair = exo_arena_format(arena, "%s:%s", user, password);
  size_t length = pair != NULL ? strlen(pair) : 0;
  char *out = pair != NULL ? exo_arena_take(arena, (length + 2) / 3 * 4 + 1) : NULL;
  for (size_t i = 0; out != NULL && i < length; i += 3)
    encode_group((const unsigned char *)pair + i, length - i < 3 ? length - i : 3, out + i / 3 * 4);
  return out;
}
