#include "exotel/base/utf8.h"

bool exo_utf8_valid(const char *text, size_t length) {
  const unsigned char *s = (const unsigned char *)text;
  size_t i = 0;
  while (i < length) {
    size_t more = s[i] < 0x80 ? 0 : s[i] >= 0xC2 && s[i] < 0xE0 ? 1 : s[i] >= 0xE0 && s[i] < 0xF0 ? 2 : 3;
    if (s[i] > 0xF4 || (s[i] >= 0x80 && s[i] < 0xC2) || more >= length - i) return false;
    for (size_t k = 1; k <= more; k++)
      if ((s[i + k] & 0xC0) != 0x80) return false;
    bool overlong = (s[i] == 0xE0 && s[i + 1] < 0xA0) || (s[i] == 0xF0 && s[i + 1] < 0x90);
    bool surrogate = s[i] == 0xED && s[i + 1] > 0x9F;
    if (overlong || surrogate || (s[i] == 0xF4 && s[i + 1] > 0x8F)) return false;
    i += more + 1;
  }
  return true;
}
