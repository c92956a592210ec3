/* The Lua state in which the service's rules run, shared by the daemon's thread and the test's. */
#ifndef EXOTEL_SANDBOX_SERVICE_H
#define EXOTEL_SANDBOX_SERVICE_H

#include <pthread.h>

#include "exchange.h"
#include "lua/compat.h"

struct service {
  lua_State *state; /* NULL: not open */
  pthread_mutex_t lock;
};

/*
 * Opens the service: a new state with the caller's package.path and package.cpath, in which
 * require(config.module).new(config.service) is called with `clock` (a function) and `random_seed` (a number) added to
 * a copy of config.service.
 * `config` is the absolute index of that table in L. Raises in L; what was opened by then is left to service_close.
 */
void service_open(struct service *service, lua_State *L, int config);

/* Has the service answer: fills in the exchange's reply. */
void service_answer(struct service *service, struct exchange *exchange);

/*
 * Calls the service's function named by the string at stack index `first` of L with the values above it, and pushes
 * its one result. Raises in L what the function raised, or that a value can't be copied.
 */
void service_call(struct service *service, lua_State *L, int first);

/* Harmless on a closed one. Nobody may be using it. */
void service_close(struct service *service);

#endif
