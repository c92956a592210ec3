/* Every operation's request, written out: nothing here is derived from the table of operations. */
#include "exotel/api/request.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "exotel/api/validate.h"
#include "support.h"

#define T "/v2/accounts/ameyo5m/trunks/trmum1"

typedef struct request_case {
  const char *operation, *arguments;
  const char *method, *target, *body; /* no body: NULL */
} request_case;

/* Validates and builds; the caller frees the request. */
static exo_request build(const exo_config *given, const char *operation, const exo_value *arguments, exo_arena *arena) {
  exo_error error;
  exo_config config;
  exo_request request;
  exo_arena_init(arena, &exo_libc_allocator);
  if (exo_config_resolve(given, arena, &config, &error) != EXO_RESULT_OK) fail_msg("config: %s", error.message);
  if (!exo_validate(operation_named(operation), arguments, given->validate, &error))
    fail_msg("%s: %s %s", operation, error.field, error.message);
  exo_request_init(&request, &exo_libc_allocator);
  assert_true(exo_request_build(&request, operation_named(operation), &config, arguments));
  return request;
}

static void check_body(const exo_request *request, const char *expected, const char *what) {
  assert_int_equal(request->has_body, expected != NULL);
  if (expected == NULL) return;
  cJSON *got = cJSON_Parse(exo_buffer_string(&request->body)), *wanted = cJSON_Parse(expected);
  bool same = got != NULL && cJSON_Compare(got, wanted, true);
  cJSON_Delete(got);
  cJSON_Delete(wanted);
  if (!same) fail_msg("%s sends %s", what, exo_buffer_string(&request->body));
}

static void check_request(const exo_config *config, const request_case *c) {
  exo_arena arena;
  exo_request request = build(config, c->operation, value_from(c->arguments), &arena);
  assert_string_equal(exo_method_name(request.method), c->method);
  assert_string_equal(exo_request_target(&request), c->target);
  check_body(&request, c->body, c->operation);
  exo_request_free(&request);
  exo_arena_free(&arena);
}

static void check_requests(const request_case *cases, size_t count) {
  exo_config config = test_config();
  for (size_t i = 0; i < count; i++) check_request(&config, &cases[i]);
}

/* ---- the operations ---- */

