#include "exotel/engine/events.h"

#include <string.h>

enum { EVENTS_MAX = 10000 };

void exo_events_init(exo_events *events, const exo_allocator *allocator) {
  *events = (exo_events){ .allocator = allocator };
}

static bool grow(exo_events *events) {
  size_t capacity = events->capacity == 0 ? 8 : events->capacity * 2;
  if (events->count < events->capacity) return true;
  exo_event *list = events->allocator->resize(events->allocator->context, events->list, capacity * sizeof *list);
  if (list == NULL) return false;
  events->list = list;
  events->capacity = capacity;
  return true;
}

exo_event *exo_events_add(exo_events *events, exo_event_type type) {
  bool wanted = type == EXO_EVENT_WRITE ? events->wanted_writes : events->wanted;
  if (!wanted || events->count >= EVENTS_MAX || !grow(events)) return NULL;
  exo_event *event = &events->list[events->count++];
  memset(event, 0, sizeof *event);
  event->type = type;
  return event;
}

void exo_events_clear(exo_events *events) {
  events->count = 0;
  events->clearings++;
}

void exo_events_free(exo_events *events) {
  if (events->list != NULL) exo_free(events->allocator, events->list);
  exo_events_init(events, events->allocator);
}
