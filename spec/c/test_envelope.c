/* What an answer really says: the vendor's own answers, and every trap that is known. */
#include <stdio.h>

#include "as_cjson.h"
#include "one_answer.h"

static exo_kind read_text(const char *operation, long http_status, const char *body, size_t sent) {
  return read_bytes(operation, http_status, body, strlen(body), sent);
}

static bool says(const char *text, const char *part) { return text != NULL && strstr(text, part) != NULL; }

static void check_same(const char *got, const char *expected, const char *what) {
  if (got == NULL && expected == NULL) return;
  if (got == NULL || expected == NULL || strcmp(got, expected) != 0)
    fail_msg("%s: got %s, not %s", what, got, expected);
}

/* ---- the answers of the vendor's reference ---- */

static const char *const request_ids[] = {
  "10a67da360d446378d5c2b66407b7f18", "13ab9319cf574486ba299c364f82cade", "3daaed4cd05d443f854e07e60dd4c008",
  "63999f0a98a24a0aa58ab5b74aec9f0a", "785471d288054cbf8c677b75e0b5f2f8", "91dc982ca79846479c6f9678c788cfc1",
  "bfc1544ab0ab4df3ae49173ccc744331", "8ce98845365f43fd97c2f46df38438c6", "f708818c79f547b3aee31c4a480367a5",
  "c719cd56eb5943e789e1bdbd4ce1515a",
};

/* The tree as cJSON alone reads it, once the bare word has its quotes. */
static cJSON *plain_tree(const char *bytes) {
  char text[2048];
  const char *word = strstr(bytes, ": pstn");
  if (word == NULL) return cJSON_Parse(bytes);
  snprintf(text, sizeof text, "%.*s: \"pstn\"%s", (int)(word - bytes), bytes, word + 6);
  return cJSON_Parse(text);
}

static void check_seed_answer(size_t i) {
  const seed_answer *seed = &seed_answers[i];
  size_t length;
  char *bytes = answer_load(seed->file, &length);
  exo_kind kind = read_bytes(seed->operation, 200, bytes, length, seed->sent);
  if (kind != EXO_OK) fail_msg("%s: %s, %s", seed->file, exo_kind_name(kind), answer.item.message);
  check_same(answer.request_id, request_ids[i], seed->file);
  cJSON *expected = plain_tree(bytes), *got = as_cjson(answer.json.root);
  assert_non_null(expected);
  if (!cJSON_Compare(got, expected, true)) fail_msg("%s: the tree is another", seed->file);
  assert_int_equal(answer.item.status, 200);
  assert_int_equal(answer.item.code, 0);
  assert_false(answer.has_next);
  assert_false(answer.effect_unknown);
  cJSON_Delete(got);
  cJSON_Delete(expected);
  free(bytes);
}

static void seed_answers_succeed(void **state) {
  (void)state;
  assert_int_equal(seed_answer_count, COUNT(request_ids));
  for (size_t i = 0; i < seed_answer_count; i++) check_seed_answer(i);
}

/* The files hold what the reference shows, to the byte. */
static void seed_answers_are_the_references(void **state) {
  (void)state;
  size_t length;
  char *reference = file_load("spec/seed/reference.txt", &length);
  for (size_t i = 0; i < seed_answer_count; i++) {
    char *bytes = answer_load(seed_answers[i].file, &length);
    if (strstr(reference, bytes) == NULL) fail_msg("%s is not in the reference", seed_answers[i].file);
    free(bytes);
  }
  free(reference);
}

static void read_seed(size_t i) {
  size_t length;
  char *bytes = answer_load(seed_answers[i].file, &length);
  read_bytes(seed_answers[i].operation, 200, bytes, length, seed_answers[i].sent);
  free(bytes);
}

static void seed_item(void **state) {
  (void)state;
  read_seed(0);
  check_same(exo_json_string(answer.item.data, "trunk_sid"), "trmum1f708622631150902801a1n", "trunk_sid");
  assert_null(answer.items);
  assert_null(answer.metadata);
  assert_int_equal(answer.warning_count, 0);
}

/* The vendor's answer to mapping a number is no JSON. The number has been mapped, so its id has to be read. */
static void seed_bare_word(void **state) {
  (void)state;
  read_seed(1);
  check_same(exo_json_string(answer.item.data, "id"), "41512", "id");
  check_same(exo_json_string(answer.item.data, "mode"), "pstn", "mode");
  assert_int_equal(answer.warning_count, 1);
  assert_true(says(answer.warnings[0], "1 bare word read"));
}

