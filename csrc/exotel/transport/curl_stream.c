#include "exotel/transport/curl_stream.h"

#include <curl/curl.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

#include "exotel/base/platform.h"
#include "exotel/transport/curl_ca.h"
#include "exotel/transport/curl_errors.h"
#include "exotel/transport/curl_version.h"
#include "exotel/transport/sigpipe.h"
#include "exotel/transport/tls_conflict.h"

/* How long to wait where libcurl names no socket: a descriptor beyond what select takes. */
enum { BLIND_MS = 10 };

struct exo_curl_stream {
  const exo_allocator *allocator;
  CURLM *multi;
  CURL *easy;
  bool added, done;
  double began;
  curl_socket_t fd; /* CURL_SOCKET_BAD: none now */
  struct curl_slist *connect_to;
  exo_curl_ca ca;
  exo_curl_outcome outcome;
  char error[CURL_ERROR_SIZE];
};

/* ---- how libcurl is told what to do ---- */

#define TRY(option, value)                                         \
  do {                                                             \
    CURLcode refusal = curl_easy_setopt(s->easy, option, (value)); \
    if (refusal != CURLE_OK) return refusal;                       \
  } while (0)

/* libcurl tells how long TCP took only of what succeeds: until when it is not connected is seen from outside. */
static void note_connected(exo_curl_stream *s) {
  struct sockaddr_storage peer;
  socklen_t length = sizeof peer;
  if (s->outcome.connected || s->fd == CURL_SOCKET_BAD) return;
  if (getpeername(s->fd, (struct sockaddr *)&peer, &length) != 0) return;
  s->outcome.connected = true;
  s->outcome.tcp_seconds = exo_system_platform.now(NULL) - s->began;
}

/* A program that the host starts must not inherit a connection. */
static curl_socket_t open_socket(void *data, curlsocktype purpose, struct curl_sockaddr *address) {
  exo_curl_stream *s = data;
  (void)purpose;
  s->fd = socket(address->family, address->socktype, address->protocol);
  if (s->fd >= 0) fcntl(s->fd, F_SETFD, FD_CLOEXEC);
  return s->fd;
}

static int close_socket(void *data, curl_socket_t fd) {
  exo_curl_stream *s = data;
  note_connected(s);
  s->fd = CURL_SOCKET_BAD;
  return close(fd);
}

/* The URL names whom to verify, the list where to connect. Its scheme is only for the kind of connection. */
static CURLcode set_target(exo_curl_stream *s, const exo_curl_target *target) {
  char url[400], to[400];
  snprintf(url, sizeof url, "%s://%.255s:%d/", target->tls ? "https" : "http", target->name, target->port);
  snprintf(to, sizeof to, "::%.255s:%d", target->address, target->port);
  s->connect_to = curl_slist_append(NULL, to);
  if (s->connect_to == NULL) return CURLE_OUT_OF_MEMORY;
  TRY(CURLOPT_CONNECT_TO, s->connect_to);
  TRY(CURLOPT_URL, url);
  TRY(CURLOPT_CONNECT_ONLY, 1L);
  TRY(CURLOPT_CONNECTTIMEOUT_MS, (long)(target->timeout * 1000) + 1);
  return CURLE_OK;
}

static CURLcode set_network(exo_curl_stream *s) {
  TRY(CURLOPT_NOSIGNAL, 1L);
  TRY(CURLOPT_PROXY, "");
  TRY(CURLOPT_OPENSOCKETFUNCTION, open_socket);
  TRY(CURLOPT_OPENSOCKETDATA, s);
  TRY(CURLOPT_CLOSESOCKETFUNCTION, close_socket);
  TRY(CURLOPT_CLOSESOCKETDATA, s);
  TRY(CURLOPT_ERRORBUFFER, s->error);
  return CURLE_OK;
}

