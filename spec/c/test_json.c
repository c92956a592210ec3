/* The JSON reader: what it takes, what it refuses, and that nothing it takes is changed unseen. */
#include "exotel/api/json.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "support.h"

/* Pages, behind which there is one that can't be read. */
static char *map_pages(size_t size, size_t page) {
  char *pages = mmap(NULL, size + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  assert_ptr_not_equal(pages, MAP_FAILED);
  assert_int_equal(mprotect(pages + size, page, PROT_NONE), 0);
  return pages;
}

/* Reads a copy with nothing behind it, so that a look past the end is seen. */
static exo_json_result read_bytes(const char *bytes, size_t length, size_t *bare_words, exo_json *json) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE), size = (length / page + 1) * page;
  char *pages = map_pages(size, page), *exact = pages + size - length;
  memcpy(exact, bytes, length);
  exo_json_result result = exo_json_read(json, exact, length, &exo_libc_allocator, bare_words);
  munmap(pages, size + page);
  if (result == EXO_JSON_GOOD) return result;
  assert_null(json->root);
  assert_null(json->block); /* it may have been large */
  return result;
}

static exo_json_result result_of(const char *bytes, size_t length, bool lenient) {
  exo_json json;
  size_t words;
  exo_json_result result = read_bytes(bytes, length, lenient ? &words : NULL, &json);
  exo_json_free(&json);
  return result;
}

static exo_json read_good(const char *text, size_t *bare_words) {
  exo_json json;
  if (read_bytes(text, strlen(text), bare_words, &json) != EXO_JSON_GOOD) fail_msg("should be good: %s", text);
  return json;
}

/* ---- strictness ---- */

/* clang-format off */
static const char *const good[] = {
  "null", "true", "false", "0", "-0", "1", "-1", "123456789012345", "1.0", "-0.5", "0e0", "1e5", "1E5", "1e+5", "1e-5",
  "1.25E-10", "1e999", "\"\"", "\"a\"", "[]", "{}", "[[]]", "[{}]", "{\"a\":{}}", "[1,2,3]", "[1,\"a\",null,true,false]",
  "{\"\":0}", "{\"a\":1,\"b\":2}", "{\"a\":1,\"a\":2}", " [ ] ", "\t[\n1\r,\n2 ]\n", "{ \"a\" : 1 , \"b\" : [ ] }",
  "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\u0041\"", "\"\\u00e9\\u20AC\"", "\"\\ud83d\\udcde\"", "\"\\uFFFF\"",
  "\"\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x93\x9E\"", "\"\x7F\"", "\"//\"", "\"\\u0001\"", "\xEF\xBB\xBF{}", "[\"]\",\"}\"]",
};
/* clang-format on */

