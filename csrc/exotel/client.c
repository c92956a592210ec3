#include "exotel/client.h"

#include <string.h>

#include "exotel/validate.h"

typedef enum { NEW, QUEUED, SENT, FINISHED } call_state;

struct exo_call {
  exo_client *client; /* NULL once the client is gone */
  exo_call *before, *after; /* in the client's list, first come first served */
  exo_allocator allocator;
  exo_arena arena;
  const exo_operation *operation;
  const exo_value *arguments;
  exo_call_options options;
  call_state state;
  double started;
  exo_request request;
  exo_exchange exchange;
  exo_answer answer;
  exo_outcome outcome;
};

struct exo_client {
  exo_world world;
  exo_arena arena;
  exo_config config;
  exo_transport transport;
  exo_call *first, *last; /* unfinished calls */
  size_t unfinished, in_flight;
};

static double now(const exo_client *client) { return client->world.now(client->world.context); }

/* ---- the list of unfinished calls ---- */

static void enlist(exo_client *client, exo_call *call) {
  call->before = client->last;
  call->after = NULL;
  if (client->last != NULL) client->last->after = call;
  else client->first = call;
  client->last = call;
  client->unfinished++;
}

static void delist(exo_client *client, exo_call *call) {
  if (call->before != NULL) call->before->after = call->after;
  else client->first = call->after;
  if (call->after != NULL) call->after->before = call->before;
  else client->last = call->before;
  call->before = call->after = NULL;
  client->unfinished--;
}

/* ---- the end of a call ---- */

static void finish(exo_call *call) {
  exo_client *client = call->client;
  exo_outcome *outcome = &call->outcome;
  bool sent = call->exchange.reply.sent;
  outcome->elapsed = now(client) - call->started;
  outcome->maybe_applied = exo_maybe_applied(call->operation, outcome->kind, sent) || call->answer.effect_unknown;
  long status = outcome->answer != NULL ? outcome->answer->item.status : 0; /* a 503 may come inside a 200 */
  outcome->retryable = exo_retryable(call->operation, outcome->kind, status, sent);
  if (call->state == SENT) client->in_flight--;
  if (call->state != NEW) delist(client, call);
  call->state = FINISHED;
  exo_request_free(&call->request);
}

static void finish_failed(exo_call *call, exo_kind kind, const char *message) {
  call->outcome.kind = kind;
  call->outcome.message = message;
  finish(call);
}

/* What came of the body, for a person to look at. */
static void keep_body(exo_call *call) {
  const exo_buffer *body = &call->exchange.reply.body;
  if (call->exchange.reply.status == 0) return;
  call->outcome.body = exo_buffer_string(body);
  call->outcome.body_length = body->length < EXO_BODY_KEPT ? body->length : EXO_BODY_KEPT;
}

static size_t entries_sent(const exo_call *call) {
  for (const exo_parameter *p = call->operation->parameters; p->name != NULL; p++)
    if (p->type == EXO_RECORDS) return exo_value_member(call->arguments, p->name)->count;
  return 0;
}

static const char *redirected = "the server redirected instead of answering, which is not followed: check the address";

static void take_answer(exo_call *call) {
  const exo_reply *reply = &call->exchange.reply;
  exo_answer *answer = &call->answer;
  exo_answer_read(answer, call->operation, reply->status, exo_buffer_string(&reply->body), reply->body.length,
                  entries_sent(call), &call->arena);
  exo_outcome *outcome = &call->outcome;
  outcome->answer = answer;
  outcome->kind = answer->item.kind;
  outcome->message = answer->item.message;
  outcome->description = answer->item.description;
  outcome->code = answer->item.code;
  outcome->code_text = answer->item.code_text;
  if (reply->status >= 300 && reply->status < 400) outcome->message = redirected;
}

static void settle(exo_call *call) {
  const exo_reply *reply = &call->exchange.reply;
  call->outcome.http_status = reply->status;
  call->outcome.retry_after = reply->retry_after;
  if (reply->failure == EXO_OK) take_answer(call);
  else {
    call->outcome.kind = reply->failure;
    call->outcome.message = reply->message;
  }
  if (call->outcome.kind != EXO_OK) keep_body(call);
  else exo_buffer_free(&call->exchange.reply.body);
  finish(call);
}

/* ---- one attempt ---- */

static double time_left(const exo_call *call) { return call->started + call->options.deadline - now(call->client); }

static void begin_exchange(exo_call *call) {
  const exo_client *client = call->client;
  double left = time_left(call);
  exo_exchange *exchange = &call->exchange;
  *exchange = (exo_exchange){ .request = &call->request };
  exo_buffer_init(&exchange->reply.body, &call->allocator);
  exchange->reply.retry_after = exchange->reply.rate_remaining = exchange->reply.rate_reset = -1;
  exchange->timeout = call->options.timeout < left ? call->options.timeout : left;
  exchange->connect_timeout = client->config.connect_timeout;
}

static void send_call(exo_call *call) {
  exo_client *client = call->client;
  begin_exchange(call);
  call->outcome.attempts++;
  if (!client->transport.send(client->transport.context, &call->exchange)) {
    finish_failed(call, EXO_NO_MEMORY, "not enough memory");
    return;
  }
  call->state = SENT;
  client->in_flight++;
}

/* Sends what may be sent now. A connection each keeps a call's timeout from running while it waits for one. */
static void admit(exo_client *client) {
  exo_call *after;
  for (exo_call *call = client->first; call != NULL; call = after) {
    after = call->after;
    if (call->state != QUEUED) continue;
    if (time_left(call) <= 0) finish_failed(call, EXO_TIMEOUT, "the deadline passed before the request could be sent");
    else if (client->in_flight < (size_t)client->config.max_connections) send_call(call);
  }
}

