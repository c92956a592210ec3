#include "exotel/api/json.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "exotel/base/hex.h"

/* NUMBER_LENGTH: what older releases of cJSON can read. The limits bound what a hostile answer can cost: a tree takes
 * many times the memory of its text. */
enum { MAX_DEPTH = 64, MAX_TEXT = 64 * 1024, EXACT_DIGITS = 15, NUMBER_LENGTH = 63 };

typedef struct limits {
  size_t values, texts;
} limits;

static const limits of_answer = { 50000, 2 * 1024 * 1024 };
static const limits of_file = { 1000000, 32 * 1024 * 1024 };

/* A strict reader that walks the text once. With `out` it also writes the text that cJSON is to parse; without,
 * it only finds out whether that would differ from the text as it came, which is rare. */
typedef struct scan {
  const char *at, *end;
  exo_buffer *out;
  const limits *most;
  bool lenient, rewrites;
  bool too_large; /* beyond a limit, where it stopped */
  size_t values, bare_words;
  size_t texts; /* bytes of strings, numbers and words so far */
} scan;

static bool scan_value(scan *s, int depth, bool id);

static void emit(scan *s, const char *bytes, size_t length) {
  if (s->out != NULL) exo_buffer_append(s->out, bytes, length);
}

static void emit_quoted(scan *s, const char *bytes, size_t length) {
  s->rewrites = true;
  emit(s, "\"", 1);
  emit(s, bytes, length);
  emit(s, "\"", 1);
}

static char peek(const scan *s) { return s->at < s->end ? *s->at : '\0'; }

static bool take(scan *s, char c) {
  if (peek(s) != c || s->at == s->end) return false;
  emit(s, s->at++, 1);
  return true;
}

/* Eight at a time where there are many. */
static void skip_space(scan *s) {
  static const char eight[] = "        ";
  while (s->end - s->at >= 8 && memcmp(s->at, eight, 8) == 0) s->at += 8;
  while (s->at < s->end && (*s->at == ' ' || *s->at == '\t' || *s->at == '\n' || *s->at == '\r')) s->at++;
}

/* Counts a string, number or word in. */
static bool fits(scan *s, size_t length) {
  s->texts += length;
  s->too_large = length > MAX_TEXT || s->texts > s->most->texts;
  return !s->too_large;
}

static bool digit(char c) { return c >= '0' && c <= '9'; }
static bool letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

/* What is too long anyway is not looked at to its end. */
static bool is_too_long(const scan *s, const char *start) { return s->at - start > MAX_TEXT; }

static size_t skip_digits(scan *s) {
  const char *start = s->at;
  while (digit(peek(s)) && !is_too_long(s, start)) s->at++;
  return (size_t)(s->at - start);
}

/* The code unit of four hex digits, or -1. */
static long scan_code_unit(scan *s) {
  long unit = 0;
  if (s->end - s->at < 4) return -1;
  for (int i = 0; i < 4; i++, s->at++) {
    int own = exo_hex_digit(*s->at);
    if (own < 0) return -1;
    unit = unit * 16 + own;
  }
  return unit;
}

/* \u0000 is refused: the tree's strings end at a NUL, so it would cut a value short unseen. A surrogate without its
 * other half is no character. */
static bool scan_unicode(scan *s) {
  long unit = scan_code_unit(s);
  if (unit <= 0 || (unit >= 0xDC00 && unit <= 0xDFFF)) return false;
  if (unit < 0xD800 || unit > 0xDBFF) return true;
  if (s->end - s->at < 2 || memcmp(s->at, "\\u", 2) != 0) return false;
  s->at += 2;
  unit = scan_code_unit(s);
  return unit >= 0xDC00 && unit <= 0xDFFF;
}

static bool scan_escape(scan *s) {
  if (s->at == s->end) return false;
  char c = *s->at++;
  return c == 'u' ? scan_unicode(s) : c != '\0' && strchr("\"\\/bfnrt", c) != NULL;
}

