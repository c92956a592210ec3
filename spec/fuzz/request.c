/* The request builder. The input is a call as text, described in fuzz.h, with the client's options. */
#include "exotel/api/request.h"

#include <curl/curl.h>
#include <string.h>

#include "../c/as_cjson.h"
#include "exotel/api/validate.h"
#include "fuzz.h"

/* ---- the path ---- */

static int hex_digit(char c) { return c <= '9' ? c - '0' : c - 'A' + 10; }

/* Whether an encoded text says exactly this, and in one way only. */
static bool says(const char *encoded, size_t length, const char *text, size_t text_length) {
  size_t n = 0;
  for (size_t i = 0; i < length; i++, n++) {
    char c = encoded[i];
    if (c == '%') {
      CHECK(i + 2 < length);
      c = (char)(hex_digit(encoded[i + 1]) * 16 + hex_digit(encoded[i + 2]));
      i += 2;
    }
    if (n >= text_length || text[n] != c) return false;
  }
  return n == text_length;
}

static bool says_value(const char *encoded, size_t length, const exo_value *value) {
  char digits[24];
  if (value->type == EXO_VALUE_TEXT) return says(encoded, length, value->text, value->length);
  int n = snprintf(digits, sizeof digits, "%lld", (long long)value->integer);
  return says(encoded, length, digits, (size_t)n);
}

static const exo_value *placeholder(const fuzz_call *call, const char *segment, size_t length) {
  char *name = fuzz_copy(segment + 1, length - 2);
  const exo_value *value = exo_value_member(&call->arguments, name);
  CHECK(value != NULL);
  return value;
}

/* Segment by segment: those of the row, each in its place, no more and no fewer. Returns what follows. */
static const char *check_path(const fuzz_call *call, const char *at) {
  const char *row = call->operation->path;
  while (*row == '/') {
    size_t expected = strcspn(row + 1, "/"), length = strcspn(at + 1, "/?");
    bool last = row[1 + expected] == '\0';
    CHECK(*at == '/');
    const char *segment = at + 1;
    at += 1 + length;
    if (last && call->config.json_suffix) {
      CHECK(length > 5 && strncmp(at - 5, ".json", 5) == 0);
      length -= 5;
    }
    /* Of itself every segment is one: none that would name another resource. */
    CHECK(length > 0 && !(length <= 2 && strncmp(segment, "..", length) == 0));
    if (row[1] == '{') CHECK(says_value(segment, length, placeholder(call, row + 1, expected)));
    else CHECK(length == expected && strncmp(segment, row + 1, length) == 0);
    row += 1 + expected;
  }
  return at;
}

/* ---- the query ---- */

static void check_query(const fuzz_call *call, const char *at) {
  char separator = '?';
  for (const exo_parameter *p = call->operation->parameters; p->name != NULL; p++) {
    const exo_value *value = p->location == EXO_IN_QUERY ? exo_value_member(&call->arguments, p->name) : NULL;
    if (value == NULL) continue;
    size_t name = strlen(p->name), length = strcspn(at + 1, "&");
    CHECK(*at == separator && strncmp(at + 1, p->name, name) == 0 && at[1 + name] == '=');
    CHECK(says_value(at + 2 + name, length - name - 1, value));
    at += 1 + length;
    separator = '&';
  }
  CHECK(*at == '\0');
}

/* ---- the whole URL, as libcurl takes it ---- */

static char *part(CURLU *url, CURLUPart what) {
  char *text = NULL;
  curl_url_get(url, what, &text, 0);
  return text;
}

static void check_same_host(const char *url, const exo_config *config) {
  CURLU *whole = curl_url(), *base = curl_url();
  CHECK(whole != NULL && base != NULL);
  if (curl_url_set(base, CURLUPART_URL, config->base_url, 0) == CURLUE_OK) {
    CHECK(curl_url_set(whole, CURLUPART_URL, url, CURLU_PATH_AS_IS) == CURLUE_OK);
    char *host = part(whole, CURLUPART_HOST), *expected = part(base, CURLUPART_HOST);
    char *user = part(whole, CURLUPART_USER), *fragment = part(whole, CURLUPART_FRAGMENT);
    CHECK(host != NULL && strcmp(host, expected) == 0);
    CHECK(user == NULL && fragment == NULL);
    curl_free(host);
    curl_free(expected);
  }
  curl_url_cleanup(whole);
  curl_url_cleanup(base);
}

