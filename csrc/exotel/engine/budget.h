/* Requests that a store has granted: a limit that several processes share. What was granted counts in the store until
 * it hears that it was used, and when, or given back. Pure. */
#ifndef EXOTEL_ENGINE_BUDGET_H
#define EXOTEL_ENGINE_BUDGET_H

#include <stdbool.h>
#include <stddef.h>

#include "exotel/base/memory.h"

/* What was granted together, by the store's own name for it. */
typedef double exo_lease;
#define EXO_NO_LEASE 0 /* sent without the store, which is to be told */

/* What became of requests that were granted. */
typedef struct exo_spending {
  exo_lease lease;
  size_t count;
  bool used;    /* they may have reached the service; else they are given back */
  double first; /* when the first of them ended, */
  double ended; /* and the last */
} exo_spending;

typedef struct exo_budget {
  const exo_allocator *allocator;
  bool is_shared; /* a store grants requests; else all others are not looked at */
  bool is_alone;  /* the store can't be had: requests go without it */
  size_t granted; /* not used yet */
  exo_lease lease;
  double usable_until; /* a request that begins later may end after the store has forgotten it */
  double reach;        /* seconds that one of these requests may take */
  double longest;      /* seconds that any request so far might take */
  double ask_at;       /* the store has nothing before */
  bool service_says;   /* since the service says so */
  size_t expected;     /* that somebody would start if he could */
  bool is_awaited;     /* what was granted is for him, and none of it is used yet */
  double paused_until; /* what the service says of all requests; the store is to be told */
  bool pause_is_news;
  exo_spending *spendings;
  size_t count, capacity;
} exo_budget;

void exo_budget_init(exo_budget *budget, const exo_allocator *allocator, double longest);
void exo_budget_free(exo_budget *budget);

/* Whether a request that may take so many seconds may begin now. */
bool exo_budget_allows(const exo_budget *budget, double seconds, double now);
/* One begins. → what it counts under */
exo_lease exo_budget_take(exo_budget *budget);
/* It has ended; `used`: it may have reached the service. */
void exo_budget_spend(exo_budget *budget, exo_lease lease, bool used, double now);
/* Why nothing was granted; static. */
const char *exo_budget_reason(const exo_budget *budget);

/* The service said that nothing is left until then. */
void exo_budget_pause(exo_budget *budget, double until);
/* What isn't used is given back. */
void exo_budget_return(exo_budget *budget, double now);
/* In a process that was forked off: all of it is the parent's. */
void exo_budget_forget(exo_budget *budget);

#endif
