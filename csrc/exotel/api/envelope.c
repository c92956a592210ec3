#include "exotel/api/envelope.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- one item ---- */

/* The HTTP status that goes with an error_data.code, for items that carry no code of their own. */
static long status_of_code(long code) {
  switch (code) {
    case 1000: return 404;
    case 1001:
    case 1002:
    case 1007: return 400;
    case 1003: return 403;
    case 1008: return 409;
    case 1010: return 401;
    case 1011: return 415;
    default: return 0;
  }
}

static void read_error(exo_item *item, const exo_json_value *error) {
  item->code = exo_json_integer(error, "code", 0);
  if (item->code == 0) item->code_text = exo_json_string(error, "code");
  item->message = exo_json_string(error, "message");
  item->description = exo_json_string(error, "description");
}

static exo_item contradiction(exo_item item, const char *message) {
  item.kind = EXO_PROTOCOL;
  if (item.message == NULL) item.message = message;
  return item;
}

/* `http_status` stands in where the entry has no code of its own. */
static exo_item read_item(const exo_json_value *entry, long http_status) {
  exo_item item = { .status = exo_json_integer(entry, "code", http_status) };
  const exo_json_value *error = exo_json_member(entry, "error_data");
  const char *word = exo_json_string(entry, "status");
  const exo_json_value *data = exo_json_member(entry, "data");
  bool failed = exo_json_is(error, EXO_JSON_OBJECT) || (word != NULL && strcmp(word, "success") != 0);
  item.data = exo_json_is(data, EXO_JSON_OBJECT) ? data : NULL;
  if (!exo_json_is(entry, EXO_JSON_OBJECT)) return contradiction(item, "an entry of the answer is no object");
  read_error(&item, error);
  item.kind = exo_kind_of_status(item.status);
  if (item.kind == EXO_OK && failed && status_of_code(item.code) != 0) {
    item.status = status_of_code(item.code);
    item.kind = exo_kind_of_status(item.status);
  }
  if (item.kind == EXO_OK && failed) return contradiction(item, "the answer says success and failure at once");
  if (item.kind != EXO_OK && item.message == NULL) item.message = "the service refused without saying why";
  return item;
}

/* An item of a list or batch: a success has data. */
static exo_item read_item_of_several(const exo_json_value *entry) {
  exo_item item = read_item(entry, 200);
  bool empty = item.kind == EXO_OK && item.data == NULL;
  return empty ? contradiction(item, "the service said success but sent no data") : item;
}

/* ---- the whole ---- */

static void fail(exo_answer *answer, exo_kind kind, const char *message) {
  answer->item.kind = kind;
  if (answer->item.message == NULL) answer->item.message = message;
}

static void warn(exo_answer *answer, const char *warning) {
  if (answer->warning_count < EXO_WARNINGS_MAX) answer->warnings[answer->warning_count++] = warning;
}

/* A number that was mapped must not be lost to the vendor's `"mode": pstn`; that it was no JSON is said. */
static exo_json_result read_json(exo_answer *answer, const char *body, size_t length, exo_arena *arena) {
  size_t words = 0;
  exo_json_result result = exo_json_read(&answer->json, body, length, arena->allocator, &words);
  if (result != EXO_JSON_GOOD || words == 0) return result;
  const char *warning = exo_arena_format(arena, "the answer was not JSON: %zu bare word%s read as a string", words,
                                         words == 1 ? "" : "s");
  if (warning == NULL) return EXO_JSON_NO_MEMORY;
  warn(answer, warning);
  return EXO_JSON_GOOD;
}

