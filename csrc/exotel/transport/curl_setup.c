#include "exotel/transport/curl_setup.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "exotel/base/basic_auth.h"
#include "exotel/base/version.h"

#define TRY(option, value)                                      \
  do {                                                          \
    CURLcode refusal = curl_easy_setopt(easy, option, (value)); \
    if (refusal != CURLE_OK) return refusal;                    \
  } while (0)

/* ---- sockets ---- */

/* A program that the host starts must not inherit a connection. */
static curl_socket_t open_closed_on_exec(const struct curl_sockaddr *address) {
#ifdef SOCK_CLOEXEC
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
#else
  int fd = socket(address->family, address->socktype, address->protocol);
  if (fd >= 0) fcntl(fd, F_SETFD, FD_CLOEXEC);
  return fd;
#endif
}

static curl_socket_t open_socket(void *watch, curlsocktype purpose, struct curl_sockaddr *address) {
  curl_socket_t fd = open_closed_on_exec(address);
  (void)purpose;
  if (fd != CURL_SOCKET_BAD) exo_curl_watch_opened(watch, fd);
  return fd;
}

static int close_socket(void *watch, curl_socket_t fd) {
  exo_curl_watch_closing(watch, fd);
  return close(fd);
}

/* libcurl has each connection closed by the handle's function that has opened it. */
static CURLcode set_sockets(exo_curl_watch *watch, CURL *easy) {
  TRY(CURLOPT_OPENSOCKETFUNCTION, open_socket);
  TRY(CURLOPT_OPENSOCKETDATA, watch);
  TRY(CURLOPT_CLOSESOCKETFUNCTION, close_socket);
  TRY(CURLOPT_CLOSESOCKETDATA, watch);
  return CURLE_OK;
}

/* ---- what is the same for all ---- */

/* By its number: newer headers call its name deprecated. */
#define EXO_CURLOPT_PROTOCOLS ((CURLoption)181)