/* clang-format off */
static const char *const bad[] = {
  /* nothing, or too much */
  "", " ", "\n", "\xEF\xBB\xBF", "\xEF\xBB", "1 2", "{}{}", "[]]", "{}}", "{},", "[] x", "null null", "\"a\" \"b\"", "{}#", "\f[]",
  /* words */
  "nul", "nulll", "True", "NULL", "tru", "falsee", "undefined", "NaN", "-NaN", "Infinity", "-Infinity", "pstn", "[pstn]",
  "{\"mode\": pstn}", "{\"mode\": null1}", "nan", "inf",
  /* numbers */
  "+1", "-", "--1", "01", "-01", "00", "1.", ".5", "-.5", "1.e5", "1e", "1e+", "1e-", "1E", "0x10", "1_000", "1,5", "0.1.2",
  "1e5.5", "1 .5", "- 1", "1e 5", "1a", "0b1", "\xEF\xBC\x91",
  /* strings */
  "\"", "\"a", "\"a\\", "\"a\\\"", "'a'", "\"\\a\"", "\"\\x41\"", "\"\\'\"", "\"\\u\"", "\"\\u1\"", "\"\\u12\"", "\"\\u123\"",
  "\"\\u123g\"", "\"\\U0041\"", "\"\n\"", "\"\t\"", "\"\r\"", "\"\x01\"", "\"\x1F\"", "\"\\\n\"", "\"\\0\"", "\"\\u00", "\\u0041",
  "\"\\ud83d\"", "\"\\udcde\"", "\"\\ud83dx\"", "\"\\ud83d\\n\"", "\"\\ud83d\\ud83d\"", "\"\\udcde\\ud83d\"", "\"\\ud83d\\u0041\"",
  "\"\\ud83d\\udcd\"", "\"\\ud83d\\u\"", "\"\\uDBFF\"", "\"\\uDC00\"", "\"\\uDFFF\"", "\"\\uD800\"",
  /* arrays */
  "[", "]", "[1", "[1,", "[1,]", "[,]", "[,1]", "[1,,2]", "[1 2]", "[1;2]", "[1:2]", "[\"a\"", "[}", "[[]", "[\"a\":1]", "[1]]",
  /* objects */
  "{", "}", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{,}", "{,\"a\":1}", "{\"a\"}", "{\"a\" 1}", "{\"a\"::1}",
  "{\"a\":1 \"b\":2}", "{\"a\":1;\"b\":2}", "{a:1}", "{'a':1}", "{1:1}", "{null:1}", "{\"a\":}", "{:1}", "{\"a\":1]", "{[]:1}",
  "{\"a\":1,,\"b\":2}", "{\"a\"=1}", "{\"a\":1}}",
  /* comments */
  "/**/{}", "{}//", "{\"a\":1/**/}", "[1,/*x*/2]", "{} # x", "<html>", "<", "Authorization failed",
};
/* clang-format on */

static void good_texts(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(good); i++) {
    if (result_of(good[i], strlen(good[i]), false) != EXO_JSON_GOOD) fail_msg("should be good: %s", good[i]);
    if (result_of(good[i], strlen(good[i]), true) != EXO_JSON_GOOD)
      fail_msg("should be good when lenient: %s", good[i]);
  }
}

static void bad_texts(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(bad); i++)
    if (result_of(bad[i], strlen(bad[i]), false) != EXO_JSON_BAD) fail_msg("should be bad: %s", bad[i]);
}

static void every_prefix_is_bad(void **state) {
  (void)state;
  static const char text[] = "{\"a\":[1.5,\"\\u00e9\\ud83d\\udcde\",{\"b\":null}],\"id\":123,\"c\":true,\"d\":-1e+5}";
  assert_int_equal(result_of(text, strlen(text), false), EXO_JSON_GOOD);
  for (size_t i = 0; i < strlen(text); i++) {
    if (result_of(text, i, false) != EXO_JSON_BAD) fail_msg("a prefix of %zu bytes is taken", i);
    if (result_of(text, i, true) != EXO_JSON_BAD) fail_msg("a prefix of %zu bytes is taken when lenient", i);
  }
}

static void no_nul(void **state) {
  (void)state;
  for (int lenient = 0; lenient < 2; lenient++) {
    assert_int_equal(result_of("\"a\0b\"", 5, lenient), EXO_JSON_BAD);
    assert_int_equal(result_of("\"\\u0000\"", 8, lenient), EXO_JSON_BAD);
    assert_int_equal(result_of("{\"a\\u0000\":1}", 13, lenient), EXO_JSON_BAD);
    assert_int_equal(result_of("{}\0", 3, lenient), EXO_JSON_BAD);
    assert_int_equal(result_of("\0{}", 3, lenient), EXO_JSON_BAD);
    assert_int_equal(result_of("[1\0]", 4, lenient), EXO_JSON_BAD);
    assert_int_equal(result_of("[tru\0]", 6, lenient), EXO_JSON_BAD);
    assert_int_equal(result_of("{\"a\"\0:1}", 8, lenient), EXO_JSON_BAD);
    assert_int_equal(result_of("\"\\\0\"", 4, lenient), EXO_JSON_BAD);
    assert_int_equal(result_of("\0", 1, lenient), EXO_JSON_BAD);
  }
}

