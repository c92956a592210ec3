/* A client's configuration: what is refused, with which words, and where a good one points. */
#include "exotel/base/config.h"

#include <string.h>

#include "support.h"

static exo_arena arena = { .allocator = &exo_libc_allocator };
static exo_config resolved;
static exo_error error;

static bool resolve(const exo_config *given) {
  exo_arena_free(&arena);
  error = (exo_error){ "?", "?" };
  return exo_config_resolve(given, &arena, &resolved, &error) == EXO_RESULT_OK;
}

#define ACCOUNT .account_sid = "ameyo5m", .api_key = "the_key", .api_token = "the_token"

typedef struct refusal {
  exo_config config;
  const char *field, *says;
} refusal;

static const char long_sid[] = "a2345678901234567890123456789012345678901234567890123456789012345";

/* clang-format off */
static const refusal refusals[] = {
  { { .api_key = "k", .api_token = "t", .region = "mumbai" }, "account_sid", "EXOTEL_ACCOUNT_SID" },
  { { .account_sid = "", .api_key = "k", .api_token = "t", .region = "mumbai" }, "account_sid", "missing" },
  { { .account_sid = "a", .api_token = "t", .region = "mumbai" }, "api_key", "EXOTEL_API_KEY" },
  { { .account_sid = "a", .api_key = "k", .region = "mumbai" }, "api_token", "EXOTEL_API_TOKEN" },
  { { .account_sid = "a", .api_key = "k", .api_token = "", .region = "mumbai" }, "api_token", "missing" },
  { { .account_sid = "a/../b", .api_key = "k", .api_token = "t", .region = "mumbai" }, "account_sid", "letters" },
  { { .account_sid = "a b", .api_key = "k", .api_token = "t", .region = "mumbai" }, "account_sid", "space" },
  { { .account_sid = "a?b", .api_key = "k", .api_token = "t", .region = "mumbai" }, "account_sid", "letters" },
  { { .account_sid = long_sid, .api_key = "k", .api_token = "t", .region = "mumbai" }, "account_sid", "64" },
  { { .account_sid = "a", .api_key = "k:t", .api_token = "t", .region = "mumbai" }, "api_key", "\":\"" },
  { { .account_sid = "a", .api_key = "k\n", .api_token = "t", .region = "mumbai" }, "api_key", "line break" },
  { { .account_sid = "a", .api_key = "k", .api_token = "secret token", .region = "mumbai" }, "api_token", "space" },
  { { .account_sid = "a", .api_key = "k", .api_token = "s\xC3\xA9" "cret", .region = "mumbai" }, "api_token", "character" },
  { { .account_sid = "a", .api_key = "k", .api_token = "secret\x7F", .region = "mumbai" }, "api_token", "character" },
  { { ACCOUNT }, "region", "EXOTEL_REGION" },
  { { ACCOUNT, .region = "london" }, "region", "\"london\"" },
  { { ACCOUNT, .region = "Mumbai" }, "region", "\"Mumbai\"" },
  { { ACCOUNT, .region = "lon\ndon\x1B[0m\x7F" }, "region", "\"lon?don?[0m?\"" },
  { { ACCOUNT, .region = "" }, "region", "mumbai" },
  { { ACCOUNT, .region = "mumbai", .subdomain = "api.exotel.com" }, "region", "exclude" },
  { { ACCOUNT, .subdomain = "api.exotel.com", .base_url = "https://api.exotel.com" }, "region", "exclude" },
  { { ACCOUNT, .region = "mumbai", .base_url = "https://api.exotel.com" }, "region", "exclude" },
  { { ACCOUNT, .subdomain = "" }, "subdomain", "host name" },
  { { ACCOUNT, .subdomain = "@" }, "subdomain", "host name" },
  { { ACCOUNT, .subdomain = "https://api.exotel.com" }, "subdomain", "host name" },
  { { ACCOUNT, .subdomain = "api.exotel.com/x" }, "subdomain", "host name" },
  { { ACCOUNT, .subdomain = "key:token@api.exotel.com" }, "subdomain", "host name" },
  { { ACCOUNT, .subdomain = "api.exotel.com?" }, "subdomain", "host name" },
  { { ACCOUNT, .base_url = "" }, "base_url", "https://" },
  { { ACCOUNT, .base_url = "api.exotel.com" }, "base_url", "https://" },
  { { ACCOUNT, .base_url = "ftp://api.exotel.com" }, "base_url", "https://" },
  { { ACCOUNT, .base_url = "https://" }, "base_url", "<host>" },
  { { ACCOUNT, .base_url = "https:///x" }, "base_url", "<host>" },
  { { ACCOUNT, .base_url = "https://api.exotel.com?x=1" }, "base_url", "without query" },
  { { ACCOUNT, .base_url = "https://api.exotel.com/#x" }, "base_url", "without query" },
  { { ACCOUNT, .base_url = "https://api.exotel.com/ x" }, "base_url", "spaces" },
  { { ACCOUNT, .base_url = "https://api.exotel.com\\@evil.example" }, "base_url", "without query" },
  { { ACCOUNT, .base_url = "https://key:token@api.exotel.com" }, "base_url", "credentials" },
  { { ACCOUNT, .base_url = "http://api.exotel.com" }, "base_url", "plain http" },
  { { ACCOUNT, .base_url = "HTTP://api.exotel.com" }, "base_url", "plain http" },
  { { ACCOUNT, .base_url = "http://127.0.0.1.evil.example" }, "base_url", "plain http" },
  { { ACCOUNT, .base_url = "http://127.evil.example" }, "base_url", "plain http" },
  { { ACCOUNT, .base_url = "http://localhost.evil.example" }, "base_url", "plain http" },
  { { ACCOUNT, .base_url = "http://localhosts" }, "base_url", "plain http" },
  { { ACCOUNT, .base_url = "http://[::2]" }, "base_url", "plain http" },
  { { ACCOUNT, .base_url = "http://128.0.0.1" }, "base_url", "plain http" },
};
/* clang-format on */

