/* What the JSON reader has read as a tree of cJSON's, to be compared with what cJSON alone reads. */
#ifndef EXOTEL_SPEC_AS_CJSON_H
#define EXOTEL_SPEC_AS_CJSON_H

#include <cjson/cJSON.h>

#include "exotel/api/json.h"

static inline cJSON *as_cjson(const exo_json_value *value);

static inline cJSON *object_as_cjson(const exo_json_value *value) {
  cJSON *object = cJSON_CreateObject();
  const exo_json_value *name = exo_json_first(value);
  for (uint32_t i = 0; i < value->length; i++, name = exo_json_next(name + 1))
    cJSON_AddItemToObject(object, exo_json_text(name), as_cjson(name + 1));
  return object;
}

static inline cJSON *array_as_cjson(const exo_json_value *value) {
  cJSON *array = cJSON_CreateArray();
  const exo_json_value *own = exo_json_first(value);
  for (uint32_t i = 0; i < value->length; i++, own = exo_json_next(own)) cJSON_AddItemToArray(array, as_cjson(own));
  return array;
}

static inline cJSON *as_cjson(const exo_json_value *value) {
  switch (value->type) {
    case EXO_JSON_FALSE:
    case EXO_JSON_TRUE: return cJSON_CreateBool(value->type == EXO_JSON_TRUE);
    case EXO_JSON_NUMBER: return cJSON_CreateNumber(exo_json_number(value));
    case EXO_JSON_STRING: return cJSON_CreateString(exo_json_text(value));
    case EXO_JSON_ARRAY: return array_as_cjson(value);
    case EXO_JSON_OBJECT: return object_as_cjson(value);
    default: return cJSON_CreateNull();
  }
}

#endif