/* ---- values that arrive whole ---- */

static void check_text(const char *source, const char *expected) {
  exo_json json = read_good(source, NULL);
  const char *text = exo_json_string(json.root, "v");
  if (text == NULL || strcmp(text, expected) != 0) fail_msg("%s became %s", source, text != NULL ? text : "no string");
  exo_json_free(&json);
}

static void strings_are_decoded(void **state) {
  (void)state;
  check_text("{\"v\":\"\"}", "");
  check_text("{\"v\":\"a\\\"b\\\\c\\/d\"}", "a\"b\\c/d");
  check_text("{\"v\":\"\\b\\f\\n\\r\\t\"}", "\b\f\n\r\t");
  check_text("{\"v\":\"\\u0041\\u00e9\\u20AC\"}", "A\xC3\xA9\xE2\x82\xAC");
  check_text("{\"v\":\"\\ud83d\\udcde\"}", "\xF0\x9F\x93\x9E");
  check_text("{\"v\":\"\\uD800\\uDC00\\uDBFF\\uDFFF\"}", "\xF0\x90\x80\x80\xF4\x8F\xBF\xBF");
}

static void check_member(const char *source, const char *key, const char *expected) {
  exo_json json = read_good(source, NULL);
  const char *text = exo_json_string(json.root, key);
  if (text == NULL || strcmp(text, expected) != 0)
    fail_msg("%s: %s became %s", source, key, text != NULL ? text : "no string");
  exo_json_free(&json);
}

static void ids_are_text(void **state) {
  (void)state;
  check_member("{\"id\":41512}", "id", "41512");
  check_member("{\"id\":0}", "id", "0");
  check_member("{\"id\":\"41512\"}", "id", "41512");
  check_member("{\"id\":123456789012345678}", "id", "123456789012345678");
  check_member("{\"id\" : -5 }", "id", "-5");
  check_member("{\"request_id\":12}", "request_id", "12");
  check_member("{\"trunk_sid\":987654321098765432}", "trunk_sid", "987654321098765432");
  check_member("{\"a\":\"\\\"id\\\":1\",\"id\":2}", "id", "2");
}

static void only_ids_are_text(void **state) {
  (void)state;
  exo_json json = read_good(
      "{\"idx\":1,\"_id\":2,\"_sid\":3,\"ids\":4,\"Id\":5,\"void\":6,\"mask\":24,\"id\":[7],\"a\":{\"id\":8}}", NULL);
  static const char *const numbers[] = { "idx", "_id", "_sid", "ids", "Id", "void", "mask" };
  for (size_t i = 0; i < COUNT(numbers); i++)
    if (!exo_json_is(exo_json_member(json.root, numbers[i]), EXO_JSON_NUMBER))
      fail_msg("%s should be a number", numbers[i]);
  assert_true(exo_json_is(exo_json_first(exo_json_member(json.root, "id")), EXO_JSON_NUMBER));
  assert_string_equal(exo_json_string(exo_json_member(json.root, "a"), "id"), "8");
  exo_json_free(&json);
}

static void long_integers_are_text(void **state) {
  (void)state;
  check_text("{\"v\":1234567890123456}", "1234567890123456");
  check_text("{\"v\":-9007199254740993}", "-9007199254740993");
  check_text("{\"v\":123456789012345678901234567890}", "123456789012345678901234567890");
  exo_json json = read_good("{\"v\":123456789012345,\"w\":-123456789012345,\"x\":1.2345678901234567}", NULL);
  assert_true(exo_json_number(exo_json_member(json.root, "v")) == 123456789012345.0);
  assert_true(exo_json_number(exo_json_member(json.root, "w")) == -123456789012345.0);
  assert_true(exo_json_is(exo_json_member(json.root, "x"), EXO_JSON_NUMBER));
  exo_json_free(&json);
}

