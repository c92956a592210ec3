#include "lua/binding.h"
#include "lua/fields.h"

/* Everything pushed here belongs to a call that the caller keeps on the stack: a push that raises leaks nothing. */

/* ---- what was sent ---- */

static void push_value(lua_State *L, const exo_value *value) {
  if (value->type == EXO_VALUE_TEXT) lua_pushlstring(L, value->text, value->length);
  else if (value->type == EXO_VALUE_INTEGER) exo_pushwhole(L, value->integer);
  else lua_pushnil(L);
}

static void push_record(lua_State *L, const exo_value *record) {
  lua_createtable(L, 0, (int)record->count);
  for (size_t i = 0; i < record->count; i++) {
    push_value(L, &record->items[i]);
    lua_setfield(L, -2, record->items[i].name);
  }
}

/* The list of records that a batch sent, or NULL. */
static const exo_value *sent_records(const exo_call *call) {
  for (const exo_parameter *p = exo_call_operation(call)->parameters; p->name != NULL; p++)
    if (p->type == EXO_RECORDS) return exo_value_member(exo_call_arguments(call), p->name);
  return NULL;
}

/* ---- what came ---- */

/* `answer` of the table on top: where it is to be kept, and one came. */
static void set_answer(lua_State *L, const exo_outcome *outcome) {
  const exo_reply *reply = outcome->reply;
  if (reply == NULL) return;
  lua_createtable(L, 0, 3);
  exo_lua_set_integer(L, "status", reply->status);
  lua_pushlstring(L, exo_buffer_string(&reply->headers), reply->headers.length);
  lua_setfield(L, -2, "headers");
  lua_pushlstring(L, exo_buffer_string(&reply->body), reply->body.length);
  lua_setfield(L, -2, "body");
  lua_setfield(L, -2, "answer");
}

/* ---- success ---- */

static void push_items(lua_State *L, const exo_answer *answer, const exo_lua_names *names) {
  lua_createtable(L, (int)answer->item_count, 0);
  for (size_t i = 0; i < answer->item_count; i++) {
    exo_lua_push_json(L, answer->items[i].data, names);
    lua_rawseti(L, -2, (int)i + 1);
  }
}

static void push_data(lua_State *L, const exo_answer *answer, const exo_lua_names *names) {
  if (answer->items != NULL) push_items(L, answer, names);
  else if (answer->item.data != NULL) exo_lua_push_json(L, answer->item.data, names);
  else lua_newtable(L);
}

static void set_warnings(lua_State *L, const exo_answer *answer) {
  lua_createtable(L, (int)answer->warning_count, 0);
  for (size_t i = 0; i < answer->warning_count; i++) {
    lua_pushstring(L, answer->warnings[i]);
    lua_rawseti(L, -2, (int)i + 1);
  }
  lua_setfield(L, -2, "warnings");
}

static void set_next(lua_State *L, const exo_answer *answer) {
  if (!answer->has_next) return;
  lua_createtable(L, 0, 2);
  exo_lua_set_integer(L, "offset", answer->next_offset);
  if (answer->next_page_size > 0) exo_lua_set_integer(L, "page_size", answer->next_page_size);
  lua_setfield(L, -2, "next");
}

/* What it took, and the service's clock at the end of it. */
static void set_effort(lua_State *L, const exo_outcome *outcome) {
  if (outcome->server_time >= 0) exo_lua_set_integer(L, "server_time", outcome->server_time);
  exo_lua_set_integer(L, "attempts", outcome->attempts);
  exo_lua_set_number(L, "elapsed", outcome->elapsed);
}

static void push_info(lua_State *L, const exo_outcome *outcome, const exo_lua_names *names) {
  const exo_answer *answer = outcome->answer;
  lua_createtable(L, 0, 8);
  exo_lua_set_text(L, "request_id", answer->request_id);
  exo_lua_set_integer(L, "http_status", outcome->http_status);
  exo_lua_set_integer(L, "code", answer->item.status);
  set_effort(L, outcome);
  set_warnings(L, answer);
  set_next(L, answer);
  set_answer(L, outcome);
  if (answer->metadata == NULL) return;
  exo_lua_push_json(L, answer->metadata, names);
  lua_setfield(L, -2, "metadata");
}

