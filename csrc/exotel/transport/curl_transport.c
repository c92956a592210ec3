/* One multi handle, and easy handles that are used again. */
#include "exotel/transport/curl_transport.h"

#include <curl/curl.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "exotel/transport/curl_errors.h"
#include "exotel/transport/curl_setup.h"
#include "exotel/transport/curl_watch.h"
#include "exotel/transport/response.h"
#include "exotel/transport/sigpipe.h"
#include "exotel/transport/tls_conflict.h"

#define HEADERS_MAX ((size_t)64 * 1024)
#define NANOSECONDS 1e9

/* An easy handle and what its callbacks need. */
typedef struct slot {
  CURL *easy;
  CURLU *url;             /* of its request */
  exo_exchange *exchange; /* NULL: free */
  exo_curl_own_headers own;
  unsigned sendings; /* how often libcurl was about to send this request */
  size_t header_bytes;
  bool too_large, out_of_memory;
  char error[CURL_ERROR_SIZE];
} slot;

typedef struct curl_transport {
  const exo_allocator *allocator;
  CURLM *multi;
  exo_curl_watch watch;
  int64_t until; /* when this poll's time budget is used up; 0: it has none */
  bool cut;      /* it was, and work is left */
  bool raises_sigpipe;
  exo_curl_setup setup;
  size_t slot_count;
  slot slots[];
} curl_transport;

/* What only takes a pointer or a number: it can't fail for lack of memory. */
#define SET(option, value) (curl_easy_setopt(easy, option, value) == CURLE_OK)

/* ---- callbacks: they touch no Lua and allocate only by the reply's buffer ---- */

static size_t on_body(char *bytes, size_t size, size_t count, void *data) {
  slot *s = data;
  exo_buffer *body = &s->exchange->reply.body;
  size_t length = size * count;
  s->too_large = body->length + length > EXO_BODY_MAX;
  if (s->too_large) return 0;
  s->out_of_memory = !exo_buffer_append(body, bytes, length);
  return s->out_of_memory ? 0 : length;
}

/* Each answer on the way, "100 Continue" or that of a proxy, has headers of its own: those of the last one count. */
static bool keep_header(exo_exchange *exchange, const char *line, size_t length) {
  static const char begin[] = "HTTP/";
  exo_buffer *headers = &exchange->reply.headers;
  if (!exchange->keeps_headers) return true;
  if (length >= sizeof begin - 1 && memcmp(line, begin, sizeof begin - 1) == 0) exo_buffer_free(headers);
  return exo_buffer_append(headers, line, length);
}

static size_t on_header(char *line, size_t size, size_t count, void *data) {
  slot *s = data;
  size_t length = size * count;
  s->header_bytes += length;
  s->too_large = s->header_bytes > HEADERS_MAX;
  if (s->too_large) return 0;
  exo_response_header(&s->exchange->reply, line, length);
  s->out_of_memory = !keep_header(s->exchange, line, length);
  return s->out_of_memory ? 0 : length;
}

#if EXO_LIBCURL_VERSION >= 0x075000

/* Called when the connection stands and the request is about to leave. libcurl calls it a second time when a reused
 * connection died and it means to resend: the service may have had the first one, so a write is never sent again. */
