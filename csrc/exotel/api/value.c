#include "exotel/api/value.h"

#include <string.h>

const char *exo_value_type_name(const exo_value *value) {
  switch (value->type) {
    case EXO_VALUE_NULL: return "null";
    case EXO_VALUE_BOOLEAN: return "a boolean";
    case EXO_VALUE_INTEGER: return "an integer";
    case EXO_VALUE_NUMBER: return "a number";
    case EXO_VALUE_TEXT: return "a string";
    case EXO_VALUE_LIST: return "a list";
    case EXO_VALUE_RECORD: return "a table with named fields";
    case EXO_VALUE_OTHER: break;
  }
  return value->text;
}

const exo_value *exo_value_member(const exo_value *record, const char *name) {
  if (record->type != EXO_VALUE_RECORD) return NULL;
  for (size_t i = 0; i < record->count; i++)
    if (strcmp(record->items[i].name, name) == 0) return &record->items[i];
  return NULL;
}

bool exo_value_is_text(const exo_value *value, const char *text) {
  return value != NULL && value->type == EXO_VALUE_TEXT && strlen(text) == value->length &&
         memcmp(value->text, text, value->length) == 0;
}