/* A number is read from a small buffer; a longer one must neither fail nor be cut, and is text. */
static void numbers_of_any_length(void **state) {
  (void)state;
  for (size_t digits = 1; digits < 300; digits++) {
    char text[512] = "[-0.", tail[] = "e5]";
    memset(text + 4, '7', digits);
    memcpy(text + 4 + digits, tail, sizeof tail);
    exo_json json = read_good(text, NULL);
    const exo_json_value *number = exo_json_first(json.root);
    assert_int_equal(number->type, strlen(text) - 2 > 63 ? EXO_JSON_STRING : EXO_JSON_NUMBER);
    assert_memory_equal(exo_json_text(number), text + 1, strlen(text) - 2);
    exo_json_free(&json);
  }
}

static void integers(void **state) {
  (void)state;
  exo_json json = read_good(
      "{\"a\":207,\"b\":\"207\",\"c\":\"20x\",\"d\":\"\",\"e\":\"-1\",\"f\":null,\"g\":\" 1\",\"h\":99999999999,"
      "\"i\":\"99999999999999999999\",\"j\":-3}",
      NULL);
  assert_int_equal(exo_json_integer(json.root, "a", -7), 207);
  assert_int_equal(exo_json_integer(json.root, "b", -7), 207);
  static const char *const otherwise[] = { "c", "d", "e", "f", "g", "i", "none" };
  for (size_t i = 0; i < COUNT(otherwise); i++) assert_int_equal(exo_json_integer(json.root, otherwise[i], -7), -7);
  assert_int_equal(exo_json_integer(json.root, "j", -7), -3);
  assert_int_equal(exo_json_integer(NULL, "a", -7), -7);
  assert_null(exo_json_member(NULL, "a"));
  assert_null(exo_json_string(json.root, "a"));
  assert_null(exo_json_member(json.root, "A"));
  exo_json_free(&json);
}

/* ---- a host with another locale ---- */

static struct lconv decimal_comma = { .decimal_point = "," };
static bool comma; /* whether this is such a host */

struct lconv *__real_localeconv(void);
struct lconv *__wrap_localeconv(void);
double __real_strtod(const char *text, char **end);
double __wrap_strtod(const char *text, char **end);

struct lconv *__wrap_localeconv(void) {
  return comma ? &decimal_comma : __real_localeconv();
}

/* As strtod reads where numbers have a decimal comma. */
double __wrap_strtod(const char *text, char **end) {
  static char own[80];
  if (!comma) return __real_strtod(text, end);
  snprintf(own, sizeof own, "%s", text);
  for (char *c = own; *c != '\0'; c++) *c = *c == ',' ? '.' : *c == '.' ? ';' : *c;
  return __real_strtod(own, end);
}

static void numbers_in_another_locale(void **state) {
  (void)state;
  exo_json json = read_good("{\"v\":1.5,\"w\":-2.25e2,\"x\":3}", NULL);
  comma = true;
  assert_true(exo_json_number(exo_json_member(json.root, "v")) == 1.5);
  assert_true(exo_json_number(exo_json_member(json.root, "w")) == -225);
  assert_true(exo_json_number(exo_json_member(json.root, "x")) == 3);
  comma = false;
  exo_json_free(&json);
}

/* ---- bare words ---- */

static void bare_words(void **state) {
  (void)state;
  size_t words = 99;
  exo_json json = read_good("{\"mode\": pstn, \"v\":[flow,True,a-b_9],\"id\": x1,\"n\":null}", &words);
  assert_int_equal(words, 5);
  assert_string_equal(exo_json_string(json.root, "mode"), "pstn");
  assert_string_equal(exo_json_string(json.root, "id"), "x1");
  assert_true(exo_json_is(exo_json_member(json.root, "n"), EXO_JSON_NULL));
  const exo_json_value *first = exo_json_first(exo_json_member(json.root, "v"));
  assert_string_equal(exo_json_text(first), "flow");
  assert_string_equal(exo_json_text(exo_json_next(exo_json_next(first))), "a-b_9");
  exo_json_free(&json);
  exo_json_free(&json);
  json = read_good("{\"mode\": null}", &words);
  exo_json_free(&json);
  assert_int_equal(words, 0);
}

