#include "support.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- memory ---- */

test_memory memory;

void memory_limit(size_t fail_at, bool once) {
  memory.asked = 0;
  memory.fail_at = fail_at;
  memory.once = once;
}

bool memory_failed(void) { return memory.fail_at > 0 && memory.asked >= memory.fail_at; }

bool memory_refuses(void) {
  memory.asked++;
  return memory.once ? memory.asked == memory.fail_at : memory_failed();
}

static void *counted_resize(void *context, void *block, size_t size) {
  (void)context;
  if (size == 0) {
    memory.live -= block != NULL;
    free(block);
    return NULL;
  }
  if (memory_refuses()) return NULL;
  void *moved = realloc(block, size);
  if (moved == NULL) abort();
  memory.live += block == NULL;
  return moved;
}

const exo_allocator counted_allocator = { counted_resize, NULL };

static void *cjson_allocate(size_t size) { return counted_resize(NULL, NULL, size); }
static void cjson_free(void *block) { counted_resize(NULL, block, 0); }

int memory_open(void **state) {
  (void)state;
  cJSON_Hooks hooks = { cjson_allocate, cjson_free };
  cJSON_InitHooks(&hooks);
  memory = (test_memory){ .live = 0 };
  return 0;
}

int memory_close(void **state) {
  (void)state;
  memory_limit(0, false);
  cJSON_InitHooks(NULL);
  if (memory.live != 0) fail_msg("%zu blocks leaked", memory.live);
  return 0;
}

static void fail_each(bool once, void (*body)(void), void (*afterwards)(void)) {
  size_t before = memory.live;
  bool failed = true;
  for (size_t n = 1; failed; n++) {
    memory_limit(n, once);
    body();
    failed = memory_failed();
    memory_limit(0, false);
    if (afterwards != NULL) afterwards();
    if (memory.live != before) fail_msg("%zu blocks leaked when allocation %zu failed", memory.live - before, n);
  }
}

void each_allocation_fails(void (*body)(void), void (*afterwards)(void)) {
  fail_each(true, body, afterwards);
  fail_each(false, body, afterwards);
}

/* ---- values ---- */

static exo_arena values = { .allocator = &exo_libc_allocator };

exo_value text_value(const char *text, size_t length) {
  char *copy = exo_arena_copy(&values, text, length);
  assert_non_null(copy);
  return (exo_value){ .type = EXO_VALUE_TEXT, .text = copy, .length = length };
}

static void fill(exo_value *value, const cJSON *node);

static void fill_items(exo_value *value, const cJSON *node) {
  value->count = (size_t)cJSON_GetArraySize(node);
  value->type = cJSON_IsArray(node) || value->count == 0 ? EXO_VALUE_LIST : EXO_VALUE_RECORD;
  value->items = exo_arena_take(&values, (value->count + 1) * sizeof *value);
  assert_non_null(value->items);
  exo_value *item = value->items;
  for (const cJSON *child = node->child; child != NULL; child = child->next) fill(item++, child);
}

static void fill_number(exo_value *value, double number) {
  bool integral = number == floor(number);
  value->type = integral ? EXO_VALUE_INTEGER : EXO_VALUE_NUMBER;
  value->number = number;
  value->integer = integral ? (int64_t)number : 0;
}

static void fill(exo_value *value, const cJSON *node) {
  if (cJSON_IsString(node)) *value = text_value(node->valuestring, strlen(node->valuestring));
  else if (cJSON_IsNumber(node)) fill_number(value, node->valuedouble);
  else if (cJSON_IsBool(node)) *value = (exo_value){ .type = EXO_VALUE_BOOLEAN, .boolean = cJSON_IsTrue(node) };
  else if (!cJSON_IsNull(node)) fill_items(value, node);
  if (node->string != NULL) value->name = text_value(node->string, strlen(node->string)).text;
}