static bool is_plain(char c) { return (unsigned char)c >= 0x20 && c != '"' && c != '\\'; }

static bool scan_string(scan *s) {
  const char *start = s->at++;
  const char *most = s->end - start > MAX_TEXT ? start + MAX_TEXT + 1 : s->end; /* what is longer is refused anyway */
  for (;;) {
    while (s->at < most && is_plain(*s->at)) s->at++;
    if (s->at >= most || *s->at != '\\') break;
    s->at++;
    if (!scan_escape(s)) return false;
  }
  if (most != s->end && s->at >= most) return fits(s, (size_t)(s->at - start));
  if (s->at == s->end || *s->at != '"') return false;
  s->at++;
  emit(s, start, (size_t)(s->at - start));
  return fits(s, (size_t)(s->at - start));
}

static bool scan_number(scan *s, bool id) {
  const char *start = s->at;
  if (peek(s) == '-') s->at++;
  bool zero = peek(s) == '0';
  size_t digits = skip_digits(s);
  if (digits == 0 || (zero && digits > 1)) return false;
  bool integer = true;
  if (peek(s) == '.') {
    integer = false;
    s->at++;
    if (skip_digits(s) == 0) return false;
  }
  if (peek(s) == 'e' || peek(s) == 'E') {
    integer = false;
    s->at++;
    if (peek(s) == '+' || peek(s) == '-') s->at++;
    if (skip_digits(s) == 0) return false;
  }
  size_t length = (size_t)(s->at - start);
  if ((integer && (id || digits > EXACT_DIGITS)) || length > NUMBER_LENGTH) emit_quoted(s, start, length);
  else emit(s, start, length);
  return fits(s, length);
}

static bool is_literal(const char *word, size_t length) {
  return (length == 4 && (memcmp(word, "true", 4) == 0 || memcmp(word, "null", 4) == 0)) ||
         (length == 5 && memcmp(word, "false", 5) == 0);
}

static bool scan_word(scan *s) {
  const char *start = s->at;
  while ((letter(peek(s)) || digit(peek(s)) || peek(s) == '-') && !is_too_long(s, start)) s->at++;
  size_t length = (size_t)(s->at - start);
  if (is_literal(start, length)) {
    emit(s, start, length);
    return true;
  }
  s->bare_words++;
  emit_quoted(s, start, length);
  return s->lenient && fits(s, length);
}

/* "id", "request_id", "trunk_sid": what names a thing is text, whichever way it was sent. */
static bool names_id(const char *key, size_t length) {
  if (length == 2) return memcmp(key, "id", 2) == 0;
  return (length > 3 && memcmp(key + length - 3, "_id", 3) == 0) ||
         (length > 4 && memcmp(key + length - 4, "_sid", 4) == 0);
}

static bool scan_member(scan *s, int depth) {
  skip_space(s);
  if (peek(s) != '"') return false;
  const char *key = s->at + 1;
  if (!scan_string(s)) return false;
  bool id = names_id(key, (size_t)(s->at - 1 - key));
  skip_space(s);
  return take(s, ':') && scan_value(s, depth, id);
}

static bool scan_container(scan *s, int depth, bool object) {
  char closing = object ? '}' : ']';
  emit(s, s->at++, 1);
  skip_space(s);
  if (take(s, closing)) return true;
  do {
    if (!(object ? scan_member(s, depth + 1) : scan_value(s, depth + 1, false))) return false;
    skip_space(s);
  } while (take(s, ','));
  return take(s, closing);
}

static bool scan_value(scan *s, int depth, bool id) {
  skip_space(s);
  char c = peek(s);
  s->too_large = depth >= MAX_DEPTH || ++s->values > s->most->values;
  if (s->too_large) return false;
  if (c == '{' || c == '[') return scan_container(s, depth, c == '{');
  if (c == '"') return scan_string(s);
  if (c == '-' || digit(c)) return scan_number(s, id);
  return letter(c) && scan_word(s);
}