static void seed_list_and_batch(void **state) {
  (void)state;
  read_seed(6);
  assert_int_equal(answer.item_count, 2);
  assert_int_equal(exo_json_integer(answer.metadata, "page_size", 0), 50);
  read_seed(7);
  assert_int_equal(answer.item_count, 1);
  assert_int_equal(exo_json_integer(answer.metadata, "success", 0), 1);
  assert_int_equal(exo_json_integer(answer.metadata, "failed", -1), -1);
  assert_int_equal(answer.warning_count, 0);
}

/* ---- one answer, one outcome ---- */

typedef struct answer_case {
  const char *operation;
  long http_status;
  size_t sent;
  const char *body;
  exo_kind kind;
  long status, code;
  const char *message;     /* a part of it; NULL: there is none */
  const char *description; /* NULL: there is none */
} answer_case;

static void check_answers(const answer_case *cases, size_t count) {
  for (size_t i = 0; i < count; i++) {
    const answer_case *c = &cases[i];
    exo_kind kind = read_text(c->operation, c->http_status, c->body, c->sent);
    const exo_item *item = &answer.item;
    bool same = kind == c->kind && item->status == c->status && item->code == c->code;
    if (!same)
      fail_msg("%s under %ld: %s, status %ld, code %ld", c->body, c->http_status, exo_kind_name(kind), item->status,
               item->code);
    if (c->message != NULL ? !says(item->message, c->message) : item->message != NULL)
      fail_msg("%s under %ld: message %s", c->body, c->http_status, item->message);
    check_same(item->description, c->description, c->body);
  }
}

#define ONE(inner) "{\"request_id\":\"r1\",\"method\":\"POST\",\"http_code\":200,\"response\":{" inner "}}"
#define ERROR(code) "\"error_data\":{\"code\":" code ",\"message\":\"No\",\"description\":\"Why\"}"
#define FAILED(status, code) "\"code\":" status ",\"status\":\"failure\"," ERROR(code) ",\"data\":null"
#define SUCCESS "\"code\":200,\"status\":\"success\",\"error_data\":null,\"data\":{\"id\":\"1\"}"

/* clang-format off */
static const answer_case in_a_success[] = {
  { "map_phone_number", 200, 0, ONE("\"code\":409,\"status\":\"failure\",\"error_data\":{\"code\":1008,\"message\":\"Duplicate resource\",\"description\":\"Already mapped\"},\"data\":null"),
    EXO_CONFLICT, 409, 1008, "Duplicate resource", "Already mapped" },
  { "map_phone_number", 200, 0, ONE(FAILED("200", "1000")), EXO_NOT_FOUND, 404, 1000, "No", "Why" },
  { "map_phone_number", 200, 0, ONE(FAILED("200", "1001")), EXO_REJECTED, 400, 1001, "No", "Why" },
  { "map_phone_number", 200, 0, ONE(FAILED("200", "1002")), EXO_REJECTED, 400, 1002, "No", "Why" },
  { "map_phone_number", 200, 0, ONE(FAILED("200", "1003")), EXO_PERMISSION, 403, 1003, "No", "Why" },
  { "map_phone_number", 200, 0, ONE(FAILED("200", "1007")), EXO_REJECTED, 400, 1007, "No", "Why" },
  { "map_phone_number", 200, 0, ONE(FAILED("200", "1008")), EXO_CONFLICT, 409, 1008, "No", "Why" },
  { "map_phone_number", 200, 0, ONE(FAILED("200", "\"1008\"")), EXO_CONFLICT, 409, 1008, "No", "Why" },
  { "map_phone_number", 200, 0, ONE(FAILED("200", "1010")), EXO_AUTHENTICATION, 401, 1010, "No", "Why" },
  { "map_phone_number", 200, 0, ONE(FAILED("200", "1011")), EXO_REJECTED, 415, 1011, "No", "Why" },
  { "map_phone_number", 200, 0, ONE(FAILED("\"409\"", "1008")), EXO_CONFLICT, 409, 1008, "No", "Why" },
  { "map_phone_number", 207, 0, ONE(FAILED("400", "1002")), EXO_REJECTED, 400, 1002, "No", "Why" },
  { "map_phone_number", 200, 0, ONE(FAILED("503", "5000")), EXO_SERVER, 503, 5000, "No", "Why" },
  { "map_phone_number", 200, 0, ONE(ERROR("1008") ",\"data\":null"), EXO_CONFLICT, 409, 1008, "No", "Why" },
  { "map_phone_number", 200, 0, ONE("\"code\":409,\"status\":\"success\",\"data\":{\"id\":\"1\"}"), EXO_CONFLICT, 409, 0, "refused without saying why", NULL },
  { "map_phone_number", 200, 0, ONE("\"code\":404,\"status\":\"failure\",\"error_data\":null,\"data\":null"), EXO_NOT_FOUND, 404, 0, "refused without saying why", NULL },
};
/* clang-format on */

