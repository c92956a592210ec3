#include "exotel/api/echo.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "exotel/api/rules.h"

enum { SHOWN = 100, PREFIX_MAX = 96 };

typedef struct echo {
  exo_answer *answer;
  exo_arena *arena;
} echo;

/* ---- values as text ---- */

static const char *sent_text(const exo_value *value, char *digits, size_t size) {
  if (value->type == EXO_VALUE_TEXT) return value->text;
  if (value->type != EXO_VALUE_INTEGER) return NULL;
  snprintf(digits, size, "%" PRId64, value->integer);
  return digits;
}

/* A mode that was never set is answered null, and behaves as pstn. */
static const char *answered_text(const exo_parameter *parameter, const exo_json_value *node, char *digits,
                                 size_t size) {
  if (exo_json_is(node, EXO_JSON_STRING)) return exo_json_text(node);
  if (exo_json_is(node, EXO_JSON_NULL) && parameter->rule == exo_rule_mode) return "pstn";
  if (!exo_json_is(node, EXO_JSON_NUMBER)) return NULL;
  snprintf(digits, size, "%.15g", exo_json_number(node));
  return digits;
}

/* ---- destinations: "sip:" is put before them, and the host may come in other letters ---- */

static const char *bare(const char *destination) {
  return strncasecmp(destination, "sip:", 4) == 0 ? destination + 4 : destination;
}

/* A destination without parameters is one over UDP. */
static const char *parameters(const char *destination) {
  const char *found = strchr(destination, ';');
  return found != NULL ? found : ";transport=udp";
}

static bool is_same_destination(const char *sent, const char *answered) {
  sent = bare(sent), answered = bare(answered);
  size_t length = strcspn(sent, ";");
  bool same_host = length == strcspn(answered, ";") && strncasecmp(sent, answered, length) == 0;
  return same_host && strcasecmp(parameters(sent), parameters(answered)) == 0;
}

static bool is_same(const exo_parameter *parameter, const char *sent, const char *answered) {
  if (parameter->rule == exo_rule_destination) return is_same_destination(sent, answered);
  return strcmp(sent, answered) == 0;
}

/* ---- warnings ---- */

/* How much of a text is shown: not more than so many bytes, and no character in part. */
static int shown_length(const char *text) {
  size_t length = strlen(text);
  if (length <= SHOWN) return (int)length;
  for (length = SHOWN; length > 0 && ((unsigned char)text[length] & 0xC0) == 0x80;) length--;
  return (int)length;
}

static bool warn(const echo *e, const char *prefix, const char *name, const char *sent, const char *answered) {
  exo_answer *answer = e->answer;
  if (answer->warning_count == EXO_WARNINGS_MAX) return true;
  const char *warning = exo_arena_format(e->arena, "%s%s: sent \"%.*s\", the service answered \"%.*s\"", prefix, name,
                                         shown_length(sent), sent, shown_length(answered), answered);
  if (warning != NULL) answer->warnings[answer->warning_count++] = warning;
  return warning != NULL;
}

static bool check_field(const echo *e, const exo_parameter *parameter, const exo_value *value,
                        const exo_json_value *data, const char *prefix) {
  char digits[2][32];
  const exo_json_value *node = exo_json_member(data, parameter->name);
  const char *sent = sent_text(value, digits[0], sizeof digits[0]);
  const char *answered = node != NULL ? answered_text(parameter, node, digits[1], sizeof digits[1]) : NULL;
  if (parameter->secret || sent == NULL || answered == NULL || is_same(parameter, sent, answered)) return true;
  return warn(e, prefix, parameter->name, sent, answered);
}

static bool check_fields(const echo *e, const exo_parameter *parameters, const exo_value *record,
                         const exo_json_value *data, const char *prefix) {
  for (const exo_parameter *p = parameters; p->name != NULL; p++) {
    const exo_value *value = p->location == EXO_IN_BODY ? exo_value_member(record, p->name) : NULL;
    if (value != NULL && p->type != EXO_RECORDS && !check_field(e, p, value, data, prefix)) return false;
  }
  return true;
}

static bool check_records(const echo *e, const exo_parameter *parameter, const exo_value *list) {
  for (size_t i = 0; i < list->count && i < e->answer->item_count; i++) {
    char prefix[PREFIX_MAX];
    snprintf(prefix, sizeof prefix, "%s[%zu].", parameter->name, i + 1);
    if (!check_fields(e, parameter->fields, &list->items[i], e->answer->items[i].data, prefix)) return false;
  }
  return true;
}

bool exo_echo_check(exo_answer *answer, const exo_operation *operation, const exo_value *arguments, exo_arena *arena) {
  const echo e = { answer, arena };
  if (!exo_operation_writes(operation)) return true;
  for (const exo_parameter *p = operation->parameters; p->name != NULL; p++)
    if (p->type == EXO_RECORDS && !check_records(&e, p, exo_value_member(arguments, p->name))) return false;
  return answer->item.data == NULL || check_fields(&e, operation->parameters, arguments, answer->item.data, "");
}