static size_t collect(exo_client *client) {
  size_t finished = 0;
  exo_call *after;
  for (exo_call *call = client->first; call != NULL; call = after) {
    after = call->after;
    if (call->state != SENT || !call->exchange.done) continue;
    settle(call);
    finished++;
  }
  return finished;
}

/* A queued call's deadline passes when it passes, whatever those in flight are waiting for. */
static double until_deadline(const exo_client *client, double seconds) {
  for (const exo_call *call = client->first; call != NULL; call = call->after)
    if (call->state == QUEUED && time_left(call) < seconds) seconds = time_left(call);
  return seconds > 0 ? seconds : 0;
}

size_t exo_client_poll(exo_client *client, double seconds) {
  double end = now(client) + seconds, left = seconds;
  size_t before = client->unfinished;
  do {
    admit(client);
    if (client->unfinished < before) left = 0;
    if (client->in_flight > 0) client->transport.poll(client->transport.context, until_deadline(client, left));
    collect(client);
    left = end - now(client);
  } while (client->unfinished == before && client->unfinished > 0 && left > 0);
  admit(client);
  return client->unfinished;
}

/* ---- clients ---- */

static bool set_up(exo_client *client, const exo_config *given, const exo_transport *transport, exo_complaint *complaint) {
  if (!exo_config_settle(given, &client->arena, &client->config, complaint)) return false;
  if (transport == NULL)
    return exo_curl_transport(&client->transport, &client->config, &client->world.allocator, complaint);
  client->transport = *transport;
  return true;
}

exo_client *exo_client_new(const exo_config *given, const exo_world *world, const exo_transport *transport,
                           exo_complaint *complaint) {
  exo_allocator allocator = world->allocator.resize != NULL ? world->allocator : exo_libc_allocator;
  exo_client *client = exo_allocate_zeroed(&allocator, sizeof *client);
  complaint->message[0] = '\0';
  if (client == NULL) return NULL;
  client->world = *world;
  client->world.allocator = allocator;
  exo_arena_init(&client->arena, &client->world.allocator);
  if (set_up(client, given, transport, complaint)) return client;
  exo_client_free(client);
  return NULL;
}

const exo_config *exo_client_config(const exo_client *client) { return &client->config; }

void exo_client_free(exo_client *client) {
  if (client == NULL) return;
  while (client->first != NULL) exo_call_cancel(client->first);
  if (client->transport.close != NULL) client->transport.close(client->transport.context);
  exo_arena_free(&client->arena);
  exo_allocator allocator = client->world.allocator;
  exo_free(&allocator, client);
}

/* ---- calls ---- */

exo_call *exo_call_new(exo_client *client) {
  exo_call *call = exo_allocate_zeroed(&client->world.allocator, sizeof *call);
  if (call == NULL) return NULL;
  call->client = client;
  call->allocator = client->world.allocator;
  exo_arena_init(&call->arena, &call->allocator);
  exo_request_init(&call->request, &call->allocator);
  exo_buffer_init(&call->exchange.reply.body, &call->allocator);
  call->outcome.retry_after = -1;
  return call;
}

exo_arena *exo_call_arena(exo_call *call) { return &call->arena; }

static exo_call_options complete(const exo_call_options *given, const exo_config *config) {
  exo_call_options options = *given;
  if (options.timeout < 0) options.timeout = config->timeout;
  if (options.deadline < 0) options.deadline = config->deadline;
  if (options.retries < 0) options.retries = config->retries;
  return options;
}

static void refuse(exo_call *call, const exo_complaint *complaint) {
  const char *separator = complaint->field[0] != '\0' ? " " : "";
  call->outcome.field = exo_arena_copy(&call->arena, complaint->field, strlen(complaint->field));
  finish_failed(call, EXO_INVALID_ARGUMENT, exo_arena_format(&call->arena, "%s%s%s", complaint->field, separator, complaint->message));
}

bool exo_call_start(exo_call *call, const exo_operation *operation, const exo_value *arguments, const exo_call_options *options) {
  exo_client *client = call->client;
  exo_complaint complaint;
  call->operation = operation;
  call->arguments = arguments;
  call->options = complete(options, &client->config);
  call->started = now(client);
  if (!exo_validate(operation, arguments, client->config.validate, &complaint)) {
    refuse(call, &complaint);
    return call->outcome.message != NULL && call->outcome.field != NULL;
  }
  if (!exo_request_build(&call->request, operation, &client->config, arguments)) return false;
  call->state = QUEUED;
  enlist(client, call);
  return true;
}

bool exo_call_finished(const exo_call *call) { return call->state == FINISHED; }
const exo_outcome *exo_call_outcome(const exo_call *call) { return call->state == FINISHED ? &call->outcome : NULL; }
const exo_operation *exo_call_operation(const exo_call *call) { return call->operation; }
const exo_value *exo_call_arguments(const exo_call *call) { return call->arguments; }

void exo_call_cancel(exo_call *call) {
  exo_client *client = call->client;
  if (call->state != QUEUED && call->state != SENT) return;
  if (call->state == SENT) client->transport.cancel(client->transport.context, &call->exchange);
  finish_failed(call, EXO_CANCELLED, "the call was cancelled");
}

void exo_call_free(exo_call *call) {
  if (call == NULL) return;
  exo_call_cancel(call);
  exo_answer_free(&call->answer);
  exo_request_free(&call->request);
  exo_buffer_free(&call->exchange.reply.body);
  exo_arena_free(&call->arena);
  exo_allocator allocator = call->allocator;
  exo_free(&allocator, call);
}
