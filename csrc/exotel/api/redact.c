#include "exotel/api/redact.h"

#include <limits.h>
#include <string.h>

#include "exotel/base/basic_auth.h"
#include "exotel/base/hex.h"

/* No secret of use is shorter; hiding one letter would eat every word of a message. */
enum { SECRET_MIN = 4 };

static bool add(exo_redaction *secrets, const char *text) {
  if (text == NULL) return false;
  if (text[0] != '\0' && secrets->count < EXO_REDACTIONS_MAX) secrets->texts[secrets->count++] = text;
  return true;
}

/* Without the equals signs at its end: not all echo them. */
static const char *basic(const char *user, const char *password, exo_arena *arena) {
  char *text = exo_basic_auth(user, password, arena);
  if (text != NULL) text[strcspn(text, "=")] = '\0';
  return text;
}

static bool add_long(exo_redaction *secrets, const char *text) {
  return text == NULL || strlen(text) < SECRET_MIN || add(secrets, text);
}

/* libcurl quotes the URL of a proxy that it can't use. */
static bool add_proxy(exo_redaction *secrets, const exo_proxy *proxy, exo_arena *arena) {
  if (proxy->user == NULL) return true;
  return add(secrets, basic(proxy->user, proxy->password != NULL ? proxy->password : "", arena)) &&
         add_long(secrets, proxy->user) && add_long(secrets, proxy->password);
}

static bool add_passwords(exo_redaction *secrets, const exo_operation *operation, const exo_value *arguments) {
  for (const exo_parameter *p = operation->parameters; p->name != NULL; p++) {
    const exo_value *value = p->secret ? exo_value_member(arguments, p->name) : NULL;
    if (value != NULL && value->type == EXO_VALUE_TEXT && !add(secrets, value->text)) return false;
  }
  return true;
}

bool exo_redaction_collect(exo_redaction *secrets, const exo_config *config, const exo_operation *operation,
                           const exo_value *arguments, exo_arena *arena) {
  secrets->count = 0;
  if (!add(secrets, basic(config->api_key, config->api_token, arena))) return false;
  if (!add_long(secrets, config->api_token) || !add_proxy(secrets, &config->proxy, arena)) return false;
  return add_passwords(secrets, operation, arguments);
}

/* The number of `count` hexadecimal digits, at most 255; -1: they are none, or more. */
static int hex_number(const char *digits, size_t count) {
  int number = 0;
  for (size_t i = 0; i < count; i++) {
    int digit = exo_hex_digit(digits[i]);
    number = digit >= 0 ? number * 16 + digit : -1;
    if (number < 0 || number > UCHAR_MAX) return -1;
  }
  return number;
}

/* A character and how long it is where it stands, size 0: it is nothing but itself. */
typedef struct written {
  char c;
  size_t size;
} written;

/* As JSON ("\u002f", "\/") or a URL ("%2F") writes it. */
static written read_escape(const char *text, size_t length) {
  bool url = text[0] == '%';
  size_t before = url ? 1 : 2, digits = url ? 2 : 4;
  int number = -1;
  if (length >= before + digits && (url || (text[1] | 0x20) == 'u')) number = hex_number(text + before, digits);
  if (number >= 0) return (written){ (char)number, before + digits };
  bool short_one = !url && length >= 2 && memchr("\"\\/", text[1], 3) != NULL;
  return short_one ? (written){ text[1], 2 } : (written){ text[0], 0 };
}

static bool is_mark(char c) { return c == '\\' || c == '%'; }

/* How much of a text a character takes, as it is or with an escape; 0: it is another one that stands there. */
static size_t size_of(char c, const char *text, size_t length) {
  if (length == 0) return 0;
  written escape = is_mark(text[0]) ? read_escape(text, length) : (written){ text[0], 0 };
  if (escape.size > 0 && escape.c == c) return escape.size;
  return text[0] == c ? 1 : 0;
}

/* The same for a secret, whose characters may be written each in its own way. */
static size_t span_with_escapes(const char *secret, const char *text, size_t length) {
  size_t size = strlen(secret), at = 0;
  if (size <= length && memcmp(text, secret, size) == 0) return size;
  for (; *secret != '\0'; secret++) {
    size_t n = size_of(*secret, text + at, length - at);
    if (n == 0) return 0;
    at += n;
  }
  return at;
}

/* Most often nothing is written with an escape, and it is another text after a character or two. */
static size_t span(const char *secret, const char *text, size_t length) {
  size_t at = 0;
  for (; at < length && *secret == text[at] && *secret != '\0' && !is_mark(text[at]); at++) secret++;
  if (*secret == '\0') return at;
  size_t rest = at < length && is_mark(text[at]) ? span_with_escapes(secret, text + at, length - at) : 0;
  return rest > 0 ? at + rest : 0;
}

/* Which characters some secret begins with: a text is long, and most of it begins none. */
typedef struct first_characters {
  bool of[UCHAR_MAX + 1];
} first_characters;

static first_characters find_first(const exo_redaction *secrets) {
  first_characters found = { { false } };
  for (size_t i = 0; i < secrets->count; i++) found.of[(unsigned char)secrets->texts[i][0]] = true;
  return found;
}

static bool may_begin(const first_characters *first, const char *text, size_t length) {
  if (first->of[(unsigned char)text[0]]) return true;
  return is_mark(text[0]) && first->of[(unsigned char)read_escape(text, length).c];
}

static size_t longest_span(const exo_redaction *secrets, const char *text, size_t length) {
  size_t longest = 0;
  for (size_t i = 0; i < secrets->count; i++) {
    size_t own = span(secrets->texts[i], text, length);
    if (own > longest) longest = own;
  }
  return longest;
}

/* Secrets may overlap: a byte is overwritten only when none that begins later is to be seen in it. */
static void hide(const exo_redaction *secrets, const first_characters *first, char *text, size_t length) {
  size_t end = 0;
  for (size_t i = 0; i < length; i++) {
    if (may_begin(first, text + i, length - i)) {
      size_t own = longest_span(secrets, text + i, length - i);
      if (i + own > end) end = i + own;
    }
    if (i < end) text[i] = '*';
  }
}

void exo_redact(const exo_redaction *secrets, char *text, size_t length) {
  first_characters first = find_first(secrets);
  if (text != NULL) hide(secrets, &first, text, length);
}

size_t exo_redact_reach(const exo_redaction *secrets) {
  enum { LONGEST = 6 }; /* "\\u002f" */
  size_t most = 0;
  for (size_t i = 0; i < secrets->count; i++)
    if (strlen(secrets->texts[i]) > most) most = strlen(secrets->texts[i]);
  return most * LONGEST;
}

static void hide_in_value(const exo_redaction *secrets, const first_characters *first, exo_json_value *value) {
  if (value->type != EXO_JSON_STRING && value->type != EXO_JSON_NUMBER) return;
  char *text = (char *)value - value->place;
  hide(secrets, first, text, value->length);
  if (memchr(text, '*', value->length) != NULL) value->type = EXO_JSON_STRING;
}

void exo_redact_json(const exo_redaction *secrets, const exo_json *json) {
  first_characters first = find_first(secrets);
  for (size_t i = 0; i < json->count; i++) hide_in_value(secrets, &first, &json->values[i]);
}