static void check_url(const fuzz_call *call, const exo_request *request) {
  const char *url = exo_buffer_string(&request->url), *target = exo_request_target(request);
  size_t base = strlen(call->config.base_url), account = strlen(call->config.account_sid);
  static const char prefix[] = "/v2/accounts/";
  for (const char *c = url; *c != '\0'; c++) CHECK(*c > ' ' && *c <= '~');
  CHECK(strlen(url) == request->url.length);
  CHECK(strncmp(url, call->config.base_url, base) == 0);
  CHECK(*target == '/' && target <= url + base);
  CHECK(strncmp(url + base, prefix, sizeof prefix - 1) == 0);
  const char *at = url + base + sizeof prefix - 1;
  CHECK(strncmp(at, call->config.account_sid, account) == 0);
  check_query(call, check_path(call, at + account));
  check_same_host(url, &call->config);
}

/* ---- the body ---- */

static void check_member(const cJSON *member, const exo_value *value) {
  if (value->type == EXO_VALUE_NULL) CHECK(cJSON_IsNull(member));
  else if (value->type == EXO_VALUE_TEXT)
    CHECK(cJSON_IsString(member) && strcmp(member->valuestring, value->text) == 0);
  else if (value->type == EXO_VALUE_INTEGER) CHECK(cJSON_IsNumber(member) || cJSON_IsString(member));
}

static void check_fields(const cJSON *object, const exo_parameter *parameters, const exo_value *record) {
  size_t expected = 0;
  for (const exo_parameter *p = parameters; p->name != NULL; p++) {
    const exo_value *value = p->location == EXO_IN_BODY ? exo_value_member(record, p->name) : NULL;
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(object, p->name);
    if (value == NULL && (p->location != EXO_IN_BODY || p->fallback == NULL)) continue;
    CHECK(member != NULL);
    expected++;
    if (p->type == EXO_RECORDS) {
      CHECK(cJSON_GetArraySize(member) == (int)value->count);
      for (size_t i = 0; i < value->count; i++)
        check_fields(cJSON_GetArrayItem(member, (int)i), p->fields, &value->items[i]);
    } else if (value != NULL) check_member(member, value);
  }
  CHECK(cJSON_GetArraySize(object) == (int)expected);
}

static void check_body(const fuzz_call *call, const exo_request *request) {
  bool writes = call->operation->method == EXO_POST || call->operation->method == EXO_PUT;
  CHECK(request->has_body == writes && request->method == call->operation->method);
  if (!writes) {
    CHECK(request->body.length == 0);
    return;
  }
  exo_json json;
  CHECK(exo_json_read(&json, exo_buffer_string(&request->body), request->body.length, &exo_libc_allocator, NULL) ==
        EXO_JSON_GOOD);
  cJSON *tree = as_cjson(json.root);
  check_fields(tree, call->operation->parameters, &call->arguments);
  cJSON_Delete(tree);
  exo_json_free(&json);
}

/* ---- from options and arguments to a request ---- */

static void check_request(const fuzz_call *call) {
  exo_request request;
  exo_request_init(&request, &exo_libc_allocator);
  CHECK(exo_request_build(&request, call->operation, &call->config, &call->arguments));
  check_url(call, &request);
  check_body(call, &request);
  exo_request_free(&request);
}

static bool holds(const char *text, const char *part) { return text != NULL && strstr(text, part) != NULL; }

/* Of key and token, which are known by it. */
static const char mark[] = "SeCrEt";

/* What was given in the wrong place is shown there. */
static void check_error(const exo_error *error, const exo_config *given) {
  CHECK(error->message[0] != '\0');
  bool misplaced = holds(given->region, mark) || holds(given->subdomain, mark);
  if (!misplaced) CHECK(!holds(error->message, mark));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  fuzz_call call = fuzz_call_read(data, size);
  exo_config given = call.config;
  exo_error error = { "", "" };
  exo_arena arena;
  exo_arena_init(&arena, &exo_libc_allocator);
  bool resolved = exo_config_resolve(&given, &arena, &call.config, &error) == EXO_RESULT_OK;
  if (!resolved) check_error(&error, &given);
  else if (exo_validate(call.operation, &call.arguments, false, &error)) check_request(&call);
  exo_arena_free(&arena);
  fuzz_forget();
  return 0;
}