/* clang-format off */
static const request_case operations[] = {
  { "create_trunk", "{\"trunk_name\":\"outbound_trunk\",\"nso_code\":\"ANY-ANY\",\"domain_name\":\"other.pstn.exotel.com\"}",
    "POST", "/v2/accounts/ameyo5m/trunks",
    "{\"trunk_name\":\"outbound_trunk\",\"nso_code\":\"ANY-ANY\",\"domain_name\":\"other.pstn.exotel.com\"}" },
  { "delete_trunk", "{\"trunk_sid\":\"trmum1\"}", "DELETE", "/v2/accounts/ameyo5m/trunks?trunk_sid=trmum1", NULL },
  { "map_phone_number", "{\"trunk_sid\":\"trmum1\",\"phone_number\":\"+919876543210\",\"mode\":\"flow\"}", "POST",
    T "/phone-numbers", "{\"phone_number\":\"+919876543210\",\"mode\":\"flow\"}" },
  { "list_phone_numbers", "{\"trunk_sid\":\"trmum1\",\"offset\":50,\"page_size\":25}", "GET",
    T "/phone-numbers?offset=50&page_size=25", NULL },
  { "update_phone_number", "{\"trunk_sid\":\"trmum1\",\"id\":\"41523\",\"phone_number\":\"+918040264208\",\"mode\":\"pstn\"}",
    "PUT", T "/phone-numbers/41523", "{\"phone_number\":\"+918040264208\",\"mode\":\"pstn\"}" },
  { "whitelist_ip", "{\"trunk_sid\":\"trmum1\",\"ip\":\"44.248.146.11\",\"mask\":24}", "POST", T "/whitelisted-ips",
    "{\"ip\":\"44.248.146.11\",\"mask\":24}" },
  { "list_whitelisted_ips", "{\"trunk_sid\":\"trmum1\",\"offset\":0,\"page_size\":1}", "GET",
    T "/whitelisted-ips?offset=0&page_size=1", NULL },
  { "add_destinations",
    "{\"trunk_sid\":\"trmum1\",\"destinations\":[{\"destination\":\"44.248.146.11:5061;transport=tls\"},{\"destination\":\"sip.company.com:5060\"}]}",
    "POST", T "/destination-uris",
    "{\"destinations\":[{\"destination\":\"44.248.146.11:5061;transport=tls\"},{\"destination\":\"sip.company.com:5060\"}]}" },
  { "list_destinations", "{\"trunk_sid\":\"trmum1\",\"page_size\":10}", "GET", T "/destination-uris?page_size=10", NULL },
  { "set_settings", "{\"trunk_sid\":\"trmum1\",\"settings\":[{\"name\":\"trunk_external_alias\",\"value\":\"+919876543210\"}]}",
    "POST", T "/settings", "{\"settings\":[{\"name\":\"trunk_external_alias\",\"value\":\"+919876543210\"}]}" },
  { "list_trunks", "{\"offset\":1,\"page_size\":2,\"trunk_sid\":\"trmum1\"}", "GET",
    "/v2/accounts/ameyo5m/trunks?offset=1&page_size=2&trunk_sid=trmum1", NULL },
  { "get_trunk", "{\"trunk_sid\":\"trmum1\"}", "GET", T, NULL },
  { "update_trunk", "{\"trunk_sid\":\"trmum1\",\"trunk_name\":\"new\",\"auth_type\":\"CREDENTIALS\",\"nso_code\":\"ANY-ANY\"}",
    "PUT", T, "{\"trunk_name\":\"new\",\"auth_type\":\"CREDENTIALS\",\"nso_code\":\"ANY-ANY\"}" },
  { "unmap_phone_number", "{\"trunk_sid\":\"trmum1\",\"id\":\"41512\"}", "DELETE", T "/phone-numbers?id=41512", NULL },
  { "update_whitelisted_ip", "{\"trunk_sid\":\"trmum1\",\"id\":\"1153\",\"ip\":\"1.2.3.4\",\"mask\":32}", "PUT",
    T "/whitelisted-ips/1153", "{\"ip\":\"1.2.3.4\",\"mask\":32}" },
  { "remove_whitelisted_ip", "{\"trunk_sid\":\"trmum1\",\"id\":\"1153\"}", "DELETE", T "/whitelisted-ips?id=1153", NULL },
  { "update_destination", "{\"trunk_sid\":\"trmum1\",\"id\":\"2543\",\"priority\":0,\"weight\":65535}", "PUT",
    T "/destination-uris/2543", "{\"priority\":0,\"weight\":65535}" },
  { "remove_destination", "{\"trunk_sid\":\"trmum1\",\"id\":\"2543\"}", "DELETE", T "/destination-uris?id=2543", NULL },
  { "list_settings", "{\"trunk_sid\":\"trmum1\"}", "GET", T "/settings", NULL },
  { "remove_setting", "{\"trunk_sid\":\"trmum1\",\"name\":\"trunk_external_alias\"}", "DELETE",
    T "/settings?name=trunk_external_alias", NULL },
  { "create_credential", "{\"trunk_sid\":\"trmum1\",\"user_name\":\"alice\",\"password\":\"secret_1\",\"friendly_name\":\"office\"}",
    "POST", T "/credentials", "{\"user_name\":\"alice\",\"password\":\"secret_1\",\"friendly_name\":\"office\"}" },
  { "list_credentials", "{\"trunk_sid\":\"trmum1\",\"offset\":5,\"page_size\":5,\"id\":\"77\"}", "GET",
    T "/credentials?offset=5&page_size=5&id=77", NULL },
  { "update_credential", "{\"trunk_sid\":\"trmum1\",\"id\":\"77\",\"password\":\"secret_2\"}", "PUT", T "/credentials/77",
    "{\"password\":\"secret_2\"}" },
  { "delete_credential", "{\"trunk_sid\":\"trmum1\",\"id\":\"77\"}", "DELETE", T "/credentials?id=77", NULL },
  { "find_trunk_map", "{\"exophone\":\"+918040264208\",\"trunk_sid\":\"trmum1\"}", "GET",
    "/v2/accounts/ameyo5m/trunk-maps?exophone=%2B918040264208&trunk_sid=trmum1", NULL },
};
/* clang-format on */

static void every_operation(void **state) {
  (void)state;
  assert_int_equal(COUNT(operations), exo_operation_count);
  check_requests(operations, COUNT(operations));
  for (size_t i = 0; i < COUNT(operations); i++) {
    for (size_t k = 0; k < i; k++) assert_string_not_equal(operations[i].operation, operations[k].operation);
  }
}