/* A short plain text, as a gateway may answer instead of an envelope, serves as the message; HTML does not. */
static const char *plain_text(const char *body, size_t length, exo_arena *arena) {
  if (length == 0) return "the answer was empty";
  bool plain = length <= 200 && memchr(body, '<', length) == NULL && memchr(body, '{', length) == NULL;
  for (size_t i = 0; plain && i < length; i++)
    plain = (unsigned char)body[i] >= 0x20 || strchr("\r\n\t", body[i]) != NULL;
  if (!plain) return NULL;
  while (length > 0 && (unsigned char)body[length - 1] <= ' ') length--;
  return exo_arena_copy(arena, body, length);
}

static void fail_unreadable(exo_answer *answer, long http_status, const char *body, size_t length, exo_arena *arena) {
  exo_kind kind = exo_kind_of_status(http_status);
  const char *text = plain_text(body, length, arena);
  if (kind != EXO_OK && kind != EXO_PROTOCOL && text != NULL) {
    fail(answer, kind, text);
    return;
  }
  bool truncated = length > 0 && (body[0] == '{' || body[0] == '[');
  const char *what = length == 0 ? "the answer is empty"
                     : truncated ? "the answer is no readable JSON: cut short, or not Exotel's"
                                 : "the answer is not Exotel's: no JSON; check the address";
  fail(answer, kind == EXO_OK ? EXO_PROTOCOL : kind, what);
}

/* {"RestException": {"Status": 429, "Message": …, "Code": …}} */
static void read_rest_exception(exo_answer *answer, const exo_json_value *exception, long http_status) {
  exo_item *item = &answer->item;
  item->status = exo_json_integer(exception, "Status", http_status);
  item->code = exo_json_integer(exception, "Code", 0);
  if (item->code == 0) item->code_text = exo_json_string(exception, "Code");
  item->message = exo_json_string(exception, "Message");
  exo_kind kind = exo_kind_of_status(item->status);
  fail(answer, kind == EXO_OK ? EXO_PROTOCOL : kind, "the service refused without saying why");
}

/* {"http_code": 429, "response": {"error": {"code", "message"}}} */
static void read_response_error(exo_answer *answer, const exo_json_value *error, long status) {
  read_error(&answer->item, error);
  answer->item.status = status;
  exo_kind kind = exo_kind_of_status(status);
  fail(answer, kind == EXO_OK ? EXO_PROTOCOL : kind, "the service refused without saying why");
}

/* What stands around the entry says failure, the entry says success: the failure is believed. `status`: HTTP's, or the
 * envelope's where only that is a failure. */
static void believe_failure(exo_answer *answer, long status) {
  exo_kind kind = exo_kind_of_status(status);
  if (kind == EXO_OK || answer->item.kind != EXO_OK) return;
  answer->item.status = status;
  fail(answer, kind, "the answer says success under an HTTP failure");
}

static void read_one(exo_answer *answer, const exo_operation *operation, const exo_json_value *response, long status) {
  answer->item = read_item(response, exo_json_integer(answer->json.root, "http_code", status));
  believe_failure(answer, status);
  if (answer->item.kind != EXO_OK || answer->item.data != NULL) return;
  if (operation->answer == EXO_ITEM && operation->method == EXO_DELETE) {
    warn(answer, "the service confirmed the deletion without saying what was deleted");
    return;
  }
  fail(answer, EXO_PROTOCOL, "the service said success but sent no data");
}

/* What a query of the next page says; never its host, which is not ours to follow. */
static bool query_number(const char *uri, const char *name, long *number) {
  size_t length = strlen(name);
  for (const char *at = strpbrk(uri, "?&"); at != NULL; at = strpbrk(at, "?&")) {
    at++;
    if (strncmp(at, name, length) != 0 || at[length] != '=') continue;
    char *end;
    *number = strtol(at + length + 1, &end, 10);
    return end != at + length + 1 && (*end == '\0' || *end == '&') && *number >= 0 && *number < INT_MAX;
  }
  return false;
}

