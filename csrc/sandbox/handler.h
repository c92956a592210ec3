/* The Lua state in which exotel.sandbox.handler answers requests, shared by the daemon's thread and the caller's. */
#ifndef EXOTEL_SANDBOX_HANDLER_H
#define EXOTEL_SANDBOX_HANDLER_H

#include <pthread.h>

#include "lua/compat.h"
#include "sandbox/exchange.h"

typedef struct sbx_handler {
  lua_State *state; /* NULL: not open */
  pthread_mutex_t lock;
} sbx_handler;

/* Opens the handler: a new state with the caller's package.path and package.cpath, in which
 * require(config.module).new(config.options) is called with `clock` (a function) and `random_seed` (a number) added to
 * a copy of config.options. `config`: the absolute index of that table, with `path` and `cpath`, in L. Raises in L;
 * what was opened by then is left to sbx_handler_close. */
void sbx_handler_open(sbx_handler *handler, lua_State *L, int config);
/* Answers a request: fills in the exchange's reply. */
void sbx_handler_answer(sbx_handler *handler, sbx_exchange *exchange);
/* Calls the handler's function named by the string at stack index `first` of L with the values up to `last`, and pushes
 * its one result onto `result`, an empty state of the caller's; false: what the function raised, or that a value can't
 * be copied. Allocates nothing in L: a finalizer there might call or close this handler. The caller has seen to
 * SBX_COPY_SLOTS free stack slots in L. */
bool sbx_handler_call(sbx_handler *handler, lua_State *L, int first, int last, lua_State *result);
/* Harmless when it is not open. Nobody may be using it. */
void sbx_handler_close(sbx_handler *handler);

#endif
