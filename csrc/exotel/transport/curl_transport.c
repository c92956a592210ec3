/* One multi handle, and easy handles that are used again. */
#include "exotel/transport/curl_transport.h"

#include <curl/curl.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "exotel/base/version.h"
#include "exotel/transport/curl_ca.h"
#include "exotel/transport/curl_errors.h"
#include "exotel/transport/response.h"
#include "exotel/transport/tls_conflict.h"

#define HEADERS_MAX ((size_t)64 * 1024)
#define NANOSECONDS 1e9

/* An easy handle and what its callbacks need. */
typedef struct slot {
  CURL *easy;
  exo_exchange *exchange; /* NULL: free */
  unsigned sendings;      /* how often libcurl was about to send this request */
  size_t header_bytes;
  bool too_large, out_of_memory;
  char error[CURL_ERROR_SIZE];
} slot;

typedef struct curl_transport {
  const exo_allocator *allocator;
  const exo_config *config;
  CURLM *multi;
  int epoll;      /* watches libcurl's sockets: one call for all, where curl_multi_perform looks at each */
  bool unwatched; /* a socket could not be watched */
  int64_t until;  /* when this poll's time budget is used up; 0: it has none */
  bool cut;       /* it was, and work is left */
  struct curl_slist *read_headers, *write_headers;
  exo_curl_ca ca;
  size_t slot_count;
  slot slots[];
} curl_transport;

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

static size_t on_header(char *line, size_t size, size_t count, void *data) {
  slot *s = data;
  size_t length = size * count;
  s->header_bytes += length;
  s->too_large = s->header_bytes > HEADERS_MAX;
  if (s->too_large) return 0;
  exo_response_header(&s->exchange->reply, line, length);
  return length;
}

/* Called when the connection stands and the request is about to leave. libcurl calls it a second time when a reused
 * connection died and it means to resend: the service may have had the first one, so a write is never sent again. */
static int on_sending(void *data, char *remote, char *local, int remote_port, int local_port) {
  slot *s = data;
  (void)remote, (void)local, (void)remote_port, (void)local_port;
  s->exchange->reply.sent = true;
  bool write = s->exchange->request->method != EXO_GET;
  return ++s->sendings > 1 && write ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

/* Says of a socket what libcurl waits for. No memory for it is not the transfer's end: see poll_all. */
static int on_socket(CURL *easy, curl_socket_t fd, int what, void *data, void *unused) {
  curl_transport *t = data;
  struct epoll_event event = { .data.fd = fd };
  (void)easy, (void)unused;
  if (what == CURL_POLL_REMOVE) {
    epoll_ctl(t->epoll, EPOLL_CTL_DEL, fd, &event);
    return 0;
  }
  event.events = (what & CURL_POLL_IN ? EPOLLIN : 0u) | (what & CURL_POLL_OUT ? EPOLLOUT : 0u);
  if (epoll_ctl(t->epoll, EPOLL_CTL_MOD, fd, &event) == 0) return 0;
  if (epoll_ctl(t->epoll, EPOLL_CTL_ADD, fd, &event) != 0) t->unwatched = true;
  return 0;
}

/* ---- setting up a transfer ---- */

/* False when there was no memory for it. Without an option another request would be sent: without credentials, past the
 * proxy, or a DELETE as a GET. */
#define SET(option, value) (curl_easy_setopt(easy, option, value) != CURLE_OUT_OF_MEMORY)

/* CAPATH has to be NULL: with libcurl's built-in folder every new connection reads it anew, 45 ms against 1 ms. */
static bool set_tls(const curl_transport *t, CURL *easy) {
  return SET(CURLOPT_SSL_VERIFYPEER, 1L) && SET(CURLOPT_SSL_VERIFYHOST, 2L) &&
         SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) && SET(CURLOPT_CAINFO, t->ca.file) &&
         SET(CURLOPT_CAPATH, t->ca.folder);
}

static bool set_behaviour(const curl_transport *t, CURL *easy) {
  return SET(CURLOPT_NOSIGNAL, 1L) && SET(CURLOPT_PROTOCOLS_STR, "http,https") &&
         SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) && SET(CURLOPT_FOLLOWLOCATION, 0L) &&
         SET(CURLOPT_PATH_AS_IS, 1L) && SET(CURLOPT_USERAGENT, "exotel-lua/" EXO_VERSION) &&
         SET(CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC) && SET(CURLOPT_USERNAME, t->config->api_key) &&
         SET(CURLOPT_PASSWORD, t->config->api_token) &&
         (t->config->proxy == NULL || SET(CURLOPT_PROXY, t->config->proxy));
}

