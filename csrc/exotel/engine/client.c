#include "exotel/engine/client.h"

#include <math.h>
#include <stdint.h>

#include "exotel/engine/engine.h"

double exo_client_now(const exo_client *client) { return client->world.now(client->world.context); }

/* ---- the list of unfinished calls ---- */

void exo_client_enlist(exo_client *client, exo_call *call) {
  call->before = client->last;
  call->after = NULL;
  if (client->last != NULL) client->last->after = call;
  else client->first = call;
  client->last = call;
  client->unfinished++;
}

void exo_client_delist(exo_client *client, exo_call *call) {
  if (call->before != NULL) call->before->after = call->after;
  else client->first = call->after;
  if (call->after != NULL) call->after->before = call->before;
  else client->last = call->before;
  call->before = call->after = NULL;
  client->unfinished--;
  client->activity++;
}

/* ---- what is due ---- */

static bool is_waiting(const exo_call *call) {
  return call->state == EXO_CALL_READY || call->state == EXO_CALL_WAITING;
}

/* Sends a call, or tells when that may be: a time in the future, INFINITY when something under way has to end first. */
static double advance(exo_client *client, exo_call *call, double now) {
  double when = exo_rate_limiter_when(&client->limiter, now);
  if (call->state == EXO_CALL_WAITING && call->wait_until > now) return call->wait_until;
  call->state = EXO_CALL_READY;
  if (now >= call->retry.deadline) exo_call_expire(call, "the deadline passed before the request could be sent");
  else if (when >= call->retry.deadline && isfinite(when))
    exo_call_expire(call, "the rate limit leaves no room before the deadline");
  else if (when > now) return when < call->retry.deadline ? when : call->retry.deadline;
  else if (client->in_flight >= (size_t)client->config.max_connections) return call->retry.deadline;
  else exo_call_send(call);
  return INFINITY;
}

/* Moves on what doesn't depend on the network, in the order of arrival; when to look again. */
static double admit(exo_client *client) {
  double next = INFINITY, now = exo_client_now(client);
  exo_call *after;
  for (exo_call *call = client->first; call != NULL; call = after) {
    after = call->after;
    if (!is_waiting(call)) continue;
    double when = advance(client, call, now);
    if (when < next) next = when;
  }
  return next;
}

static void collect(exo_client *client) {
  exo_call *after;
  for (exo_call *call = client->first; call != NULL; call = after) {
    after = call->after;
    if (call->state == EXO_CALL_SENT && call->exchange.done) exo_call_settle(call);
  }
}

static double earlier(double a, double b) { return a < b ? a : b; }

size_t exo_client_poll(exo_client *client, double seconds) {
  double now = exo_client_now(client), end = now + seconds;
  size_t before = client->unfinished;
  if (before == 0) return 0;
  do {
    double next = admit(client);
    double left = client->unfinished < before ? 0 : earlier(end, next) - now;
    if (client->transport.poll(client->transport.context, left > 0 ? left : 0)) client->activity++;
    collect(client);
    now = exo_client_now(client);
  } while (client->unfinished == before && client->unfinished > 0 && now < end);
  admit(client);
  return client->unfinished;
}

void exo_client_wait(exo_client *client, double seconds) {
  (void)client->transport.poll(client->transport.context, seconds);
}

static size_t less(size_t a, size_t b) { return a > b ? a - b : 0; }

/* Every unfinished call that is not under way stands in line before a new one. */
exo_capacity exo_client_capacity(exo_client *client) {
  double now = exo_client_now(client), when = exo_rate_limiter_when(&client->limiter, now);
  size_t left = exo_rate_limiter_left(&client->limiter, now);
  exo_capacity room = { .left = left, .wait = when > now ? when - now : 0 };
  if (left != SIZE_MAX) room.left = less(left, client->unfinished - client->in_flight);
  room.calls = less((size_t)client->config.max_connections, client->unfinished);
  if (room.left < room.calls) room.calls = room.left;
  if (room.wait > 0) room.calls = 0;
  return room;
}

size_t exo_client_activity(const exo_client *client) { return client->activity; }

exo_events *exo_client_events(exo_client *client) { return &client->events; }

/* ---- life ---- */

static bool set_up(exo_client *client, const exo_config *given, const exo_transport *transport, exo_error *error) {
  const exo_allocator *allocator = &client->world.allocator;
  if (!exo_config_resolve(given, &client->arena, &client->config, error)) return false;
  if (!exo_rate_limiter_init(&client->limiter, (size_t)client->config.rate_limit, allocator)) return false;
  if (transport == NULL) return exo_curl_transport(&client->transport, &client->config, allocator, error);
  client->transport = *transport;
  return true;
}

exo_client *exo_client_new(const exo_config *given, const exo_platform *world, const exo_transport *transport,
                           exo_error *error) {
  exo_allocator allocator = world->allocator.resize != NULL ? world->allocator : exo_libc_allocator;
  exo_client *client = exo_allocate_zeroed(&allocator, sizeof *client);
  error->message[0] = '\0';
  if (client == NULL) return NULL;
  client->world = *world;
  client->world.allocator = allocator;
  exo_arena_init(&client->arena, &client->world.allocator);
  exo_events_init(&client->events, &client->world.allocator);
  if (set_up(client, given, transport, error)) return client;
  exo_client_free(client);
  return NULL;
}

const exo_config *exo_client_config(const exo_client *client) { return &client->config; }

void exo_client_free(exo_client *client) {
  if (client == NULL) return;
  while (client->first != NULL) exo_call_cancel(client->first);
  if (client->transport.close != NULL) client->transport.close(client->transport.context);
  exo_rate_limiter_free(&client->limiter);
  exo_events_free(&client->events);
  exo_arena_free(&client->arena);
  exo_allocator allocator = client->world.allocator;
  exo_free(&allocator, client);
}