static int on_sending(void *data, char *remote, char *local, int remote_port, int local_port) {
  slot *s = data;
  (void)remote, (void)local, (void)remote_port, (void)local_port;
  s->exchange->reply.sent = true;
  bool write = s->exchange->request->method != EXO_GET;
  return ++s->sendings > 1 && write ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

static bool watch_sending(slot *s, CURL *easy) {
  return SET(CURLOPT_PREREQFUNCTION, on_sending) && SET(CURLOPT_PREREQDATA, s);
}

#else

/* Told of what has left, which is all that an older libcurl tells of it. What it says to a proxy is not the request. */
static int on_trace(CURL *easy, curl_infotype type, char *bytes, size_t length, void *data) {
  slot *s = data;
  static const char tunnel[] = "CONNECT ";
  bool to_proxy = length >= sizeof tunnel && memcmp(bytes, tunnel, sizeof tunnel - 1) == 0;
  (void)easy;
  if (type == CURLINFO_HEADER_OUT && !to_proxy) s->exchange->reply.sent = true;
  return 0;
}

static bool watch_sending(slot *s, CURL *easy) {
  return SET(CURLOPT_DEBUGFUNCTION, on_trace) && SET(CURLOPT_DEBUGDATA, s) && SET(CURLOPT_VERBOSE, 1L);
}

#endif

static bool set_callbacks(slot *s, CURL *easy) {
  return SET(CURLOPT_PRIVATE, s) && SET(CURLOPT_ERRORBUFFER, s->error) && SET(CURLOPT_WRITEFUNCTION, on_body) &&
         SET(CURLOPT_WRITEDATA, s) && SET(CURLOPT_HEADERFUNCTION, on_header) && SET(CURLOPT_HEADERDATA, s) &&
         watch_sending(s, easy);
}

/* ---- after a fork ---- */

/* Handles that belong to the parent: to close them here would end its TLS sessions, to use them would take its
 * answers. They are kept where a leak checker sees that they are meant to stay. */
typedef struct abandoned {
  struct abandoned *next;
  CURLM *multi;
  size_t count;
  CURL *easy[];
} abandoned;

static abandoned *parents_handles;

static void abandon_handles(curl_transport *t) {
  abandoned *a = exo_allocate(t->allocator, sizeof *a + t->slot_count * sizeof a->easy[0]);
  if (a == NULL) return;
  a->multi = t->multi;
  a->count = t->slot_count;
  for (size_t i = 0; i < t->slot_count; i++) a->easy[i] = t->slots[i].easy;
  a->next = __atomic_load_n(&parents_handles, __ATOMIC_RELAXED);
  while (!__atomic_compare_exchange_n(&parents_handles, &a->next, a, false, __ATOMIC_RELEASE, __ATOMIC_RELAXED)) {
  }
}

static CURLM *new_multi(curl_transport *t) {
  CURLM *multi = curl_multi_init();
  if (multi == NULL) return NULL;
  long most = t->setup.config->max_connections;
  curl_multi_setopt(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, most);
  curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, most); /* else as many are closed as transfers end at a time */
  exo_curl_watch_open(&t->watch, multi);
  return multi;
}

/* False when memory ran out. */
static bool has_multi(curl_transport *t) {
  if (t->multi == NULL) t->multi = new_multi(t);
  return t->multi != NULL;
}

static void curl_abandon(void *context) {
  curl_transport *t = context;
  abandon_handles(t);
  exo_curl_watch_close(&t->watch); /* this process's descriptor for it: the parent's stays open */
  for (size_t i = 0; i < t->slot_count; i++) t->slots[i].easy = NULL, t->slots[i].exchange = NULL;
  t->multi = NULL;
}

static slot *free_slot(curl_transport *t) {
  for (size_t i = 0; i < t->slot_count; i++)
    if (t->slots[i].exchange == NULL) return &t->slots[i];
  return NULL;
}

/* An easy handle keeps its options from one request to the next. One that doesn't take them is not used. */
static CURLcode make_easy(curl_transport *t, slot *s) {
  CURL *easy = curl_easy_init();
  if (easy == NULL) return CURLE_OUT_OF_MEMORY;
  CURLcode code = set_callbacks(s, easy) ? exo_curl_set_up(&t->setup, &t->watch, easy) : CURLE_UNKNOWN_OPTION;
  if (code == CURLE_OK) s->easy = easy;
  else curl_easy_cleanup(easy);
  return code;
}

static CURLcode open_slot(curl_transport *t, slot *s, const exo_exchange *exchange) {
  if (s->url == NULL) s->url = curl_url();
  if (s->url == NULL) return CURLE_OUT_OF_MEMORY;
  CURLcode code = s->easy != NULL ? CURLE_OK : make_easy(t, s);
  s->sendings = 0;
  s->header_bytes = 0;
  s->too_large = s->out_of_memory = false;
  return code == CURLE_OK ? exo_curl_set_request(&t->setup, s->easy, s->url, &s->own, exchange) : code;
}

/* ---- moving transfers on ---- */

static int64_t now_in_nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * (int64_t)NANOSECONDS + now.tv_nsec;
}

static bool is_over_budget(curl_transport *t) {
  if (t->until != 0 && now_in_nanoseconds() >= t->until) t->cut = true;
  return t->cut;
}

/* Not after a failure: where it had no memory, libcurl (7.88) divides by zero in the next call. */
static void act(curl_transport *t, curl_socket_t fd, int events) {
  int running;
  if (t->watch.useless) return;
  if (curl_multi_socket_action(t->multi, fd, events, &running) != CURLM_OK) t->watch.useless = true;
}