static bool set_callbacks(slot *s, CURL *easy) {
  return SET(CURLOPT_PRIVATE, s) && SET(CURLOPT_ERRORBUFFER, s->error) && SET(CURLOPT_WRITEFUNCTION, on_body) &&
         SET(CURLOPT_WRITEDATA, s) && SET(CURLOPT_HEADERFUNCTION, on_header) && SET(CURLOPT_HEADERDATA, s) &&
         SET(CURLOPT_PREREQFUNCTION, on_sending) && SET(CURLOPT_PREREQDATA, s);
}

static bool set_body(CURL *easy, const exo_buffer *body) {
  return SET(CURLOPT_POSTFIELDS, exo_buffer_string(body)) && SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body->length);
}

static bool set_request(const curl_transport *t, CURL *easy, const exo_exchange *exchange) {
  const exo_request *request = exchange->request;
  bool unusual = request->method == EXO_PUT || request->method == EXO_DELETE;
  return SET(CURLOPT_TIMEOUT_MS, (long)(exchange->timeout * 1000) + 1) &&
         SET(CURLOPT_CONNECTTIMEOUT_MS, (long)(exchange->connect_timeout * 1000) + 1) &&
         SET(CURLOPT_HTTPHEADER, request->has_body ? t->write_headers : t->read_headers) &&
         (!request->has_body || set_body(easy, &request->body)) &&
         (!unusual || SET(CURLOPT_CUSTOMREQUEST, exo_method_name(request->method))) &&
         SET(CURLOPT_URL, exo_buffer_string(&request->url));
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
  curl_multi_setopt(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)t->config->max_connections);
  curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket);
  curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, t);
  t->epoll = epoll_create1(EPOLL_CLOEXEC);
  t->unwatched = t->epoll < 0;
  return multi;
}

static void close_epoll(curl_transport *t) {
  if (t->epoll >= 0) close(t->epoll);
  t->epoll = -1;
}

/* False when memory ran out. */
static bool has_multi(curl_transport *t) {
  if (t->multi == NULL) t->multi = new_multi(t);
  return t->multi != NULL;
}

static void curl_abandon(void *context) {
  curl_transport *t = context;
  abandon_handles(t);
  close_epoll(t); /* this process's descriptor for it: the parent's stays open */
  for (size_t i = 0; i < t->slot_count; i++) t->slots[i].easy = NULL, t->slots[i].exchange = NULL;
  t->multi = NULL;
}

static slot *free_slot(curl_transport *t) {
  for (size_t i = 0; i < t->slot_count; i++)
    if (t->slots[i].exchange == NULL) return &t->slots[i];
  return NULL;
}

/* curl_easy_reset keeps what is costly: connections, TLS sessions and the parsed CA store live in the multi handle. */
static bool open_slot(slot *s) {
  if (s->easy == NULL) s->easy = curl_easy_init();
  else curl_easy_reset(s->easy);
  s->sendings = 0;
  s->header_bytes = 0;
  s->too_large = s->out_of_memory = false;
  s->error[0] = '\0';
  return s->easy != NULL;
}

static bool set_up(const curl_transport *t, slot *s, const exo_exchange *exchange) {
  return set_behaviour(t, s->easy) && set_tls(t, s->easy) && set_callbacks(s, s->easy) &&
         set_request(t, s->easy, exchange);
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
  if (t->unwatched) return;
  if (curl_multi_socket_action(t->multi, fd, events, &running) != CURLM_OK) t->unwatched = true;
}

/* Milliseconds until libcurl wants to be called whatever its sockets do, -1 for never. */
static long timer(const curl_transport *t) {
  long milliseconds = 0;
  return curl_multi_timeout(t->multi, &milliseconds) == CURLM_OK ? milliseconds : 0;
}

static void serve_timer(curl_transport *t) {
  if (timer(t) == 0) act(t, CURL_SOCKET_TIMEOUT, 0);
}

static bool curl_send(void *context, exo_exchange *exchange) {
  curl_transport *t = context;
  slot *s = has_multi(t) ? free_slot(t) : NULL;
  if (s == NULL || !open_slot(s) || !set_up(t, s, exchange)) return false;
  s->exchange = exchange;
  exchange->transport_data = s;
  if (curl_multi_add_handle(t->multi, s->easy) == CURLM_OK) {
    serve_timer(t);
    return true;
  }
  s->exchange = NULL;
  exchange->transport_data = NULL;
  return false;
}

/* ---- what came of it ---- */

/* libcurl's own limit of 100 KB for one header line shows as lack of memory (before its 8.6): trying to allocate tells
 * what a server did from what this machine lacks. */