/* The curl examples of the vendor's reference, in its order. */
/* clang-format off */
static const request_case curl_examples[] = {
  { "create_trunk", "{\"trunk_name\":\"outbound_trunk\",\"nso_code\":\"ANY-ANY\",\"domain_name\":\"ameyo5m.pstn.exotel.com\"}",
    "POST", "/v2/accounts/ameyo5m/trunks",
    "{ \"trunk_name\": \"outbound_trunk\", \"nso_code\": \"ANY-ANY\", \"domain_name\": \"ameyo5m.pstn.exotel.com\" }" },
  { "map_phone_number", "{\"trunk_sid\":\"trmum1\",\"phone_number\":\"+919876543210\"}", "POST", T "/phone-numbers",
    "{ \"phone_number\": \"+919876543210\" }" },
  { "map_phone_number", "{\"trunk_sid\":\"trmum1\",\"phone_number\":\"+919876543210\",\"mode\":\"flow\"}", "POST",
    T "/phone-numbers", "{ \"phone_number\": \"+919876543210\", \"mode\": \"flow\" }" },
  { "whitelist_ip", "{\"trunk_sid\":\"trmum1\",\"ip\":\"44.248.146.11\",\"mask\":32}", "POST", T "/whitelisted-ips",
    "{ \"ip\": \"44.248.146.11\", \"mask\": 32 }" },
  { "add_destinations", "{\"trunk_sid\":\"trmum1\",\"destinations\":[{\"destination\":\"sip.yourcompany.com:5061;transport=tls\"}]}",
    "POST", T "/destination-uris", "{ \"destinations\": [ { \"destination\": \"sip.yourcompany.com:5061;transport=tls\" } ] }" },
  { "add_destinations", "{\"trunk_sid\":\"trmum1\",\"destinations\":[{\"destination\":\"44.248.146.11:5061;transport=tls\"}]}",
    "POST", T "/destination-uris", "{ \"destinations\": [ { \"destination\": \"44.248.146.11:5061;transport=tls\" } ] }" },
  { "list_phone_numbers", "{\"trunk_sid\":\"trmum1\"}", "GET", T "/phone-numbers", NULL },
  { "list_whitelisted_ips", "{\"trunk_sid\":\"trmum1\"}", "GET", T "/whitelisted-ips", NULL },
  { "list_destinations", "{\"trunk_sid\":\"trmum1\"}", "GET", T "/destination-uris", NULL },
  { "set_settings", "{\"trunk_sid\":\"trmum1\",\"settings\":[{\"name\":\"trunk_external_alias\",\"value\":\"+919876543210\"}]}",
    "POST", T "/settings", "{ \"settings\": [ { \"name\": \"trunk_external_alias\", \"value\": \"+919876543210\" } ] }" },
  { "delete_trunk", "{\"trunk_sid\":\"trmum1\"}", "DELETE", "/v2/accounts/ameyo5m/trunks?trunk_sid=trmum1", NULL },
  { "update_phone_number", "{\"trunk_sid\":\"trmum1\",\"id\":\"41523\",\"phone_number\":\"+918040264208\",\"mode\":\"flow\"}",
    "PUT", T "/phone-numbers/41523", "{ \"phone_number\": \"+918040264208\", \"mode\": \"flow\" }" },
  { "update_phone_number", "{\"trunk_sid\":\"trmum1\",\"id\":\"41523\",\"phone_number\":\"+918040264208\",\"mode\":\"pstn\"}",
    "PUT", T "/phone-numbers/41523", "{ \"phone_number\": \"+918040264208\", \"mode\": \"pstn\" }" },
};
/* clang-format on */

static void every_curl_example(void **state) {
  (void)state;
  check_requests(curl_examples, COUNT(curl_examples));
}

/* ---- defaults, null, integers ---- */

