/* How a request is set up: what libcurl refuses is a failure of the call, whichever option it is. The linker puts this
 * file's function before libcurl's. */
#include <curl/curl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "servers.h"
#include "support.h"

enum { OPTIONS_MAX = 100 };

static const char *build;
static servers service;
static exo_client *client;

/* The how manieth option is refused, and how many were set. 0: none is refused. */
static int refused, asked;

/* The option that is looked at, and what it was set to. */
static CURLoption looked_at;
static const void *set_to;
static bool was_set;
static CURLcode refusal;

/* The macros that check its arguments' types. */
#undef curl_easy_setopt
CURLcode __real_curl_easy_setopt(CURL *easy, CURLoption option, ...);
CURLcode __wrap_curl_easy_setopt(CURL *easy, CURLoption option, ...);
/* Numbers and pointers come in the same way where a long has the size of a pointer. */
CURLcode __wrap_curl_easy_setopt(CURL *easy, CURLoption option, ...) {
  va_list arguments;
  va_start(arguments, option);
  void *value = va_arg(arguments, void *);
  va_end(arguments);
  if (option == looked_at) set_to = value, was_set = true;
  return ++asked == refused ? refusal : __real_curl_easy_setopt(easy, option, value);
}

static int open_all(void **state) {
  (void)state;
  refused = asked = 0;
  return servers_start(&service, build, false) ? 0 : -1;
}

static int close_all(void **state) {
  exo_client_free(client);
  client = NULL;
  servers_stop(&service);
  return values_forget(state);
}

static exo_call *make_call(const char *operation, const char *json) {
  exo_call *call = start_call(client, operation, json);
  while (exo_client_poll(client, 1) > 0) continue;
  return call;
}

static void expect_refused(const exo_outcome *outcome) {
  assert_int_equal(outcome->kind, EXO_CONFIG);
  assert_non_null(strstr(outcome->message, "can't send the request"));
  assert_int_equal(outcome->attempts, 1);
  assert_false(outcome->maybe_applied);
  assert_false(outcome->retryable);
}

static void renew_client(void) {
  exo_client_free(client);
  client = servers_client(&service, service.base_url, NULL);
  assert_non_null(client);
}

/* How many options are set for a call. */
static int count_options(const char *operation, const char *json) {
  asked = refused = 0;
  exo_client_free_call(client, make_call(operation, json));
  return asked;
}

/* The first call of a client sets them all, the next one those of its own. */
static void refuse(int i, bool first, const char *operation, const char *json) {
  renew_client();
  if (!first) count_options(operation, json);
  unsigned opened = service.state->opened;
  asked = 0, refused = i;
  exo_call *call = make_call(operation, json);
  expect_refused(exo_call_outcome(call));
  exo_client_free_call(client, call);
  assert_int_equal(service.state->opened, opened); /* nothing was sent anywhere */
}

static void refuse_each(const char *operation, const char *json) {
  renew_client();
  int all = count_options(operation, json), own = count_options(operation, json);
  assert_in_range(all, 20, OPTIONS_MAX);
  assert_in_range(own, 6, all - 10);
  for (int i = 1; i <= all; i++) refuse(i, true, operation, json);
  for (int i = 1; i <= own; i++) refuse(i, false, operation, json);
}

static void each_option_that_is_refused_is_a_failure(void **state) {
  (void)state;
  refusal = CURLE_UNKNOWN_OPTION;
  refuse_each("list_trunks", "{}");
  refuse_each("map_phone_number", "{\"trunk_sid\":\"t\",\"phone_number\":\"+919876543210\"}");
  refuse_each("delete_trunk", "{\"trunk_sid\":\"t\"}");
}

/* The next call is not disturbed. */
static void a_value_that_is_refused_is_a_failure(void **state) {
  (void)state;
  renew_client();
  refusal = CURLE_BAD_FUNCTION_ARGUMENT, refused = 5;
  exo_call *call = make_call("list_trunks", "{}");
  expect_refused(exo_call_outcome(call));
  exo_client_free_call(client, call);
  call = make_call("list_trunks", "{}");
  assert_int_equal(exo_call_outcome(call)->kind, EXO_OK);
  exo_client_free_call(client, call);
}

/* What can't be seen on the wire. */
static const void *value_of(CURLoption option) {
  renew_client();
  looked_at = option, was_set = false;
  exo_client_free_call(client, make_call("list_trunks", "{}"));
  looked_at = (CURLoption)0;
  if (!was_set) fail_msg("option %d is not set", (int)option);
  return set_to;
}

static long number_of(CURLoption option) { return (long)(intptr_t)value_of(option); }

static void the_host_and_its_environment_are_left_alone(void **state) {
  (void)state;
  assert_int_equal(number_of(CURLOPT_NOSIGNAL), 1);
  assert_string_equal((const char *)value_of(CURLOPT_PROXY), ""); /* none, rather than the environment's */
  assert_non_null(value_of(CURLOPT_OPENSOCKETFUNCTION));
#if CURL_AT_LEAST_VERSION(7, 87, 0)
  assert_int_equal(number_of(CURLOPT_QUICK_EXIT), 1);
#endif
}

static void nobody_else_is_trusted(void **state) {
  (void)state;
  assert_int_equal(number_of(CURLOPT_SSL_VERIFYPEER), 1);
  assert_int_equal(number_of(CURLOPT_SSL_VERIFYHOST), 2);
  assert_int_equal(number_of(CURLOPT_SSLVERSION), CURL_SSLVERSION_TLSv1_2);
  assert_null(value_of(CURLOPT_CAPATH)); /* rather than the folder that libcurl has built in */
  assert_int_equal(number_of(CURLOPT_FOLLOWLOCATION), 0);
#if CURL_AT_LEAST_VERSION(7, 85, 0)
  assert_string_equal((const char *)value_of(CURLOPT_PROTOCOLS_STR), "http,https");
#endif
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_all, close_all)

int main(int count, char **words) {
  const struct CMUnitTest tests[] = {
    TEST(each_option_that_is_refused_is_a_failure),
    TEST(a_value_that_is_refused_is_a_failure),
    TEST(the_host_and_its_environment_are_left_alone),
    TEST(nobody_else_is_trusted),
  };
  (void)count;
  build = servers_build(words[0]);
  return cmocka_run_group_tests(tests, NULL, NULL);
}
