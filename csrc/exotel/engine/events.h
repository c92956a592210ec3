/* What happened, for a log: kept by C until Lua takes it, since C never calls Lua. */
#ifndef EXOTEL_ENGINE_EVENTS_H
#define EXOTEL_ENGINE_EVENTS_H

#include "exotel/api/operation.h"
#include "exotel/base/memory.h"

typedef enum { EXO_EVENT_ATTEMPT, EXO_EVENT_WAIT } exo_event_type;

/* Fixed texts: a call may be gone before its events are read. */
typedef struct exo_event {
  exo_event_type type;
  const exo_operation *operation; /* NULL: of no call */
  unsigned attempt;
  long status;         /* 0: none */
  double seconds;      /* how long the attempt took, or the wait will */
  const char *kind;    /* how the attempt ended: "ok" or an error's kind */
  const char *reason;  /* static; NULL: none */
  char path[200];      /* with the query */
  char request_id[80]; /* "": none */
} exo_event;

typedef struct exo_events {
  const exo_allocator *allocator;
  exo_event *list;
  size_t count, capacity;
  size_t clearings; /* how often it was cleared, so that a reader sees that another one came between */
  bool wanted;
} exo_events;

void exo_events_init(exo_events *events, const exo_allocator *allocator);
/* A new event to be filled in; NULL when none is wanted or memory ran out: a log is not worth a call. */
exo_event *exo_events_add(exo_events *events);
void exo_events_clear(exo_events *events);
void exo_events_free(exo_events *events);

#endif