/* As for the API. ALPN would offer HTTP, which a SIP server may refuse. */
static CURLcode set_tls(exo_curl_stream *s, const exo_curl_target *target) {
  TRY(CURLOPT_SSL_VERIFYPEER, target->verify ? 1L : 0L);
  TRY(CURLOPT_SSL_VERIFYHOST, target->verify ? 2L : 0L);
  TRY(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
  TRY(CURLOPT_SSL_ENABLE_ALPN, 0L);
  TRY(CURLOPT_CERTINFO, 1L);
  TRY(CURLOPT_CAINFO, s->ca.file);
  TRY(CURLOPT_CAPATH, s->ca.folder);
  return CURLE_OK;
}

static CURLcode set_up(exo_curl_stream *s, const exo_curl_target *target) {
  CURLcode code = set_network(s);
  if (code == CURLE_OK) code = set_target(s, target);
  return code == CURLE_OK && target->tls ? set_tls(s, target) : code;
}

/* ---- opening and closing ---- */

static bool find_ca(exo_curl_stream *s, const exo_curl_target *target, exo_error *error) {
  const exo_config config = { .base_url = target->tls && target->verify ? "https:" : "", .ca_file = target->ca_file };
  return exo_curl_ca_find(&s->ca, &config, error);
}

static bool begin(exo_curl_stream *s) {
  exo_sigpipe held;
  exo_sigpipe_hold(&held, true);
  s->added = curl_multi_add_handle(s->multi, s->easy) == CURLM_OK;
  exo_sigpipe_release(&held);
  return s->added;
}

static exo_result start(exo_curl_stream *s, const exo_curl_target *target, exo_error *error) {
  if (!find_ca(s, target, error)) return EXO_RESULT_ERROR;
  s->multi = curl_multi_init();
  s->easy = s->multi != NULL ? curl_easy_init() : NULL;
  CURLcode code = s->easy != NULL ? set_up(s, target) : CURLE_OUT_OF_MEMORY;
  if (code == CURLE_OK) return begin(s) ? EXO_RESULT_OK : EXO_RESULT_NO_MEMORY;
  if (code == CURLE_OUT_OF_MEMORY) return EXO_RESULT_NO_MEMORY;
  exo_error_set(error, "", "libcurl %.40s can't connect as it has to (%.200s)",
                curl_version_info(CURLVERSION_NOW)->version, curl_easy_strerror(code));
  return EXO_RESULT_ERROR;
}

exo_result exo_curl_stream_open(exo_curl_stream **stream, const exo_curl_target *target, const exo_allocator *allocator,
                                exo_error *error) {
  const char *tls_library = curl_version_info(CURLVERSION_NOW)->ssl_version;
  *stream = NULL;
  if (!exo_tls_conflict_check(tls_library, error)) return EXO_RESULT_ERROR;
  if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) return EXO_RESULT_NO_MEMORY;
  exo_curl_stream *s = exo_allocate_zeroed(allocator, sizeof *s);
  if (s == NULL) return EXO_RESULT_NO_MEMORY;
  s->allocator = allocator;
  s->fd = CURL_SOCKET_BAD;
  s->began = exo_system_platform.now(NULL);
  exo_result result = start(s, target, error);
  if (result == EXO_RESULT_OK) *stream = s;
  else exo_curl_stream_close(s);
  return result;
}

void exo_curl_stream_close(exo_curl_stream *s) {
  exo_sigpipe held;
  if (s == NULL) return;
  exo_sigpipe_hold(&held, true);
  if (s->added) curl_multi_remove_handle(s->multi, s->easy);
  if (s->easy != NULL) curl_easy_cleanup(s->easy);
  if (s->multi != NULL) curl_multi_cleanup(s->multi);
  exo_sigpipe_release(&held);
  curl_slist_free_all(s->connect_to);
  exo_free(s->allocator, s);
}

/* ---- connecting ---- */

static void read_failure(exo_curl_stream *s, CURLcode code) {
  exo_reply reply = { .failure = EXO_OK };
  long system = 0;
  exo_curl_describe(&reply, s->easy, code, s->error);
  if (code == CURLE_COULDNT_CONNECT) curl_easy_getinfo(s->easy, CURLINFO_OS_ERRNO, &system);
  s->outcome.system = (int)system;
  s->outcome.failure = reply.failure;
  snprintf(s->outcome.message, sizeof s->outcome.message, "%s", reply.message);
}

static void read_outcome(exo_curl_stream *s, CURLcode code) {
  s->done = true;
  s->outcome.seconds = exo_system_platform.now(NULL) - s->began;
  if (code == CURLE_OK) note_connected(s);
  else read_failure(s, code);
}

