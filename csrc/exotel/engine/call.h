/* One call as a state machine, from its arguments to its outcome. Knows neither the client nor the clock: whoever
 * drives it hands in the time (seconds on the client's clock) and, where a wait is decided, a random number. */
#ifndef EXOTEL_ENGINE_CALL_H
#define EXOTEL_ENGINE_CALL_H

#include "exotel/api/envelope.h"
#include "exotel/engine/retry.h"
#include "exotel/transport/transport.h"

/* What differs for one call; a negative value takes the configuration's. */
typedef struct exo_call_options {
  double timeout, deadline;
  int retries;
  int validate;                    /* 0: the service judges the values; 1: they are checked before anything is sent */
  bool keep_answer;                /* as it came */
  const char *body, *content_type; /* sent in place of those made from the arguments; NULL: those */
} exo_call_options;

#define EXO_CALL_OPTIONS_DEFAULT ((exo_call_options){ .timeout = -1, .deadline = -1, .retries = -1, .validate = -1 })

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
  const char *reason;     /* why it was not tried again, where that is worth saying; or NULL */
  const char *body;       /* the answer as it came, of a failure; NULL when none came */
  size_t body_length;     /* at most EXO_BODY_KEPT */
  const exo_reply *reply; /* the last one as it came, without secrets, where it is to be kept; NULL when none came */
} exo_outcome;

enum { EXO_BODY_KEPT = 64 * 1024 };

typedef enum {
  EXO_CALL_NEW,
  EXO_CALL_READY,   /* to be sent */
  EXO_CALL_SENT,    /* its exchange is under way */
  EXO_CALL_WAITING, /* for its next attempt, until wait_until */
  EXO_CALL_FINISHED
} exo_call_state;

/* A call stands in one line of its driver's, and in the order of deadlines. */
typedef enum { EXO_CALL_IN_LINE, EXO_CALL_BY_DEADLINE, EXO_CALL_PLACES } exo_call_place;

typedef struct exo_call {
  struct exo_call *before, *after; /* these four are the driver's: its list of calls under way */
  struct exo_call_queue *line;     /* the line that it stands in, or NULL */
  size_t places[EXO_CALL_PLACES];
  uint64_t number;          /* in the order of arrival */
  const exo_config *config; /* the driver's; not looked at once the call is finished */
  exo_allocator allocator;
  exo_arena arena;
  const exo_operation *operation;
  const exo_value *arguments;
  exo_call_options options;
  exo_call_state state;
  exo_retry retry;
  double started, attempt_started, wait_until;
  bool has_own_body; /* another body was sent than the arguments make */
  bool held;         /* for the driver: it was said that the rate limit holds its next attempt back */
  double lease;      /* for the driver: what its last attempt counts under where the limit is shared */
  exo_request request;
  exo_exchange exchange;
  exo_answer answer;
  exo_outcome outcome;
} exo_call;

/* ---- reading ---- */

/* Arguments are to be built in it. */
exo_arena *exo_call_arena(exo_call *call);
bool exo_call_finished(const exo_call *call);
/* NULL while it is not finished. */
const exo_outcome *exo_call_outcome(const exo_call *call);
const exo_operation *exo_call_operation(const exo_call *call);
const exo_value *exo_call_arguments(const exo_call *call);

/* ---- driving ---- */

/* A call that has not begun; NULL when memory ran out. */
exo_call *exo_call_new(const exo_config *config, const exo_allocator *allocator);
/* Validates the arguments and builds the request: the call is ready, or finished with invalid_argument. False when
 * memory ran out. */
bool exo_call_init(exo_call *call, const exo_operation *operation, const exo_value *arguments,
                   const exo_call_options *options, double now);
/* Begins an attempt: its exchange is to be handed to the transport. */
void exo_call_begin(exo_call *call, double now);
/* Reads what came of the exchange and decides what follows; `random` is 0 <= r < 1. */
exo_decision exo_call_receive(exo_call *call, double now, double random);
/* The service's request id in what was received, without secrets; "" when there is none. */
void exo_call_request_id(exo_call *call, char *out, size_t size);
/* Does as was decided: the call waits, or is finished. */
void exo_call_follow(exo_call *call, const exo_decision *decision, double now);
/* Ends a call that is ready or waiting because its deadline has passed or would pass. */
void exo_call_expire(exo_call *call, const char *reason, double now);
/* Ends a call for which there is no memory. */
void exo_call_fail(exo_call *call, double now);
/* Ends an unfinished call; an exchange under way has been taken from the transport. */
void exo_call_cancel(exo_call *call, double now);
/* Ends an unfinished call in a process that was forked off: the parent goes on with it. */
void exo_call_lose(exo_call *call, double now);
/* Not while its exchange is under way. NULL is fine. */
void exo_call_free(exo_call *call);

#endif
