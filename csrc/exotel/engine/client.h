/* The engine: calls are started, polled until they are finished, and then read. It alone keeps the list of calls, the
 * rate limiter, the transport and the log. Knows neither Lua nor libcurl. */
#ifndef EXOTEL_ENGINE_CLIENT_H
#define EXOTEL_ENGINE_CLIENT_H

#include "exotel/base/config.h"
#include "exotel/base/notifier.h"
#include "exotel/base/platform.h"
#include "exotel/base/wakeup.h"
#include "exotel/engine/budget.h"
#include "exotel/engine/call.h"
#include "exotel/engine/events.h"
#include "exotel/transport/transport.h"

/* A client made before a fork works in each process: one that was forked off ends what it inherited as lost, since the
 * parent goes on with it, and opens connections of its own. */
typedef struct exo_client exo_client;

/* A client that has no transport yet: `error` says what is wrong with the configuration. */
exo_result exo_client_new(const exo_config *given, const exo_platform *platform, exo_client **client, exo_error *error);
/* Gives it its transport, which it owns from then on. Before its first call. */
void exo_client_set_transport(exo_client *client, const exo_transport *transport);
/* The configuration, resolved, and the allocator; both live as long as the client. */
const exo_config *exo_client_config(const exo_client *client);
const exo_allocator *exo_client_allocator(const exo_client *client);
/* Finishes every call as cancelled and frees the client; its calls stay readable. NULL is fine. */
void exo_client_free(exo_client *client);

/* ---- calls ---- */

/* A call that has not begun; NULL when memory ran out. Its arguments are to be built in its arena. */
exo_call *exo_client_new_call(exo_client *client);
/* Validates, builds the request and queues it; no I/O. The call may be finished at once: with invalid_argument.
 * False when memory ran out. */
bool exo_client_start(exo_client *client, exo_call *call, const exo_operation *operation, const exo_value *arguments,
                      const exo_call_options *options);
/* Finishes it as cancelled. Does nothing, and does not look at the client, when it is finished or was never started. */
void exo_client_cancel(exo_client *client, exo_call *call);
/* The same for all that are unfinished. */
void exo_client_cancel_all(exo_client *client);
/* The same, then frees it. NULL is fine. */
void exo_client_free_call(exo_client *client, exo_call *call);

/* ---- polling ---- */

/* Whether a call is finished. In a process that was forked off, every inherited one is. */
bool exo_client_has_finished(exo_client *client, const exo_call *call);
/* Moves all calls on, waiting at most `seconds`; returns as soon as one has finished. 0 never waits, and returns after
 * about a millisecond of work. Returns how many are unfinished. */
size_t exo_client_poll(exo_client *client, double seconds);
/* Whether an attempt failed in the last poll since this process has too many files open. The poll has returned then, so
 * that the caller can close some before the next attempt. */
bool exo_client_lacked_descriptors(const exo_client *client);
/* Waits so many seconds, or less when something happens on the network; for callers without an event loop. */
void exo_client_wait(exo_client *client, double seconds);
/* Grows when a call finishes or a poll leaves work for the next one: a caller need look at its calls, and poll soon
 * again, only when it has changed. */
size_t exo_client_activity(const exo_client *client);

/* For a caller that waits by itself: has the notifier told once when the client is to be polled since something has
 * happened: on the network, or since somebody else started or ended calls, polled or closed the client. `seconds`: when
 * to poll even without that. False where there is no descriptor that tells. */
bool exo_client_watch(exo_client *client, exo_notifier *notifier, double *seconds);
/* Before the caller does that itself, of which it need not be told. */
void exo_client_unwatch(exo_client *client);

/* For an event loop of the host's: a wakeup that is readable when a poll of 0 seconds has something to do, and once
 * after the client was closed; the client's, so to be kept. NULL where there can be none. In a process that was forked
 * off it is another one. */
exo_wakeup *exo_client_wakeup(exo_client *client);
/* Seconds after which to poll even where nothing tells; INFINITY: never. */
double exo_client_timeout(exo_client *client);

/* What would become of a call started now. */
typedef struct exo_capacity {
  size_t calls; /* how many would leave at once; 0: they would have to wait */
  size_t left;  /* requests that the rate limit leaves beside the unfinished calls; SIZE_MAX without one */
  size_t told;  /* requests that the service said it leaves, beside the same; SIZE_MAX when it said nothing */
  double wait;  /* seconds until one may leave, as far as the rate limiter knows; INFINITY: when one under way ends */
} exo_capacity;

exo_capacity exo_client_capacity(exo_client *client);

/* ---- a rate limit that a store shares between processes ---- */

/* The client never asks the store itself: its driver does so between two polls. `is_shared` is the driver's to set, and
 * he takes the spendings and the pause. */
exo_budget *exo_client_budget(exo_client *client);

typedef struct exo_demand {
  size_t requests; /* that could leave now; 0: there is only something to tell */
  double longest;  /* seconds that one may take */
} exo_demand;

/* Whether the store is to be asked now. */
bool exo_client_asks(exo_client *client, exo_demand *demand);

/* It is being asked, and is not to be asked again for so long. */
void exo_client_defer(exo_client *client, double seconds);

/* What the store said. */
typedef struct exo_grant {
  size_t requests;
  exo_lease lease;
  double usable; /* seconds in which they may begin */
  double reach;  /* seconds that each may take then */
  double wait;   /* not to be asked again before; 0: as soon as one is lacking */
  bool service_says;
} exo_grant;

/* Takes the place of what was granted before. */
void exo_client_grant(exo_client *client, const exo_grant *grant);
/* The store can't be had: requests go without it, so many in 60 seconds, and it is asked again after `seconds`. 0: it
 * can be had again. */
void exo_client_go_alone(exo_client *client, size_t limit, double seconds);
/* How long ago the requests of the last 60 seconds ended, oldest first. → how many there are */
size_t exo_client_history(exo_client *client, double *ages, size_t most);

/* What happened, oldest first, once `wanted` is set in it; the reader clears it. */
exo_events *exo_client_events(exo_client *client);

#endif
