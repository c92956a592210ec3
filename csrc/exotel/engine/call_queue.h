/* Calls in an order of their own, the first at hand: to add one, and to take any one out, costs the logarithm of how
 * many there are. */
#ifndef EXOTEL_ENGINE_CALL_QUEUE_H
#define EXOTEL_ENGINE_CALL_QUEUE_H

#include "exotel/engine/call.h"

typedef struct exo_call_queue {
  const exo_allocator *allocator;
  exo_call **calls; /* a heap: none comes before the one at half its place */
  size_t count, capacity;
  bool (*comes_before)(const exo_call *a, const exo_call *b);
  exo_call_place place; /* where a call keeps its place in this queue */
} exo_call_queue;

void exo_call_queue_init(exo_call_queue *queue, const exo_allocator *allocator, exo_call_place place,
                         bool (*comes_before)(const exo_call *a, const exo_call *b));
void exo_call_queue_free(exo_call_queue *queue);
/* Makes room for so many in all, so that adding them can't fail. False when memory ran out. */
bool exo_call_queue_reserve(exo_call_queue *queue, size_t count);
/* There has to be room. */
void exo_call_queue_add(exo_call_queue *queue, exo_call *call);
/* It has to stand in it. */
void exo_call_queue_remove(exo_call_queue *queue, const exo_call *call);
/* NULL when it is empty. */
exo_call *exo_call_queue_first(const exo_call_queue *queue);

#endif
