/* The validators. The input is a call as text, described in fuzz.h. */
#include <string.h>

#include "exotel/api/validate.h"
#include "fuzz.h"

/* A secret that is known by its mark must not be shown. */
static const char mark[] = "SeCrEt";

/* Also what could hold one unseen: lists, and texts with a NUL. */
static size_t marks_outside_secrets(const exo_operation *operation, const exo_value *arguments) {
  size_t n = 0;
  for (size_t i = 0; i < arguments->count; i++) {
    const exo_value *value = &arguments->items[i];
    const exo_parameter *p = exo_parameter_find(operation->parameters, value->name);
    if (p != NULL && p->secret) continue;
    bool plain = value->type == EXO_VALUE_TEXT && strlen(value->text) == value->length;
    n += !plain || strstr(value->text, mark) != NULL || strstr(value->name, mark) != NULL;
  }
  return n;
}

/* The row's own terms hold, whatever the rules of values say. */
static void check_good(const exo_operation *operation, const exo_value *arguments) {
  for (size_t i = 0; i < arguments->count; i++)
    CHECK(exo_parameter_find(operation->parameters, arguments->items[i].name) != NULL);
  for (const exo_parameter *p = operation->parameters; p->name != NULL; p++) {
    const exo_value *value = exo_value_member(arguments, p->name);
    if (p->required) CHECK(value != NULL);
    if (value == NULL) continue;
    bool text = value->type == EXO_VALUE_TEXT;
    if (p->location != EXO_IN_BODY) CHECK(value->type == EXO_VALUE_INTEGER || (text && value->length > 0));
    if (text) CHECK(strlen(value->text) == value->length);
    if (p->type == EXO_RECORDS) CHECK(value->type == EXO_VALUE_LIST && value->count > 0);
  }
}

static void check_error(const exo_error *error, const fuzz_call *call) {
  CHECK(error->message[0] != '\0');
  CHECK(memchr(error->message, '\0', sizeof error->message) != NULL);
  CHECK(memchr(error->field, '\0', sizeof error->field) != NULL);
  CHECK(fuzz_one_line(error->message));
  if (marks_outside_secrets(call->operation, &call->arguments) == 0) CHECK(strstr(error->message, mark) == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  fuzz_call call = fuzz_call_read(data, size);
  exo_error error = { "", "" };
  bool strictly = exo_validate(call.operation, &call.arguments, true, &error);
  if (!strictly) check_error(&error, &call);
  error = (exo_error){ "", "" };
  bool loosely = exo_validate(call.operation, &call.arguments, false, &error);
  if (!loosely) check_error(&error, &call);
  if (strictly) CHECK(loosely);
  if (loosely) check_good(call.operation, &call.arguments);
  fuzz_forget();
  return 0;
}
