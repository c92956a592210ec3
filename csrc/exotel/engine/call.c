#include <string.h>

#include "exotel/engine/engine.h"
#include "exotel/api/redact.h"
#include "exotel/api/validate.h"

/* ---- the end of a call ---- */

/* The message may stand anywhere, also in constant memory: it is hidden in a copy. */
static bool hide_message(exo_call *call, const exo_redaction *secrets) {
  const char *message = call->outcome.message;
  if (message == NULL) return true;
  char *copy = exo_arena_copy(&call->arena, message, strlen(message));
  exo_redact(secrets, copy, copy != NULL ? strlen(copy) : 0);
  call->outcome.message = copy;
  return copy != NULL;
}

/* What a failure shows of an answer; a success is what the service said, and shown as it is. */
static void hide_secrets(exo_call *call) {
  exo_redaction secrets;
  exo_buffer *body = &call->exchange.reply.body;
  if (call->outcome.kind == EXO_OK || call->retry.attempts == 0) return;
  bool good = exo_redaction_collect(&secrets, &call->client->config, call->operation, call->arguments, &call->arena) &&
              hide_message(call, &secrets);
  if (!good) {
    call->outcome.kind = EXO_NO_MEMORY; /* raised as such, showing nothing */
    return;
  }
  exo_redact(&secrets, body->data, body->length);
  exo_redact_tree(&secrets, call->answer.tree);
}

