#include "exotel/secrets.h"

#include <string.h>

/* No API token is that short; hiding one of a test's would eat every word of a message. */
enum { TOKEN_MIN = 4 };

static bool add(exo_secrets *secrets, const char *text) {
  if (text == NULL) return false;
  if (text[0] != '\0' && secrets->count < EXO_SECRETS_MAX) secrets->texts[secrets->count++] = text;
  return true;
}

/* As JSON writes it, when that differs: quotes and backslashes, and slashes as some writers do. */
static const char *escaped(const char *text, exo_arena *arena) {
  char *out = exo_arena_take(arena, 2 * strlen(text) + 1), *at = out;
  for (; out != NULL && *text != '\0'; text++) {
    if (strchr("\"\\/", *text) != NULL) *at++ = '\\';
    *at++ = *text;
  }
  return out;
}

static bool add_both(exo_secrets *secrets, const char *text, exo_arena *arena) {
  if (strpbrk(text, "\"\\/") != NULL && !add(secrets, escaped(text, arena))) return false;
  return add(secrets, text);
}

static void encode_group(const unsigned char *in, size_t length, char *out) {
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  unsigned bits = (unsigned)in[0] << 16 | (length > 1 ? (unsigned)in[1] << 8 : 0) | (length > 2 ? in[2] : 0);
  for (size_t i = 0; i < 4; i++) out[i] = i <= length ? digits[bits >> (18 - 6 * i) & 63] : '=';
}

/* What stands behind "Basic " in the Authorization header. */
static const char *basic(const exo_config *config, exo_arena *arena) {
  char *pair = exo_arena_format(arena, "%s:%s", config->api_key, config->api_token);
  size_t length = pair != NULL ? strlen(pair) : 0;
  char *out = pair != NULL ? exo_arena_take(arena, (length + 2) / 3 * 4 + 1) : NULL;
  for (size_t i = 0; out != NULL && i < length; i += 3)
    encode_group((const unsigned char *)pair + i, length - i < 3 ? length - i : 3, out + i / 3 * 4);
  return out;
}

static bool add_passwords(exo_secrets *secrets, const exo_operation *operation, const exo_value *arguments, exo_arena *arena) {
  for (const exo_parameter *p = operation->parameters; p->name != NULL; p++) {
    const exo_value *value = p->secret ? exo_value_member(arguments, p->name) : NULL;
    if (value != NULL && value->type == EXO_VALUE_TEXT && !add_both(secrets, value->text, arena)) return false;
  }
  return true;
}

bool exo_secrets_gather(exo_secrets *secrets, const exo_config *config, const exo_operation *operation,
                        const exo_value *arguments, exo_arena *arena) {
  secrets->count = 0;
  const char *header = basic(config, arena);
  if (header == NULL || !add_both(secrets, header, arena)) return false;
  if (strlen(config->api_token) >= TOKEN_MIN && !add_both(secrets, config->api_token, arena)) return false;
  return add_passwords(secrets, operation, arguments, arena);
}

static void hide_one(const char *secret, char *text, size_t length) {
  size_t size = strlen(secret);
  for (size_t i = 0; size <= length && i <= length - size; i++)
    if (text[i] == secret[0] && memcmp(text + i, secret, size) == 0) memset(text + i, '*', size);
}

void exo_secrets_hide(const exo_secrets *secrets, char *text, size_t length) {
  for (size_t i = 0; text != NULL && i < secrets->count; i++) hide_one(secrets->texts[i], text, length);
}

/* The reader allows at most 64 levels, so recursion is bounded. */
void exo_secrets_hide_tree(const exo_secrets *secrets, cJSON *tree) {
  for (cJSON *node = tree; node != NULL; node = node->next) {
    if (node->valuestring != NULL) exo_secrets_hide(secrets, node->valuestring, strlen(node->valuestring));
    exo_secrets_hide_tree(secrets, node->child);
  }
}