/* A next page that can't be found would make a list end early as if it were whole. */
static void read_next(exo_answer *answer) {
  const exo_json_value *next = exo_json_member(answer->metadata, "next_page_uri");
  if (next == NULL || exo_json_is(next, EXO_JSON_NULL)) return;
  const char *uri = exo_json_is(next, EXO_JSON_STRING) ? exo_json_text(next) : NULL;
  if (uri != NULL && *uri == '\0') return;
  answer->has_next = uri != NULL && query_number(uri, "offset", &answer->next_offset);
  if (!answer->has_next) {
    fail(answer, EXO_PROTOCOL,
         "the service says that there is a next page but not where: next_page_uri can't be understood");
    return;
  }
  if (!query_number(uri, "page_size", &answer->next_page_size)) answer->next_page_size = 0;
}

/* ---- whether a refusal contradicts itself ---- */

static bool is_refusal(long status) { return exo_kind_is_refusal(exo_kind_of_status(status)); }

/* A refusal may come inside a success (a duplicate in an HTTP 200); a server that failed knows nothing. */
static bool may_hold_refusal(long status) { return is_refusal(status) || exo_kind_of_status(status) == EXO_OK; }

/* What has an id was made, whatever else is said of it. */
static bool has_id(const exo_json_value *data) {
  const exo_json_value *id = exo_json_member(data, "id"), *sid = exo_json_member(data, "trunk_sid");
  return (id != NULL && !exo_json_is(id, EXO_JSON_NULL)) || (sid != NULL && !exo_json_is(sid, EXO_JSON_NULL));
}

/* Whether all that an entry says is no. `status`: what stands around it, for one that has no code of its own. */
static bool is_refused_entry(const exo_json_value *entry, long status) {
  const char *word = exo_json_string(entry, "status");
  long of_error = status_of_code(exo_json_integer(exo_json_member(entry, "error_data"), "code", 0));
  long code = exo_json_integer(entry, "code", of_error != 0 ? of_error : status);
  bool says_success = word != NULL && strcasecmp(word, "success") == 0;
  return is_refusal(code) && !says_success && !has_id(exo_json_member(entry, "data"));
}

/* ---- several items ---- */

/* NULL when memory ran out. */
static exo_item *read_items(exo_answer *answer, const exo_json_value *response, exo_arena *arena) {
  size_t count = response->length;
  exo_item *items = exo_arena_take(arena, (count > 0 ? count : 1) * sizeof *items), *item = items;
  if (items == NULL) return NULL;
  const exo_json_value *entry = exo_json_first(response);
  for (size_t i = 0; i < count; i++, entry = exo_json_next(entry)) *item++ = read_item_of_several(entry);
  answer->items = items;
  answer->item_count = count;
  return items;
}

typedef struct tally {
  size_t failed;
  const exo_item *first_failure;
  bool unknown;
} tally;

static tally count_failures(const exo_answer *answer, const exo_json_value *response) {
  tally t = { 0 };
  const exo_json_value *entry = exo_json_first(response);
  for (size_t i = 0; i < answer->item_count; i++, entry = exo_json_next(entry)) {
    const exo_item *item = &answer->items[i];
    if (item->kind == EXO_OK) continue;
    t.unknown = t.unknown || !is_refused_entry(entry, item->status);
    if (t.failed++ == 0) t.first_failure = item;
  }
  return t;
}

static void fail_partially(exo_answer *answer, const exo_operation *operation, const tally *t, exo_arena *arena) {
  const exo_item *first = t->first_failure;
  const char *why = first->description != NULL ? first->description : first->message;
  answer->item = *first;
  answer->item.kind = EXO_PARTIAL;
  answer->item.data = NULL;
  answer->effect_unknown = t->unknown && operation->answer == EXO_BATCH;
  answer->item.message = exo_arena_format(arena, "%zu of %zu failed%s%s", t->failed, answer->item_count,
                                          why != NULL ? ": " : "", why != NULL ? why : "");
  if (answer->item.message == NULL) fail(answer, EXO_NO_MEMORY, "not enough memory");
}