/* Milliseconds until libcurl wants to be called whatever its sockets do, -1 for never. */
static long timer(const curl_transport *t) {
  long milliseconds = 0;
  return curl_multi_timeout(t->multi, &milliseconds) == CURLM_OK ? milliseconds : 0;
}

static void serve_timer(curl_transport *t) {
  if (timer(t) == 0) act(t, CURL_SOCKET_TIMEOUT, 0);
}

static void refuse(exo_exchange *exchange, CURLcode code) {
  exo_reply *reply = &exchange->reply;
  reply->failure = EXO_CONFIG;
  snprintf(reply->message, sizeof reply->message, "libcurl %.40s can't send the request as it has to be (%.200s)",
           curl_version_info(CURLVERSION_NOW)->version, curl_easy_strerror(code));
  exchange->done = true;
}

static bool add_to_multi(curl_transport *t, slot *s, exo_exchange *exchange) {
  s->exchange = exchange;
  exchange->transport_data = s;
  exo_sigpipe held;
  exo_sigpipe_hold(&held, t->raises_sigpipe);
  bool added = curl_multi_add_handle(t->multi, s->easy) == CURLM_OK;
  if (added) serve_timer(t);
  else s->exchange = NULL, exchange->transport_data = NULL;
  exo_sigpipe_release(&held);
  return added;
}

static bool curl_send(void *context, exo_exchange *exchange) {
  curl_transport *t = context;
  slot *s = has_multi(t) ? free_slot(t) : NULL;
  if (s == NULL) return false;
  CURLcode code = open_slot(t, s, exchange);
  if (code == CURLE_OK) return add_to_multi(t, s, exchange);
  if (code == CURLE_OUT_OF_MEMORY) return false;
  refuse(exchange, code);
  return true;
}

/* ---- what came of it ---- */

/* libcurl's own limit of 100 KB for one header line shows as lack of memory (before its 8.6): trying to allocate tells
 * what a server did from what this machine lacks. */
static bool is_long_header(const curl_transport *t, const slot *s, CURLcode code) {
  if (code != CURLE_OUT_OF_MEMORY || !s->exchange->reply.sent) return false;
  void *block = exo_allocate(t->allocator, 4 * HEADERS_MAX);
  exo_free(t->allocator, block);
  return block != NULL;
}

static void read_outcome(const curl_transport *t, exo_reply *reply, slot *s, CURLcode code) {
  curl_easy_getinfo(s->easy, CURLINFO_RESPONSE_CODE, &reply->status);
  if (code == CURLE_OK) return;
  s->too_large = s->too_large || is_long_header(t, s, code);
  exo_curl_describe(reply, s->easy, code, s->error);
  if (s->out_of_memory) reply->failure = EXO_NO_MEMORY;
  if (!s->too_large) return;
  reply->failure = EXO_PROTOCOL;
  snprintf(reply->message, sizeof reply->message, "the answer is too large: over 16 MiB, or over 64 KiB of headers");
}

static void release(curl_transport *t, slot *s) {
  curl_multi_remove_handle(t->multi, s->easy);
  s->exchange->transport_data = NULL;
  s->exchange = NULL;
}

/* Whether any was done. */
static bool collect(curl_transport *t) {
  CURLMsg *message;
  int left;
  bool any = false;
  while ((message = curl_multi_info_read(t->multi, &left)) != NULL) {
    slot *s;
    if (message->msg != CURLMSG_DONE) continue;
    CURLcode code = message->data.result;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&s);
    exo_exchange *exchange = s->exchange;
    read_outcome(t, &exchange->reply, s, code);
    release(t, s);
    exchange->done = any = true;
  }
  return any;
}

/* ---- polling ---- */

static void serve_sockets(curl_transport *t, int milliseconds) {
  exo_curl_ready ready[EXO_CURL_READY_MAX];
  int count = exo_curl_watch_wait(&t->watch, ready, milliseconds);
  for (int i = 0; i < count && !is_over_budget(t); i++) act(t, ready[i].socket, ready[i].events);
}

static int in_milliseconds(double seconds) { return seconds < 1000 ? (int)(seconds * 1000) + 1 : 1000000; }

static int poll_timeout(const curl_transport *t, double seconds) {
  int most = in_milliseconds(seconds);
  long due = timer(t);
  return due >= 0 && due < most ? (int)due : most;
}