/* Being lenient is about words where a value stands, and about nothing else. */
/* clang-format off */
static const char *const never[] = {
  "{mode: pstn}", "{mode: 1}", "{\"mode\": pstn", "{\"mode\": pstn pstn}", "{\"mode\": p.q}", "{\"mode\": pstn,}", "[a,]",
  "{\"mode\": 'pstn'}", "{\"mode\": 1a}", "{\"mode\": -a}", "{\"mode\": m\xC3\xBC}", "{\"mode\": +1}", "{\"mode\": 01}", "{\"mode\": a\"b\"}",
  "{\"mode\": \"a\"b}", "{\"mode\": a:b}", "{\"mode\": a/b}", "{\"mode\": \\u0041}", "Authorization failed", "<html>", "",
};
/* clang-format on */

static void lenient_is_not_loose(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(never); i++)
    if (result_of(never[i], strlen(never[i]), true) != EXO_JSON_BAD)
      fail_msg("should be bad, lenient or not: %s", never[i]);
}

/* ---- limits ---- */

static char *repeated(const char *before, const char *unit, size_t count, const char *after) {
  size_t length = strlen(unit);
  char *text = malloc(strlen(before) + length * count + strlen(after) + 1);
  assert_non_null(text);
  char *at = text + strlen(strcpy(text, before));
  for (size_t i = 0; i < count; i++, at += length) memcpy(at, unit, length);
  strcpy(at, after);
  return text;
}

static exo_json_result nested(const char *open, const char *close, size_t depth) {
  char *start = repeated("", open, depth, ""), *text = repeated(start, close, depth, "");
  exo_json_result result = result_of(text, strlen(text), false);
  free(start);
  free(text);
  return result;
}

static void depth(void **state) {
  (void)state;
  assert_int_equal(nested("[", "]", 64), EXO_JSON_GOOD);
  assert_int_equal(nested("[", "]", 65), EXO_JSON_BAD);
  assert_int_equal(nested("[", "]", 100000), EXO_JSON_BAD);
  assert_int_equal(nested("[", "", 100000), EXO_JSON_BAD);
  assert_int_equal(nested("{\"a\":", "}", 100000), EXO_JSON_BAD);
  assert_int_equal(nested("[{\"a\":", "}]", 100000), EXO_JSON_BAD);
}

static exo_json_result of_values(size_t count) {
  char *text = repeated("[0", ",1", count - 2, "]");
  exo_json_result result = result_of(text, strlen(text), false);
  free(text);
  return result;
}

static void number_of_values(void **state) {
  (void)state;
  assert_int_equal(of_values(50000), EXO_JSON_GOOD);
  assert_int_equal(of_values(50001), EXO_JSON_BAD);
}

/* A string of so many bytes, its quotes counted, or one word. */
static exo_json_result of_one_text(size_t length, bool word) {
  char *text = word ? repeated("", "x", length, "") : repeated("\"", "x", length - 2, "\"");
  exo_json_result result = result_of(text, strlen(text), word);
  free(text);
  return result;
}

static exo_json_result of_texts(size_t count) {
  char *one = repeated(",\"", "x", 65534, "\""), *text = repeated("[0", one, count, "]");
  exo_json_result result = result_of(text, strlen(text), false);
  free(one);
  free(text);
  return result;
}

static exo_json_result of_digits(size_t count) {
  char *text = repeated("", "1", count, "");
  exo_json_result result = result_of(text, strlen(text), false);
  free(text);
  return result;
}