static bool scan_text(scan *s, const char *text, size_t length) {
  s->at = text;
  s->end = text + length;
  s->values = s->bare_words = s->texts = 0;
  if (!scan_value(s, 0, false)) return false;
  skip_space(s);
  return s->at == s->end;
}

/* The text is known to be good JSON within cJSON's limits, so what can fail now is memory. */
static exo_json_result parse(const char *text, size_t length, cJSON **tree) {
  *tree = cJSON_ParseWithLength(text, length);
  return *tree != NULL ? EXO_JSON_GOOD : EXO_JSON_NO_MEMORY;
}

static exo_json_result read_text(const char *text, size_t length, const limits *most, const exo_allocator *allocator,
                                 size_t *bare_words, cJSON **tree) {
  scan s = { .lenient = bare_words != NULL, .most = most };
  exo_buffer rewritten;
  *tree = NULL;
  if (!scan_text(&s, text, length)) return EXO_JSON_BAD;
  if (bare_words != NULL) *bare_words = s.bare_words;
  if (!s.rewrites) return parse(text, length, tree);
  exo_buffer_init(&rewritten, allocator);
  s.out = &rewritten;
  bool written = scan_text(&s, text, length) && !rewritten.failed;
  exo_json_result result = written ? parse(rewritten.data, rewritten.length, tree) : EXO_JSON_NO_MEMORY;
  exo_buffer_free(&rewritten);
  return result;
}

/* How long the byte order mark is. It is not left to cJSON, which fails on one before a single byte. */
static size_t mark_length(const char *text, size_t length) {
  return length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
}

exo_json_result exo_json_read(const char *text, size_t length, const exo_allocator *allocator, size_t *bare_words,
                              cJSON **tree) {
  size_t mark = mark_length(text, length);
  return read_text(text + mark, length - mark, &of_answer, allocator, bare_words, tree);
}

exo_json_result exo_json_read_file(const char *text, size_t length, const exo_allocator *allocator, cJSON **tree) {
  size_t mark = mark_length(text, length);
  return read_text(text + mark, length - mark, &of_file, allocator, NULL, tree);
}

exo_json_fault exo_json_find_fault(const char *text, size_t length) {
  scan s = { .most = &of_file };
  size_t mark = mark_length(text, length);
  scan_text(&s, text + mark, length - mark);
  exo_json_fault fault = { .line = 1, .column = 1, .too_large = s.too_large };
  for (const char *c = text + mark; c < s.at; c++) {
    fault.column = *c == '\n' ? 1 : fault.column + 1;
    if (*c == '\n') fault.line++;
  }
  return fault;
}

const cJSON *exo_json_member(const cJSON *object, const char *name) {
  return cJSON_IsObject(object) ? cJSON_GetObjectItemCaseSensitive(object, name) : NULL;
}

const char *exo_json_text(const cJSON *object, const char *name) {
  const cJSON *member = exo_json_member(object, name);
  return cJSON_IsString(member) ? member->valuestring : NULL;
}

long exo_json_integer(const cJSON *object, const char *name, long otherwise) {
  const cJSON *member = exo_json_member(object, name);
  if (cJSON_IsNumber(member)) return member->valueint;
  if (!cJSON_IsString(member) || !digit(member->valuestring[0])) return otherwise;
  char *end;
  long number = strtol(member->valuestring, &end, 10);
  return *end == '\0' && number < INT_MAX ? number : otherwise;
}

long exo_json_seconds(const cJSON *object, const char *name) {
  const cJSON *member = exo_json_member(object, name);
  bool text = cJSON_IsString(member) && digit(member->valuestring[0]);
  if (!text && !cJSON_IsNumber(member)) return -1;
  double seconds = text ? strtod(member->valuestring, NULL) : member->valuedouble;
  if (!(seconds >= 0)) return -1;
  return seconds < INT_MAX ? (long)ceil(seconds) : INT_MAX;
}