/* Without epoll, where it had no memory or no descriptor: libcurl looks at all its sockets itself. */
static void poll_all(curl_transport *t, double seconds) {
  int running;
  curl_multi_perform(t->multi, &running);
  if (collect(t) || seconds <= 0) return;
  curl_multi_poll(t->multi, NULL, 0, in_milliseconds(seconds), NULL);
  curl_multi_perform(t->multi, &running);
  collect(t);
}

/* A transfer that is done already leaves nothing to wait for. */
static void poll_watched(curl_transport *t, double seconds) {
  serve_timer(t);
  bool any = collect(t);
  serve_sockets(t, any || seconds <= 0 ? 0 : poll_timeout(t, seconds));
  serve_timer(t);
  collect(t);
}

static bool curl_poll(void *context, double seconds, double budget) {
  curl_transport *t = context;
  if (!has_multi(t)) return false;
  t->cut = false;
  t->until = isfinite(budget) ? now_in_nanoseconds() + (int64_t)(budget * NANOSECONDS) : 0;
  exo_sigpipe held;
  exo_sigpipe_hold(&held, t->raises_sigpipe);
  if (t->watch.useless) poll_all(t, seconds);
  else poll_watched(t, seconds);
  exo_sigpipe_release(&held);
  return t->cut;
}

static int curl_watch(void *context, double *seconds) {
  curl_transport *t = context;
  if (!has_multi(t) || t->watch.useless) return -1;
  long due = timer(t);
  *seconds = due >= 0 ? (double)due / 1000 : INFINITY;
  return t->watch.epoll;
}

static void curl_cancel(void *context, exo_exchange *exchange) {
  curl_transport *t = context;
  if (exchange->transport_data == NULL) return;
  exo_sigpipe held;
  exo_sigpipe_hold(&held, t->raises_sigpipe);
  release(t, exchange->transport_data);
  exo_sigpipe_release(&held);
}

/* ---- opening and closing ---- */

static void close_handles(curl_transport *t) {
  for (size_t i = 0; i < t->slot_count; i++) {
    if (t->slots[i].exchange != NULL) release(t, &t->slots[i]);
    if (t->slots[i].easy != NULL) curl_easy_cleanup(t->slots[i].easy);
    exo_curl_own_headers_free(&t->slots[i].own);
    curl_url_cleanup(t->slots[i].url);
  }
  if (t->multi != NULL) curl_multi_cleanup(t->multi);
}

static void curl_close(void *context) {
  curl_transport *t = context;
  exo_sigpipe held;
  exo_sigpipe_hold(&held, t->raises_sigpipe);
  close_handles(t);
  exo_sigpipe_release(&held);
  exo_curl_watch_close(&t->watch);
  exo_curl_setup_close(&t->setup);
  exo_free(t->allocator, t);
}

/* Older libcurls write to TLS connections that the peer has closed, which would end the host. */
static bool may_raise_sigpipe(void) {
  return EXO_LIBCURL_VERSION < 0x075800 || curl_version_info(CURLVERSION_NOW)->version_num < 0x075800;
}

static curl_transport *new_transport(const exo_config *config, const exo_allocator *allocator) {
  size_t slots = (size_t)config->max_connections;
  curl_transport *t = exo_allocate_zeroed(allocator, sizeof *t + slots * sizeof(slot));
  if (t == NULL) return NULL;
  t->allocator = allocator;
  t->slot_count = slots;
  t->watch.epoll = -1;
  t->raises_sigpipe = may_raise_sigpipe();
  return t;
}

exo_result exo_curl_transport_open(exo_transport *transport, const exo_config *config, const exo_allocator *allocator,
                                   exo_error *error) {
  const char *tls_library = curl_version_info(CURLVERSION_NOW)->ssl_version;
  if (!exo_tls_conflict_check(tls_library, error)) return EXO_RESULT_ERROR;           /* before libcurl touches it */
  if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) return EXO_RESULT_NO_MEMORY; /* counted: a host may use it */
  curl_transport *t = new_transport(config, allocator);
  if (t == NULL) return EXO_RESULT_NO_MEMORY;
  exo_result result = exo_curl_setup_open(&t->setup, config, allocator, error);
  if (result == EXO_RESULT_OK && !has_multi(t)) result = EXO_RESULT_NO_MEMORY;
  if (result == EXO_RESULT_OK)
    *transport = (exo_transport){ t, curl_send, curl_poll, curl_cancel, curl_abandon, curl_close, curl_watch };
  else curl_close(t);
  return result;
}
