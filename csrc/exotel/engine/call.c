#include "exotel/engine/call.h"

#include <stdio.h>
#include <string.h>

#include "exotel/api/echo.h"
#include "exotel/api/redact.h"
#include "exotel/api/validate.h"

static const char *const no_memory = "not enough memory";

/* ---- the end of a call ---- */

static bool collect_secrets(exo_call *call, exo_redaction *secrets) {
  return exo_redaction_collect(secrets, call->config, call->operation, call->arguments, &call->arena);
}

/* The text may stand anywhere, also in constant memory: it is redacted in a copy. */
static bool redact_text(exo_call *call, const exo_redaction *secrets, const char **text) {
  if (*text == NULL) return true;
  char *copy = exo_arena_copy(&call->arena, *text, strlen(*text));
  exo_redact(secrets, copy, copy != NULL ? strlen(copy) : 0);
  *text = copy;
  return copy != NULL;
}

static bool redact_texts(exo_call *call, const exo_redaction *secrets) {
  exo_outcome *outcome = &call->outcome;
  return redact_text(call, secrets, &outcome->message) && redact_text(call, secrets, &outcome->description) &&
         redact_text(call, secrets, &outcome->code_text) && redact_text(call, secrets, &call->answer.request_id);
}

/* Also what begins before the end of what is kept. */
static void redact_body(exo_call *call, const exo_redaction *secrets) {
  const exo_buffer *body = &call->exchange.reply.body;
  size_t shown = EXO_BODY_KEPT + exo_redact_reach(secrets);
  exo_redact(secrets, body->data, body->length < shown ? body->length : shown);
}

static void redact_kept(exo_call *call, const exo_redaction *secrets) {
  exo_reply *reply = &call->exchange.reply;
  exo_redact(secrets, reply->body.data, reply->body.length);
  exo_redact(secrets, reply->headers.data, reply->headers.length);
}

/* Before anything else that came is redacted: what is shown twice is hidden twice. */
static void keep_answer(exo_call *call) {
  exo_redaction secrets;
  if (!call->options.keep_answer || call->exchange.reply.status == 0) return;
  if (!collect_secrets(call, &secrets)) {
    call->outcome.kind = EXO_NO_MEMORY;
    return;
  }
  redact_kept(call, &secrets);
  call->outcome.reply = &call->exchange.reply;
}

/* What a failure shows of an answer, and no more: an answer may be large. A success is what the service said, and shown
 * as it is. */
static void redact_failure(exo_call *call) {
  exo_redaction secrets;
  if (call->outcome.kind == EXO_OK || call->retry.attempts == 0) return;
  if (!collect_secrets(call, &secrets) || !redact_texts(call, &secrets)) {
    call->outcome.kind = EXO_NO_MEMORY; /* raised as such, showing nothing */
    return;
  }
  redact_body(call, &secrets);
  if (call->outcome.kind == EXO_PARTIAL) exo_redact_json(&secrets, &call->answer.json);
}

static void finish(exo_call *call, double now) {
  exo_outcome *outcome = &call->outcome;
  outcome->attempts = call->retry.attempts;
  outcome->elapsed = now - call->started;
  call->state = EXO_CALL_FINISHED;
  keep_answer(call);
  outcome->maybe_applied = outcome->kind != EXO_OK && call->retry.maybe_applied;
  redact_failure(call);
  exo_request_free(&call->request);
}

static void finish_failed(exo_call *call, exo_kind kind, const char *message, double now) {
  call->outcome.kind = kind;
  call->outcome.message = message;
  finish(call, now);
}

/* What came of the body, for a person to look at. */
static void keep_body(exo_call *call) {
  const exo_buffer *body = &call->exchange.reply.body;
  if (call->exchange.reply.status == 0) return;
  call->outcome.body = exo_buffer_string(body);
  call->outcome.body_length = body->length < EXO_BODY_KEPT ? body->length : EXO_BODY_KEPT;
}

/* ---- one attempt ---- */

#define EMPTY_OUTCOME ((exo_outcome){ .retry_after = -1, .server_time = -1 })

/* Nothing of an earlier attempt may show through. */
static void clear_attempt(exo_call *call) {
  exo_answer_free(&call->answer);
  call->answer = (exo_answer){ .retry_after = -1 };
  exo_exchange_free(&call->exchange);
  call->outcome = EMPTY_OUTCOME;
}

void exo_call_begin(exo_call *call, double now) {
  double left = call->retry.deadline - now;
  exo_exchange *exchange = &call->exchange;
  clear_attempt(call);
  exo_exchange_init(exchange, &call->request, &call->allocator);
  exchange->timeout = call->options.timeout < left ? call->options.timeout : left;
  exchange->connect_timeout = call->config->connect_timeout;
  exchange->keeps_headers = call->options.keep_answer;
  call->attempt_started = now;
  call->held = false;
  call->state = EXO_CALL_SENT;
}

