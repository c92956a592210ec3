/* The engine: calls are started, polled until they are finished, and then read. Knows neither Lua nor libcurl. */
#ifndef EXOTEL_ENGINE_CLIENT_H
#define EXOTEL_ENGINE_CLIENT_H

#include "exotel/base/config.h"
#include "exotel/base/platform.h"
#include "exotel/api/envelope.h"
#include "exotel/engine/events.h"
#include "exotel/transport/transport.h"

typedef struct exo_client exo_client;
typedef struct exo_call exo_call;

/* A client on libcurl, or on `transport` when that is not NULL; it owns the transport then. NULL with a error
 * about the configuration, or with an empty one when memory ran out. */
exo_client *exo_client_new(const exo_config *given, const exo_platform *world, const exo_transport *transport,
                           exo_error *error);
const exo_config *exo_client_config(const exo_client *client);
/* Moves all calls on, waiting at most `seconds`; returns as soon as one has finished. 0 never waits.
 * Returns how many are unfinished. */
size_t exo_client_poll(exo_client *client, double seconds);
/* Waits so many seconds, or less when something happens on the network; for who has no other clock. */
void exo_client_wait(exo_client *client, double seconds);

/* What would become of a call started now. */
typedef struct exo_capacity {
  size_t calls; /* how many would leave at once; 0: they would wait in line */
  size_t left;  /* requests that the rate limit leaves beside the unfinished calls; SIZE_MAX without one */
  double wait;  /* seconds until one may leave, as far as pacing knows; INFINITY: not before one under way has ended */
} exo_capacity;

exo_capacity exo_client_capacity(exo_client *client);
/* Grows when a call finishes or a poll leaves work for the next one, for who wants to look at its calls, and to poll
 * soon again, only when that changes. */
size_t exo_client_activity(const exo_client *client);
/* What happened, oldest first, once `wanted` is set in it; the reader clears it. */
exo_events *exo_client_events(exo_client *client);
/* Finishes every call as cancelled and frees the client; its calls stay readable. NULL is fine. */
void exo_client_free(exo_client *client);

/* What differs for one call; a negative value takes the client's. */
typedef struct exo_call_options {
  double timeout, deadline;
  int retries;
} exo_call_options;

#define EXO_CALL_OPTIONS_DEFAULT ((exo_call_options){ .timeout = -1, .deadline = -1, .retries = -1 })

/* How a call ended. Texts live as long as the call. */
typedef struct exo_outcome {
  exo_kind kind;            /* EXO_OK: it succeeded */
  const exo_answer *answer; /* what the service said; NULL when it said nothing */
  const char *message, *description, *field, *code_text;
  long code, http_status; /* 0 when there is none */
  long retry_after;       /* seconds, -1 when not said */
  long server_time;       /* the service's clock, epoch seconds, -1 when not said */
  unsigned attempts;
  double elapsed; /* seconds since start */
  bool retryable, maybe_applied;
  const char *reason; /* why it was not tried again, where that is worth saying; or NULL */
  const char *body;   /* the answer as it came, of a failure; NULL when none came */
  size_t body_length; /* at most EXO_BODY_KEPT */
} exo_outcome;

enum { EXO_BODY_KEPT = 64 * 1024 };

/* A call that has not begun; NULL when memory ran out. Its arguments are to be built in its arena. */
exo_call *exo_call_new(exo_client *client);
exo_arena *exo_call_arena(exo_call *call);
/* Validates, builds the request and queues it; no I/O. The call may be finished at once: with invalid_argument.
 * False when memory ran out. */
bool exo_call_start(exo_call *call, const exo_operation *operation, const exo_value *arguments,
                    const exo_call_options *options);
bool exo_call_finished(const exo_call *call);
/* NULL while it is not finished. */
const exo_outcome *exo_call_outcome(const exo_call *call);
const exo_operation *exo_call_operation(const exo_call *call);
const exo_value *exo_call_arguments(const exo_call *call);
/* Finishes it as cancelled, unless it is finished. */
void exo_call_cancel(exo_call *call);
/* Also cancels. NULL is fine. */
void exo_call_free(exo_call *call);

#endif
