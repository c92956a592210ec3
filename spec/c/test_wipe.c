/* No secret stays behind in freed memory, whoever frees it: this program's free and realloc stand before the C
 * library's, also for cJSON. A sanitizer has its own, so there it sees nothing and only runs. */
#include <malloc.h>
#include <string.h>

#include "exotel/engine/open.h"
#include "support.h"

#define PASSWORD "correcthorsebatterystaple"

/* What stands in the Authorization header for it, with "key" as the key. */
#define AUTHORIZATION "a2V5OmNvcnJlY3Rob3JzZWJhdHRlcnlzdGFwbGU"

static const char *secret = PASSWORD;
static volatile bool watching;
static volatile size_t seen, left_behind;

#ifndef __SANITIZE_ADDRESS__

static bool holds_secret(const void *block, size_t size) {
  size_t length = strlen(secret);
  for (size_t i = 0; i + length <= size; i++)
    if (memcmp((const char *)block + i, secret, length) == 0) return true;
  return false;
}

enum { SEES = true };

void __libc_free(void *block);
void *__libc_realloc(void *block, size_t size);
/* Visible, so that libraries call them, too. */
__attribute__((visibility("default"))) void free(void *block);
__attribute__((visibility("default"))) void *realloc(void *block, size_t size);

void free(void *block) {
  if (watching && block != NULL) seen++, left_behind += holds_secret(block, malloc_usable_size(block));
  __libc_free(block);
}

/* What grows moves each time, as it may at any time, and is still where it was. */
void *realloc(void *block, size_t size) {
  size_t before = block != NULL ? malloc_usable_size(block) : 0;
  if (!watching || block == NULL || size <= before) return __libc_realloc(block, size);
  void *moved = malloc(size);
  if (moved != NULL) memcpy(moved, block, before), free(block);
  return moved;
}

#else

enum { SEES = false };

#endif

static void watch(void) { watching = true, seen = left_behind = 0; }

static void expect_nothing_left(void) {
  watching = false;
  assert_int_equal(seen > 0, SEES);
  assert_int_equal(left_behind, 0);
}

static void make_call(const char *operation, const char *json, fake_reply reply) {
  fake_net net = { .process = 1, .replies = { reply } };
  const exo_value *arguments = value_from(json);
  watch();
  exo_config config = test_config();
  exo_client *client = fake_client(&net, &config);
  exo_call *call = start_call_with(client, operation, arguments, &EXO_CALL_OPTIONS_DEFAULT);
  while (exo_client_poll(client, 10) > 0) continue;
  exo_client_free_call(client, call);
  exo_client_free(client);
  expect_nothing_left();
}

#define CREDENTIAL "{\"trunk_sid\":\"t\",\"password\":\"" PASSWORD "\",\"user_name\":\"u\"}"

static void a_credential_that_is_created(void **state) {
  (void)state;
  make_call(
      "create_credential", CREDENTIAL,
      (fake_reply){ .status = 200, .sent = true, .body = "{\"response\":{\"code\":200,\"data\":{\"id\":\"1\"}}}" });
}

#define TEN "0123456789"
#define NAME TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

/* Its text outgrows what cJSON begins with, behind the password. */
static void a_credential_with_long_names(void **state) {
  (void)state;
  make_call("create_credential",
            "{\"trunk_sid\":\"t\",\"user_name\":\"" NAME "\",\"password\":\"" PASSWORD
            "\",\"friendly_name\":\"" TEN TEN TEN "\"}",
            (fake_reply){ .status = 400, .sent = true, .body = "no" });
}

static void a_credential_that_is_refused(void **state) {
  (void)state;
  make_call("create_credential", CREDENTIAL, (fake_reply){ .status = 400, .sent = true, .body = "no" });
}

/* Before anything is sent: what libcurl sends is not ours to wipe. */
static void the_authorization_of_a_client(void **state) {
  (void)state;
  exo_client *client;
  exo_error error;
  exo_config config = test_config();
  config.api_key = "key", config.api_token = PASSWORD;
  secret = AUTHORIZATION;
  watch();
  assert_int_equal(exo_client_open(&config, &exo_system_platform, &client, &error), EXO_RESULT_OK);
  exo_client_free(client);
  expect_nothing_left();
  secret = PASSWORD;
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_teardown(a_credential_that_is_created, values_forget),
    cmocka_unit_test_teardown(a_credential_with_long_names, values_forget),
    cmocka_unit_test_teardown(a_credential_that_is_refused, values_forget),
    cmocka_unit_test(the_authorization_of_a_client),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
