#include "exotel/api/json.h"

#include <string.h>

#include "exotel/base/hex.h"

/* The limits bound what a hostile answer can cost. NUMBER_LENGTH: what longer ones say, no double holds. */
enum { MAX_DEPTH = 64, MAX_TEXT = 64 * 1024, EXACT_DIGITS = 15, NUMBER_LENGTH = 63 };

/* How many bytes of a text are looked at in one step. */
enum { AT_ONCE = 8 };

typedef struct limits {
  size_t values, texts;
} limits;

static const limits of_answer = { 50000, 2 * 1024 * 1024 };
static const limits of_file = { 1000000, 32 * 1024 * 1024 };

/* Walks the text once, and writes what it reads into the block: texts from its start, values behind `room` bytes. */
typedef struct reader {
  const char *at, *end;
  const limits *most;
  exo_json *json;
  size_t room, capacity; /* of the block: bytes for texts, how many values */
  char *out;             /* where the next text goes */
  bool lenient;
  bool too_large; /* beyond a limit, where it stopped */
  bool out_of_memory;
  size_t values, bare_words;
  size_t texts; /* bytes of strings, numbers and words so far */
} reader;

static bool read_value(reader *r, int depth, bool id);

/* ---- the block ---- */

static size_t less(size_t a, size_t b) { return a < b ? a : b; }

/* Of a text no more is kept than stands there, and a NUL for each; at the end of it eight bytes may be copied at once.
 */