static void perform(exo_curl_stream *s) {
  CURLMsg *message;
  int left;
  exo_sigpipe held;
  exo_sigpipe_hold(&held, true);
  CURLMcode code = curl_multi_perform(s->multi, &left);
  exo_sigpipe_release(&held);
  note_connected(s);
  while ((message = curl_multi_info_read(s->multi, &left)) != NULL)
    if (message->msg == CURLMSG_DONE) read_outcome(s, message->data.result);
  if (code != CURLM_OK && !s->done) read_outcome(s, CURLE_OUT_OF_MEMORY);
}

const exo_curl_outcome *exo_curl_stream_poll(exo_curl_stream *s) {
  if (!s->done) perform(s);
  return s->done ? &s->outcome : NULL;
}

const char *exo_curl_stream_certificate(exo_curl_stream *s, const char *name) {
  struct curl_certinfo *chain = NULL;
  size_t length = strlen(name);
  if (curl_easy_getinfo(s->easy, CURLINFO_CERTINFO, &chain) != CURLE_OK || chain == NULL) return NULL;
  for (const struct curl_slist *l = chain->num_of_certs > 0 ? chain->certinfo[0] : NULL; l != NULL; l = l->next)
    if (strncasecmp(l->data, name, length) == 0 && l->data[length] == ':') return l->data + length + 1;
  return NULL;
}

const char *exo_curl_stream_local(exo_curl_stream *s, int *port) {
  char *address = NULL;
  long number = 0;
  curl_easy_getinfo(s->easy, CURLINFO_LOCAL_IP, &address);
  curl_easy_getinfo(s->easy, CURLINFO_LOCAL_PORT, &number);
  *port = (int)number;
  return address;
}

/* ---- bytes ---- */

static exo_stream_result result_of(CURLcode code, size_t moved) {
  if (code == CURLE_AGAIN) return EXO_STREAM_BLOCKS;
  return code == CURLE_OK && moved > 0 ? EXO_STREAM_MOVED : EXO_STREAM_ENDED;
}

exo_stream_result exo_curl_stream_send(exo_curl_stream *s, const char *bytes, size_t length, size_t *moved) {
  exo_sigpipe held;
  *moved = 0;
  exo_sigpipe_hold(&held, true);
  CURLcode code = curl_easy_send(s->easy, bytes, length, moved);
  exo_sigpipe_release(&held);
  return result_of(code, *moved);
}

exo_stream_result exo_curl_stream_receive(exo_curl_stream *s, char *bytes, size_t size, size_t *moved) {
  exo_sigpipe held;
  *moved = 0;
  exo_sigpipe_hold(&held, true);
  CURLcode code = curl_easy_recv(s->easy, bytes, size, moved);
  exo_sigpipe_release(&held);
  return result_of(code, *moved);
}

/* ---- waiting ---- */

static short events_of(int fd, const fd_set *in, const fd_set *out) {
  return (short)((FD_ISSET(fd, in) ? POLLIN : 0) | (FD_ISSET(fd, out) ? POLLOUT : 0));
}

static size_t watch_connecting(exo_curl_stream *s, struct pollfd *list, int *milliseconds) {
  fd_set in, out, ignored;
  int highest = -1;
  size_t count = 0;
  long due = -1;
  FD_ZERO(&in);
  FD_ZERO(&out);
  FD_ZERO(&ignored);
  curl_multi_fdset(s->multi, &in, &out, &ignored, &highest);
  for (int fd = 0; fd <= highest && count < EXO_CURL_STREAM_SOCKETS; fd++) {
    short events = events_of(fd, &in, &out);
    if (events != 0) list[count++] = (struct pollfd){ .fd = fd, .events = events };
  }
  curl_multi_timeout(s->multi, &due);
  *milliseconds = count == 0 && (due < 0 || due > BLIND_MS) ? BLIND_MS : (int)due;
  return count;
}

size_t exo_curl_stream_watch(exo_curl_stream *s, struct pollfd list[EXO_CURL_STREAM_SOCKETS], int *milliseconds) {
  curl_socket_t fd = CURL_SOCKET_BAD;
  if (!s->done) return watch_connecting(s, list, milliseconds);
  *milliseconds = -1;
  curl_easy_getinfo(s->easy, CURLINFO_ACTIVESOCKET, &fd);
  if (fd == CURL_SOCKET_BAD) return 0;
  list[0] = (struct pollfd){ .fd = fd, .events = POLLIN };
  return 1;
}