static size_t items_sent(const exo_call *call) {
  for (const exo_parameter *p = call->operation->parameters; p->name != NULL; p++)
    if (p->type == EXO_RECORDS) return exo_value_member(call->arguments, p->name)->count;
  return 0;
}

static const char *redirected = "the server redirected instead of answering, which is not followed: check the address";

static void read_answer(exo_call *call) {
  const exo_reply *reply = &call->exchange.reply;
  exo_answer *answer = &call->answer;
  exo_answer_read(answer, call->operation, reply->status, exo_buffer_string(&reply->body), reply->body.length,
                  items_sent(call), &call->arena);
  exo_outcome *outcome = &call->outcome;
  outcome->answer = answer;
  outcome->kind = answer->item.kind;
  outcome->message = answer->item.message;
  outcome->description = answer->item.description;
  outcome->code = answer->item.code;
  outcome->code_text = answer->item.code_text;
  if (outcome->retry_after < 0) outcome->retry_after = answer->retry_after;
  if (reply->status >= 300 && reply->status < 400) outcome->message = redirected;
}

static void read_reply(exo_call *call) {
  const exo_reply *reply = &call->exchange.reply;
  call->outcome.http_status = reply->status;
  call->outcome.retry_after = reply->retry_after;
  call->outcome.server_time = reply->server_time;
  if (reply->failure == EXO_OK) read_answer(call);
  else {
    call->outcome.kind = reply->failure;
    call->outcome.message = reply->message;
  }
}

static exo_attempt attempt_of(const exo_call *call) {
  const exo_outcome *outcome = &call->outcome;
  long own = outcome->answer != NULL ? outcome->answer->item.status : 0;
  return (exo_attempt){ .kind = outcome->kind,
                        .status = own != 0 ? own : outcome->http_status,
                        .retry_after = outcome->retry_after,
                        .sent = call->exchange.reply.sent,
                        .lacks_descriptors = call->exchange.reply.lacks_descriptors,
                        .unknown = call->answer.effect_unknown,
                        .refused = call->answer.refused,
                        .own = call->answer.own };
}

exo_decision exo_call_receive(exo_call *call, double now, double random) {
  read_reply(call);
  exo_attempt attempt = attempt_of(call);
  exo_decision decision = exo_retry_next(&call->retry, &attempt, now, random);
  call->outcome.retryable = decision.retryable;
  return decision;
}

void exo_call_request_id(exo_call *call, char *out, size_t size) {
  exo_redaction secrets;
  const exo_answer *answer = call->outcome.answer;
  const char *id = answer != NULL ? answer->request_id : NULL;
  char *copy = id != NULL ? exo_arena_copy(&call->arena, id, strlen(id)) : NULL;
  out[0] = '\0';
  if (copy == NULL || !collect_secrets(call, &secrets)) return;
  exo_redact(&secrets, copy, strlen(copy)); /* before it is cut */
  snprintf(out, size, "%s", copy);
}

/* ---- what follows an attempt ---- */

/* A success although the last answer is "not found": the reply to an earlier attempt was lost. */
static void take_as_deleted(exo_call *call, const char *reason) {
  call->outcome.kind = EXO_OK;
  call->answer.item.kind = EXO_OK;
  call->answer.item.data = NULL;
  if (call->answer.warning_count < EXO_WARNINGS_MAX) call->answer.warnings[call->answer.warning_count++] = reason;
}

static bool check_list(exo_call *call) {
  const exo_value *offset = exo_value_member(call->arguments, "offset");
  bool given = offset != NULL && offset->type == EXO_VALUE_INTEGER && offset->integer > 0;
  return exo_answer_check_total(&call->answer, given ? (size_t)offset->integer : 0, &call->arena);
}

static void take_success(exo_call *call) {
  bool list = call->operation->answer == EXO_LIST;
  if (!call->options.keep_answer) exo_buffer_free(&call->exchange.reply.body);
  if (list ? check_list(call) : exo_echo_check(&call->answer, call->operation, call->arguments, &call->arena)) return;
  call->outcome.kind = EXO_NO_MEMORY;
  call->outcome.message = no_memory;
}

static void conclude(exo_call *call, const exo_decision *decision, double now) {
  call->outcome.reason = decision->reason;
  if (decision->step == EXO_FINISH_DELETED) take_as_deleted(call, decision->reason);
  if (call->outcome.kind == EXO_OK) take_success(call);
  else keep_body(call);
  finish(call, now);
}

void exo_call_follow(exo_call *call, const exo_decision *decision, double now) {
  if (decision->step != EXO_WAIT) {
    conclude(call, decision, now);
    return;
  }
  call->state = EXO_CALL_WAITING;
  call->wait_until = decision->until;
}

