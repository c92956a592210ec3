#include "exotel/base/memory.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *libc_resize(void *context, void *block, size_t size) {
  (void)context;
  if (size == 0) {
    free(block);
    return NULL;
  }
  return realloc(block, size);
}

const exo_allocator exo_libc_allocator = { libc_resize, NULL };

void *exo_allocate(const exo_allocator *allocator, size_t size) {
  return allocator->resize(allocator->context, NULL, size);
}

void *exo_allocate_zeroed(const exo_allocator *allocator, size_t size) {
  void *block = exo_allocate(allocator, size);
  if (block != NULL) memset(block, 0, size);
  return block;
}

void exo_free(const exo_allocator *allocator, void *block) {
  if (block != NULL) allocator->resize(allocator->context, block, 0);
}

void exo_wipe(void *block, size_t size) {
  if (block != NULL) explicit_bzero(block, size);
}

/* ---- buffers ---- */

void exo_buffer_init(exo_buffer *buffer, const exo_allocator *allocator) {
  *buffer = (exo_buffer){ .allocator = allocator };
}

static bool reserve(exo_buffer *buffer, size_t more) {
  if (more >= SIZE_MAX / 2 - buffer->length) return false;
  size_t needed = buffer->length + more + 1;
  if (needed <= buffer->capacity) return true;
  size_t capacity = buffer->capacity < 64 ? 64 : buffer->capacity;
  while (capacity < needed) capacity *= 2;
  char *data = buffer->allocator->resize(buffer->allocator->context, buffer->data, capacity);
  if (data == NULL) return false;
  buffer->data = data;
  buffer->capacity = capacity;
  return true;
}

bool exo_buffer_append(exo_buffer *buffer, const char *bytes, size_t length) {
  if (buffer->failed || !reserve(buffer, length)) {
    buffer->failed = true;
    return false;
  }
  if (length > 0) memcpy(buffer->data + buffer->length, bytes, length);
  buffer->length += length;
  buffer->data[buffer->length] = '\0';
  return true;
}

bool exo_buffer_text(exo_buffer *buffer, const char *text) { return exo_buffer_append(buffer, text, strlen(text)); }

bool exo_buffer_char(exo_buffer *buffer, char c) { return exo_buffer_append(buffer, &c, 1); }

const char *exo_buffer_string(const exo_buffer *buffer) { return buffer->data != NULL ? buffer->data : ""; }

void exo_buffer_free(exo_buffer *buffer) {
  if (buffer->data != NULL) exo_free(buffer->allocator, buffer->data);
  exo_buffer_init(buffer, buffer->allocator);
}

/* ---- arenas ---- */

/* A chunk with its head is as large as glibc keeps a block for the next who asks: larger ones are merged and searched.
 */
enum { CHUNK_SIZE = 1000, ALIGNMENT = 16 };

typedef struct exo_arena_chunk {
  struct exo_arena_chunk *next;
  size_t size;
  _Alignas(16) unsigned char bytes[];
} exo_arena_chunk;

void exo_arena_init(exo_arena *arena, const exo_allocator *allocator) {
  *arena = (exo_arena){ .allocator = allocator };
}

static bool add_chunk(exo_arena *arena, size_t size) {
  if (size < CHUNK_SIZE) size = CHUNK_SIZE;
  exo_arena_chunk *chunk = exo_allocate_zeroed(arena->allocator, sizeof *chunk + size);
  if (chunk == NULL) return false;
  chunk->size = size;
  chunk->next = arena->chunks;
  arena->chunks = chunk;
  arena->used = 0;
  return true;
}

void *exo_arena_take(exo_arena *arena, size_t size) {
  if (size > SIZE_MAX / 2) return NULL;
  size = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  bool fits = arena->chunks != NULL && arena->chunks->size - arena->used >= size;
  if (!fits && !add_chunk(arena, size)) return NULL;
  void *block = arena->chunks->bytes + arena->used;
  arena->used += size;
  return block;
}

char *exo_arena_copy(exo_arena *arena, const char *bytes, size_t length) {
  char *copy = exo_arena_take(arena, length + 1);
  if (copy != NULL && length > 0) memcpy(copy, bytes, length);
  return copy;
}

char *exo_arena_format(exo_arena *arena, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  int length = vsnprintf(NULL, 0, format, arguments);
  va_end(arguments);
  if (length < 0) return NULL;
  char *text = exo_arena_take(arena, (size_t)length + 1);
  if (text == NULL) return NULL;
  va_start(arguments, format);
  vsnprintf(text, (size_t)length + 1, format, arguments);
  va_end(arguments);
  return text;
}

/* Arguments may hold a credential's password, so what an arena held is wiped. */
void exo_arena_free(exo_arena *arena) {
  while (arena->chunks != NULL) {
    exo_arena_chunk *chunk = arena->chunks;
    arena->chunks = chunk->next;
    exo_wipe(chunk->bytes, chunk->size);
    exo_free(arena->allocator, chunk);
  }
  arena->used = 0;
}
