#include "exotel/engine/writes.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- names and values ---- */

static size_t used(const char *about) {
  size_t at = 0;
  while (about[at] != '\0') at += strlen(about + at) + 1;
  return at;
}

static const char *behind(const char *text) { return text + strlen(text) + 1; }

static bool holds(const char *about, const char *name) {
  for (; *about != '\0'; about = behind(behind(about)))
    if (strcmp(about, name) == 0) return true;
  return false;
}

enum { VALUE_MAX = 200 };

/* Values are short; of one that isn't the beginning is enough, but no half of a character. */
static int shown(const char *value) {
  size_t length = strlen(value);
  if (length <= VALUE_MAX) return (int)length;
  for (length = VALUE_MAX; length > 0 && ((unsigned char)value[length] & 0xC0) == 0x80; length--)
    ;
  return (int)length;
}

static void add(char *about, const char *name, const char *value) {
  size_t at = used(about);
  int length = shown(value);
  const char *mark = value[length] != '\0' ? "..." : "";
  if (at + strlen(name) + (size_t)length + sizeof "..." + 2 > EXO_ABOUT_MAX || holds(about, name)) return;
  at += (size_t)snprintf(about + at, EXO_ABOUT_MAX - at, "%s", name) + 1;
  snprintf(about + at, EXO_ABOUT_MAX - at, "%.*s%s", length, value, mark);
}

/* ---- what was sent ---- */

static void add_value(char *about, const char *name, const exo_value *value) {
  char digits[24];
  if (value == NULL) return;
  snprintf(digits, sizeof digits, "%" PRId64, value->integer);
  if (value->type == EXO_VALUE_TEXT) add(about, name, value->text);
  else if (value->type == EXO_VALUE_INTEGER) add(about, name, digits);
}

/* Only what the table knows, and of that no secret. What a body of the caller's own holds nobody knows. */
static void add_sent(char *about, const exo_call *call, const exo_parameter *parameters, const exo_value *arguments) {
  for (const exo_parameter *p = parameters; p->name != NULL; p++)
    if (!p->secret && !(call->has_own_body && p->location == EXO_IN_BODY))
      add_value(about, p->name, exo_value_member(arguments, p->name));
}

/* ---- what was answered ---- */

/* A removal says what has gone, of which only the id was sent; a creation the id. */
static void add_answered(char *about, const exo_json_value *data) {
  static const char *const names[] = { "trunk_sid",   "trunk_name", "phone_number", "ip",
                                       "destination", "user_name",  "name",         "id" };
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    const char *text = exo_json_string(data, names[i]);
    if (text != NULL) add(about, names[i], text);
  }
}

/* ---- events ---- */

static const exo_parameter *records_of(const exo_operation *operation) {
  for (const exo_parameter *p = operation->parameters; p->name != NULL; p++)
    if (p->type == EXO_RECORDS) return p;
  return NULL;
}

static exo_event *add_event(exo_events *events, exo_call *call, const exo_item *item) {
  exo_event *event = exo_events_add(events, EXO_EVENT_WRITE);
  if (event == NULL) return NULL;
  event->operation = call->operation;
  event->attempt = call->outcome.attempts;
  event->status = call->outcome.http_status;
  event->seconds = call->outcome.elapsed;
  event->kind = exo_kind_name(item != NULL ? item->kind : call->outcome.kind);
  event->maybe_applied = call->outcome.maybe_applied && (item == NULL || item->kind != EXO_OK);
  exo_call_request_id(call, event->request_id, sizeof event->request_id);
  return event;
}

static void note_one(exo_events *events, exo_call *call) {
  exo_event *event = add_event(events, call, NULL);
  if (event == NULL) return;
  add_sent(event->about, call, call->operation->parameters, call->arguments);
  if (call->outcome.kind == EXO_OK) add_answered(event->about, call->answer.item.data);
}

/* `item`: what the service has answered to this record, or NULL. */
static void note_record(exo_events *events, exo_call *call, const exo_parameter *fields, const exo_value *record,
                        const exo_item *item) {
  exo_event *event = add_event(events, call, item);
  if (event == NULL) return;
  add_sent(event->about, call, call->operation->parameters, call->arguments);
  add_sent(event->about, call, fields, record);
  if (item != NULL && item->kind == EXO_OK) add_answered(event->about, item->data);
}

static void note_batch(exo_events *events, exo_call *call, const exo_parameter *records) {
  const exo_value *sent = exo_value_member(call->arguments, records->name);
  const exo_answer *answer = call->outcome.answer;
  bool is_answered = answer != NULL && answer->items != NULL && answer->item_count == sent->count;
  for (size_t i = 0; i < sent->count; i++)
    note_record(events, call, records->fields, &sent->items[i], is_answered ? &answer->items[i] : NULL);
}

void exo_writes_note(exo_events *events, exo_call *call) {
  const exo_parameter *records = records_of(call->operation);
  if (!events->wanted_writes || !exo_operation_writes(call->operation) || call->outcome.attempts == 0) return;
  if (records != NULL && !call->has_own_body) note_batch(events, call, records);
  else note_one(events, call);
}
