#include "fuzz.h"

#include <string.h>

/* ---- memory ---- */

enum { BLOCKS_MAX = 4096 };
static void *blocks[BLOCKS_MAX];
static size_t block_count;

void *fuzz_block(size_t size) {
  if (block_count == BLOCKS_MAX) abort();
  void *block = calloc(1, size > 0 ? size : 1);
  if (block == NULL) abort();
  blocks[block_count++] = block;
  return block;
}

char *fuzz_copy(const void *bytes, size_t length) {
  char *copy = fuzz_block(length + 1);
  if (length > 0) memcpy(copy, bytes, length);
  return copy;
}

void fuzz_forget(void) {
  while (block_count > 0) free(blocks[--block_count]);
}

bool fuzz_one_line(const char *text) {
  for (; *text != '\0'; text++)
    if ((unsigned char)*text < 0x20 || *text == 0x7F) return false;
  return true;
}

/* ---- a call as text ---- */

enum { ITEMS_MAX = 16, LINES_MAX = 200 };

typedef struct line {
  const char *text; /* without its line break; a NUL is behind it */
  size_t length;
} line;

/* Takes the next line off; false at the end. */
static bool next_line(const char **at, const char *end, line *l) {
  if (*at >= end) return false;
  const char *stop = memchr(*at, '\n', (size_t)(end - *at));
  l->length = (size_t)((stop != NULL ? stop : end) - *at);
  l->text = fuzz_copy(*at, l->length);
  *at += l->length + 1;
  return true;
}

static const exo_operation *operation_of(const line *l) {
  const exo_operation *named = exo_operation_find(l->text);
  size_t sum = 0;
  for (size_t i = 0; i < l->length; i++) sum = sum * 31 + (unsigned char)l->text[i];
  return named != NULL ? named : &exo_operations[sum % exo_operation_count];
}

static int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static exo_value text_of(const char *text, size_t length) {
  char *bytes = fuzz_block(length + 1);
  size_t n = 0;
  for (size_t i = 0; i < length; i++) {
    bool escaped = text[i] == '%' && i + 2 < length && hex_digit(text[i + 1]) >= 0 && hex_digit(text[i + 2]) >= 0;
    bytes[n++] = escaped ? (char)(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2])) : text[i];
    i += escaped ? 2 : 0;
  }
  return (exo_value){ .type = EXO_VALUE_TEXT, .text = fuzz_copy(bytes, n), .length = n };
}

static exo_value container(exo_value_type type) {
  return (exo_value){ .type = type, .items = fuzz_block(ITEMS_MAX * sizeof(exo_value)) };
}

static exo_value value_of(const char *text, size_t length) {
  char type = length > 0 ? text[0] : 'z';
  switch (type) {
    case 'i': return (exo_value){ .type = EXO_VALUE_INTEGER, .integer = strtoll(text + 1, NULL, 10) };
    case 'n': return (exo_value){ .type = EXO_VALUE_NUMBER, .number = 0.5 };
    case 'z': return (exo_value){ .type = EXO_VALUE_NULL };
    case 'b': return (exo_value){ .type = EXO_VALUE_BOOLEAN, .boolean = true };
    case 'o': return (exo_value){ .type = EXO_VALUE_OTHER, .text = "a function" };
    case 'l': return container(EXO_VALUE_LIST);
    case 'r': return container(EXO_VALUE_RECORD);
    default: return text_of(text + 1, length - 1);
  }
}

/* Names are unique, as a Lua table's keys are; Lua's reader lets none hold a NUL. */
static void add_member(exo_value *record, const char *text, size_t length) {
  const char *equals = memchr(text, '=', length);
  if (equals == NULL || record->count == ITEMS_MAX) return;
  char *name = fuzz_copy(text, (size_t)(equals - text));
  if (strlen(name) != (size_t)(equals - text) || exo_value_member(record, name) != NULL) return;
  record->items[record->count] = value_of(equals + 1, length - (size_t)(equals - text) - 1);
  record->items[record->count++].name = name;
}

static exo_value *last_item(exo_value *value) { return value->count > 0 ? &value->items[value->count - 1] : NULL; }

static void add_entry(exo_value *list) {
  if (list->count < ITEMS_MAX) list->items[list->count++] = container(EXO_VALUE_RECORD);
}

/* ".name=value" and "-" */
static void add_inside(exo_value *arguments, const line *l) {
  exo_value *target = last_item(arguments);
  if (target == NULL || (target->type != EXO_VALUE_LIST && target->type != EXO_VALUE_RECORD)) return;
  if (target->type == EXO_VALUE_LIST) {
    if (target->count == 0 || l->text[0] == '-') add_entry(target);
    target = last_item(target);
  }
  if (l->text[0] == '.') add_member(target, l->text + 1, l->length - 1);
}

static void set_option(exo_config *config, const line *l) {
  const char *equals = strchr(l->text, '=');
  size_t length = equals != NULL ? (size_t)(equals - l->text) - 1 : l->length - 1;
  const char *value = equals != NULL ? equals + 1 : "";
#define OPTION(name) \
  else if (length == sizeof #name - 1 && strncmp(l->text + 1, #name, length) == 0) config->name = value
  if (length == 0) return;
  OPTION(account_sid);
  OPTION(api_key);
  OPTION(api_token);
  OPTION(base_url);
  OPTION(region);
  OPTION(subdomain);
  else config->json_suffix = config->allow_http = true;
#undef OPTION
}

static exo_config usual_config(void) {
  exo_config config = EXO_CONFIG_DEFAULTS;
  config.account_sid = "ameyo5m";
  config.api_key = "the_key";
  config.api_token = "the_token";
  return config;
}

fuzz_call fuzz_call_read(const uint8_t *data, size_t size) {
  fuzz_call call = { &exo_operations[0], usual_config(), container(EXO_VALUE_RECORD) };
  const char *at = (const char *)data, *end = at + size;
  line l;
  if (next_line(&at, end, &l)) call.operation = operation_of(&l);
  for (int i = 0; i < LINES_MAX && next_line(&at, end, &l); i++) {
    if (l.text[0] == '@') set_option(&call.config, &l);
    else if (l.text[0] == '.' || l.text[0] == '-') add_inside(&call.arguments, &l);
    else add_member(&call.arguments, l.text, l.length);
  }
  bool addressed = call.config.base_url != NULL || call.config.region != NULL || call.config.subdomain != NULL;
  if (!addressed) call.config.region = "mumbai";
  return call;
}