static CURLcode set_protocols(CURL *easy) {
#if EXO_LIBCURL_VERSION >= 0x075500
  TRY(CURLOPT_PROTOCOLS_STR, "http,https");
#else
  TRY(EXO_CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
  return CURLE_OK;
}

/* Without it a poll, a cancel or a close waits for the resolver's thread, as long as its name server takes. */
static CURLcode set_quick_exit(CURL *easy) {
#if EXO_LIBCURL_VERSION >= 0x075700
  TRY(CURLOPT_QUICK_EXIT, 1L);
#endif
  (void)easy;
  return CURLE_OK;
}

/* CAPATH has to be NULL: with libcurl's built-in folder every new connection reads it anew, 45 ms against 1 ms. */
static CURLcode set_tls(const exo_curl_setup *setup, CURL *easy) {
  TRY(CURLOPT_SSL_VERIFYPEER, 1L);
  TRY(CURLOPT_SSL_VERIFYHOST, 2L);
  TRY(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
  TRY(CURLOPT_CAINFO, setup->ca.file);
  TRY(CURLOPT_CAPATH, setup->ca.folder);
  return CURLE_OK;
}

/* "" is none: what the environment says of proxies was looked at when the client was made. */
static CURLcode set_network(const exo_config *config, CURL *easy) {
  TRY(CURLOPT_NOSIGNAL, 1L);
  TRY(CURLOPT_PROXY, config->proxy.url != NULL ? config->proxy.url : "");
  return set_quick_exit(easy);
}

static CURLcode set_http(const exo_config *config, CURL *easy) {
  TRY(CURLOPT_URL, config->base_url); /* see set_url */
  TRY(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
  TRY(CURLOPT_FOLLOWLOCATION, 0L);
  TRY(CURLOPT_HEADEROPT, (long)CURLHEADER_SEPARATE); /* what a proxy is told to make a tunnel holds none of ours */
  TRY(CURLOPT_USERAGENT, "exotel-lua/" EXO_VERSION);
  return set_protocols(easy);
}

CURLcode exo_curl_set_up(const exo_curl_setup *setup, exo_curl_watch *watch, CURL *easy) {
  CURLcode code = set_sockets(watch, easy);
  if (code == CURLE_OK) code = set_network(setup->config, easy);
  if (code == CURLE_OK) code = set_http(setup->config, easy);
  return code == CURLE_OK ? set_tls(setup, easy) : code;
}

/* ---- one request ---- */

/* 0 would be "never" to libcurl. */
static long in_milliseconds(double seconds) { return seconds > 0 ? (long)(seconds * 1000) + 1 : 1; }

static CURLcode set_timeouts(CURL *easy, const exo_exchange *exchange) {
  TRY(CURLOPT_TIMEOUT_MS, in_milliseconds(exchange->timeout));
  TRY(CURLOPT_CONNECTTIMEOUT_MS, in_milliseconds(exchange->connect_timeout));
  return CURLE_OK;
}

/* libcurl is left with no body that is gone. */
static CURLcode set_body(CURL *easy, const exo_request *request) {
  TRY(CURLOPT_POSTFIELDS, request->has_body ? exo_buffer_string(&request->body) : NULL);
  if (!request->has_body) TRY(CURLOPT_HTTPGET, 1L);
  return CURLE_OK;
}

/* A write over a connection that was used before may be sent twice: see on_sending in curl_transport. Where libcurl
 * doesn't ask first, it gets one of its own. */
static CURLcode set_connection(CURL *easy, const exo_request *request) {
#if EXO_LIBCURL_VERSION < 0x075000
  long own = request->method != EXO_GET;
  TRY(CURLOPT_FRESH_CONNECT, own);
  TRY(CURLOPT_FORBID_REUSE, own);
#endif
  (void)easy, (void)request;
  return CURLE_OK;
}

/* They are not ours to free that follow the last one. */
void exo_curl_own_headers_free(exo_curl_own_headers *own) {
  if (own->last != NULL) own->last->next = NULL;
  curl_slist_free_all(own->first);
  *own = (exo_curl_own_headers){ NULL, NULL };
}

static bool make_own_headers(exo_curl_own_headers *own, const exo_curl_setup *setup, const char *content_type) {
  char header[EXO_CONTENT_TYPE_MAX + sizeof "Content-Type: "];
  snprintf(header, sizeof header, "Content-Type: %s", content_type);
  own->first = own->last = curl_slist_append(NULL, "Expect:");
  struct curl_slist *longer = own->first != NULL ? curl_slist_append(own->first, header) : NULL;
  if (longer == NULL) return false;
  own->last = own->first->next;
  own->last->next = setup->read_headers;
  return true;
}

static CURLcode set_headers(const exo_curl_setup *setup, CURL *easy, exo_curl_own_headers *own,
                            const exo_request *request) {
  struct curl_slist *usual = request->has_body ? setup->write_headers : setup->read_headers;
  TRY(CURLOPT_HTTPHEADER, usual);
  exo_curl_own_headers_free(own);
  if (request->content_type == NULL) return CURLE_OK;
  if (!make_own_headers(own, setup, request->content_type)) return CURLE_OUT_OF_MEMORY;
  TRY(CURLOPT_HTTPHEADER, own->first);
  return CURLE_OK;
}

static CURLcode set_method(CURL *easy, const exo_request *request) {
  bool unusual = request->method == EXO_PUT || request->method == EXO_DELETE;
  TRY(CURLOPT_CUSTOMREQUEST, unusual ? exo_method_name(request->method) : NULL);
  return CURLE_OK;
}

/* libcurl takes a URL that is parsed already as it is; of one that it parses itself it makes a second text, which costs
 * as much as all headers. It wants to have been given a text, too, and doesn't look at it. */
static CURLcode set_url(CURL *easy, CURLU *url, const exo_request *request) {
  CURLUcode code = curl_url_set(url, CURLUPART_URL, exo_buffer_string(&request->url), CURLU_PATH_AS_IS);
  if (code != CURLUE_OK) return code == CURLUE_OUT_OF_MEMORY ? CURLE_OUT_OF_MEMORY : CURLE_URL_MALFORMAT;
  TRY(CURLOPT_CURLU, url);
  return CURLE_OK;
}

CURLcode exo_curl_set_request(const exo_curl_setup *setup, CURL *easy, CURLU *url, exo_curl_own_headers *own,
                              const exo_exchange *exchange) {
  const exo_request *request = exchange->request;
  CURLcode code = set_timeouts(easy, exchange);
  if (code == CURLE_OK) code = set_body(easy, request);
  if (code == CURLE_OK) code = set_headers(setup, easy, own, request);
  if (code == CURLE_OK) code = set_method(easy, request);
  if (code == CURLE_OK) code = set_url(easy, url, request);
  return code == CURLE_OK ? set_connection(easy, request) : code;
}

/* ---- opening and closing ---- */

static bool append_header(struct curl_slist **list, const char *header) {
  struct curl_slist *longer = curl_slist_append(*list, header);
  if (longer != NULL) *list = longer;
  return longer != NULL;
}

/* Made once: to have libcurl make it from key and token costs as much as the rest of a request's headers. */
static bool append_authorization(exo_curl_setup *setup, const exo_allocator *allocator) {
  exo_arena arena;
  exo_arena_init(&arena, allocator);
  const char *basic = exo_basic_auth(setup->config->api_key, setup->config->api_token, &arena);
  const char *header = basic != NULL ? exo_arena_format(&arena, "Authorization: Basic %s", basic) : NULL;
  bool good = header != NULL && append_header(&setup->read_headers, header) &&
              append_header(&setup->write_headers, header);
  exo_arena_free(&arena);
  return good;
}

/* "Expect:" switches 100-continue off, which costs a second against servers that don't answer it. */
static bool make_headers(exo_curl_setup *setup, const exo_allocator *allocator) {
  return append_authorization(setup, allocator) && append_header(&setup->read_headers, "Accept: application/json") &&
         append_header(&setup->write_headers, "Accept: application/json") &&
         append_header(&setup->write_headers, "Content-Type: application/json") &&
         append_header(&setup->write_headers, "Expect:");
}

exo_result exo_curl_setup_open(exo_curl_setup *setup, const exo_config *config, const exo_allocator *allocator,
                               exo_error *error) {
  *setup = (exo_curl_setup){ .config = config };
  if (!exo_curl_ca_find(&setup->ca, config, error)) return EXO_RESULT_ERROR;
  return make_headers(setup, allocator) ? EXO_RESULT_OK : EXO_RESULT_NO_MEMORY;
}

static void free_headers(struct curl_slist *headers) {
  for (const struct curl_slist *own = headers; own != NULL; own = own->next) exo_wipe(own->data, strlen(own->data));
  curl_slist_free_all(headers);
}

void exo_curl_setup_close(exo_curl_setup *setup) {
  free_headers(setup->read_headers);
  free_headers(setup->write_headers);
  setup->read_headers = setup->write_headers = NULL;
}