const exo_value *value_from(const char *json) {
  exo_value *value = exo_arena_take(&values, sizeof *value);
  cJSON *tree = cJSON_Parse(json);
  if (value == NULL || tree == NULL) fail_msg("the test's own arguments are no JSON: %s", json);
  fill(value, tree);
  cJSON_Delete(tree);
  return value;
}

int values_forget(void **state) {
  (void)state;
  exo_arena_free(&values);
  return 0;
}

/* ---- a client without a network ---- */

exo_config test_config(void) {
  exo_config config = EXO_CONFIG_DEFAULTS;
  config.account_sid = "ameyo5m";
  config.api_key = "the_key";
  config.api_token = "the_token";
  config.region = "mumbai";
  config.retries = 0;
  config.rate_limit = 0;
  return config;
}

const exo_operation *operation_named(const char *name) {
  const exo_operation *operation = exo_operation_find(name);
  if (operation == NULL) fail_msg("there is no operation %s", name);
  return operation;
}

static double fake_now(void *context) {
  fake_net *net = context;
  net->now += net->looking;
  return net->now;
}

static double fake_random(void *context) {
  ((fake_net *)context)->drawn++;
  return 0.5;
}

static long fake_process(void *context) { return ((fake_net *)context)->process; }

exo_platform fake_platform(fake_net *net) {
  return (exo_platform){ counted_allocator, fake_now, fake_now, fake_random, fake_process, net };
}

static bool fake_send(void *context, exo_exchange *exchange) {
  fake_net *net = context;
  if (net->refuses || net->sent == FAKE_EXCHANGES) return false;
  assert_false(exchange->request->url.failed || exchange->request->body.failed);
  size_t number = net->sent++;
  double after = net->replies[number].after;
  exchange->transport_data = &net->replies[number];
  exchange->reply.sent = net->replies[number].sent;
  net->timeouts[number] = exchange->timeout;
  snprintf(net->targets[number], sizeof net->targets[number], "%s", exo_request_target(exchange->request));
  net->now += net->sending;
  net->waiting[net->in_flight] = exchange;
  net->due[net->in_flight++] = after < 0 ? HUGE_VAL : net->now + after;
  if (net->in_flight > net->most_in_flight) net->most_in_flight = net->in_flight;
  return true;
}

static void answer(exo_exchange *exchange) {
  const fake_reply *reply = exchange->transport_data;
  exo_reply *out = &exchange->reply;
  out->failure = reply->failure;
  out->lacks_descriptors = reply->failure == EXO_CONFIG;
  out->sent = out->sent || reply->failure == EXO_OK;
  out->status = reply->status;
  if (reply->failure != EXO_OK) snprintf(out->message, sizeof out->message, "the fake net failed");
  if (reply->retry_after > 0) out->retry_after = reply->retry_after;
  if (reply->retry_at > 0) out->retry_at = reply->retry_at;
  if (reply->body != NULL && !exo_buffer_text(&out->body, reply->body)) out->failure = EXO_NO_MEMORY;
  exchange->done = true;
}

static void take_out(fake_net *net, size_t i) {
  net->in_flight--;
  for (; i < net->in_flight; i++) {
    net->waiting[i] = net->waiting[i + 1];
    net->due[i] = net->due[i + 1];
  }
}

static double earliest(const fake_net *net) {
  double first = HUGE_VAL;
  for (size_t i = 0; i < net->in_flight; i++) first = fmin(first, net->due[i]);
  return first;
}

/* Time passes only here: to the next reply, or for as long as may be waited. */
static bool fake_poll(void *context, double seconds, double budget) {
  fake_net *net = context;
  net->budget = budget;
  net->polls++;
  net->longest_wait = fmax(net->longest_wait, seconds);
  net->now = fmax(net->now, fmin(net->now + seconds, earliest(net)));
  for (size_t i = 0; i < net->in_flight;) {
    if (net->due[i] > net->now) i++;
    else {
      answer(net->waiting[i]);
      take_out(net, i);
    }
  }
  return false;
}