static void a_failure_inside_a_success(void **state) {
  (void)state;
  check_answers(in_a_success, COUNT(in_a_success));
  assert_null(answer.item.code_text);
}

/* clang-format off */
static const answer_case contradictions[] = {
  { "map_phone_number", 200, 0, ONE(FAILED("200", "4711")), EXO_PROTOCOL, 200, 4711, "No", "Why" },
  { "map_phone_number", 200, 0, ONE("\"code\":200,\"status\":\"failure\",\"data\":{\"id\":\"1\"}"), EXO_PROTOCOL, 200, 0, "success and failure at once", NULL },
  { "map_phone_number", 200, 0, ONE("\"code\":200,\"status\":\"success\",\"error_data\":{},\"data\":{\"id\":\"1\"}"), EXO_PROTOCOL, 200, 0, "success and failure at once", NULL },
  { "map_phone_number", 200, 0, ONE("\"code\":200,\"status\":\"success\",\"error_data\":null,\"data\":null"), EXO_PROTOCOL, 200, 0, "no data", NULL },
  { "map_phone_number", 200, 0, ONE("\"code\":200,\"status\":\"success\""), EXO_PROTOCOL, 200, 0, "no data", NULL },
  { "map_phone_number", 200, 0, ONE("\"code\":200,\"status\":\"success\",\"data\":\"x\""), EXO_PROTOCOL, 200, 0, "no data", NULL },
  { "map_phone_number", 200, 0, ONE("\"code\":200,\"status\":\"success\",\"data\":[]"), EXO_PROTOCOL, 200, 0, "no data", NULL },
  { "map_phone_number", 200, 0, ONE(""), EXO_PROTOCOL, 200, 0, "no data", NULL },
  { "map_phone_number", 200, 0, ONE("\"code\":302,\"status\":\"success\",\"data\":{\"id\":\"1\"}"), EXO_PROTOCOL, 302, 0, "refused without saying why", NULL },
  { "get_trunk", 200, 0, "{\"response\":[{" SUCCESS "}]}", EXO_PROTOCOL, 200, 0, "list where one item", NULL },
  { "get_trunk", 200, 0, "{\"response\":[]}", EXO_PROTOCOL, 200, 0, "list where one item", NULL },
  { "list_trunks", 200, 0, "{\"response\":{\"code\":200,\"status\":\"success\",\"data\":null}}", EXO_PROTOCOL, 200, 0, "no list", NULL },
  { "add_destinations", 200, 1, "{\"response\":{" SUCCESS "}}", EXO_PROTOCOL, 200, 0, "one item where a list", NULL },
  { "add_destinations", 200, 2, "{\"response\":[]}", EXO_PROTOCOL, 200, 0, "not one entry for each", NULL },
  { "add_destinations", 200, 2, "{\"response\":[{" SUCCESS "}]}", EXO_PROTOCOL, 200, 0, "not one entry for each", NULL },
  { "add_destinations", 207, 1, "{\"response\":[{" SUCCESS "},{" SUCCESS "}]}", EXO_PROTOCOL, 207, 0, "not one entry for each", NULL },
  { "set_settings", 207, 3, "{\"response\":[{" SUCCESS "},{" FAILED("400", "1002") "}]}", EXO_PROTOCOL, 207, 0, "not one entry for each", NULL },
};
/* clang-format on */

static void contradictions_are_no_success(void **state) {
  (void)state;
  check_answers(contradictions, COUNT(contradictions));
}