/* ---- failure ---- */

static void push_item(lua_State *L, const exo_item *item, const exo_value *sent, int index,
                      const exo_lua_names *names) {
  lua_createtable(L, 0, 6);
  exo_lua_set_integer(L, "index", index);
  if (sent != NULL) {
    push_record(L, sent);
    lua_setfield(L, -2, "sent");
  }
  if (item->kind == EXO_OK) {
    exo_lua_push_json(L, item->data, names);
    lua_setfield(L, -2, "data");
    return;
  }
  if (item->code_text != NULL) exo_lua_set_text(L, "code", item->code_text);
  else if (item->code != 0) exo_lua_set_integer(L, "code", item->code);
  exo_lua_set_text(L, "message", item->message);
  exo_lua_set_text(L, "description", item->description);
}

/* Puts every item into `succeeded` or `failed`, with its place in what was sent. */
static void set_items(lua_State *L, const exo_call *call, const exo_answer *answer, const exo_lua_names *names) {
  const exo_value *sent = sent_records(call);
  int good = 0, bad = 0;
  lua_newtable(L);
  lua_newtable(L);
  for (size_t i = 0; i < answer->item_count; i++) {
    bool success = answer->items[i].kind == EXO_OK;
    const exo_value *record = sent != NULL && i < sent->count ? &sent->items[i] : NULL;
    push_item(L, &answer->items[i], record, (int)i + 1, names);
    lua_rawseti(L, success ? -3 : -2, success ? ++good : ++bad);
  }
  lua_setfield(L, -3, "failed");
  lua_setfield(L, -2, "succeeded");
}

static void set_said(lua_State *L, const exo_outcome *outcome) {
  if (outcome->http_status > 0) exo_lua_set_integer(L, "http_status", outcome->http_status);
  if (outcome->code_text != NULL) exo_lua_set_text(L, "code", outcome->code_text);
  else if (outcome->code != 0) exo_lua_set_integer(L, "code", outcome->code);
  exo_lua_set_text(L, "message", outcome->message);
  exo_lua_set_text(L, "description", outcome->description);
  exo_lua_set_text(L, "reason", outcome->reason);
  if (outcome->answer != NULL) exo_lua_set_text(L, "request_id", outcome->answer->request_id);
  if (outcome->retry_after >= 0) exo_lua_set_integer(L, "retry_after", outcome->retry_after);
  if (outcome->body == NULL) return;
  lua_pushlstring(L, outcome->body, outcome->body_length);
  lua_setfield(L, -2, "body");
}

static void push_error(lua_State *L, const exo_call *call, const exo_lua_names *names) {
  const exo_outcome *outcome = exo_call_outcome(call);
  lua_createtable(L, 0, 14);
  exo_lua_set_text(L, "kind", exo_kind_name(outcome->kind));
  exo_lua_set_text(L, "operation", exo_call_operation(call)->name);
  if (outcome->field != NULL && outcome->field[0] != '\0') exo_lua_set_text(L, "field", outcome->field);
  set_said(L, outcome);
  set_answer(L, outcome);
  set_effort(L, outcome);
  exo_lua_set_boolean(L, "retryable", outcome->retryable);
  exo_lua_set_boolean(L, "maybe_applied", outcome->maybe_applied);
  if (outcome->kind == EXO_PARTIAL) set_items(L, call, outcome->answer, names);
  luaL_getmetatable(L, EXO_ERROR_TYPE);
  lua_setmetatable(L, -2);
}

int exo_lua_push_outcome(lua_State *L, const exo_call *call) {
  const exo_outcome *outcome = exo_call_outcome(call);
  luaL_checkstack(L, 12, "answer");
  if (outcome->kind == EXO_NO_MEMORY) return luaL_error(L, "not enough memory");
  exo_lua_names names = exo_lua_push_names(L);
  if (outcome->kind == EXO_OK) {
    push_data(L, outcome->answer, &names);
    push_info(L, outcome, &names);
    return 2;
  }
  lua_pushnil(L);
  push_error(L, call, &names);
  return 2;
}
