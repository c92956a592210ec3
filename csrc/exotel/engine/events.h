/* What happened, for a log: kept by C until Lua takes it, since C never calls Lua. */
#ifndef EXOTEL_ENGINE_EVENTS_H
#define EXOTEL_ENGINE_EVENTS_H

#include "exotel/api/operation.h"
#include "exotel/base/memory.h"

typedef enum { EXO_EVENT_ATTEMPT, EXO_EVENT_WAIT, EXO_EVENT_WRITE } exo_event_type;

enum { EXO_ABOUT_MAX = 600 };

/* Fixed texts: a call may be gone before its events are read. */
typedef struct exo_event {
  exo_event_type type;
  const exo_operation *operation; /* NULL: of no call */
  unsigned attempt;
  long status;               /* 0: none */
  double seconds;            /* how long the attempt or the write took, or the wait will */
  const char *kind;          /* how the attempt or the write ended: "ok" or an error's kind */
  const char *reason;        /* static; NULL: none */
  char path[200];            /* with the query */
  char request_id[80];       /* "": none */
  bool maybe_applied;        /* of a write */
  char about[EXO_ABOUT_MAX]; /* of a write: names and values in turn, a NUL behind each; an empty name ends it */
} exo_event;

typedef struct exo_events {
  const exo_allocator *allocator;
  exo_event *list;
  size_t count, capacity;
  size_t clearings; /* how often it was cleared, so that a reader sees that another one came between */
  bool wanted;      /* attempts and waits */
  bool wanted_writes;
} exo_events;

void exo_events_init(exo_events *events, const exo_allocator *allocator);
/* A new event to be filled in; NULL when none of its type is wanted or memory ran out: a log is not worth a call. */
exo_event *exo_events_add(exo_events *events, exo_event_type type);
void exo_events_clear(exo_events *events);
void exo_events_free(exo_events *events);

#endif