/* clang-format off */
static const answer_case http_failures[] = {
  { "map_phone_number", 400, 0, ONE(FAILED("400", "1002")), EXO_REJECTED, 400, 1002, "No", "Why" },
  { "map_phone_number", 401, 0, ONE(FAILED("401", "1010")), EXO_AUTHENTICATION, 401, 1010, "No", "Why" },
  { "map_phone_number", 402, 0, ONE(FAILED("402", "1")), EXO_REJECTED, 402, 1, "No", "Why" },
  { "map_phone_number", 403, 0, ONE(FAILED("403", "1003")), EXO_PERMISSION, 403, 1003, "No", "Why" },
  { "map_phone_number", 404, 0, ONE(FAILED("404", "1000")), EXO_NOT_FOUND, 404, 1000, "No", "Why" },
  { "map_phone_number", 409, 0, ONE(FAILED("409", "1008")), EXO_CONFLICT, 409, 1008, "No", "Why" },
  { "map_phone_number", 415, 0, ONE(FAILED("415", "1011")), EXO_REJECTED, 415, 1011, "No", "Why" },
  { "map_phone_number", 429, 0, ONE(FAILED("429", "1")), EXO_RATE_LIMITED, 429, 1, "No", "Why" },
  { "map_phone_number", 500, 0, ONE(FAILED("500", "1")), EXO_SERVER, 500, 1, "No", "Why" },
  { "map_phone_number", 502, 0, ONE(FAILED("502", "1")), EXO_SERVER, 502, 1, "No", "Why" },
  { "map_phone_number", 503, 0, ONE(FAILED("503", "1")), EXO_SERVER, 503, 1, "No", "Why" },
  /* HTTP says failure, the entry success: the failure is believed. */
  { "map_phone_number", 500, 0, ONE(SUCCESS), EXO_SERVER, 500, 0, "success under an HTTP failure", NULL },
  { "map_phone_number", 409, 0, ONE(SUCCESS), EXO_CONFLICT, 409, 0, "success under an HTTP failure", NULL },
  { "map_phone_number", 304, 0, ONE(SUCCESS), EXO_PROTOCOL, 304, 0, "success under an HTTP failure", NULL },
  { "list_trunks", 404, 0, ONE(SUCCESS), EXO_NOT_FOUND, 404, 0, "success under an HTTP failure", NULL },
  { "list_trunks", 500, 0, "{\"response\":[]}", EXO_SERVER, 500, 0, "success under an HTTP failure", NULL },
  { "list_trunks", 503, 0, "{\"response\":[{" SUCCESS "}]}", EXO_SERVER, 503, 0, "success under an HTTP failure", NULL },
  { "add_destinations", 500, 1, "{\"response\":[{" SUCCESS "}]}", EXO_SERVER, 500, 0, "success under an HTTP failure", NULL },
  { "add_destinations", 400, 2, ONE(FAILED("400", "1002")), EXO_REJECTED, 400, 1002, "No", "Why" },
  { "list_trunks", 403, 0, ONE(FAILED("403", "1003")), EXO_PERMISSION, 403, 1003, "No", "Why" },
  /* A list of another length than was sent, under a failure: the service said no all the same. */
  { "add_destinations", 401, 2, "{\"response\":[]}", EXO_AUTHENTICATION, 401, 0, "not one entry for each", NULL },
  { "get_trunk", 404, 0, "{\"response\":[]}", EXO_NOT_FOUND, 404, 0, "list where one item", NULL },
  /* The entry has no code of its own: http_code stands in, then HTTP's status. */
  { "map_phone_number", 200, 0, "{\"http_code\":503,\"response\":{\"status\":\"failure\",\"data\":null}}", EXO_SERVER, 503, 0, "refused without saying why", NULL },
  { "map_phone_number", 404, 0, "{\"response\":{\"status\":\"failure\",\"data\":null}}", EXO_NOT_FOUND, 404, 0, "refused without saying why", NULL },
};
/* clang-format on */

static void http_failure(void **state) {
  (void)state;
  check_answers(http_failures, COUNT(http_failures));
}

