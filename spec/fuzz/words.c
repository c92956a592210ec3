/* The JSON reader, strict and with bare words. The input is the text. */
#include <math.h>
#include <string.h>

#include "../c/as_cjson.h"
#include "fuzz.h"

/* A number that the reader made a string of: the same number. */
static void check_number_as_text(const cJSON *ours, const cJSON *plain) {
  char *end;
  double number = strtod(ours->valuestring, &end);
  CHECK(*end == '\0' && end != ours->valuestring);
  CHECK(number == plain->valuedouble || (isinf(number) && isinf(plain->valuedouble)));
}

/* Nothing is lost or changed against what cJSON alone reads. */
static void check_same(const cJSON *ours, const cJSON *plain) {
  for (; ours != NULL && plain != NULL; ours = ours->next, plain = plain->next) {
    CHECK((ours->string == NULL) == (plain->string == NULL));
    if (ours->string != NULL) CHECK(strcmp(ours->string, plain->string) == 0);
    if (cJSON_IsString(ours) && cJSON_IsNumber(plain)) {
      check_number_as_text(ours, plain);
      continue;
    }
    CHECK((ours->type & 0xFF) == (plain->type & 0xFF));
    if (cJSON_IsString(ours)) CHECK(strcmp(ours->valuestring, plain->valuestring) == 0);
    if (cJSON_IsNumber(ours)) CHECK(ours->valuedouble == plain->valuedouble);
    check_same(ours->child, plain->child);
  }
  CHECK(ours == NULL && plain == NULL);
}

static void check_against_cjson(const cJSON *tree, const char *text, size_t size) {
  bool long_numbers = false; /* cJSON stops at 63 characters of a number */
  size_t run = 0;
  for (size_t i = 0; i < size; i++) {
    run = text[i] != '\0' && strchr("0123456789+-.eE", text[i]) != NULL ? run + 1 : 0;
    long_numbers = long_numbers || run >= 63;
  }
  size_t mark = size >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0; /* cJSON fails on one before a single byte */
  cJSON *plain = cJSON_ParseWithLength(text + mark, size - mark);
  if (plain == NULL) CHECK(long_numbers);
  else if (!long_numbers) check_same(tree, plain);
  cJSON_Delete(plain);
}

/* cJSON writes most numbers to the last digit, and an infinite one as null. */
static bool all_integers(const cJSON *node) {
  for (; node != NULL; node = node->next)
    if ((cJSON_IsNumber(node) && node->valuedouble != node->valueint) || !all_integers(node->child)) return false;
  return true;
}

/* What was read is what a tree says: written down it is strict JSON for the same. */
static void check_written(const cJSON *tree) {
  char *text = cJSON_PrintUnformatted(tree);
  exo_json json;
  CHECK(text != NULL);
  CHECK(exo_json_read(&json, text, strlen(text), &exo_libc_allocator, NULL) == EXO_JSON_GOOD);
  cJSON *again = as_cjson(json.root);
  if (all_integers(tree)) check_same(again, tree);
  cJSON_Delete(again);
  exo_json_free(&json);
  cJSON_free(text);
}

/* The values stand in one block, each with all that it holds behind it. */
static void check_block(const exo_json *json) {
  CHECK(json->root == json->values && exo_json_next(json->root) == json->values + json->count);
}

typedef struct reading {
  exo_json_result result;
  size_t words;
  cJSON *tree; /* NULL: not good */
} reading;

static reading read_as(const char *text, size_t size, bool lenient) {
  reading r = { .words = 0 };
  exo_json json;
  r.result = exo_json_read(&json, text, size, &exo_libc_allocator, lenient ? &r.words : NULL);
  CHECK(r.result != EXO_JSON_NO_MEMORY && (r.result == EXO_JSON_GOOD) == (json.root != NULL));
  if (json.root != NULL) {
    check_block(&json);
    r.tree = as_cjson(json.root);
  }
  exo_json_free(&json);
  return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char *text = fuzz_block(size); /* no NUL behind it */
  if (size > 0) memcpy(text, data, size);
  reading strict = read_as(text, size, false), lenient = read_as(text, size, true);
  /* Bare words change the reading of nothing that is JSON, and only they make more readable. */
  if (lenient.result == EXO_JSON_GOOD) CHECK((lenient.words == 0) == (strict.result == EXO_JSON_GOOD));
  if (strict.result == EXO_JSON_GOOD) {
    CHECK(lenient.result == EXO_JSON_GOOD);
    check_same(lenient.tree, strict.tree);
    check_against_cjson(strict.tree, text, size);
  }
  if (lenient.tree != NULL) check_written(lenient.tree);
  cJSON_Delete(strict.tree);
  cJSON_Delete(lenient.tree);
  fuzz_forget();
  return 0;
}