static void refused(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(refusals); i++) {
    const refusal *r = &refusals[i];
    if (resolve(&r->config)) fail_msg("refusal %zu (%s, %s) was accepted", i, r->field, r->says);
    if (strcmp(error.field, r->field) != 0 || strstr(error.message, r->says) == NULL)
      fail_msg("refusal %zu: %s: %s", i, error.field, error.message);
  }
}

static void secrets_are_not_shown(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(refusals); i++) {
    resolve(&refusals[i].config);
    if (strstr(error.message, "secret") || strstr(error.message, "the_token") || strstr(error.message, "the_key"))
      fail_msg("refusal %zu shows: %s", i, error.message);
  }
}

typedef struct address {
  exo_config config;
  const char *base_url, *host;
} address;

static const address addresses[] = {
  { { ACCOUNT, .region = "mumbai" }, "https://api.in.exotel.com", "api.in.exotel.com" },
  { { ACCOUNT, .region = "singapore" }, "https://api.exotel.com", "api.exotel.com" },
  { { ACCOUNT, .subdomain = "api.in.exotel.com" }, "https://api.in.exotel.com", "api.in.exotel.com" },
  { { ACCOUNT, .subdomain = "@api.in.exotel.com" }, "https://api.in.exotel.com", "api.in.exotel.com" },
  { { ACCOUNT, .base_url = "https://a.example:8443/" }, "https://a.example:8443", "a.example:8443" },
  { { ACCOUNT, .base_url = "https://a.example/p//" }, "https://a.example/p", "a.example" },
  { { ACCOUNT, .base_url = "HTTPS://a.example" }, "HTTPS://a.example", "a.example" },
  { { ACCOUNT, .base_url = "http://127.0.0.1:8080" }, "http://127.0.0.1:8080", "127.0.0.1:8080" },
  { { ACCOUNT, .base_url = "http://127.1.2.3/" }, "http://127.1.2.3", "127.1.2.3" },
  { { ACCOUNT, .base_url = "http://LocalHost:1" }, "http://LocalHost:1", "LocalHost:1" },
  { { ACCOUNT, .base_url = "http://[::1]:1" }, "http://[::1]:1", "[::1]:1" },
  { { ACCOUNT, .base_url = "http://a.example", .allow_http = true }, "http://a.example", "a.example" },
};

static void where_it_points(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(addresses); i++) {
    char host[256];
    if (!resolve(&addresses[i].config)) fail_msg("address %zu: %s", i, error.message);
    assert_string_equal(resolved.base_url, addresses[i].base_url);
    exo_config_host(&resolved, host, sizeof host);
    assert_string_equal(host, addresses[i].host);
    assert_string_equal(error.message, "?"); /* left alone */
  }
}

/* The strings a client was made from may be gone the next moment. */
static void strings_are_copied(void **state) {
  (void)state;
  char sid[] = "sid", key[] = "key", token[] = "token", url[] = "https://a.example", file[] = "ca.pem",
       proxy[] = "http://p:1";
  char *const all[] = { sid, key, token, url, file, proxy };
  exo_config config = EXO_CONFIG_DEFAULTS;
  config.account_sid = sid, config.api_key = key, config.api_token = token;
  config.base_url = url, config.ca_file = file, config.proxy.url = proxy;
  assert_true(resolve(&config));
  for (size_t i = 0; i < COUNT(all); i++) memset(all[i], 'x', strlen(all[i]));
  assert_string_equal(resolved.account_sid, "sid");
  assert_string_equal(resolved.api_key, "key");
  assert_string_equal(resolved.api_token, "token");
  assert_string_equal(resolved.base_url, "https://a.example");
  assert_string_equal(resolved.ca_file, "ca.pem");
  assert_string_equal(resolved.proxy.url, "http://p:1");
  assert_null(resolved.region);
  assert_null(resolved.subdomain);
}

static void documented_defaults(void **state) {
  (void)state;
  exo_config config = EXO_CONFIG_DEFAULTS;
  assert_true(config.timeout == 30 && config.connect_timeout == 5 && config.deadline == 120 && config.backoff == 0.5);
  assert_true(config.settle_wait == 5);
  assert_int_equal(config.retries, 2);
  assert_int_equal(config.max_connections, 8);
  assert_int_equal(config.rate_limit, 200);
  assert_true(config.validate);
  assert_false(config.allow_http || config.json_suffix);
}

static int tear_down(void **state) {
  (void)state;
  exo_arena_free(&arena);
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(refused),
    cmocka_unit_test(secrets_are_not_shown),
    cmocka_unit_test(where_it_points),
    cmocka_unit_test(strings_are_copied),
    cmocka_unit_test(documented_defaults),
  };
  return cmocka_run_group_tests(tests, NULL, tear_down);
}