/* clang-format off */
static const answer_case other_shapes[] = {
  { "list_trunks", 429, 0, "{\"RestException\":{\"Status\":429,\"Message\":\"Slow down\",\"Code\":\"RATE_LIMIT_EXCEEDED\"}}", EXO_RATE_LIMITED, 429, 0, "Slow down", NULL },
  { "list_trunks", 200, 0, "{\"RestException\":{\"Status\":429,\"Message\":\"Slow down\"}}", EXO_RATE_LIMITED, 429, 0, "Slow down", NULL },
  { "list_trunks", 401, 0, "{\"RestException\":{\"Status\":\"401\",\"Message\":\"No\",\"Code\":\"34\"}}", EXO_AUTHENTICATION, 401, 34, "No", NULL },
  { "list_trunks", 403, 0, "{\"RestException\":{}}", EXO_PERMISSION, 403, 0, "without saying why", NULL },
  { "list_trunks", 200, 0, "{\"RestException\":{\"Status\":200,\"Message\":\"Fine\"}}", EXO_PROTOCOL, 200, 0, "Fine", NULL },
  { "list_trunks", 200, 0, "{\"RestException\":{\"Status\":500},\"response\":[]}", EXO_SERVER, 500, 0, "without saying why", NULL },
  { "list_trunks", 200, 0, "{\"RestException\":null,\"response\":[]}", EXO_OK, 200, 0, NULL, NULL },
  { "list_trunks", 429, 0, "{\"request_id\":\"r1\",\"http_code\":429,\"response\":{\"error\":{\"code\":\"TOO_MANY\",\"message\":\"Slow down\"}}}", EXO_RATE_LIMITED, 429, 0, "Slow down", NULL },
  { "list_trunks", 200, 0, "{\"http_code\":429,\"response\":{\"error\":{\"code\":1,\"message\":\"Slow down\"}}}", EXO_RATE_LIMITED, 429, 1, "Slow down", NULL },
  { "list_trunks", 500, 0, "{\"http_code\":429,\"response\":{\"error\":{\"code\":1,\"message\":\"Slow down\"}}}", EXO_SERVER, 500, 1, "Slow down", NULL },
  { "list_trunks", 200, 0, "{\"response\":{\"error\":{\"code\":1,\"message\":\"Strange\"}}}", EXO_PROTOCOL, 200, 1, "Strange", NULL },
  { "map_phone_number", 400, 0, "{\"response\":{\"error\":{}}}", EXO_REJECTED, 400, 0, "without saying why", NULL },
  { "list_trunks", 200, 0, "{}", EXO_PROTOCOL, 200, 0, "no response", NULL },
  { "list_trunks", 200, 0, "{\"response\":null}", EXO_PROTOCOL, 200, 0, "no response", NULL },
  { "list_trunks", 200, 0, "{\"response\":\"ok\"}", EXO_PROTOCOL, 200, 0, "no response", NULL },
  { "list_trunks", 200, 0, "{\"Response\":[]}", EXO_PROTOCOL, 200, 0, "no response", NULL },
  { "list_trunks", 403, 0, "{\"message\":\"Forbidden\"}", EXO_PERMISSION, 403, 0, "Forbidden", NULL },
  { "list_trunks", 200, 0, "[]", EXO_PROTOCOL, 200, 0, "no readable JSON", NULL },
  { "list_trunks", 200, 0, "null", EXO_PROTOCOL, 200, 0, "not Exotel's", NULL },
  { "list_trunks", 200, 0, "\"ok\"", EXO_PROTOCOL, 200, 0, "not Exotel's", NULL },
  { "list_trunks", 200, 0, "ok", EXO_PROTOCOL, 200, 0, "not Exotel's", NULL },
  { "list_trunks", 200, 0, "<html><body>Welcome</body></html>", EXO_PROTOCOL, 200, 0, "not Exotel's", NULL },
  { "list_trunks", 502, 0, "<html>Bad Gateway</html>", EXO_SERVER, 502, 0, "not Exotel's", NULL },
  { "list_trunks", 403, 0, "<!DOCTYPE html><title>Blocked</title>", EXO_PERMISSION, 403, 0, "not Exotel's", NULL },
  { "list_trunks", 302, 0, "<html>Moved</html>", EXO_PROTOCOL, 302, 0, "not Exotel's", NULL },
  { "list_trunks", 401, 0, "Authorization failed\r\n", EXO_AUTHENTICATION, 401, 0, "Authorization failed", NULL },
  { "list_trunks", 503, 0, "upstream \x1B[31m", EXO_SERVER, 503, 0, "not Exotel's", NULL },
  { "list_trunks", 200, 0, "", EXO_PROTOCOL, 200, 0, "empty", NULL },
  { "list_trunks", 503, 0, "", EXO_SERVER, 503, 0, "empty", NULL },
  { "list_trunks", 429, 0, "", EXO_RATE_LIMITED, 429, 0, "empty", NULL },
  { "delete_trunk", 204, 0, "", EXO_PROTOCOL, 204, 0, "empty", NULL },
  { "list_trunks", 302, 0, "", EXO_PROTOCOL, 302, 0, "empty", NULL },
  { "list_trunks", 500, 0, "{\"response\":", EXO_SERVER, 500, 0, "cut short", NULL },
  { "list_trunks", 0, 0, "{\"response\":[]}", EXO_PROTOCOL, 0, 0, "HTTP failure", NULL },
};
/* clang-format on */

static void other_shapes_of_errors(void **state) {
  (void)state;
  check_answers(other_shapes, COUNT(other_shapes));
  read_text("list_trunks", 401, "Authorization failed\r\n", 0);
  check_same(answer.item.message, "Authorization failed", "its line break");
}