static const request_case defaults[] = {
  { "create_trunk", "{\"trunk_name\":\"a\"}", "POST", "/v2/accounts/ameyo5m/trunks",
    "{\"trunk_name\":\"a\",\"nso_code\":\"ANY-ANY\",\"domain_name\":\"ameyo5m.pstn.exotel.com\"}" },
  { "create_trunk", "{\"trunk_name\":\"a\",\"nso_code\":\"A-B\"}", "POST", "/v2/accounts/ameyo5m/trunks",
    "{\"trunk_name\":\"a\",\"nso_code\":\"A-B\",\"domain_name\":\"ameyo5m.pstn.exotel.com\"}" },
  { "whitelist_ip", "{\"trunk_sid\":\"trmum1\",\"ip\":\"1.2.3.4\"}", "POST", T "/whitelisted-ips",
    "{\"ip\":\"1.2.3.4\"}" },
  { "map_phone_number", "{\"trunk_sid\":\"trmum1\",\"phone_number\":\"+1234567\",\"mode\":null}", "POST",
    T "/phone-numbers", "{\"phone_number\":\"+1234567\",\"mode\":null}" },
  { "update_trunk", "{\"trunk_sid\":\"trmum1\",\"trunk_name\":\"b\"}", "PUT", T, "{\"trunk_name\":\"b\"}" },
  { "update_phone_number", "{\"trunk_sid\":\"trmum1\",\"id\":41523,\"phone_number\":\"+1234567\",\"mode\":\"flow\"}",
    "PUT", T "/phone-numbers/41523", "{\"phone_number\":\"+1234567\",\"mode\":\"flow\"}" },
  { "unmap_phone_number", "{\"trunk_sid\":\"trmum1\",\"id\":9007199254740992}", "DELETE",
    T "/phone-numbers?id=9007199254740992", NULL },
  { "list_trunks", "{}", "GET", "/v2/accounts/ameyo5m/trunks", NULL },
};

static void defaults_and_null(void **state) {
  (void)state;
  check_requests(defaults, COUNT(defaults));
}

/* An integer id is written by all its digits. */
static void the_largest_id(void **state) {
  (void)state;
  exo_arena arena;
  exo_config config = test_config();
  exo_value members[] = { text_value("t", 1), { .type = EXO_VALUE_INTEGER, .integer = INT64_MAX } };
  members[0].name = "trunk_sid";
  members[1].name = "id";
  exo_value arguments = { .type = EXO_VALUE_RECORD, .items = members, .count = 2 };
  exo_request request = build(&config, "remove_destination", &arguments, &arena);
  assert_string_equal(exo_request_target(&request),
                      "/v2/accounts/ameyo5m/trunks/t/destination-uris?id=9223372036854775807");
  exo_request_free(&request);
  exo_arena_free(&arena);
}

/* ---- characters ---- */

/* What trunk_sid becomes, in the path and in a query. */
static const char *const encodings[][2] = {
  { "../../x", "..%2F..%2Fx" },
  { "a/b", "a%2Fb" },
  { "a\\r\\nHost: evil", "a%0D%0AHost%3A%20evil" },
  { "a+b", "a%2Bb" },
  { "a b", "a%20b" },
  { "m\xC3\xBCller", "m%C3%BCller" },
  { "\xF0\x9F\x93\x9E", "%F0%9F%93%9E" },
  { "a?b=c&d#e", "a%3Fb%3Dc%26d%23e" },
  { "100%", "100%25" },
  { "%2e%2e", "%252e%252e" },
  { "a;b,c:d@e", "a%3Bb%2Cc%3Ad%40e" },
  { "-._~AZaz09", "-._~AZaz09" },
  { "...", "..." },
  { "\\u007f\\\"\\\\", "%7F%22%5C" },
  { "{trunk_sid}", "%7Btrunk_sid%7D" },
  { "[1]!$'()*^`|<>", "%5B1%5D%21%24%27%28%29%2A%5E%60%7C%3C%3E" },
};

static void check_encoding(const char *text, const char *encoded) {
  char arguments[128], in_path[256], in_query[256];
  exo_config config = test_config();
  snprintf(arguments, sizeof arguments, "{\"trunk_sid\":\"%s\"}", text);
  snprintf(in_path, sizeof in_path, "/v2/accounts/ameyo5m/trunks/%s/settings", encoded);
  snprintf(in_query, sizeof in_query, "/v2/accounts/ameyo5m/trunks?trunk_sid=%s", encoded);
  check_request(&config, &(request_case){ "list_settings", arguments, "GET", in_path, NULL });
  check_request(&config, &(request_case){ "delete_trunk", arguments, "DELETE", in_query, NULL });
}

static void percent_encoding(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(encodings); i++) check_encoding(encodings[i][0], encodings[i][1]);
}

/* Quotes, line breaks and UTF-8 in a body arrive as they were given. */
static void body_escapes(void **state) {
  (void)state;
  exo_config config = test_config();
  check_request(
      &config,
      &(request_case){ "set_settings",
                       "{\"trunk_sid\":\"trmum1\",\"settings\":[{\"name\":\"a\\\"b\\\\\",\"value\":\"line\\nbreak "
                       "\xE2\x82\xAC </x>\"}]}",
                       "POST", T "/settings",
                       "{\"settings\":[{\"name\":\"a\\\"b\\\\\",\"value\":\"line\\nbreak \xE2\x82\xAC </x>\"}]}" });
}

