#include "exotel/base/random_text.h"

#include <stdint.h>
#include <unistd.h>

#ifdef __linux__
#include <errno.h>
#include <sys/random.h>
#endif

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

enum { COUNT = sizeof alphabet - 1, EVEN = 256 - 256 % COUNT };

static bool random_byte(uint8_t *byte) {
#ifdef __linux__
  ssize_t length;
  do length = getrandom(byte, 1, 0);
  while (length < 0 && errno == EINTR);
  return length == 1;
#else
  return getentropy(byte, 1) == 0;
#endif
}

/* Bytes beyond the last whole multiple of the alphabet would make its first letters likelier: they are drawn again. */
static bool random_letter(char *letter) {
  uint8_t byte;
  do
    if (!random_byte(&byte)) return false;
  while (byte >= EVEN);
  *letter = alphabet[byte % COUNT];
  return true;
}

bool exo_random_text(char *text, size_t length) {
  for (size_t i = 0; i < length; i++)
    if (!random_letter(&text[i])) return false;
  return true;
}