/* What costs memory is bounded, not only the text's length. */
static void length_of_texts(void **state) {
  (void)state;
  assert_int_equal(of_one_text(65536, false), EXO_JSON_GOOD);
  assert_int_equal(of_one_text(65537, false), EXO_JSON_BAD);
  assert_int_equal(of_one_text(65536, true), EXO_JSON_GOOD);
  assert_int_equal(of_one_text(65537, true), EXO_JSON_BAD);
  assert_int_equal(of_digits(65536), EXO_JSON_GOOD);
  assert_int_equal(of_digits(65537), EXO_JSON_BAD);
  assert_int_equal(of_texts(31), EXO_JSON_GOOD);
  assert_int_equal(of_texts(32), EXO_JSON_BAD);
}

/* With a NUL behind each, numbers may take more than the limit of all texts. */
static void texts_are_not_written_over_values(void **state) {
  enum { COUNT_OF_NUMBERS = 49999 };
  static const char number[] = "12345678901234567890123456789012345678901";
  (void)state;
  char *text = repeated("[", "12345678901234567890123456789012345678901,", COUNT_OF_NUMBERS - 1, "0]");
  exo_json json = read_good(text, NULL);
  assert_int_equal(json.root->length, COUNT_OF_NUMBERS);
  const exo_json_value *own = exo_json_first(json.root);
  for (size_t i = 1; i < COUNT_OF_NUMBERS; i++, own = exo_json_next(own))
    assert_string_equal(exo_json_text(own), number);
  exo_json_free(&json);
  free(text);
}

/* ---- memory ---- */

static const char *text_to_read;

/* A text that has to be rewritten and one that has not; never takes a lack of memory for bad JSON. */
static void read_with_little_memory(void) {
  exo_json json;
  size_t words;
  exo_json_result result = exo_json_read(&json, text_to_read, strlen(text_to_read), &counted_allocator, &words);
  if (result != (memory_failed() ? EXO_JSON_NO_MEMORY : EXO_JSON_GOOD))
    fail_msg("got %d for %s", (int)result, text_to_read);
  assert_int_equal(json.root != NULL, result == EXO_JSON_GOOD);
  exo_json_free(&json);
}

static void memory_runs_out(void **state) {
  (void)state;
  static const char *const texts[] = {
    "{\"id\":41512,\"mode\": pstn,\"a\":[1,2,{\"b\":\"c\"}]}",
    "{\"a\":[1,2,{\"b\":\"c\"}],\"d\":null}",
    "{\"path\":\"\\/v2\\/accounts\",\"\\u00e9\":\"\\ud83d\\udcde\",\"a\":[1,\"x\"]}",
  };
  for (size_t i = 0; i < COUNT(texts); i++) {
    text_to_read = texts[i];
    each_allocation_fails(read_with_little_memory, NULL);
  }
}

int main(void) {
  /* clang-format off */
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(good_texts),           cmocka_unit_test(bad_texts),
    cmocka_unit_test(every_prefix_is_bad),  cmocka_unit_test(no_nul),
    cmocka_unit_test(strings_are_decoded),  cmocka_unit_test(ids_are_text),
    cmocka_unit_test(only_ids_are_text),    cmocka_unit_test(long_integers_are_text),
    cmocka_unit_test(numbers_of_any_length), cmocka_unit_test(integers),
    cmocka_unit_test(numbers_in_another_locale), cmocka_unit_test(bare_words),           cmocka_unit_test(lenient_is_not_loose),
    cmocka_unit_test(depth),                cmocka_unit_test(number_of_values),
    cmocka_unit_test(length_of_texts),      cmocka_unit_test(texts_are_not_written_over_values),
    cmocka_unit_test_setup_teardown(memory_runs_out, memory_open, memory_close),
  };
  /* clang-format on */
  return cmocka_run_group_tests(tests, NULL, NULL);
}