/* With an attempt behind it the call ends as that attempt did: it says more than "too late". */
void exo_call_expire(exo_call *call, const char *reason, double now) {
  if (call->retry.attempts == 0) {
    call->outcome.retryable = true;
    finish_failed(call, EXO_TIMEOUT, reason, now);
    return;
  }
  call->outcome.reason = reason;
  keep_body(call);
  finish(call, now);
}

void exo_call_fail(exo_call *call, double now) { finish_failed(call, EXO_NO_MEMORY, no_memory, now); }

void exo_call_cancel(exo_call *call, double now) {
  if (call->state == EXO_CALL_SENT) exo_retry_cancel(&call->retry, call->exchange.reply.sent);
  call->outcome = EMPTY_OUTCOME;
  finish_failed(call, EXO_CANCELLED, "the call was cancelled", now);
}

void exo_call_lose(exo_call *call, double now) {
  if (call->state == EXO_CALL_SENT) call->retry.attempts++;
  call->outcome = EMPTY_OUTCOME;
  call->outcome.retryable = exo_retry_lose(&call->retry);
  finish_failed(call, EXO_NETWORK, "the process forked while the call was under way: its parent gets the answer", now);
}

/* ---- from new to ready, and reading ---- */

exo_call *exo_call_new(const exo_config *config, const exo_allocator *allocator) {
  exo_call *call = exo_allocate_zeroed(allocator, sizeof *call);
  if (call == NULL) return NULL;
  call->config = config;
  call->allocator = *allocator;
  exo_arena_init(&call->arena, &call->allocator);
  exo_request_init(&call->request, &call->allocator);
  exo_exchange_init(&call->exchange, &call->request, &call->allocator);
  call->outcome = EMPTY_OUTCOME;
  return call;
}

exo_arena *exo_call_arena(exo_call *call) { return &call->arena; }

static exo_call_options complete(const exo_call_options *given, const exo_config *config) {
  exo_call_options options = *given;
  if (options.timeout < 0) options.timeout = config->timeout;
  if (options.deadline < 0) options.deadline = config->deadline;
  if (options.retries < 0) options.retries = config->retries;
  if (options.validate < 0) options.validate = config->validate;
  return options;
}

static bool refuse(exo_call *call, const exo_error *error, double now) {
  const char *separator = error->field[0] != '\0' ? " " : "";
  const char *message = exo_arena_format(&call->arena, "%s%s%s", error->field, separator, error->message);
  call->outcome.field = exo_arena_copy(&call->arena, error->field, strlen(error->field));
  finish_failed(call, EXO_INVALID_ARGUMENT, message, now);
  return message != NULL && call->outcome.field != NULL;
}

/* Has the request carry what the options say in place of what the arguments make. What they point at is the caller's.
 */
static bool set_own_body(exo_call *call) {
  exo_call_options *options = &call->options;
  const char *body = options->body, *type = options->content_type;
  options->body = options->content_type = NULL;
  call->has_own_body = body != NULL;
  if (body != NULL && !exo_request_set_body(&call->request, body)) return false;
  if (type != NULL) call->request.content_type = exo_arena_copy(&call->arena, type, strlen(type));
  return type == NULL || call->request.content_type != NULL;
}

static bool check_own_body(const exo_operation *operation, const exo_call_options *options, exo_error *error) {
  bool has_body = operation->method == EXO_POST || operation->method == EXO_PUT;
  if (has_body || (options->body == NULL && options->content_type == NULL)) return true;
  return exo_error_set(error, options->body != NULL ? "body" : "content_type", "is for operations that send a body");
}

bool exo_call_init(exo_call *call, const exo_operation *operation, const exo_value *arguments,
                   const exo_call_options *options, double now) {
  exo_error error;
  call->operation = operation;
  call->arguments = arguments;
  call->options = complete(options, call->config);
  call->started = now;
  call->retry = (exo_retry){ .operation = operation,
                             .retries = call->options.retries,
                             .backoff = call->config->backoff,
                             .deadline = now + call->options.deadline };
  if (!exo_validate(operation, arguments, call->options.validate != 0, &error) ||
      !check_own_body(operation, options, &error))
    return refuse(call, &error, now);
  if (!exo_request_build(&call->request, operation, call->config, arguments) || !set_own_body(call)) return false;
  call->state = EXO_CALL_READY;
  return true;
}

bool exo_call_finished(const exo_call *call) { return call->state == EXO_CALL_FINISHED; }
const exo_outcome *exo_call_outcome(const exo_call *call) { return exo_call_finished(call) ? &call->outcome : NULL; }
const exo_operation *exo_call_operation(const exo_call *call) { return call->operation; }
const exo_value *exo_call_arguments(const exo_call *call) { return call->arguments; }

void exo_call_free(exo_call *call) {
  if (call == NULL) return;
  exo_answer_free(&call->answer);
  exo_request_free(&call->request);
  exo_exchange_free(&call->exchange);
  exo_arena_free(&call->arena);
  exo_allocator allocator = call->allocator;
  exo_free(&allocator, call);
}
