#include "exotel/engine/call_queue.h"

void exo_call_queue_init(exo_call_queue *queue, const exo_allocator *allocator, exo_call_place place,
                         bool (*comes_before)(const exo_call *a, const exo_call *b)) {
  *queue = (exo_call_queue){ .allocator = allocator, .place = place, .comes_before = comes_before };
}

void exo_call_queue_free(exo_call_queue *queue) {
  exo_free(queue->allocator, queue->calls);
  queue->calls = NULL;
}

bool exo_call_queue_reserve(exo_call_queue *queue, size_t count) {
  if (count <= queue->capacity) return true;
  size_t capacity = count > 2 * queue->capacity ? count : 2 * queue->capacity;
  const exo_allocator *allocator = queue->allocator;
  exo_call **calls = allocator->resize(allocator->context, queue->calls, capacity * sizeof *calls);
  if (calls == NULL) return false;
  queue->calls = calls;
  queue->capacity = capacity;
  return true;
}

static void put(exo_call_queue *queue, size_t at, exo_call *call) {
  queue->calls[at] = call;
  call->places[queue->place] = at;
}

/* Puts a call at a place or, where it comes before those that lead there, nearer to the front. */
static void put_forward(exo_call_queue *queue, size_t at, exo_call *call) {
  while (at > 0 && queue->comes_before(call, queue->calls[(at - 1) / 2])) {
    put(queue, at, queue->calls[(at - 1) / 2]);
    at = (at - 1) / 2;
  }
  put(queue, at, call);
}

/* The one that comes first of the two behind a place; `count` when there is none. */
static size_t first_behind(const exo_call_queue *queue, size_t at) {
  size_t left = 2 * at + 1, right = left + 1;
  if (left >= queue->count) return queue->count;
  bool has_right = right < queue->count;
  return has_right && queue->comes_before(queue->calls[right], queue->calls[left]) ? right : left;
}

static void put_backward(exo_call_queue *queue, size_t at, exo_call *call) {
  size_t behind = first_behind(queue, at);
  for (; behind < queue->count && queue->comes_before(queue->calls[behind], call); behind = first_behind(queue, at)) {
    put(queue, at, queue->calls[behind]);
    at = behind;
  }
  put(queue, at, call);
}

void exo_call_queue_add(exo_call_queue *queue, exo_call *call) { put_forward(queue, queue->count++, call); }

void exo_call_queue_remove(exo_call_queue *queue, const exo_call *call) {
  size_t at = call->places[queue->place];
  exo_call *last = queue->calls[--queue->count];
  if (last == call) return;
  if (at > 0 && queue->comes_before(last, queue->calls[(at - 1) / 2])) put_forward(queue, at, last);
  else put_backward(queue, at, last);
}

exo_call *exo_call_queue_first(const exo_call_queue *queue) { return queue->count > 0 ? queue->calls[0] : NULL; }