static size_t room_for_texts(size_t length, const limits *most) {
  enum { ALIGNMENT = _Alignof(exo_json_value) };
  size_t room = less(length, most->texts + most->values + MAX_TEXT) + 1 + AT_ONCE;
  return (room + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

/* Values find their texts by the distance, so the block may move. */
static bool resize_block(reader *r, size_t capacity) {
  exo_json *json = r->json;
  size_t written = json->block != NULL ? (size_t)(r->out - (char *)json->block) : 0;
  size_t size = r->room + capacity * sizeof(exo_json_value);
  char *block = json->allocator->resize(json->allocator->context, json->block, size);
  r->out_of_memory = block == NULL;
  if (block == NULL) return false;
  json->block = block;
  json->values = (exo_json_value *)(void *)(block + r->room);
  r->out = block + written;
  r->capacity = capacity;
  return true;
}

/* So many for a text as the service writes it, with its indentation. */
static bool open_block(reader *r, size_t length) {
  enum { BYTES_A_VALUE = 12, SPARE = 16 };
  r->room = room_for_texts(length, r->most);
  return resize_block(r, less(length / BYTES_A_VALUE, r->most->values) + SPARE);
}

/* Before a value is read, so that its text doesn't move while it is. */
static bool make_room(reader *r) { return r->json->count < r->capacity || resize_block(r, 2 * r->capacity); }

static exo_json_value *add(reader *r, exo_json_type type) {
  exo_json_value *value = &r->json->values[r->json->count++];
  *value = (exo_json_value){ .type = (uint32_t)type };
  return value;
}

/* What has been written since `text`. */
static void add_text(reader *r, exo_json_type type, const char *text) {
  exo_json_value *value = add(r, type);
  value->length = (uint32_t)(r->out - text);
  value->place = (uint32_t)((const char *)value - text);
  *r->out++ = '\0';
}

static void copy(reader *r, const char *bytes, size_t length) {
  memcpy(r->out, bytes, length);
  r->out += length;
}

/* ---- characters ---- */

static char peek(const reader *r) { return r->at < r->end ? *r->at : '\0'; }

static bool take(reader *r, char c) {
  if (r->at == r->end || *r->at != c) return false;
  r->at++;
  return true;
}

static bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

static void skip_spaces(reader *r) {
  static const char many[] = "        ";
  while (r->at < r->end && is_space(*r->at)) {
    r->at++;
    while (r->end - r->at >= AT_ONCE && memcmp(r->at, many, AT_ONCE) == 0) r->at += AT_ONCE;
  }
}

static inline void skip_space(reader *r) {
  if (r->at < r->end && is_space(*r->at)) skip_spaces(r);
}

/* Counts a string, number or word in. */
static bool fits(reader *r, size_t length) {
  r->texts += length;
  r->too_large = length > MAX_TEXT || r->texts > r->most->texts;
  return !r->too_large;
}

static bool digit(char c) { return c >= '0' && c <= '9'; }
static bool letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

/* What is too long anyway is not looked at to its end. */
static bool is_too_long(const reader *r, const char *start) { return r->at - start > MAX_TEXT; }

/* ---- strings ---- */

/* The code unit of four hex digits, or -1. */
static long read_code_unit(reader *r) {
  long unit = 0;
  if (r->end - r->at < 4) return -1;
  for (int i = 0; i < 4; i++, r->at++) {
    int own = exo_hex_digit(*r->at);
    if (own < 0) return -1;
    unit = unit * 16 + own;
  }
  return unit;
}

/* The second half of a surrogate pair, whose first half is no character alone; -1: there is none. */
static long read_pair(reader *r, long first) {
  if (r->end - r->at < 2 || memcmp(r->at, "\\u", 2) != 0) return -1;
  r->at += 2;
  long second = read_code_unit(r);
  return second >= 0xDC00 && second <= 0xDFFF ? 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00) : -1;
}

static void write_utf8(reader *r, long c) {
  if (c < 0x80) *r->out++ = (char)c;
  else {
    int following = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    static const unsigned char heads[] = { 0, 0xC0, 0xE0, 0xF0 };
    *r->out++ = (char)(heads[following] | c >> 6 * following);
    while (following-- > 0) *r->out++ = (char)(0x80 | (c >> 6 * following & 0x3F));
  }
}

/* \u0000 is refused: texts end at a NUL, so it would cut a value short unseen. */
static bool read_unicode(reader *r) {
  long c = read_code_unit(r);
  if (c >= 0xD800 && c <= 0xDBFF) c = read_pair(r, c);
  if (c <= 0 || (c >= 0xDC00 && c <= 0xDFFF)) return false;
  write_utf8(r, c);
  return true;
}

static bool read_escape(reader *r) {
  static const char names[] = "\"\\/bfnrt", characters[] = "\"\\/\b\f\n\r\t";
  if (r->at == r->end) return false;
  char c = *r->at++;
  if (c == 'u') return read_unicode(r);
  const char *name = c != '\0' ? strchr(names, c) : NULL;
  if (name == NULL) return false;
  *r->out++ = characters[name - names];
  return true;
}

static bool is_plain(char c) { return (unsigned char)c >= 0x20 && c != '"' && c != '\\'; }

/* How many of a step's bytes are plain before the first that is not. */
static int count_plain(uint64_t bytes) {
  const uint64_t ones = 0x0101010101010101u, tops = ones << 7;
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  bytes = __builtin_bswap64(bytes);
#endif
  uint64_t quotes = bytes ^ ones * '"', slashes = bytes ^ ones * '\\';
  /* A byte's top bit: that it is 0, or below a space. A borrow makes more of them, but only behind the first. */
  uint64_t found = (((quotes - ones) & ~quotes) | ((slashes - ones) & ~slashes) | ((bytes - ones * ' ') & ~bytes)) &
                   tops;
  return found != 0 ? __builtin_ctzll(found) / 8 : AT_ONCE;
}

/* What is copied beyond plain text is overwritten by what follows it. */
static void copy_plain(reader *r, const char *end) {
  const char *at = r->at;
  char *out = r->out;
  for (int count = AT_ONCE; count == AT_ONCE && end - at >= AT_ONCE; at += count, out += count) {
    uint64_t bytes;
    memcpy(&bytes, at, AT_ONCE);
    memcpy(out, &bytes, AT_ONCE);
    count = count_plain(bytes);
  }
  while (at < end && is_plain(*at)) *out++ = *at++;
  r->at = at;
  r->out = out;
}

static bool read_string(reader *r) {
  if (!make_room(r)) return false;
  const char *start = r->at++, *text = r->out;
  const char *most = r->end - start > MAX_TEXT ? start + MAX_TEXT + 1 : r->end; /* what is longer is refused anyway */
  for (;;) {
    copy_plain(r, most);
    if (r->at >= most || *r->at != '\\') break;
    r->at++;
    if (!read_escape(r)) return false;
  }
  if (most != r->end && r->at >= most) return fits(r, (size_t)(r->at - start));
  if (!take(r, '"')) return false;
  add_text(r, EXO_JSON_STRING, text);
  return fits(r, (size_t)(r->at - start));
}

/* ---- numbers and words ---- */

static size_t skip_digits(reader *r) {
  const char *start = r->at;
  while (digit(peek(r)) && !is_too_long(r, start)) r->at++;
  return (size_t)(r->at - start);
}

static bool skip_fraction(reader *r) { return !take(r, '.') || skip_digits(r) > 0; }

static bool skip_exponent(reader *r) {
  if (!take(r, 'e') && !take(r, 'E')) return true;
  if (!take(r, '+')) take(r, '-');
  return skip_digits(r) > 0;
}

/* Some `digits` long where it is an integer, else 0. */
static bool skip_number(reader *r, size_t *digits) {
  take(r, '-');
  bool zero = peek(r) == '0';
  *digits = skip_digits(r);
  if (*digits == 0 || (zero && *digits > 1)) return false;
  const char *whole = r->at;
  if (!skip_fraction(r) || !skip_exponent(r)) return false;
  if (r->at != whole) *digits = 0;
  return true;
}

static bool read_number(reader *r, bool id) {
  const char *start = r->at;
  size_t digits;
  if (!make_room(r) || !skip_number(r, &digits)) return false;
  const char *text = r->out;
  size_t length = (size_t)(r->at - start);
  bool as_text = (digits > 0 && id) || digits > EXACT_DIGITS || length > NUMBER_LENGTH;
  if (!fits(r, length)) return false;
  copy(r, start, length);
  add_text(r, as_text ? EXO_JSON_STRING : EXO_JSON_NUMBER, text);
  return true;
}

static bool is_word(const char *start, size_t length, const char *word) {
  return length == strlen(word) && memcmp(start, word, length) == 0;
}

static bool add_literal(reader *r, const char *start, size_t length) {
  exo_json_type type;
  if (is_word(start, length, "null")) type = EXO_JSON_NULL;
  else if (is_word(start, length, "true")) type = EXO_JSON_TRUE;
  else if (is_word(start, length, "false")) type = EXO_JSON_FALSE;
  else return false;
  add(r, type);
  return true;
}

static bool read_word(reader *r) {
  const char *start = r->at;
  if (!make_room(r)) return false;
  while ((letter(peek(r)) || digit(peek(r)) || peek(r) == '-') && !is_too_long(r, start)) r->at++;
  size_t length = (size_t)(r->at - start);
  if (add_literal(r, start, length)) return true;
  r->bare_words++;
  if (!r->lenient || !fits(r, length)) return false;
  const char *text = r->out;
  copy(r, start, length);
  add_text(r, EXO_JSON_STRING, text);
  return true;
}

/* ---- arrays and objects ---- */

/* "id", "request_id", "trunk_sid": what names a thing is text, whichever way it was sent. */
static bool names_id(const exo_json_value *name) {
  const char *text = exo_json_text(name);
  size_t length = name->length;
  if (length == 2) return memcmp(text, "id", 2) == 0;
  return (length > 3 && memcmp(text + length - 3, "_id", 3) == 0) ||
         (length > 4 && memcmp(text + length - 4, "_sid", 4) == 0);
}

static bool read_member(reader *r, int depth) {
  skip_space(r);
  if (peek(r) != '"' || !read_string(r)) return false;
  bool id = names_id(&r->json->values[r->json->count - 1]);
  skip_space(r);
  return take(r, ':') && read_value(r, depth, id);
}

/* → how many values or members, in `count`. */
static bool read_contents(reader *r, int depth, char closing, uint32_t *count) {
  skip_space(r);
  if (take(r, closing)) return true;
  do {
    if (!(closing == '}' ? read_member(r, depth) : read_value(r, depth, false))) return false;
    ++*count;
    skip_space(r);
  } while (take(r, ','));
  return take(r, closing);
}

static bool read_container(reader *r, int depth) {
  bool object = *r->at++ == '{';
  uint32_t count = 0;
  if (!make_room(r)) return false;
  size_t own = r->json->count;
  add(r, object ? EXO_JSON_OBJECT : EXO_JSON_ARRAY);
  if (!read_contents(r, depth + 1, object ? '}' : ']', &count)) return false;
  r->json->values[own].length = count;
  r->json->values[own].place = (uint32_t)(r->json->count - own - 1);
  return true;
}

static bool read_value(reader *r, int depth, bool id) {
  skip_space(r);
  char c = peek(r);
  r->too_large = depth >= MAX_DEPTH || ++r->values > r->most->values;
  if (r->too_large) return false;
  if (c == '"') return read_string(r);
  if (c == '{' || c == '[') return read_container(r, depth);
  if (c == '-' || digit(c)) return read_number(r, id);
  return letter(c) && read_word(r);
}

/* ---- the whole ---- */

/* How long the byte order mark is. */
static size_t mark_length(const char *text, size_t length) {
  return length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
}

static bool read_text(reader *r) {
  if (!open_block(r, (size_t)(r->end - r->at)) || !read_value(r, 0, false)) return false;
  skip_space(r);
  return r->at == r->end;
}

static exo_json_result read_all(reader *r, const char *text, size_t length, const exo_allocator *allocator) {
  *r->json = (exo_json){ .allocator = allocator };
  r->at = text + mark_length(text, length);
  r->end = text + length;
  if (read_text(r)) {
    r->json->root = r->json->values;
    return EXO_JSON_GOOD;
  }
  exo_json_free(r->json);
  return r->out_of_memory ? EXO_JSON_NO_MEMORY : EXO_JSON_BAD;
}

exo_json_result exo_json_read(exo_json *json, const char *text, size_t length, const exo_allocator *allocator,
                              size_t *bare_words) {
  reader r = { .json = json, .most = &of_answer, .lenient = bare_words != NULL };
  exo_json_result result = read_all(&r, text, length, allocator);
  if (bare_words != NULL) *bare_words = r.bare_words;
  return result;
}

static exo_json_fault find_fault(const reader *r, const char *text, size_t length) {
  exo_json_fault fault = { .line = 1, .column = 1, .too_large = r->too_large };
  for (const char *c = text + mark_length(text, length); c < r->at; c++) {
    fault.column = *c == '\n' ? 1 : fault.column + 1;
    if (*c == '\n') fault.line++;
  }
  return fault;
}

exo_json_result exo_json_read_file(exo_json *json, const char *text, size_t length, const exo_allocator *allocator,
                                   exo_json_fault *fault) {
  reader r = { .json = json, .most = &of_file };
  exo_json_result result = read_all(&r, text, length, allocator);
  if (result == EXO_JSON_BAD) *fault = find_fault(&r, text, length);
  return result;
}

void exo_json_free(exo_json *json) {
  if (json->block != NULL) exo_free(json->allocator, json->block);
  *json = (exo_json){ .root = NULL };
}