static void judge_items(exo_answer *answer, const exo_operation *operation, const exo_json_value *response, size_t sent,
                        exo_arena *arena) {
  tally t = count_failures(answer, response);
  exo_kind mismatch = answer->item.kind == EXO_OK ? EXO_PROTOCOL : answer->item.kind; /* HTTP's no is still a no */
  if (operation->answer == EXO_ITEM) fail(answer, mismatch, "the answer is a list where one item was expected");
  else if (operation->answer == EXO_BATCH && answer->item_count != sent)
    fail(answer, mismatch, "the answer does not match what was sent: not one entry for each");
  else if (t.failed > 0) fail_partially(answer, operation, &t, arena);
  else if (answer->item.kind != EXO_OK)
    fail(answer, answer->item.kind, "the answer says success under an HTTP failure");
  else if (operation->answer == EXO_LIST) read_next(answer);
}

static void read_several(exo_answer *answer, const exo_operation *operation, const exo_json_value *response,
                         long status, size_t sent, exo_arena *arena) {
  answer->item = (exo_item){ .kind = exo_kind_of_status(status), .status = status };
  if (read_items(answer, response, arena) != NULL) judge_items(answer, operation, response, sent, arena);
  else fail(answer, EXO_NO_MEMORY, "not enough memory");
}

/* Where a list was expected one object may come instead (the form of trunk-maps is not documented): a list of one. */
static void read_one_as_list(exo_answer *answer, const exo_json_value *response, long status, exo_arena *arena) {
  exo_item *item = exo_arena_take(arena, sizeof *item);
  answer->item = read_item(response, exo_json_integer(answer->json.root, "http_code", status));
  believe_failure(answer, status);
  if (answer->item.kind != EXO_OK) return;
  if (answer->item.data == NULL) fail(answer, EXO_PROTOCOL, "the service said success but sent no list");
  else if (item == NULL) fail(answer, EXO_NO_MEMORY, "not enough memory");
  else {
    warn(answer, "the service answered one item where a list was expected");
    *item = answer->item;
    answer->items = item;
    answer->item_count = 1;
  }
}

static void read_response(exo_answer *answer, const exo_operation *operation, long http_status, size_t sent,
                          exo_arena *arena) {
  const exo_json_value *response = exo_json_member(answer->json.root, "response");
  const exo_json_value *error = exo_json_member(response, "error");
  long status = exo_json_integer(answer->json.root, "http_code", http_status);
  if (exo_kind_of_status(http_status) != EXO_OK) status = http_status;
  if (exo_json_is(error, EXO_JSON_OBJECT)) read_response_error(answer, error, status);
  else if (exo_json_is(response, EXO_JSON_ARRAY)) read_several(answer, operation, response, status, sent, arena);
  else if (!exo_json_is(response, EXO_JSON_OBJECT)) {
    exo_kind kind = exo_kind_of_status(status);
    answer->item.message = exo_json_string(answer->json.root, "message");
    fail(answer, kind == EXO_OK ? EXO_PROTOCOL : kind, "the answer is no envelope of Exotel's: it has no response");
  } else if (operation->answer == EXO_LIST) read_one_as_list(answer, response, status, arena);
  else if (operation->answer == EXO_BATCH) {
    read_one(answer, operation, response, status);
    if (answer->item.kind == EXO_OK) fail(answer, EXO_PROTOCOL, "the answer is one item where a list was expected");
  } else read_one(answer, operation, response, status);
}

/* ---- whether it contradicts itself ---- */

static bool are_refused(const exo_json_value *response, long status) {
  if (!exo_json_is(response, EXO_JSON_ARRAY)) return is_refused_entry(response, status);
  const exo_json_value *entry = exo_json_first(response);
  for (size_t i = 0; i < response->length; i++, entry = exo_json_next(entry))
    if (!is_refused_entry(entry, status)) return false;
  return true;
}

