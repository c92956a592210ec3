/* A connection of bytes, by TCP or TLS, for a protocol that libcurl doesn't speak: libcurl connects and verifies, as
 * for the API, and passes bytes on. It never waits. */
#ifndef EXOTEL_TRANSPORT_CURL_STREAM_H
#define EXOTEL_TRANSPORT_CURL_STREAM_H

#include <poll.h>

#include "exotel/api/kind.h"
#include "exotel/base/error.h"
#include "exotel/base/memory.h"

typedef struct exo_curl_stream exo_curl_stream;

/* Where to, and how. */
typedef struct exo_curl_target {
  const char *address; /* in numbers, of IPv6 in brackets */
  int port;
  bool tls;
  const char *name;    /* what the certificate has to be for: a host's name, or an address as above */
  bool verify;         /* false: any certificate will do */
  const char *ca_file; /* NULL: what is trusted by default */
  double timeout;      /* seconds, for the connection with its TLS */
} exo_curl_target;

/* What became of the connection. */
typedef struct exo_curl_outcome {
  exo_kind failure; /* EXO_OK: it stands */
  char message[400];
  int system;                  /* the system's error where TCP could not be connected, 0 for none */
  bool connected;              /* TCP was; a failure is one of TLS then */
  double tcp_seconds, seconds; /* until TCP was connected, 0 if it never was; until the whole was */
} exo_curl_outcome;

enum { EXO_CURL_STREAM_SOCKETS = 4 };

/* Begins to connect. EXO_RESULT_ERROR: no CA bundle, or something in the process that rules libcurl out. */
exo_result exo_curl_stream_open(exo_curl_stream **stream, const exo_curl_target *target, const exo_allocator *allocator,
                                exo_error *error);
void exo_curl_stream_close(exo_curl_stream *stream);

/* Moves the connecting on. → whether it has ended: NULL while it has not. */
const exo_curl_outcome *exo_curl_stream_poll(exo_curl_stream *stream);
/* A line of the server's certificate by its name in libcurl's words ("Subject"); NULL when there is none. */
const char *exo_curl_stream_certificate(exo_curl_stream *stream, const char *name);
/* The address and port that it connects from: valid as long as the stream; NULL where that isn't known. */
const char *exo_curl_stream_local(exo_curl_stream *stream, int *port);

typedef enum { EXO_STREAM_MOVED, EXO_STREAM_BLOCKS, EXO_STREAM_ENDED } exo_stream_result;

/* `moved`: how many bytes. EXO_STREAM_BLOCKS: none now. EXO_STREAM_ENDED: the other side has closed, or it broke. */
exo_stream_result exo_curl_stream_send(exo_curl_stream *stream, const char *bytes, size_t length, size_t *moved);
exo_stream_result exo_curl_stream_receive(exo_curl_stream *stream, char *bytes, size_t size, size_t *moved);

/* What to wait for, and the milliseconds after which to poll in any case, -1 for never. → how many */
size_t exo_curl_stream_watch(exo_curl_stream *stream, struct pollfd list[EXO_CURL_STREAM_SOCKETS], int *milliseconds);

#endif
