#include "exotel/api/request.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void exo_request_init(exo_request *request, const exo_allocator *allocator) {
  *request = (exo_request){ .method = EXO_GET };
  exo_buffer_init(&request->url, allocator);
  exo_buffer_init(&request->body, allocator);
}

/* It may hold a credential's password. */
static void free_body(exo_request *request) {
  exo_wipe(request->body.data, request->body.capacity);
  exo_buffer_free(&request->body);
}

void exo_request_free(exo_request *request) {
  exo_buffer_free(&request->url);
  free_body(request);
}

const char *exo_request_target(const exo_request *request) {
  return exo_buffer_string(&request->url) + request->target;
}

/* ---- URL ---- */

static bool unreserved(char c) {
  bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'), digit = c >= '0' && c <= '9';
  return letter || digit || c == '-' || c == '.' || c == '_' || c == '~';
}

static void append_encoded(exo_buffer *url, const char *text, size_t length) {
  static const char hex[] = "0123456789ABCDEF";
  for (size_t i = 0; i < length; i++) {
    size_t start = i;
    while (i < length && unreserved(text[i])) i++;
    exo_buffer_append(url, text + start, i - start);
    if (i == length) return;
    unsigned char c = (unsigned char)text[i];
    exo_buffer_append(url, (char[]){ '%', hex[c >> 4], hex[c & 15] }, 3);
  }
}

static void append_value(exo_buffer *url, const exo_value *value) {
  char digits[24];
  if (value->type == EXO_VALUE_TEXT) {
    append_encoded(url, value->text, value->length);
    return;
  }
  snprintf(digits, sizeof digits, "%" PRId64, value->integer);
  exo_buffer_text(url, digits);
}

static void append_parameter(exo_buffer *url, const char *name, const exo_config *config, const exo_value *arguments) {
  if (strcmp(name, "account_sid") == 0) append_encoded(url, config->account_sid, strlen(config->account_sid));
  else append_value(url, exo_value_member(arguments, name));
}

static void append_path(exo_buffer *url, const char *path, const exo_config *config, const exo_value *arguments) {
  while (*path != '\0') {
    size_t literal = strcspn(path, "{");
    exo_buffer_append(url, path, literal);
    path += literal;
    if (*path == '\0') return;
    char name[32] = "";
    size_t length = strcspn(++path, "}");
    memcpy(name, path, length);
    append_parameter(url, name, config, arguments);
    path += length + 1;
  }
}

static void append_query(exo_buffer *url, const exo_operation *operation, const exo_value *arguments) {
  char separator = '?';
  for (const exo_parameter *p = operation->parameters; p->name != NULL; p++) {
    const exo_value *value = p->location == EXO_IN_QUERY ? exo_value_member(arguments, p->name) : NULL;
    if (value == NULL) continue;
    exo_buffer_char(url, separator);
    exo_buffer_text(url, p->name);
    exo_buffer_char(url, '=');
    append_value(url, value);
    separator = '&';
  }
}

static void build_url(exo_request *request, const exo_operation *operation, const exo_config *config,
                      const exo_value *arguments) {
  const char *after_scheme = strstr(config->base_url, "://") + 3;
  request->target = (size_t)(after_scheme - config->base_url) + strcspn(after_scheme, "/");
  exo_buffer_text(&request->url, config->base_url);
  append_path(&request->url, EXO_PATH_PREFIX, config, arguments);
  append_path(&request->url, operation->path, config, arguments);
  if (config->json_suffix) exo_buffer_text(&request->url, ".json");
  append_query(&request->url, operation, arguments);
}

/* ---- body ---- */

static cJSON *scalar(const exo_value *value) {
  if (value->type == EXO_VALUE_NULL) return cJSON_CreateNull();
  if (value->type == EXO_VALUE_TEXT) return cJSON_CreateString(value->text);
  return cJSON_CreateNumber((double)value->integer);
}

/* Adds a member or frees it: cJSON_AddItemToObject leaves it ours when it fails. */
static bool add(cJSON *object, const char *name, cJSON *member) {
  if (member != NULL && cJSON_AddItemToObject(object, name, member)) return true;
  cJSON_Delete(member);
  return false;
}

static cJSON *expanded(const char *fallback, const exo_config *config) {
  char text[320];
  static const char mark[] = "{account_sid}";
  if (strncmp(fallback, mark, sizeof mark - 1) != 0) return cJSON_CreateString(fallback);
  snprintf(text, sizeof text, "%s%s", config->account_sid, fallback + sizeof mark - 1);
  return cJSON_CreateString(text);
}

static bool add_fields(cJSON *object, const exo_parameter *parameters, const exo_config *config,
                       const exo_value *record);

static cJSON *records(const exo_parameter *fields, const exo_config *config, const exo_value *list) {
  cJSON *array = cJSON_CreateArray();
  for (size_t i = 0; array != NULL && i < list->count; i++) {
    cJSON *object = cJSON_CreateObject();
    bool good = object != NULL && add_fields(object, fields, config, &list->items[i]);
    if (good && cJSON_AddItemToArray(array, object)) continue;
    cJSON_Delete(object);
    cJSON_Delete(array);
    return NULL;
  }
  return array;
}

static bool add_fields(cJSON *object, const exo_parameter *parameters, const exo_config *config,
                       const exo_value *record) {
  for (const exo_parameter *p = parameters; p->name != NULL; p++) {
    const exo_value *value = p->location == EXO_IN_BODY ? exo_value_member(record, p->name) : NULL;
    if (p->location != EXO_IN_BODY || (value == NULL && p->fallback == NULL)) continue;
    cJSON *member = value == NULL            ? expanded(p->fallback, config)
                    : p->type == EXO_RECORDS ? records(p->fields, config, value)
                                             : scalar(value);
    if (!add(object, p->name, member)) return false;
  }
  return true;
}

/* A credential's password must not stay behind in freed memory. */
static void wipe_tree(cJSON *node) {
  for (; node != NULL; node = node->next) {
    if (node->valuestring != NULL) exo_wipe(node->valuestring, strlen(node->valuestring));
    wipe_tree(node->child);
  }
}

/* Bytes that a body has room for from the beginning: more than one with a secret needs. Where it needs more, cJSON
 * leaves what it has written behind. */
enum { BODY_ROOM = 4 * 1024 };

static bool build_body(exo_request *request, const exo_operation *operation, const exo_config *config,
                       const exo_value *arguments) {
  cJSON *object = cJSON_CreateObject();
  char *text = NULL;
  if (object != NULL && add_fields(object, operation->parameters, config, arguments))
    text = cJSON_PrintBuffered(object, BODY_ROOM, false);
  wipe_tree(object);
  cJSON_Delete(object);
  if (text == NULL) return false;
  exo_buffer_text(&request->body, text);
  exo_wipe(text, strlen(text));
  cJSON_free(text);
  return !request->body.failed;
}

bool exo_request_set_body(exo_request *request, const char *text) {
  free_body(request);
  return exo_buffer_text(&request->body, text);
}

bool exo_request_build(exo_request *request, const exo_operation *operation, const exo_config *config,
                       const exo_value *arguments) {
  request->method = operation->method;
  request->has_body = operation->method == EXO_POST || operation->method == EXO_PUT;
  build_url(request, operation, config, arguments);
  if (request->url.failed) return false;
  return !request->has_body || build_body(request, operation, config, arguments);
}
