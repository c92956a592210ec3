#include "sandbox/exchange.h"

#include <stdlib.h>
#include <string.h>

sbx_exchange *sbx_exchange_new(const char *target) {
  sbx_exchange *exchange = calloc(1, sizeof *exchange);
  if (exchange == NULL) return NULL;
  exchange->target = strdup(target);
  if (exchange->target != NULL) return exchange;
  free(exchange);
  return NULL;
}

static void clear_reply(sbx_reply *reply) {
  for (size_t i = 0; i < reply->header_count; i++) {
    free(reply->headers[i].name);
    free(reply->headers[i].value);
  }
  free(reply->headers);
  free(reply->body.data);
  memset(reply, 0, sizeof *reply);
}

void sbx_exchange_free(sbx_exchange *exchange) {
  if (exchange == NULL) return;
  clear_reply(&exchange->reply);
  free(exchange->body.data);
  free(exchange->target);
  free(exchange);
}

bool sbx_exchange_append(sbx_exchange *exchange, const char *data, size_t length) {
  sbx_bytes *body = &exchange->body;
  char *grown = realloc(body->data, body->length + length);
  if (grown == NULL) return false;
  memcpy(grown + body->length, data, length);
  body->data = grown;
  body->length += length;
  return true;
}

/* ---- the request, for Lua ---- */

typedef struct header_list {
  const char **names;
  const char **values;
  size_t count;
} header_list;

static enum MHD_Result collect_header(void *argument, enum MHD_ValueKind kind, const char *name, const char *value) {
  header_list *list = argument;
  (void)kind;
  list->names[list->count] = name;
  list->values[list->count] = value != NULL ? value : "";
  list->count++;
  return MHD_YES;
}

/* The arrays are a userdata's, left on the stack. No Lua while the daemon iterates: an error would jump out of it. */
static void collect_headers(lua_State *L, struct MHD_Connection *connection, header_list *list) {
  int found = MHD_get_connection_values(connection, MHD_HEADER_KIND, NULL, NULL);
  size_t count = found > 0 ? (size_t)found : 0;
  const char **pointers = lua_newuserdatauv(L, 2 * (count + 1) * sizeof *pointers, 0);
  *list = (header_list){ .names = pointers, .values = pointers + count + 1 };
  MHD_get_connection_values(connection, MHD_HEADER_KIND, collect_header, list);
}

static void push_headers(lua_State *L, struct MHD_Connection *connection) {
  header_list list;
  collect_headers(L, connection, &list);
  lua_createtable(L, (int)list.count, 0);
  for (size_t i = 0; i < list.count; i++) {
    lua_createtable(L, 2, 0);
    lua_pushstring(L, list.names[i]);
    lua_rawseti(L, -2, 1);
    lua_pushstring(L, list.values[i]);
    lua_rawseti(L, -2, 2);
    lua_rawseti(L, -2, (int)i + 1);
  }
  lua_remove(L, -2);
}

void sbx_exchange_push_request(lua_State *L, const sbx_exchange *exchange) {
  lua_createtable(L, 0, 4);
  lua_pushstring(L, exchange->method);
  lua_setfield(L, -2, "method");
  lua_pushstring(L, exchange->target);
  lua_setfield(L, -2, "target");
  push_headers(L, exchange->connection);
  lua_setfield(L, -2, "headers");
  lua_pushlstring(L, exchange->body.data != NULL ? exchange->body.data : "", exchange->body.length);
  lua_setfield(L, -2, "body");
}

/* ---- the reply, from Lua. What is allocated goes into the exchange before Lua is called again ---- */

static char *copy_text(lua_State *L, int index, size_t *length) {
  const char *text = lua_tolstring(L, index, length);
  if (text == NULL) luaL_error(L, "the reply lacks a text");
  char *copy = malloc(*length + 1);
  if (copy == NULL) luaL_error(L, "not enough memory");
  memcpy(copy, text, *length + 1);
  return copy;
}

static void read_header(lua_State *L, sbx_header *header) {
  size_t length;
  lua_rawgeti(L, -1, 1);
  header->name = copy_text(L, -1, &length);
  lua_rawgeti(L, -2, 2);
  header->value = copy_text(L, -1, &length);
  lua_pop(L, 2);
}

static void read_headers(lua_State *L, sbx_reply *reply) {
  lua_getfield(L, -1, "headers");
  size_t count = lua_istable(L, -1) ? lua_rawlen(L, -1) : 0;
  reply->headers = calloc(count + 1, sizeof *reply->headers);
  if (reply->headers == NULL) luaL_error(L, "not enough memory");
  for (size_t i = 0; i < count; i++) {
    lua_rawgeti(L, -1, (int)i + 1);
    reply->header_count = i + 1;
    read_header(L, &reply->headers[i]);
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
}

static double number_field(lua_State *L, const char *name) {
  lua_getfield(L, -1, name);
  double value = lua_tonumber(L, -1);
  lua_pop(L, 1);
  return value;
}

static bool has_field(lua_State *L, const char *name) {
  lua_getfield(L, -1, name);
  bool set = lua_toboolean(L, -1);
  lua_pop(L, 1);
  return set;
}

void sbx_exchange_read_reply(lua_State *L, sbx_exchange *exchange) {
  sbx_reply *reply = &exchange->reply;
  reply->drop = has_field(L, "drop");
  reply->reset = has_field(L, "reset");
  reply->hang = has_field(L, "hang");
  reply->is_cut = has_field(L, "cut");
  reply->cut = (size_t)number_field(L, "cut");
  reply->delay = number_field(L, "delay");
  reply->drip = number_field(L, "drip");
  reply->status = (unsigned int)number_field(L, "status");
  if (reply->status == 0) return;
  lua_getfield(L, -1, "body");
  reply->body.data = copy_text(L, -1, &reply->body.length);
  lua_pop(L, 1);
  read_headers(L, reply);
}

void sbx_exchange_fail(sbx_exchange *exchange, const char *message) {
  sbx_reply *reply = &exchange->reply;
  clear_reply(reply);
  reply->status = MHD_HTTP_INTERNAL_SERVER_ERROR;
  reply->body.data = strdup(message != NULL ? message : "the sandbox failed");
  if (reply->body.data != NULL) reply->body.length = strlen(reply->body.data);
}
