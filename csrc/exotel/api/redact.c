#include "exotel/api/redact.h"

#include <string.h>

/* No secret of use is shorter; hiding one letter would eat every word of a message. */
enum { SECRET_MIN = 4 };

static bool add(exo_redaction *secrets, const char *text) {
  if (text == NULL) return false;
  if (text[0] != '\0' && secrets->count < EXO_REDACTIONS_MAX) secrets->texts[secrets->count++] = text;
  return true;
}

static void encode_group(const unsigned char *in, size_t length, char *out) {
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  unsigned bits = (unsigned)in[0] << 16 | (length > 1 ? (unsigned)in[1] << 8 : 0) | (length > 2 ? in[2] : 0);
  for (size_t i = 0; i < 4 && i <= length; i++) out[i] = digits[bits >> (18 - 6 * i) & 63];
}

/* What stands behind "Basic " in an Authorization header, but for the equals signs at its end: not all echo them. */
static const char *basic(const char *user, const char *password, exo_arena *arena) {
  char *pair = exo_arena_format(arena, "%s:%s", user, password);
  size_t length = pair != NULL ? strlen(pair) : 0;
  char *out = pair != NULL ? exo_arena_take(arena, (length + 2) / 3 * 4 + 1) : NULL;
  for (size_t i = 0; out != NULL && i < length; i += 3)
    encode_group((const unsigned char *)pair + i, length - i < 3 ? length - i : 3, out + i / 3 * 4);
  return out;
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

static int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  return (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') ? (c | 0x20) - 'a' + 10 : -1;
}

static bool is_number(const char *digits, size_t count, unsigned char c) {
  for (; count > 2; count--)
    if (*digits++ != '0') return false;
  return hex_digit(digits[0]) == c >> 4 && hex_digit(digits[1]) == (c & 15);
}

/* How long a character's number is where it stands at the start of a text, as JSON ("\u002f") or a URL ("%2F") has it;
 * 0: it doesn't stand there. */
static size_t written_as_number(char c, const char *text, size_t length) {
  bool url = text[0] == '%';
  size_t before = url ? 1 : 2, digits = url ? 2 : 4;
  if (length < before + digits || (!url && (text[1] | 0x20) != 'u')) return 0;
  return is_number(text + before, digits, (unsigned char)c) ? before + digits : 0;
}

/* The same, however it is written: also as it is, or as "\/". */
static size_t written(char c, const char *text, size_t length) {
  if (length == 0) return 0;
  bool marked = text[0] == '\\' || text[0] == '%';
  size_t size = marked ? written_as_number(c, text, length) : 0;
  if (size > 0) return size;
  if (length >= 2 && text[0] == '\\' && text[1] == c && strchr("\"\\/", c) != NULL) return 2;
  return text[0] == c ? 1 : 0;
}

/* The same for a secret, whose characters may be written each in its own way. */
static size_t span(const char *secret, const char *text, size_t length) {
  size_t size = strlen(secret), at = 0;
  if (size <= length && memcmp(text, secret, size) == 0) return size;
  for (; *secret != '\0'; secret++) {
    size_t n = written(*secret, text + at, length - at);
    if (n == 0) return 0;
    at += n;
  }
  return at;
}

static bool may_begin(char c, char first) { return c == first || c == '\\' || c == '%'; }

static void hide_one(const char *secret, char *text, size_t length) {
  for (size_t i = 0; i < length; i++) {
    if (!may_begin(text[i], secret[0])) continue;
    bool begins = written(secret[0], text + i, length - i) > 0;
    if (begins) memset(text + i, '*', span(secret, text + i, length - i));
  }
}

void exo_redact(const exo_redaction *secrets, char *text, size_t length) {
  for (size_t i = 0; text != NULL && i < secrets->count; i++) hide_one(secrets->texts[i], text, length);
}

size_t exo_redact_reach(const exo_redaction *secrets) {
  enum { LONGEST = 6 }; /* "\\u002f" */
  size_t most = 0;
  for (size_t i = 0; i < secrets->count; i++)
    if (strlen(secrets->texts[i]) > most) most = strlen(secrets->texts[i]);
  return most * LONGEST;
}

/* The reader allows at most 64 levels, so recursion is bounded. */
void exo_redact_tree(const exo_redaction *secrets, cJSON *tree) {
  for (cJSON *node = tree; node != NULL; node = node->next) {
    if (node->string != NULL) exo_redact(secrets, node->string, strlen(node->string));
    if (node->valuestring != NULL) exo_redact(secrets, node->valuestring, strlen(node->valuestring));
    exo_redact_tree(secrets, node->child);
  }
}