/* ---- the address ---- */

static void json_suffix(void **state) {
  (void)state;
  exo_config config = test_config();
  config.json_suffix = true;
  static const request_case cases[] = {
    { "list_trunks", "{}", "GET", "/v2/accounts/ameyo5m/trunks.json", NULL },
    { "delete_trunk", "{\"trunk_sid\":\"trmum1\"}", "DELETE", "/v2/accounts/ameyo5m/trunks.json?trunk_sid=trmum1",
      NULL },
    { "list_phone_numbers", "{\"trunk_sid\":\"trmum1\",\"offset\":5}", "GET", T "/phone-numbers.json?offset=5", NULL },
    { "get_trunk", "{\"trunk_sid\":\"trmum1\"}", "GET", T ".json", NULL },
    { "update_destination", "{\"trunk_sid\":\"trmum1\",\"id\":2543,\"weight\":1}", "PUT",
      T "/destination-uris/2543.json", "{\"weight\":1}" },
  };
  for (size_t i = 0; i < COUNT(cases); i++) check_request(&config, &cases[i]);
}

static void check_url(exo_config config, const char *url, const char *target) {
  exo_arena arena;
  exo_request request = build(&config, "list_trunks", value_from("{}"), &arena);
  assert_string_equal(exo_buffer_string(&request.url), url);
  assert_string_equal(exo_request_target(&request), target);
  exo_request_free(&request);
  exo_arena_free(&arena);
}

static void check_base(const char *base_url, const char *url, const char *target) {
  exo_config config = test_config();
  config.region = NULL;
  config.base_url = base_url;
  check_url(config, url, target);
}

static void base_urls(void **state) {
  (void)state;
  static const char target[] = "/v2/accounts/ameyo5m/trunks";
  check_base("https://api.in.exotel.com", "https://api.in.exotel.com/v2/accounts/ameyo5m/trunks", target);
  check_base("https://api.in.exotel.com/", "https://api.in.exotel.com/v2/accounts/ameyo5m/trunks", target);
  check_base("https://api.in.exotel.com///", "https://api.in.exotel.com/v2/accounts/ameyo5m/trunks", target);
  check_base("https://api.in.exotel.com:8443", "https://api.in.exotel.com:8443/v2/accounts/ameyo5m/trunks", target);
  check_base("http://127.0.0.1:8080/", "http://127.0.0.1:8080/v2/accounts/ameyo5m/trunks", target);
  check_base("http://[::1]:8080", "http://[::1]:8080/v2/accounts/ameyo5m/trunks", target);
  check_base("https://proxy.example/exotel/", "https://proxy.example/exotel/v2/accounts/ameyo5m/trunks",
             "/exotel/v2/accounts/ameyo5m/trunks");
}

static void regions(void **state) {
  (void)state;
  static const char target[] = "/v2/accounts/ameyo5m/trunks";
  exo_config config = test_config();
  check_url(config, "https://api.in.exotel.com/v2/accounts/ameyo5m/trunks", target);
  config.region = "singapore";
  check_url(config, "https://api.exotel.com/v2/accounts/ameyo5m/trunks", target);
  config.region = NULL;
  config.subdomain = "@api.in.exotel.com";
  check_url(config, "https://api.in.exotel.com/v2/accounts/ameyo5m/trunks", target);
}

/* Key and token go into a header, never into what is logged as a URL. */
static void no_credentials_in_a_request(void **state) {
  (void)state;
  exo_config config = test_config();
  for (size_t i = 0; i < COUNT(operations); i++) {
    exo_arena arena;
    exo_request request = build(&config, operations[i].operation, value_from(operations[i].arguments), &arena);
    assert_null(strstr(exo_buffer_string(&request.url), "the_"));
    assert_null(strstr(exo_buffer_string(&request.body), "the_"));
    exo_request_free(&request);
    exo_arena_free(&arena);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_operation),   cmocka_unit_test(every_curl_example),
    cmocka_unit_test(defaults_and_null), cmocka_unit_test(the_largest_id),
    cmocka_unit_test(percent_encoding),  cmocka_unit_test(body_escapes),
    cmocka_unit_test(json_suffix),       cmocka_unit_test(base_urls),
    cmocka_unit_test(regions),           cmocka_unit_test(no_credentials_in_a_request),
  };
  return cmocka_run_group_tests(tests, NULL, values_forget);
}