static void fake_cancel(void *context, exo_exchange *exchange) {
  fake_net *net = context;
  for (size_t i = 0; i < net->in_flight; i++) {
    if (net->waiting[i] != exchange) continue;
    take_out(net, i);
    net->cancelled++;
    return;
  }
  fail_msg("an exchange was cancelled that is not on its way");
}

static void fake_abandon(void *context) {
  fake_net *net = context;
  net->abandoned++;
  net->in_flight = 0;
}

static void fake_close(void *context) { ((fake_net *)context)->closed++; }

static int fake_watch(void *context, double *seconds) {
  const fake_net *net = context;
  *seconds = net->network;
  return net->descriptor > 0 ? net->descriptor : -1;
}

exo_transport fake_transport(fake_net *net) {
  return (exo_transport){ net, fake_send, fake_poll, fake_cancel, fake_abandon, fake_close, fake_watch };
}

exo_result open_client(exo_client **client, const exo_config *config, const exo_platform *platform,
                       const exo_transport *transport, exo_error *error) {
  exo_result result = exo_client_new(config, platform, client, error);
  if (result == EXO_RESULT_OK) exo_client_set_transport(*client, transport);
  return result;
}

exo_client *fake_client(fake_net *net, const exo_config *config) {
  exo_error error = { "", "" };
  exo_platform platform = fake_platform(net);
  exo_transport transport = fake_transport(net);
  exo_client *client;
  if (open_client(&client, config, &platform, &transport, &error) != EXO_RESULT_OK)
    fail_msg("no client: %s", error.message);
  return client;
}

exo_call *start_call_with(exo_client *client, const char *operation, const exo_value *arguments,
                          const exo_call_options *options) {
  exo_call *call = exo_client_new_call(client);
  if (call == NULL) return NULL;
  if (exo_client_start(client, call, operation_named(operation), arguments, options)) return call;
  exo_client_free_call(client, call);
  return NULL;
}

exo_call *start_call(exo_client *client, const char *operation, const char *json) {
  exo_call *call = start_call_with(client, operation, value_from(json), &EXO_CALL_OPTIONS_DEFAULT);
  assert_non_null(call);
  return call;
}

/* ---- answers ---- */

const seed_answer seed_answers[] = {
  { "01_create_trunk.json", "create_trunk", 0 },
  { "02_map_phone_number.json", "map_phone_number", 0 },
  { "03_whitelist_ip.json", "whitelist_ip", 0 },
  { "04_add_destinations.json", "add_destinations", 1 },
  { "05_list_phone_numbers.json", "list_phone_numbers", 0 },
  { "06_list_whitelisted_ips.json", "list_whitelisted_ips", 0 },
  { "07_list_destinations.json", "list_destinations", 0 },
  { "08_set_settings.json", "set_settings", 1 },
  { "09_delete_trunk.json", "delete_trunk", 0 },
  { "10_update_phone_number.json", "update_phone_number", 0 },
};

const size_t seed_answer_count = COUNT(seed_answers);

char *file_load(const char *path, size_t *length) {
  enum { MOST = 1 << 16 };
  char *bytes = malloc(MOST + 1);
  FILE *stream = fopen(path, "rb");
  if (bytes == NULL || stream == NULL) fail_msg("%s can't be read: run from the top folder", path);
  *length = fread(bytes, 1, MOST, stream);
  fclose(stream);
  bytes[*length] = '\0';
  return bytes;
}

char *answer_load(const char *file, size_t *length) {
  char path[128];
  snprintf(path, sizeof path, "spec/c/answers/%s", file);
  char *bytes = file_load(path, length);
  if (*length > 0 && bytes[*length - 1] == '\n') bytes[--*length] = '\0';
  return bytes;
}

/* xorshift */
uint32_t next_random(uint32_t *state) {
  *state ^= *state << 13;
  *state ^= *state >> 17;
  *state ^= *state << 5;
  return *state;
}