static void codes_that_are_words(void **state) {
  (void)state;
  read_text("list_trunks", 429, other_shapes[0].body, 0);
  check_same(answer.item.code_text, "RATE_LIMIT_EXCEEDED", "RestException");
  read_text("list_trunks", 429, "{\"request_id\":\"r1\",\"response\":{\"error\":{\"code\":\"TOO_MANY\"}}}", 0);
  check_same(answer.item.code_text, "TOO_MANY", "response.error");
  check_same(answer.request_id, "r1", "request_id");
  read_text("get_trunk", 400, ONE("\"code\":400,\"error_data\":{\"code\":\"BAD\"}"), 0);
  check_same(answer.item.code_text, "BAD", "error_data");
}

/* A page that a proxy made must not become a message of many lines. */
static void a_long_text_is_no_message(void **state) {
  (void)state;
  char text[202];
  memset(text, 'x', 201);
  text[201] = '\0';
  assert_int_equal(read_text("list_trunks", 503, text, 0), EXO_SERVER);
  assert_true(says(answer.item.message, "not Exotel's"));
  assert_int_equal(read_text("list_trunks", 503, text + 1, 0), EXO_SERVER);
  check_same(answer.item.message, text + 1, "200 characters");
}

static void these_succeed(void **state) {
  (void)state;
  assert_int_equal(read_text("delete_trunk", 200, ONE("\"code\":200,\"status\":\"success\",\"data\":null"), 0), EXO_OK);
  assert_true(says(answer.warnings[0], "without saying what was deleted"));
  assert_int_equal(read_text("find_trunk_map", 200, ONE(SUCCESS), 0), EXO_OK);
  assert_true(says(answer.warnings[0], "one item where a list"));
  assert_int_equal(read_text("map_phone_number", 201, ONE(SUCCESS), 0), EXO_OK);
  assert_int_equal(answer.warning_count, 0);
  assert_int_equal(read_text("map_phone_number", 200, "{\"response\":{\"data\":{\"id\":1}}}", 0), EXO_OK);
  check_same(exo_json_string(answer.item.data, "id"), "1", "an id that came as a number");
  assert_int_equal(read_text("list_trunks", 200, "{\"response\":[]}", 0), EXO_OK);
  assert_int_equal(answer.item_count, 0);
  assert_int_equal(read_text("set_settings", 200,
                             "{\"metadata\":{\"total\":2,\"success\":2},\"response\":[{" SUCCESS "},{" SUCCESS "}]}",
                             2),
                   EXO_OK);
}

static void ids_as_numbers(void **state) {
  (void)state;
  read_text("list_phone_numbers", 200,
            "{\"request_id\":7,\"response\":[{\"code\":200,\"data\":{\"id\":41512}},"
            "{\"code\":200,\"data\":{\"id\":123456789012345678,\"trunk_sid\":99}}]}",
            0);
  const exo_json_value *second = answer.items[1].data;
  check_same(answer.request_id, "7", "request_id");
  check_same(exo_json_string(answer.items[0].data, "id"), "41512", "id");
  check_same(exo_json_string(second, "id"), "123456789012345678", "id");
  check_same(exo_json_string(second, "trunk_sid"), "99", "trunk_sid");
}

/* ---- batches ---- */

/* clang-format off */
static const answer_case partly_failed[] = {
  { "add_destinations", 207, 2, "{\"metadata\":{\"total\":2,\"success\":1,\"failed\":1},\"response\":[{" SUCCESS "},{" FAILED("400", "1002") "}]}", EXO_PARTIAL, 400, 1002, "1 of 2 failed: Why", "Why" },
  { "add_destinations", 207, 2, "{\"response\":[{" FAILED("400", "1002") "},{" FAILED("409", "1008") "}]}", EXO_PARTIAL, 400, 1002, "2 of 2 failed: Why", "Why" },
  { "add_destinations", 200, 2, "{\"response\":[{" FAILED("400", "1002") "},{" SUCCESS "}]}", EXO_PARTIAL, 400, 1002, "1 of 2 failed: Why", "Why" },
  { "add_destinations", 400, 1, "{\"response\":[{" FAILED("400", "1002") "}]}", EXO_PARTIAL, 400, 1002, "1 of 1 failed: Why", "Why" },
  { "set_settings", 207, 1, "{\"metadata\":{\"total\":1,\"success\":0},\"response\":[{" FAILED("400", "1002") "}]}", EXO_PARTIAL, 400, 1002, "1 of 1 failed", "Why" },
  { "set_settings", 207, 1, "{\"response\":[{\"code\":400,\"status\":\"failure\",\"error_data\":{\"code\":1002,\"message\":\"No\"}}]}", EXO_PARTIAL, 400, 1002, "1 of 1 failed: No", NULL },
  { "set_settings", 207, 1, "{\"response\":[{\"code\":400}]}", EXO_PARTIAL, 400, 0, "1 of 1 failed", NULL },
  { "set_settings", 207, 1, "{\"response\":[{\"status\":\"failure\",\"error_data\":{\"code\":1008}}]}", EXO_PARTIAL, 409, 1008, "1 of 1 failed", NULL },
  { "add_destinations", 200, 1, "{\"metadata\":{\"total\":1,\"success\":1,\"failed\":0},\"response\":[{\"code\":200,\"status\":\"success\",\"data\":null}]}", EXO_PARTIAL, 200, 0, "no data", NULL },
  { "add_destinations", 200, 1, "{\"response\":[null]}", EXO_PARTIAL, 200, 0, "no object", NULL },
  { "add_destinations", 200, 1, "{\"response\":[[]]}", EXO_PARTIAL, 200, 0, "no object", NULL },
  { "list_trunks", 200, 0, "{\"response\":[{" SUCCESS "},{" FAILED("404", "1000") "}]}", EXO_PARTIAL, 404, 1000, "1 of 2 failed", "Why" },
};
/* clang-format on */

