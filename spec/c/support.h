/* What the C tests share: memory that is counted and can run out, arguments from JSON, a network and a clock that
 * obey the test, and the answers of the vendor's reference. */
#ifndef EXOTEL_SPEC_SUPPORT_H
#define EXOTEL_SPEC_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "exotel/engine/client.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* ---- memory ---- */

typedef struct test_memory {
  size_t live;    /* blocks that were not given back */
  size_t asked;   /* how often memory was asked for since the limit was set */
  size_t fail_at; /* that one fails; 0: none does */
  bool once;      /* only that one fails; otherwise all after it fail too */
} test_memory;

/* One account for the core and for cJSON (once hooked). */
extern test_memory memory;
extern const exo_allocator counted_allocator;

void memory_limit(size_t fail_at, bool once);
/* Whether the failure that was ordered has happened. */
bool memory_failed(void);
/* Asks for an allocation, in an allocator of the test's own; true: it must fail. */
bool memory_refuses(void);
/* A test's set-up and tear-down: a new account that cJSON shares; at the end all has to be back. */
int memory_open(void **state);
int memory_close(void **state);

/* Runs `body` with the first allocation failing, then the second, and so on until none fails any more; once with only
 * that allocation failing, once with all after it. `afterwards`, which may be NULL, runs each time with memory again;
 * then nothing may be live that was not before. */
void each_allocation_fails(void (*body)(void), void (*afterwards)(void));

/* ---- values ---- */

/* JSON to arguments, as Lua would hand them over: an empty object is an empty list. Lives until values_forget. */
const exo_value *value_from(const char *json);
exo_value text_value(const char *text, size_t length);
int values_forget(void **state);

/* ---- a client without a network ---- */

/* An account in Mumbai, without retries and pacing. */
exo_config test_config(void);
const exo_operation *operation_named(const char *name);

/* What an exchange comes to. */
typedef struct fake_reply {
  double after; /* seconds from its sending; negative: never */
  exo_kind failure;
  bool sent;
  long status;
  const char *body;
  long retry_after; /* 0: not said */
  long retry_at;    /* 0: not said */
} fake_reply;

enum { FAKE_EXCHANGES = 64 };

typedef struct fake_net {
  double now;
  fake_reply replies[FAKE_EXCHANGES]; /* for the first exchange, the second, … */
  size_t sent;                        /* how many were sent */
  char targets[FAKE_EXCHANGES][128];  /* of what was sent, in that order */
  double timeouts[FAKE_EXCHANGES];
  exo_exchange *waiting[FAKE_EXCHANGES];
  double due[FAKE_EXCHANGES];
  size_t in_flight, most_in_flight, cancelled, abandoned, closed, polls;
  size_t drawn;        /* how many random numbers */
  long process;        /* another number: a fork */
  double longest_wait; /* of what poll was ever asked to wait */
  double budget;       /* of the last poll */
  bool refuses;        /* send finds no memory */
  double sending;      /* seconds that each send takes */
  double looking;      /* seconds that pass with each look at the clock */
  int descriptor;      /* to be watched; 0: none */
  double network;      /* seconds until it wants to be polled, when it is watched */
} fake_net;

exo_platform fake_platform(fake_net *net);
exo_transport fake_transport(fake_net *net);
/* As exo_client_open does, on another transport, which the client owns then. */
exo_result open_client(exo_client **client, const exo_config *config, const exo_platform *platform,
                       const exo_transport *transport, exo_error *error);
/* A client on the fake net; fails the test when there is none. */
exo_client *fake_client(fake_net *net, const exo_config *config);
/* A started call; NULL when memory ran out. */
exo_call *start_call(exo_client *client, const char *operation, const char *json);
exo_call *start_call_with(exo_client *client, const char *operation, const exo_value *arguments,
                          const exo_call_options *options);

/* ---- answers ---- */

typedef struct seed_answer {
  const char *file, *operation;
  size_t sent; /* how many things its request held, for a batch */
} seed_answer;

/* The answers of the vendor's reference, byte for byte. */
extern const seed_answer seed_answers[];
extern const size_t seed_answer_count;

/* A file's bytes and a NUL; the caller frees them. */
char *file_load(const char *path, size_t *length);
/* The bytes of an answer without the file's last line break; the caller frees them. */
char *answer_load(const char *file, size_t *length);

/* The next number of a fixed series, for mutations that every run repeats. */
uint32_t next_random(uint32_t *state);

#endif
