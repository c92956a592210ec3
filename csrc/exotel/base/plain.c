#include "exotel/base/plain.h"

#include <stdbool.h>

#include "exotel/base/utf8.h"

/* Those that scripts and emoji need to join what they join (U+200C, U+200D) are not among them. */
static const struct {
  uint32_t first, last;
} hidden[] = {
  { 0x80, 0x9F }, { 0x61C, 0x61C }, { 0x200E, 0x200F }, { 0x2028, 0x202E }, { 0x2066, 0x206F }, { 0xFEFF, 0xFEFF },
};

static bool is_hidden(uint32_t code) {
  for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++)
    if (code >= hidden[i].first && code <= hidden[i].last) return true;
  return false;
}

/* As the first byte tells it. */
static size_t length_of(unsigned char first) { return first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4; }

static uint32_t code_of(const unsigned char *s, size_t length) {
  uint32_t code = length == 1 ? s[0] : s[0] & (0x7Fu >> length);
  for (size_t i = 1; i < length; i++) code = code << 6 | (s[i] & 0x3Fu);
  return code;
}

static exo_char_class class_of(uint32_t code) {
  if (code < 0x20 || code == 0x7F) return EXO_CHAR_CONTROL;
  return is_hidden(code) ? EXO_CHAR_HIDDEN : EXO_CHAR_PLAIN;
}

exo_char exo_char_read(const char *text, size_t length) {
  const unsigned char *s = (const unsigned char *)text;
  size_t own = length_of(s[0]);
  if (own > length || !exo_utf8_valid(text, own)) return (exo_char){ EXO_CHAR_BROKEN, 1, s[0] };
  uint32_t code = code_of(s, own);
  return (exo_char){ class_of(code), own, code };
}