static void a_batch_fails_in_part(void **state) {
  (void)state;
  check_answers(partly_failed, COUNT(partly_failed));
  read_text("add_destinations", 207, partly_failed[0].body, 2);
  assert_int_equal(answer.item_count, 2);
  assert_int_equal(answer.items[0].kind, EXO_OK);
  assert_int_equal(answer.items[1].kind, EXO_REJECTED);
}

static bool unknown(const char *operation, const char *entry) {
  char body[512];
  snprintf(body, sizeof body, "{\"response\":[{%s}]}", entry);
  read_text(operation, 207, body, 1);
  assert_int_equal(answer.item.kind, EXO_PARTIAL);
  return answer.effect_unknown;
}

/* An entry that the service refused had no effect; one that broke or makes no sense may have had. */
static void what_an_entry_left_behind(void **state) {
  (void)state;
  assert_false(unknown("add_destinations", FAILED("400", "1002")));
  assert_false(unknown("add_destinations", FAILED("409", "1008")));
  assert_true(unknown("add_destinations", FAILED("500", "1")));
  assert_true(unknown("add_destinations", FAILED("200", "4711")));
  assert_true(unknown("add_destinations", "\"code\":200,\"data\":null"));
  assert_false(unknown("list_trunks", FAILED("500", "1")));
}

static exo_item of_several(const char *entry) {
  char body[512];
  snprintf(body, sizeof body, "{\"response\":[%s]}", entry);
  read_text("set_settings", 200, body, 1);
  return answer.items[0];
}

/* An entry without data is no success, so that nobody is handed a hole in a list. */
static void an_entry_of_several(void **state) {
  (void)state;
  assert_int_equal(of_several("{" SUCCESS "}").kind, EXO_OK);
  assert_int_equal(of_several("{\"data\":{}}").kind, EXO_OK);
  assert_int_equal(of_several("{" FAILED("409", "1008") "}").kind, EXO_CONFLICT);
  assert_int_equal(of_several("{\"code\":200,\"data\":null}").kind, EXO_PROTOCOL);
  assert_int_equal(of_several("{}").kind, EXO_PROTOCOL);
  assert_int_equal(of_several("null").kind, EXO_PROTOCOL);
  assert_true(says(of_several("{}").message, "no data"));
}

/* ---- pages ---- */

typedef struct page_case {
  const char *next; /* JSON of next_page_uri */
  exo_kind kind;
  bool has_next;
  long offset, page_size;
} page_case;