static bool is_long_header(const curl_transport *t, const slot *s, CURLcode code) {
  if (code != CURLE_OUT_OF_MEMORY || s->out_of_memory || !s->exchange->reply.sent) return false;
  void *block = exo_allocate(t->allocator, 4 * HEADERS_MAX);
  exo_free(t->allocator, block);
  return block != NULL;
}

static void read_outcome(const curl_transport *t, exo_reply *reply, slot *s, CURLcode code) {
  curl_off_t retry_after = 0;
  curl_easy_getinfo(s->easy, CURLINFO_RESPONSE_CODE, &reply->status);
  curl_easy_getinfo(s->easy, CURLINFO_RETRY_AFTER, &retry_after);
  if (retry_after > 0) reply->retry_after = (long)retry_after;
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

static int events_of(uint32_t happened) {
  return (happened & EPOLLIN ? CURL_CSELECT_IN : 0) | (happened & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
         (happened & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0);
}

static void serve_sockets(curl_transport *t, int milliseconds) {
  struct epoll_event events[64];
  int count = epoll_wait(t->epoll, events, sizeof events / sizeof *events, milliseconds);
  for (int i = 0; i < count && !is_over_budget(t); i++) act(t, events[i].data.fd, events_of(events[i].events));
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

/* A transfer that ends in the first round leaves nothing to wait for. */
static void poll_watched(curl_transport *t, double seconds) {
  if (!t->cut) serve_sockets(t, 0);
  serve_timer(t);
  if (collect(t) || seconds <= 0) return;
  serve_sockets(t, poll_timeout(t, seconds));
  serve_timer(t);
  collect(t);
}

static bool curl_poll(void *context, double seconds, double budget) {
  curl_transport *t = context;
  if (!has_multi(t)) return false;
  t->cut = false;
  t->until = isfinite(budget) ? now_in_nanoseconds() + (int64_t)(budget * NANOSECONDS) : 0;
  if (t->unwatched) poll_all(t, seconds);
  else poll_watched(t, seconds);
  return t->cut;
}

static void curl_cancel(void *context, exo_exchange *exchange) {
  if (exchange->transport_data != NULL) release(context, exchange->transport_data);
}

/* ---- opening and closing ---- */

static void close_handles(curl_transport *t) {
  for (size_t i = 0; i < t->slot_count; i++) {
    if (t->slots[i].exchange != NULL) release(t, &t->slots[i]);
    if (t->slots[i].easy != NULL) curl_easy_cleanup(t->slots[i].easy);
  }
  if (t->multi != NULL) curl_multi_cleanup(t->multi);
}

static void curl_close(void *context) {
  curl_transport *t = context;
  close_handles(t);
  close_epoll(t);
  curl_slist_free_all(t->read_headers);
  curl_slist_free_all(t->write_headers);
  exo_free(t->allocator, t);
}

static bool append_header(struct curl_slist **list, const char *header) {
  struct curl_slist *longer = curl_slist_append(*list, header);
  if (longer != NULL) *list = longer;
  return longer != NULL;
}

/* "Expect:" switches 100-continue off, which costs a second against servers that don't answer it. */
static bool make_headers(curl_transport *t) {
  return append_header(&t->read_headers, "Accept: application/json") &&
         append_header(&t->write_headers, "Accept: application/json") &&
         append_header(&t->write_headers, "Content-Type: application/json") &&
         append_header(&t->write_headers, "Expect:");
}

static curl_transport *new_transport(const exo_config *config, const exo_allocator *allocator) {
  size_t slots = (size_t)config->max_connections;
  curl_transport *t = exo_allocate_zeroed(allocator, sizeof *t + slots * sizeof(slot));
  if (t == NULL) return NULL;
  t->allocator = allocator;
  t->config = config;
  t->slot_count = slots;
  t->epoll = -1;
  return t;
}

exo_result exo_curl_transport_open(exo_transport *transport, const exo_config *config, const exo_allocator *allocator,
                                   exo_error *error) {
  const char *tls_library = curl_version_info(CURLVERSION_NOW)->ssl_version;
  if (!exo_tls_conflict_check(tls_library, error)) return EXO_RESULT_ERROR;           /* before libcurl touches it */
  if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) return EXO_RESULT_NO_MEMORY; /* counted: a host may use it */
  curl_transport *t = new_transport(config, allocator);
  if (t == NULL) return EXO_RESULT_NO_MEMORY;
  bool found = exo_curl_ca_find(&t->ca, config, error);
  if (found && make_headers(t) && has_multi(t)) {
    *transport = (exo_transport){ t, curl_send, curl_poll, curl_cancel, curl_abandon, curl_close };
    return EXO_RESULT_OK;
  }
  curl_close(t);
  return found ? EXO_RESULT_NO_MEMORY : EXO_RESULT_ERROR;
}
