/* Whether a refusal can be believed: a write has certainly had no effect only when all that the answer says agrees. */
#include <stdio.h>
#include <string.h>

#include "exotel/api/envelope.h"
#include "support.h"

typedef struct refusal_case {
  const char *operation;
  long http_status;
  size_t sent;
  bool refused;
  const char *body;
} refusal_case;

#define NO(code) \
  "\"code\":" code ",\"status\":\"failure\",\"error_data\":{\"code\":1002,\"message\":\"No\"},\"data\":null"
#define YES "\"code\":200,\"status\":\"success\",\"error_data\":null,\"data\":{\"id\":\"1\"}"
#define ONE(http_code, item) "{\"request_id\":\"r\",\"http_code\":" http_code ",\"response\":{" item "}}"
#define MANY(http_code, items) "{\"request_id\":\"r\",\"http_code\":" http_code ",\"response\":[" items "]}"

/* clang-format off */
static const refusal_case cases[] = {
  /* all of it says no */
  { "whitelist_ip", 400, 0, true, ONE("400", NO("400")) },
  { "whitelist_ip", 200, 0, true, ONE("200", NO("409")) },
  { "whitelist_ip", 429, 0, true, ONE("429", NO("429")) },
  { "whitelist_ip", 429, 0, true, "" },
  { "whitelist_ip", 403, 0, true, "<html>" },
  { "whitelist_ip", 429, 0, true, "{\"RestException\":{\"Status\":429,\"Message\":\"Slow\"}}" },
  { "whitelist_ip", 429, 0, true, "{\"http_code\":429,\"response\":{\"error\":{\"code\":\"X\",\"message\":\"Slow\"}}}" },
  { "whitelist_ip", 401, 0, true, "{\"message\":\"Authorization failed\"}" },
  { "whitelist_ip", 200, 0, true, "{\"response\":{\"status\":\"failure\",\"error_data\":{\"code\":1008}}}" },
  { "add_destinations", 400, 1, true, MANY("400", "") },
  /* a server that failed knows nothing */
  { "whitelist_ip", 500, 0, false, ONE("500", NO("429")) },
  { "whitelist_ip", 500, 0, false, ONE("500", NO("400")) },
  { "whitelist_ip", 504, 0, false, ONE("504", NO("404")) },
  { "whitelist_ip", 200, 0, false, ONE("500", NO("400")) },
  { "whitelist_ip", 400, 0, false, ONE("500", NO("400")) },
  { "whitelist_ip", 502, 0, false, "<html>" },
  { "whitelist_ip", 500, 0, false, "{\"RestException\":{\"Status\":429}}" },
  { "whitelist_ip", 429, 0, false, "{\"RestException\":{\"Status\":500}}" },
  { "whitelist_ip", 500, 0, false, "{\"http_code\":429,\"response\":{\"error\":{\"code\":\"X\"}}}" },
  { "whitelist_ip", 400, 0, false, ONE("400", NO("503")) },
  /* a success stands in it */
  { "whitelist_ip", 429, 0, false, ONE("200", YES) },
  { "whitelist_ip", 409, 0, false, ONE("409", YES) },
  { "whitelist_ip", 429, 0, false, ONE("429", "\"status\":\"success\",\"data\":{\"id\":\"1\"}") },
  { "whitelist_ip", 400, 0, false, ONE("400", "\"code\":400,\"status\":\"success\",\"data\":{\"id\":\"1\"}") },
  { "whitelist_ip", 200, 0, false, ONE("200", "\"code\":200,\"status\":\"failure\",\"error_data\":{\"code\":1008}") },
  { "add_destinations", 429, 1, false, MANY("429", "{" YES "}") },
  { "add_destinations", 400, 2, false, MANY("400", "{" NO("400") "},{" YES "},{" NO("400") "}") },
  /* what is no refusal */
  { "whitelist_ip", 200, 0, false, ONE("200", YES) },
  { "whitelist_ip", 200, 0, false, "{" },
  { "whitelist_ip", 302, 0, false, "" },
};
/* clang-format on */

static exo_answer read_case(const refusal_case *one, exo_arena *arena) {
  exo_answer answer;
  exo_answer_read(&answer, operation_named(one->operation), one->http_status, one->body, strlen(one->body), one->sent,
                  arena);
  return answer;
}

static void what_can_be_believed(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(cases); i++) {
    exo_arena arena;
    exo_arena_init(&arena, &exo_libc_allocator);
    exo_answer answer = read_case(&cases[i], &arena);
    if (answer.refused != cases[i].refused)
      fail_msg("%ld %s: %s", cases[i].http_status, cases[i].body, answer.refused ? "believed" : "not believed");
    exo_answer_free(&answer);
    exo_arena_free(&arena);
  }
}

/* A batch of which items were refused, under a status that says that the service failed. */
static void a_batch_in_doubt(void **state) {
  (void)state;
  static const struct {
    long http_status;
    const char *http_code;
    bool unknown;
  } statuses[] = {
    { 207, "207", false }, { 200, "200", false }, { 400, "400", false }, { 500, "500", true }, { 207, "503", true },
  };
  for (size_t i = 0; i < COUNT(statuses); i++) {
    char body[512];
    exo_arena arena;
    snprintf(body, sizeof body, "{\"http_code\":%s,\"response\":[{%s},{%s}]}", statuses[i].http_code, YES, NO("400"));
    refusal_case one = { "add_destinations", statuses[i].http_status, 2, false, body };
    exo_arena_init(&arena, &exo_libc_allocator);
    exo_answer answer = read_case(&one, &arena);
    assert_int_equal(answer.item.kind, EXO_PARTIAL);
    assert_int_equal(answer.effect_unknown, statuses[i].unknown);
    exo_answer_free(&answer);
    exo_arena_free(&arena);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = { cmocka_unit_test(what_can_be_believed), cmocka_unit_test(a_batch_in_doubt) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
