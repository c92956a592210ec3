/* What client.c and call.c share: the insides of clients and calls. */
#ifndef EXOTEL_ENGINE_ENGINE_H
#define EXOTEL_ENGINE_ENGINE_H

#include "exotel/engine/client.h"
#include "exotel/engine/retry.h"
#include "exotel/engine/rate_limiter.h"

typedef enum {
  EXO_CALL_NEW,
  EXO_CALL_READY, /* may be sent as soon as pacing and connections allow */
  EXO_CALL_SENT,
  EXO_CALL_WAITING, /* for its next attempt */
  EXO_CALL_FINISHED
} exo_call_state;

struct exo_call {
  exo_client *client;       /* not to be used once the call is finished */
  exo_call *before, *after; /* in the client's list, first come first served */
  exo_allocator allocator;
  exo_arena arena;
  const exo_operation *operation;
  const exo_value *arguments;
  exo_call_options options;
  exo_call_state state;
  exo_retry retry;
  double started, attempt_started, wait_until;
  exo_request request;
  exo_exchange exchange;
  exo_answer answer;
  exo_outcome outcome;
};

struct exo_client {
  exo_platform world;
  exo_arena arena;
  exo_config config;
  exo_transport transport;
  exo_rate_limiter limiter;
  exo_events events;
  exo_call *first, *last; /* unfinished calls */
  size_t unfinished, in_flight;
  size_t activity; /* how often a call has finished, or a poll has left work */
};

double exo_client_now(const exo_client *client);
void exo_client_enlist(exo_client *client, exo_call *call);
void exo_client_delist(exo_client *client, exo_call *call);

/* Sends a call that is ready. */
void exo_call_send(exo_call *call);
/* Takes a sent call's reply in: it finishes, or waits for its next attempt. */
void exo_call_settle(exo_call *call);
/* Ends a call that is not under way because its deadline has passed or would pass. */
void exo_call_expire(exo_call *call, const char *reason);

#endif
