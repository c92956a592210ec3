/* Memory: the allocator a client is given, growing buffers and arenas on top of it. */
#ifndef EXOTEL_BASE_MEMORY_H
#define EXOTEL_BASE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/* resize(context, NULL, n) allocates, resize(context, block, 0) frees and returns NULL; NULL otherwise means
 * out of memory and leaves the block as it was. */
typedef struct exo_allocator {
  void *(*resize)(void *context, void *block, size_t size);
  void *context;
} exo_allocator;

/* The C library's realloc and free. */
extern const exo_allocator exo_libc_allocator;

void *exo_allocate(const exo_allocator *allocator, size_t size);
void *exo_allocate_zeroed(const exo_allocator *allocator, size_t size);
void exo_free(const exo_allocator *allocator, void *block);

/* A growing byte string, always followed by a NUL. A failed append sets `failed` and leaves the content as it was;
 * so a writer checks once, at its end. */
typedef struct exo_buffer {
  const exo_allocator *allocator;
  char *data;
  size_t length;
  size_t capacity;
  bool failed;
} exo_buffer;

void exo_buffer_init(exo_buffer *buffer, const exo_allocator *allocator);
bool exo_buffer_append(exo_buffer *buffer, const char *bytes, size_t length);
bool exo_buffer_text(exo_buffer *buffer, const char *text);
bool exo_buffer_char(exo_buffer *buffer, char c);
/* The content as a C string; "" when nothing was ever written. */
const char *exo_buffer_string(const exo_buffer *buffer);
void exo_buffer_free(exo_buffer *buffer);

/* Many small blocks that are freed together. */
typedef struct exo_arena {
  const exo_allocator *allocator;
  struct exo_arena_chunk *chunks;
  size_t used;
} exo_arena;

void exo_arena_init(exo_arena *arena, const exo_allocator *allocator);
/* Zeroed memory, aligned for any type; NULL when memory ran out. */
void *exo_arena_take(exo_arena *arena, size_t size);
/* A copy with a NUL behind it; NULL when memory ran out. */
char *exo_arena_copy(exo_arena *arena, const char *bytes, size_t length);
/* As printf; NULL when memory ran out. */
char *exo_arena_format(exo_arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));
void exo_arena_free(exo_arena *arena);

/* Overwrites what held a secret; the compiler may not drop it. */
void exo_wipe(void *block, size_t size);

#endif
