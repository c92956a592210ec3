/* The reader of answers. The input is a line "operation status sent" and the body after it. */
#include <string.h>

#include "exotel/api/envelope.h"
#include "exotel/api/redact.h"
#include "fuzz.h"

static const char token[] = "tok3n_0123456789";
static const char password[] = "s\"e/c\\ret";

typedef struct input {
  const exo_operation *operation;
  long status;
  size_t sent;
  const char *body; /* no NUL behind it */
  size_t length;
} input;

static input read_input(const uint8_t *data, size_t size) {
  const uint8_t *stop = size > 0 ? memchr(data, '\n', size) : NULL;
  size_t head = stop != NULL ? (size_t)(stop - data) : size;
  char *line = fuzz_copy(data, head), name[40] = "";
  input in = { .operation = NULL, .status = 200, .sent = 1 };
  sscanf(line, "%39s %3ld %2zu", name, &in.status, &in.sent);
  in.operation = exo_operation_find(name);
  if (in.operation == NULL) in.operation = &exo_operations[(unsigned char)name[0] % exo_operation_count];
  in.length = stop != NULL ? size - head - 1 : 0;
  char *body = fuzz_block(in.length);
  if (in.length > 0) memcpy(body, stop + 1, in.length);
  in.body = body;
  return in;
}

static void check_items(const exo_answer *answer) {
  for (size_t i = 0; i < answer->item_count; i++) {
    CHECK(answer->items[i].kind == EXO_OK);
    CHECK(exo_json_is(answer->items[i].data, EXO_JSON_OBJECT));
  }
}

/* A success is one: under an HTTP success, with what the operation promises. */
static void check_success(const exo_answer *answer, const input *in) {
  CHECK(in->status >= 200 && in->status < 300);
  CHECK(answer->item.status >= 200 && answer->item.status < 300);
  CHECK(exo_json_is(answer->json.root, EXO_JSON_OBJECT));
  CHECK(!answer->effect_unknown);
  if (answer->items != NULL) {
    CHECK(in->operation->answer != EXO_ITEM);
    check_items(answer);
    if (in->operation->answer == EXO_BATCH) CHECK(answer->item_count == in->sent);
    return;
  }
  CHECK(in->operation->answer != EXO_BATCH);
  if (answer->item.data == NULL) CHECK(in->operation->method == EXO_DELETE && answer->warning_count > 0);
  else CHECK(exo_json_is(answer->item.data, EXO_JSON_OBJECT));
}

static void check_failure(const exo_answer *answer) {
  switch (answer->item.kind) {
    case EXO_AUTHENTICATION:
    case EXO_PERMISSION:
    case EXO_NOT_FOUND:
    case EXO_CONFLICT:
    case EXO_RATE_LIMITED:
    case EXO_REJECTED:
    case EXO_SERVER:
    case EXO_PROTOCOL: break;
    case EXO_PARTIAL: CHECK(answer->items != NULL && answer->item_count > 0); break;
    default: CHECK(answer->item.kind == EXO_PROTOCOL); /* no other kind is an answer's */
  }
  CHECK(answer->item.message != NULL);
}

static void check_no_secret(const exo_json *json) {
  for (size_t i = 0; i < json->count; i++) {
    const exo_json_value *value = &json->values[i];
    if (value->type != EXO_JSON_STRING && value->type != EXO_JSON_NUMBER) continue;
    CHECK(strstr(exo_json_text(value), token) == NULL && strstr(exo_json_text(value), password) == NULL);
  }
}

static bool found(const char *bytes, size_t length, const char *text) {
  size_t size = strlen(text);
  for (size_t i = 0; i + size <= length; i++)
    if (memcmp(bytes + i, text, size) == 0) return true;
  return false;
}

/* As a failure would be shown. */
static void check_hiding(const exo_answer *answer, const input *in, exo_arena *arena) {
  exo_redaction secrets;
  exo_config config = { .api_key = "key", .api_token = token };
  exo_value arguments = { .type = EXO_VALUE_RECORD, .count = 1, .items = fuzz_block(sizeof(exo_value)) };
  arguments.items[0] = (exo_value){
    .type = EXO_VALUE_TEXT, .name = "password", .text = password, .length = strlen(password)
  };
  char *body = fuzz_block(in->length);
  if (in->length > 0) memcpy(body, in->body, in->length);
  CHECK(exo_redaction_collect(&secrets, &config, exo_operation_find("create_credential"), &arguments, arena));
  exo_redact(&secrets, body, in->length);
  exo_redact_json(&secrets, &answer->json);
  CHECK(!found(body, in->length, token) && !found(body, in->length, password) &&
        !found(body, in->length, "s\\\"e\\/c\\\\ret"));
  check_no_secret(&answer->json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  exo_answer answer;
  exo_arena arena;
  input in = read_input(data, size);
  exo_arena_init(&arena, &exo_libc_allocator);
  exo_answer_read(&answer, in.operation, in.status, in.body, in.length, in.sent, &arena);
  if (answer.item.kind == EXO_OK) check_success(&answer, &in);
  else check_failure(&answer);
  CHECK(answer.warning_count <= EXO_WARNINGS_MAX);
  for (size_t i = 0; i < answer.warning_count; i++)
    CHECK(answer.warnings[i] != NULL && fuzz_one_line(answer.warnings[i]));
  if (answer.has_next) CHECK(in.operation->answer == EXO_LIST && answer.next_offset >= 0 && answer.next_page_size >= 0);
  check_hiding(&answer, &in, &arena);
  exo_answer_free(&answer);
  exo_arena_free(&arena);
  fuzz_forget();
  return 0;
}
