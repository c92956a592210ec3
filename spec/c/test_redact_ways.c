/* Secrets in what the service echoed: every character in every way in which it may be written, and what is a secret. */
#include "exotel/api/redact.h"

#include <stdio.h>
#include <string.h>

#include "as_cjson.h"
#include "support.h"

/* Every way in which one character may stand in a text: as it is, as JSON's number or escape, as a URL has it. */
static size_t write_as(char *out, int way, char c) {
  switch (way) {
    case 1: return (size_t)sprintf(out, "%%%02X", (unsigned)c);
    case 2: return (size_t)sprintf(out, "%%%02x", (unsigned)c);
    case 3: return (size_t)sprintf(out, "\\u%04x", (unsigned)c);
    case 4: return (size_t)sprintf(out, "\\U%04X", (unsigned)c);
    case 5: return (size_t)sprintf(out, strchr("\"\\/", c) != NULL ? "\\%c" : "%c", c);
    default: return (size_t)sprintf(out, "%c", c);
  }
}

enum { WAYS = 6 };

static void expect_hidden(const exo_redaction *secrets, const char *written) {
  char text[200], expected[200];
  int stars = (int)strlen(written);
  snprintf(text, sizeof text, "before %s after", written);
  snprintf(expected, sizeof expected, "before %.*s after", stars,
           "************************************************************************");
  exo_redact(secrets, text, strlen(text));
  assert_string_equal(text, expected);
}

/* One character of it in a way of its own, the others as they are; then all in that way. */
static void each_character_in_each_way(void **state) {
  static const char *const texts[] = { "tok/en\"5", "/token", "\"token", "T0ken" };
  (void)state;
  for (size_t t = 0; t < COUNT(texts); t++) {
    exo_redaction secrets = { .count = 1, .texts = { texts[t] } };
    for (int way = 0; way < WAYS; way++) {
      for (size_t only = 0; only <= strlen(texts[t]); only++) {
        char written[100], *out = written;
        for (size_t i = 0; texts[t][i] != '\0'; i++)
          out += write_as(out, i == only || only == strlen(texts[t]) ? way : 0, texts[t][i]);
        *out = '\0';
        expect_hidden(&secrets, written);
      }
    }
  }
}

static void what_is_not_the_secret_stays(void **state) {
  static const char *const texts[] = { "toke", "tokem",  "oken",        "%74oke", "t%6fkex",
                                       "%",    "\\u007", "tok\\u0165n", "%84oken" };
  exo_redaction secrets = { .count = 1, .texts = { "token" } };
  (void)state;
  for (size_t i = 0; i < COUNT(texts); i++) {
    char text[50];
    snprintf(text, sizeof text, "%s", texts[i]);
    exo_redact(&secrets, text, strlen(text));
    assert_string_equal(text, texts[i]);
  }
}

/* So much of a body is looked at beyond what is kept: a secret that begins there may be six times as long in it. */
static void the_reach_is_that_of_the_longest_way(void **state) {
  exo_redaction secrets = { .count = 2, .texts = { "abc", "abcdefg" } };
  (void)state;
  assert_int_equal(exo_redact_reach(&secrets), 7 * strlen("\\u0061"));
}

static void check_answer(const exo_redaction *secrets, const char *text, const char *expected) {
  exo_json json;
  assert_int_equal(exo_json_read(&json, text, strlen(text), &exo_libc_allocator, NULL), EXO_JSON_GOOD);
  exo_redact_json(secrets, &json);
  cJSON *tree = as_cjson(json.root);
  char *shown = cJSON_PrintUnformatted(tree);
  assert_string_equal(shown, expected);
  cJSON_free(shown);
  cJSON_Delete(tree);
  exo_json_free(&json);
}

static void names_and_values_of_an_answer(void **state) {
  exo_redaction secrets = { .count = 1, .texts = { "token" } };
  (void)state;
  check_answer(&secrets, "{\"a\":[{\"token\":\"my token\"}],\"b\":\"token\"}",
               "{\"a\":[{\"*****\":\"my *****\"}],\"b\":\"*****\"}");
}

static void a_number_is_a_secret_too(void **state) {
  exo_redaction secrets = { .count = 1, .texts = { "123456" } };
  (void)state;
  check_answer(&secrets, "[123456,-0.1234567,12345,\"*\",true]", "[\"******\",\"-0.******7\",12345,\"*\",true]");
}

static exo_redaction collect(const exo_config *config, const char *operation, const char *json, exo_arena *arena) {
  exo_redaction secrets;
  assert_true(exo_redaction_collect(&secrets, config, operation_named(operation), value_from(json), arena));
  return secrets;
}

static bool holds(const exo_redaction *secrets, const char *text) {
  for (size_t i = 0; i < secrets->count; i++)
    if (strcmp(secrets->texts[i], text) == 0) return true;
  return false;
}

/* The shortest secret has four characters. */
static void what_is_a_secret(void **state) {
  exo_config config = test_config();
  exo_arena arena;
  (void)state;
  exo_arena_init(&arena, &exo_libc_allocator);
  config.api_key = "key", config.api_token = "tokn";
  config.proxy = (exo_proxy){ "http://user:pass@proxy", "user", "pass" };
  exo_redaction secrets = collect(&config, "create_credential", "{\"password\":\"x\"}", &arena);
  static const char *const texts[] = { "a2V5OnRva24", "tokn", "dXNlcjpwYXNz", "user", "pass", "x" };
  for (size_t i = 0; i < COUNT(texts); i++)
    if (!holds(&secrets, texts[i])) fail_msg("%s is not among them", texts[i]);
  assert_int_equal(secrets.count, COUNT(texts));
  config.api_token = "tok";
  secrets = collect(&config, "create_credential", "{\"password\":\"x\"}", &arena);
  assert_false(holds(&secrets, "tok"));
  exo_arena_free(&arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(each_character_in_each_way),
    cmocka_unit_test(what_is_not_the_secret_stays),
    cmocka_unit_test(the_reach_is_that_of_the_longest_way),
    cmocka_unit_test(names_and_values_of_an_answer),
    cmocka_unit_test(a_number_is_a_secret_too),
    cmocka_unit_test_teardown(what_is_a_secret, values_forget),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