/* A write is taken to have had no effect only when nothing in the answer says otherwise. */
static bool agrees_on_refusal(const exo_answer *answer, long http_status) {
  if (!exo_kind_is_refusal(answer->item.kind) || !may_hold_refusal(http_status)) return false;
  if (!exo_json_is(answer->json.root, EXO_JSON_OBJECT)) return true; /* a proxy's words, say */
  const exo_json_value *exception = exo_json_member(answer->json.root, "RestException");
  long own = exo_json_integer(exception, "Status", http_status);
  long status = exo_json_integer(answer->json.root, "http_code", own);
  return may_hold_refusal(status) && (exception == NULL || is_refusal(own)) && !has_id(answer->json.root) &&
         are_refused(exo_json_member(answer->json.root, "response"), status);
}

/* The items of a batch are not believed to be refused where the service says that it failed. */
static bool is_in_doubt(const exo_answer *answer, long http_status) {
  bool failed = answer->item.kind == EXO_PARTIAL && answer->items != NULL;
  long inner = exo_json_integer(answer->json.root, "http_code", http_status);
  return failed && !(may_hold_refusal(http_status) && may_hold_refusal(inner));
}

/* Which of the vendor's shapes of an error has it is not documented, so all that have room for it are looked at. */
static long read_retry_after(const exo_json_value *tree) {
  const exo_json_value *response = exo_json_member(tree, "response");
  const exo_json_value *const places[] = {
    tree,     exo_json_member(tree, "error"),     exo_json_member(tree, "RestException"),
    response, exo_json_member(response, "error"), exo_json_member(response, "error_data")
  };
  for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
    long seconds = exo_json_seconds(places[i], "retry_after");
    if (seconds >= 0) return seconds;
  }
  return -1;
}

static void read_answer(exo_answer *answer, const exo_operation *operation, long http_status, const char *body,
                        size_t length, size_t sent, exo_arena *arena) {
  *answer = (exo_answer){ .item = { .status = http_status }, .retry_after = -1 };
  exo_json_result result = read_json(answer, body, length, arena);
  if (result == EXO_JSON_NO_MEMORY) {
    fail(answer, EXO_NO_MEMORY, "not enough memory");
    return;
  }
  if (result == EXO_JSON_BAD || !exo_json_is(answer->json.root, EXO_JSON_OBJECT)) {
    fail_unreadable(answer, http_status, body, length, arena);
    return;
  }
  answer->request_id = exo_json_string(answer->json.root, "request_id");
  answer->retry_after = read_retry_after(answer->json.root);
  answer->metadata = exo_json_member(answer->json.root, "metadata");
  const exo_json_value *exception = exo_json_member(answer->json.root, "RestException");
  answer->own = exception != NULL || exo_json_member(answer->json.root, "response") != NULL;
  if (exo_json_is(exception, EXO_JSON_OBJECT)) read_rest_exception(answer, exception, http_status);
  else read_response(answer, operation, http_status, sent, arena);
}

void exo_answer_read(exo_answer *answer, const exo_operation *operation, long http_status, const char *body,
                     size_t length, size_t sent, exo_arena *arena) {
  read_answer(answer, operation, http_status, body, length, sent, arena);
  answer->refused = agrees_on_refusal(answer, http_status);
  if (operation->answer == EXO_BATCH && is_in_doubt(answer, http_status)) answer->effect_unknown = true;
}

bool exo_answer_check_total(exo_answer *answer, size_t offset, exo_arena *arena) {
  long total = exo_json_integer(answer->metadata, "total", -1);
  size_t end = offset + answer->item_count;
  if (answer->has_next || total < 0 || (size_t)total <= end) return true;
  const char *warning = exo_arena_format(arena, "the list ends after %zu of %ld entries", end, total);
  if (warning != NULL) warn(answer, warning);
  return warning != NULL;
}

void exo_answer_free(exo_answer *answer) { exo_json_free(&answer->json); }