static const page_case pages[] = {
  { "null", EXO_OK, false, 0, 0 },
  { "\"\"", EXO_OK, false, 0, 0 },
  { "\"/v2/accounts/a/trunks?offset=50&page_size=50\"", EXO_OK, true, 50, 50 },
  { "\"/v2/accounts/a/trunks?page_size=25&offset=75\"", EXO_OK, true, 75, 25 },
  { "\"/v2/accounts/a/trunks?offset=50\"", EXO_OK, true, 50, 0 },
  { "\"/v2/accounts/a/trunks?offset_x=70&offset=50\"", EXO_OK, true, 50, 0 },
  { "\"/v2/accounts/a/trunks?offset=0&page_size=50\"", EXO_OK, true, 0, 50 },
  { "\"https://evil.example/v2/accounts/b/trunks?offset=50&page_size=10\"", EXO_OK, true, 50, 10 },
  { "\"//evil.example?offset=7\"", EXO_OK, true, 7, 0 },
  { "\"?offset=5&page_size=5\"", EXO_OK, true, 5, 5 },
  { "\"/t?my_offset=1&offset=9\"", EXO_OK, true, 9, 0 },
  { "\"/t?offset=50&page_size=x\"", EXO_OK, true, 50, 0 },
  { "\"/t?offset=2147483646\"", EXO_OK, true, 2147483646, 0 },
  { "\"/v2/accounts/a/trunks?page_size=50\"", EXO_PROTOCOL, false, 0, 0 },
  { "\"/v2/accounts/a/trunks\"", EXO_PROTOCOL, false, 0, 0 },
  { "\"/t?offset=\"", EXO_PROTOCOL, false, 0, 0 },
  { "\"/t?offset=x\"", EXO_PROTOCOL, false, 0, 0 },
  { "\"/t?offset=5x\"", EXO_PROTOCOL, false, 0, 0 },
  { "\"/t?offset=-5\"", EXO_PROTOCOL, false, 0, 0 },
  { "\"/t?offset=99999999999999999999\"", EXO_PROTOCOL, false, 0, 0 },
  { "\"/t?offset\"", EXO_PROTOCOL, false, 0, 0 },
  { "\"/offset=5\"", EXO_PROTOCOL, false, 0, 0 },
  { "\"/t?cursor=abc\"", EXO_PROTOCOL, false, 0, 0 },
  { "50", EXO_PROTOCOL, false, 0, 0 },
  { "true", EXO_PROTOCOL, false, 0, 0 },
  { "{}", EXO_PROTOCOL, false, 0, 0 },
};

/* A next page that can't be found would let a list end early as if it were whole. */
static void next_pages(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(pages); i++) {
    char body[512];
    const page_case *p = &pages[i];
    snprintf(body, sizeof body, "{\"metadata\":{\"page_size\":50,\"next_page_uri\":%s},\"response\":[{" SUCCESS "}]}",
             p->next);
    exo_kind kind = read_text("list_trunks", 200, body, 0);
    bool same = kind == p->kind && answer.has_next == p->has_next;
    if (!same) fail_msg("%s: %s, %d", p->next, exo_kind_name(kind), answer.has_next);
    if (!p->has_next) continue;
    if (answer.next_offset != p->offset || answer.next_page_size != p->page_size)
      fail_msg("%s: offset %ld, page_size %ld", p->next, answer.next_offset, answer.next_page_size);
  }
}

/* Part of a second is one. */
static void when_to_come_back(void **state) {
  (void)state;
  read_text("list_trunks", 429, "{\"retry_after\":2.5,\"response\":{\"code\":429}}", 0);
  assert_int_equal(answer.retry_after, 3);
  read_text("list_trunks", 429, "{\"retry_after\":\"7\",\"response\":{\"code\":429}}", 0);
  assert_int_equal(answer.retry_after, 7);
  read_text("list_trunks", 429, "{\"response\":{\"code\":429}}", 0);
  assert_int_equal(answer.retry_after, -1);
}

static void pages_without_metadata(void **state) {
  (void)state;
  /* clang-format off */
  static const char *const bodies[] = {
    "{\"response\":[]}", "{\"metadata\":null,\"response\":[]}", "{\"metadata\":{},\"response\":[]}", "{\"metadata\":[],\"response\":[]}",
  };
  /* clang-format on */
  for (size_t i = 0; i < COUNT(bodies); i++) {
    assert_int_equal(read_text("list_trunks", 200, bodies[i], 0), EXO_OK);
    assert_false(answer.has_next);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(seed_answers_succeed),
    cmocka_unit_test(seed_answers_are_the_references),
    cmocka_unit_test(seed_item),
    cmocka_unit_test(seed_bare_word),
    cmocka_unit_test(seed_list_and_batch),
    cmocka_unit_test(a_failure_inside_a_success),
    cmocka_unit_test(contradictions_are_no_success),
    cmocka_unit_test(http_failure),
    cmocka_unit_test(other_shapes_of_errors),
    cmocka_unit_test(codes_that_are_words),
    cmocka_unit_test(a_long_text_is_no_message),
    cmocka_unit_test(these_succeed),
    cmocka_unit_test(ids_as_numbers),
    cmocka_unit_test(a_batch_fails_in_part),
    cmocka_unit_test(what_an_entry_left_behind),
    cmocka_unit_test(an_entry_of_several),
    cmocka_unit_test(next_pages),
    cmocka_unit_test(when_to_come_back),
    cmocka_unit_test(pages_without_metadata),
  };
  return cmocka_run_group_tests(tests, NULL, tear_down);
}
