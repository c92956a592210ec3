/* What the headers of an answer say, and what libcurl says where there is none. */
#include "exotel/transport/response.h"

#include <curl/curl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "exotel/transport/curl_errors.h"
#include "support.h"

enum { NOON = 1767268800 }; /* 2026-01-01 12:00:00 */
#define DATE "Date: Thu, 01 Jan 2026 12:00:00 GMT"

static exo_reply read_headers(const char *const *lines) {
  exo_exchange exchange;
  exo_exchange_init(&exchange, NULL, &exo_libc_allocator);
  for (; *lines != NULL; lines++) exo_response_header(&exchange.reply, *lines, strlen(*lines));
  return exchange.reply;
}

#define HEADERS(...) read_headers((const char *const[]){ __VA_ARGS__, NULL })

static void a_date_may_have_any_form_of_http(void **state) {
  (void)state;
  static const char *const forms[] = { DATE, "date:Thursday, 01-Jan-26 12:00:00 GMT",
                                       "DATE: Thu Jan  1 12:00:00 2026" };
  for (size_t i = 0; i < COUNT(forms); i++) assert_int_equal(HEADERS(forms[i]).server_time, NOON);
  assert_int_equal(HEADERS("Date: noon").server_time, -1);
  assert_int_equal(HEADERS("Date: ").server_time, -1);
  assert_int_equal(HEADERS(DATE, "Date: noon").server_time, NOON);
}

/* As libcurl reads them: every day of 130 years, and what is no date or an odd one. */
static void check_date(const char *date) {
  char line[80];
  snprintf(line, sizeof line, "Date: %s\r\n", date);
  long expected = (long)curl_getdate(date, NULL);
  if (HEADERS(line).server_time != (expected > 0 ? expected : -1)) fail_msg("%s", line);
}

static void dates_are_those_of_the_calendar(void **state) {
  (void)state;
  for (time_t day = 86400; day < (time_t)130 * 365 * 86400; day += 86400) {
    char date[40];
    time_t time = day + day / 86400 * 7919 % 86400;
    strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", gmtime(&time));
    check_date(date);
  }
}

static void odd_dates_are_left_to_libcurl(void **state) {
  (void)state;
  static const char *const odd[] = {
    "Thu, 00 Jan 2026 12:00:00 GMT",
    "Thu, 32 Jan 2026 12:00:00 GMT",
    "Thu, 01 jan 2026 12:00:00 GMT",
    "Thu, 01 Foo 2026 12:00:00 GMT",
    "Thu, 01 Jan 1969 12:00:00 GMT",
    "Thu, 01 Jan 2026 24:00:00 GMT",
    "Thu, 01 Jan 2026 12:60:00 GMT",
    "Thu, 01 Jan 2026 12:00:60 GMT",
    "Thu, 01 Jan 2026 12:00:61 GMT",
    "Thu, 01 Jan 2026 12:00:00 CET",
    "Thu, 01 Jan 2026 12:00:00 GMT+1",
    "Thu, 01 Jan 2026 12:00:0x GMT",
    "Thu, 1 Jan 2026 12:00:00 GMT",
    "Thu, 01 Jan 2026 12:00:00",
    "Thu; 01 Jan 2026 12:00:00 GMT",
    "Thu, 29 Feb 2026 12:00:00 GMT",
    "Thu, 31 Apr 2026 12:00:00 GMT",
    "",
    "GMT",
  };
  for (size_t i = 0; i < COUNT(odd); i++) check_date(odd[i]);
}

static void what_a_cache_kept_is_older(void **state) {
  (void)state;
  assert_int_equal(HEADERS(DATE, "Age: 3600").server_time, NOON + 3600);
  assert_int_equal(HEADERS("Age: 3600", DATE).server_time, NOON + 3600);
  assert_int_equal(HEADERS("Age: 9", DATE, "Age: 7", DATE).server_time, NOON + 7);
  assert_int_equal(HEADERS(DATE, "Age: old").server_time, NOON);
  assert_int_equal(HEADERS("Age: 7").server_time, -1);
}

static void no_number_is_too_large(void **state) {
  (void)state;
  assert_true(HEADERS("Retry-After: 99999999999999999999.5").retry_after > 0);
  assert_true(HEADERS("X-RateLimit-Reset: 99999999999999999999.5").rate_reset > 0);
  assert_true(HEADERS(DATE, "Age: 99999999999999999999").server_time > NOON);
  assert_int_equal(HEADERS("Retry-After: 1.5").retry_after, 2);
}

static void space_before_a_value_is_none_of_it(void **state) {
  (void)state;
  assert_int_equal(HEADERS("Retry-After:5").retry_after, 5);
  assert_int_equal(HEADERS("Retry-After: \t 5").retry_after, 5);
}

/* ---- what libcurl's codes say ---- */

static exo_reply describe(CURLcode code, const char *detail) {
  exo_exchange exchange;
  CURL *easy = curl_easy_init();
  exo_exchange_init(&exchange, NULL, &exo_libc_allocator);
  exo_curl_describe(&exchange.reply, easy, code, detail);
  curl_easy_cleanup(easy);
  return exchange.reply;
}

static void want_of_memory_is_no_failure_of_the_network(void **state) {
  (void)state;
  assert_int_equal(describe(CURLE_OUT_OF_MEMORY, "").failure, EXO_NO_MEMORY);
}

static void libcurls_own_words_follow(void **state) {
  (void)state;
  assert_non_null(strstr(describe(CURLE_RECV_ERROR, "reset by peer").message, "the connection failed (reset by peer)"));
  assert_non_null(strstr(describe(CURLE_RECV_ERROR, "").message, curl_easy_strerror(CURLE_RECV_ERROR)));
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_date_may_have_any_form_of_http),
    cmocka_unit_test(dates_are_those_of_the_calendar),
    cmocka_unit_test(odd_dates_are_left_to_libcurl),
    cmocka_unit_test(what_a_cache_kept_is_older),
    cmocka_unit_test(no_number_is_too_large),
    cmocka_unit_test(space_before_a_value_is_none_of_it),
    cmocka_unit_test(want_of_memory_is_no_failure_of_the_network),
    cmocka_unit_test(libcurls_own_words_follow),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