static void finish(exo_call *call) {
  exo_client *client = call->client;
  exo_outcome *outcome = &call->outcome;
  outcome->attempts = call->retry.attempts;
  outcome->elapsed = exo_client_now(client) - call->started;
  outcome->maybe_applied = outcome->kind != EXO_OK && call->retry.effect_possible;
  if (call->state != EXO_CALL_NEW) exo_client_delist(client, call);
  call->state = EXO_CALL_FINISHED;
  hide_secrets(call);
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

/* ---- one attempt ---- */

static double time_left(const exo_call *call) { return call->retry.deadline - exo_client_now(call->client); }

/* Nothing of an earlier attempt may show through. */
static void clear_attempt(exo_call *call) {
  exo_answer_free(&call->answer);
  exo_buffer_free(&call->exchange.reply.body);
  call->outcome = (exo_outcome){ .retry_after = -1, .server_time = -1 };
}

static void begin_exchange(exo_call *call) {
  double left = time_left(call);
  exo_exchange *exchange = &call->exchange;
  clear_attempt(call);
  *exchange = (exo_exchange){ .request = &call->request };
  exo_buffer_init(&exchange->reply.body, &call->allocator);
  exchange->reply.retry_after = exchange->reply.rate_remaining = -1;
  exchange->reply.rate_reset = exchange->reply.server_time = -1;
  exchange->timeout = call->options.timeout < left ? call->options.timeout : left;
  exchange->connect_timeout = call->client->config.connect_timeout;
  call->attempt_started = exo_client_now(call->client);
}

void exo_call_send(exo_call *call) {
  exo_client *client = call->client;
  begin_exchange(call);
  if (!client->transport.send(client->transport.context, &call->exchange)) {
    finish_failed(call, EXO_NO_MEMORY, "not enough memory");
    return;
  }
  call->state = EXO_CALL_SENT;
  client->in_flight++;
  exo_rate_limiter_begin(&client->limiter);
}

static void end_exchange(exo_call *call) {
  exo_client *client = call->client;
  client->in_flight--;
  exo_rate_limiter_end(&client->limiter, call->exchange.reply.sent, exo_client_now(client));
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

static void read_reply(exo_call *call) {
  const exo_reply *reply = &call->exchange.reply;
  call->outcome.http_status = reply->status;
  call->outcome.retry_after = reply->retry_after;
  call->outcome.server_time = reply->server_time;
  if (reply->failure == EXO_OK) take_answer(call);
  else {
    call->outcome.kind = reply->failure;
    call->outcome.message = reply->message;
  }
}

/* A wait of more than an hour is no rate limit's but a mistake. */
static void heed_rate_limit(exo_call *call) {
  const exo_reply *reply = &call->exchange.reply;
  exo_client *client = call->client;
  if (reply->rate_remaining != 0 || reply->rate_reset < 0) return;
  double wait = (double)reply->rate_reset - client->world.wall(client->world.context);
  if (wait > 0 && wait <= 3600) exo_rate_limiter_pause(&client->limiter, exo_client_now(client) + wait);
}

/* ---- its events ---- */

static exo_event *new_event(exo_call *call, exo_event_type type) {
  exo_event *event = exo_events_add(&call->client->events);
  if (event == NULL) return NULL;
  event->type = type;
  event->operation = call->operation;
  event->attempt = call->retry.attempts;
  strncpy(event->path, exo_request_target(&call->request), sizeof event->path - 1);
  return event;
}

/* Hidden before it is cut to what an event holds. */
static void note_request_id(exo_call *call, exo_event *event) {
  exo_redaction secrets;
  const exo_answer *answer = call->outcome.answer;
  const char *id = answer != NULL ? answer->request_id : NULL;
  char *copy = id != NULL ? exo_arena_copy(&call->arena, id, strlen(id)) : NULL;
  if (copy == NULL ||
      !exo_redaction_collect(&secrets, &call->client->config, call->operation, call->arguments, &call->arena))
    return;
  exo_redact(&secrets, copy, strlen(copy));
  strncpy(event->request_id, copy, sizeof event->request_id - 1);
}

static void note_attempt(exo_call *call, const char *reason) {
  exo_event *event = new_event(call, EXO_EVENT_ATTEMPT);
  if (event == NULL) return;
  event->status = call->outcome.http_status;
  event->seconds = exo_client_now(call->client) - call->attempt_started;
  event->kind = exo_kind_name(call->outcome.kind);
  event->reason = reason;
  note_request_id(call, event);
}

static void note_wait(exo_call *call, double seconds, const char *reason) {
  exo_event *event = new_event(call, EXO_EVENT_WAIT);
  if (event == NULL) return;
  event->seconds = seconds;
  event->reason = reason;
}

/* ---- what follows an attempt ---- */

static exo_attempt attempt_of(const exo_call *call) {
  const exo_outcome *outcome = &call->outcome;
  long own = outcome->answer != NULL ? outcome->answer->item.status : 0;
  return (exo_attempt){ .kind = outcome->kind,
                        .status = own != 0 ? own : outcome->http_status,
                        .retry_after = outcome->retry_after,
                        .sent = call->exchange.reply.sent,
                        .unknown = call->answer.effect_unknown };
}

static void wait_until(exo_call *call, const exo_decision *decision) {
  double seconds = decision->until - exo_client_now(call->client);
  note_wait(call, seconds > 0 ? seconds : 0, decision->reason);
  call->state = EXO_CALL_WAITING;
  call->wait_until = decision->until;
}

/* A success although the last answer is "not found": the first attempt's reply was lost. */
static void take_as_deleted(exo_call *call, const char *reason) {
  call->outcome.kind = EXO_OK;
  call->answer.item.kind = EXO_OK;
  call->answer.item.data = NULL;
  if (call->answer.warning_count < EXO_WARNINGS_MAX) call->answer.warnings[call->answer.warning_count++] = reason;
}

static bool is_retryable(const exo_call *call) {
  exo_attempt attempt = attempt_of(call);
  return exo_retryable(call->operation, attempt.kind, attempt.status, attempt.sent);
}

static void conclude(exo_call *call, const exo_decision *decision) {
  exo_outcome *outcome = &call->outcome;
  outcome->retryable = is_retryable(call);
  outcome->reason = decision->reason;
  if (decision->step == EXO_FINISH_DELETED) take_as_deleted(call, decision->reason);
  if (outcome->kind == EXO_OK) exo_buffer_free(&call->exchange.reply.body);
  else keep_body(call);
  finish(call);
}

void exo_call_settle(exo_call *call) {
  exo_client *client = call->client;
  end_exchange(call);
  heed_rate_limit(call);
  read_reply(call);
  exo_attempt attempt = attempt_of(call);
  exo_decision decision = exo_retry_next(&call->retry, &attempt, exo_client_now(client),
                                         client->world.random(client->world.context));
  note_attempt(call, decision.reason);
  if (decision.step == EXO_WAIT) wait_until(call, &decision);
  else conclude(call, &decision);
}

/* With an attempt behind it the call ends as that attempt did: it says more than "too late". */
void exo_call_expire(exo_call *call, const char *reason) {
  exo_outcome *outcome = &call->outcome;
  if (call->retry.attempts == 0) {
    outcome->retryable = true;
    finish_failed(call, EXO_TIMEOUT, reason);
    return;
  }
  outcome->retryable = is_retryable(call);
  outcome->reason = reason;
  keep_body(call);
  finish(call);
}

/* ---- public ---- */

exo_call *exo_call_new(exo_client *client) {
  exo_call *call = exo_allocate_zeroed(&client->world.allocator, sizeof *call);
  if (call == NULL) return NULL;
  call->client = client;
  call->allocator = client->world.allocator;
  exo_arena_init(&call->arena, &call->allocator);
  exo_request_init(&call->request, &call->allocator);
  exo_buffer_init(&call->exchange.reply.body, &call->allocator);
  call->outcome.retry_after = call->outcome.server_time = -1;
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

static void refuse(exo_call *call, const exo_error *error) {
  const char *separator = error->field[0] != '\0' ? " " : "";
  call->outcome.field = exo_arena_copy(&call->arena, error->field, strlen(error->field));
  finish_failed(call, EXO_INVALID_ARGUMENT,
                exo_arena_format(&call->arena, "%s%s%s", error->field, separator, error->message));
}

static void init_call(exo_call *call, const exo_operation *operation, const exo_value *arguments,
                      const exo_call_options *options) {
  const exo_config *config = &call->client->config;
  call->operation = operation;
  call->arguments = arguments;
  call->options = complete(options, config);
  call->started = exo_client_now(call->client);
  call->retry = (exo_retry){ .operation = operation,
                             .retries = call->options.retries,
                             .backoff = config->backoff,
                             .deadline = call->started + call->options.deadline };
}

bool exo_call_start(exo_call *call, const exo_operation *operation, const exo_value *arguments,
                    const exo_call_options *options) {
  exo_client *client = call->client;
  exo_error error;
  init_call(call, operation, arguments, options);
  if (!exo_validate(operation, arguments, client->config.validate, &error)) {
    refuse(call, &error);
    return call->outcome.message != NULL && call->outcome.field != NULL;
  }
  if (!exo_request_build(&call->request, operation, &client->config, arguments)) return false;
  call->state = EXO_CALL_READY;
  exo_client_enlist(client, call);
  return true;
}

bool exo_call_finished(const exo_call *call) { return call->state == EXO_CALL_FINISHED; }
const exo_outcome *exo_call_outcome(const exo_call *call) { return exo_call_finished(call) ? &call->outcome : NULL; }
const exo_operation *exo_call_operation(const exo_call *call) { return call->operation; }
const exo_value *exo_call_arguments(const exo_call *call) { return call->arguments; }

void exo_call_cancel(exo_call *call) {
  exo_client *client = call->client;
  if (call->state == EXO_CALL_NEW || call->state == EXO_CALL_FINISHED) return;
  if (call->state == EXO_CALL_SENT) {
    client->transport.cancel(client->transport.context, &call->exchange);
    end_exchange(call);
    call->retry.attempts++;
    if (exo_maybe_applied(call->operation, EXO_CANCELLED, call->exchange.reply.sent))
      call->retry.effect_possible = true;
  }
  call->outcome = (exo_outcome){ .retry_after = -1, .server_time = -1 };
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
