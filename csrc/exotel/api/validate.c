#include "exotel/api/validate.h"

#include <stdio.h>
#include <string.h>

#include "exotel/base/plain.h"
#include "exotel/base/utf8.h"

typedef struct check {
  bool values;
  exo_error *error;
  char name[160]; /* of a field that is refused */
} check;

/* "destinations[2].type": the name of a field in what the prefix names. */
static const char *full_name(check *c, const char *prefix, const char *name) {
  const char *dot = prefix[0] != '\0' && name[0] != '[' ? "." : "";
  snprintf(c->name, sizeof c->name, "%s%s%s", prefix, dot, name);
  return c->name;
}

static bool type_fits(exo_type type, const exo_value *value) {
  switch (type) {
    case EXO_TEXT: return value->type == EXO_VALUE_TEXT;
    case EXO_ID: return value->type == EXO_VALUE_TEXT || value->type == EXO_VALUE_INTEGER;
    case EXO_INTEGER: return value->type == EXO_VALUE_INTEGER;
    case EXO_RECORDS: break;
  }
  return value->type == EXO_VALUE_LIST;
}

static const char *type_wanted(exo_type type) {
  static const char *const names[] = { "a string", "a string of digits or an integer", "an integer",
                                       "a list of tables" };
  return names[type];
}

/* What no path segment and no JSON text can carry, whatever the rules say: a NUL would cut the value short, and
 * an empty, "." or ".." segment would name another resource. */
static const char *cannot_carry(const exo_parameter *parameter, const exo_value *value) {
  if (value->type != EXO_VALUE_TEXT) return NULL;
  if (memchr(value->text, '\0', value->length) != NULL) return "must not hold a NUL byte";
  if (!exo_utf8_valid(value->text, value->length)) return "must be valid UTF-8";
  if (parameter->location == EXO_IN_BODY) return NULL;
  if (value->length == 0) return "must not be empty";
  bool dots = exo_value_is_text(value, ".") || exo_value_is_text(value, "..");
  return dots ? "must not be \".\" or \"..\"" : NULL;
}

/* Characters of a value that a message shows, and the bytes that they take at most. */
enum { SHOWN_CHARACTERS = 47, SHOWN_SIZE = 4 * SHOWN_CHARACTERS + 1 };

/* What would control a terminal, or hide what is written, is a question mark. → the bytes of the value that it shows */
static size_t show_text(const exo_value *value, char *out) {
  size_t from = 0;
  for (int shown = 0; shown < SHOWN_CHARACTERS && from < value->length; shown++) {
    exo_char c = exo_char_read(value->text + from, value->length - from);
    bool plain = c.class == EXO_CHAR_PLAIN;
    memcpy(out, plain ? value->text + from : "?", plain ? c.length : 1);
    out += plain ? c.length : 1;
    from += c.length;
  }
  *out = '\0';
  return from;
}

/* A short form of the value for a message: never a secret's. */
static void show(const exo_parameter *parameter, const exo_value *value, char *out, size_t size) {
  out[0] = '\0';
  if (parameter->secret) return;
  if (value->type == EXO_VALUE_INTEGER) snprintf(out, size, " (got %lld)", (long long)value->integer);
  if (value->type != EXO_VALUE_TEXT) return;
  char shown[SHOWN_SIZE];
  size_t n = show_text(value, shown);
  snprintf(out, size, " (got \"%s\"%s)", shown, n < value->length ? "…" : "");
}

static bool check_fields(check *c, const exo_parameter *parameters, const exo_value *record, const char *prefix);

static bool check_records(check *c, const exo_parameter *parameter, const exo_value *list, const char *name) {
  if (list->count == 0) return exo_error_set(c->error, name, "must hold at least one entry");
  for (size_t i = 0; i < list->count; i++) {
    char entry[96];
    snprintf(entry, sizeof entry, "%.60s[%zu]", name, i + 1);
    const exo_value *item = &list->items[i];
    bool empty = item->type == EXO_VALUE_LIST && item->count == 0;
    if (item->type != EXO_VALUE_RECORD && !empty)
      return exo_error_set(c->error, entry, "must be a table with named fields, got %s", exo_value_type_name(item));
    if (!check_fields(c, parameter->fields, item, entry)) return false;
  }
  return true;
}

static bool check_value(check *c, const exo_parameter *parameter, const exo_value *value, const exo_value *owner,
                        const char *prefix) {
  char shown[SHOWN_SIZE + 16];
  const char *name = parameter->name;
  if (value->type == EXO_VALUE_NULL && !parameter->required && parameter->location == EXO_IN_BODY) return true;
  if (!type_fits(parameter->type, value))
    return exo_error_set(c->error, full_name(c, prefix, name), "must be %s, got %s", type_wanted(parameter->type),
                         exo_value_type_name(value));
  if (parameter->type == EXO_RECORDS) return check_records(c, parameter, value, full_name(c, prefix, name));
  const char *fault = cannot_carry(parameter, value);
  if (fault == NULL && c->values && parameter->rule != NULL) fault = parameter->rule(value, owner);
  if (fault == NULL) return true;
  show(parameter, value, shown, sizeof shown);
  return exo_error_set(c->error, full_name(c, prefix, name), "%s%s", fault, shown);
}

static void list_names(char *out, size_t size, const exo_parameter *parameters) {
  size_t length = 0;
  out[0] = '\0';
  for (const exo_parameter *p = parameters; p->name != NULL && length < size; p++)
    length += (size_t)snprintf(out + length, size - length, "%s%s", p == parameters ? "" : ", ", p->name);
}

static bool check_names(check *c, const exo_parameter *parameters, const exo_value *record, const char *prefix) {
  char known[200];
  for (size_t i = 0; i < record->count; i++) {
    if (record->type == EXO_VALUE_LIST)
      return exo_error_set(c->error, "[1]", "is an unknown argument: arguments are named");
    if (exo_parameter_find(parameters, record->items[i].name) != NULL) continue;
    list_names(known, sizeof known, parameters);
    return exo_error_set(c->error, full_name(c, prefix, record->items[i].name), "is an unknown argument (known: %s)",
                         known);
  }
  return true;
}

static bool check_fields(check *c, const exo_parameter *parameters, const exo_value *record, const char *prefix) {
  if (!check_names(c, parameters, record, prefix)) return false;
  for (const exo_parameter *p = parameters; p->name != NULL; p++) {
    const exo_value *value = exo_value_member(record, p->name);
    if (value == NULL && p->required) return exo_error_set(c->error, full_name(c, prefix, p->name), "is missing");
    if (value != NULL && !check_value(c, p, value, record, prefix)) return false;
  }
  return true;
}

static bool changes_something(const exo_operation *operation, const exo_value *arguments) {
  for (const exo_parameter *p = operation->parameters; p->name != NULL; p++)
    if (p->location == EXO_IN_BODY && exo_value_member(arguments, p->name) != NULL) return true;
  return false;
}

bool exo_validate(const exo_operation *operation, const exo_value *arguments, bool values, exo_error *error) {
  check c = { .values = values, .error = error };
  if (!check_fields(&c, operation->parameters, arguments, "")) return false;
  if (!operation->needs_change || changes_something(operation, arguments)) return true;
  return exo_error_set(error, "", "nothing to change: give at least one field");
}
