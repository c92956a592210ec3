#include "exotel/sip/resolver.h"

#define CARES_NO_DEPRECATED /* what is new there is not in the releases that are supported */
#include <ares.h>
#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The first wait for a server's answer; it grows with each try. */
enum { TIMEOUT_MS = 1000, TRIES = 3 };

struct exo_resolver {
  ares_channel channel;
  exo_resolver_state state;
  int status; /* c-ares' own */
  size_t count;
  exo_record records[EXO_RECORDS_MAX];
};

/* ---- answers ---- */

static void set_status(exo_resolver *r, int status) {
  bool none = status == ARES_ENODATA || status == ARES_ENOTFOUND;
  r->status = status;
  r->state = status == ARES_SUCCESS ? EXO_RESOLVER_FOUND : none ? EXO_RESOLVER_NONE : EXO_RESOLVER_FAILED;
  if (r->state == EXO_RESOLVER_FOUND && r->count == 0) set_status(r, ARES_ENODATA);
}

/* Counts it; → where to write it, NULL when there are enough. */
static exo_record *add_record(exo_resolver *r) {
  return r->count++ < EXO_RECORDS_MAX ? &r->records[r->count - 1] : NULL;
}

static void add_address(exo_resolver *r, const struct sockaddr *address) {
  const void *bytes = address->sa_family == AF_INET6 ? (const void *)&((const struct sockaddr_in6 *)address)->sin6_addr
                                                     : (const void *)&((const struct sockaddr_in *)address)->sin_addr;
  exo_record *record = add_record(r);
  if (record == NULL) return;
  *record = (exo_record){ .port = 0 };
  inet_ntop(address->sa_family, bytes, record->name, sizeof record->name);
}

static void on_addresses(void *data, int status, int timeouts, struct ares_addrinfo *found) {
  exo_resolver *r = data;
  (void)timeouts;
  for (const struct ares_addrinfo_node *n = found != NULL ? found->nodes : NULL; n != NULL; n = n->ai_next)
    if (n->ai_family == AF_INET || n->ai_family == AF_INET6) add_address(r, n->ai_addr);
  if (found != NULL) ares_freeaddrinfo(found);
  set_status(r, status);
}

static int in_order(const void *left, const void *right) {
  const exo_record *a = left, *b = right;
  if (a->priority != b->priority) return a->priority < b->priority ? -1 : 1;
  if (a->weight != b->weight) return a->weight > b->weight ? -1 : 1;
  return strcmp(a->name, b->name);
}

static void add_server(exo_resolver *r, const struct ares_srv_reply *server) {
  exo_record *record = add_record(r);
  if (record == NULL) return;
  *record = (exo_record){ .port = server->port, .priority = server->priority, .weight = server->weight };
  snprintf(record->name, sizeof record->name, "%s", server->host);
}

static void on_servers(void *data, int status, int timeouts, unsigned char *bytes, int length) {
  exo_resolver *r = data;
  struct ares_srv_reply *list = NULL;
  (void)timeouts;
  if (status == ARES_SUCCESS) status = ares_parse_srv_reply(bytes, length, &list);
  for (const struct ares_srv_reply *s = list; s != NULL; s = s->next) add_server(r, s);
  if (list != NULL) ares_free_data(list);
  qsort(r->records, r->count < EXO_RECORDS_MAX ? r->count : EXO_RECORDS_MAX, sizeof r->records[0], in_order);
  set_status(r, status);
}

/* ---- questions ---- */

static void begin(exo_resolver *r) {
  r->state = EXO_RESOLVER_WAITS;
  r->count = 0;
}

void exo_resolver_ask_servers(exo_resolver *r, const char *name) {
  begin(r);
  ares_query(r->channel, name, ns_c_in, ns_t_srv, on_servers, r);
}

void exo_resolver_ask_addresses(exo_resolver *r, const char *name) {
  const struct ares_addrinfo_hints hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_DGRAM };
  begin(r);
  ares_getaddrinfo(r->channel, name, NULL, &hints, on_addresses, r);
}

exo_resolver_state exo_resolver_poll(exo_resolver *r) {
  struct pollfd list[EXO_RESOLVER_SOCKETS];
  int ignored;
  size_t count = exo_resolver_watch(r, list, &ignored);
  if (count > 0 && poll(list, count, 0) > 0)
    for (size_t i = 0; i < count; i++) {
      bool in = list[i].revents & (POLLIN | POLLERR | POLLHUP), out = list[i].revents & POLLOUT;
      if (in || out) ares_process_fd(r->channel, in ? list[i].fd : ARES_SOCKET_BAD, out ? list[i].fd : ARES_SOCKET_BAD);
    }
  if (r->state == EXO_RESOLVER_WAITS) ares_process_fd(r->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
  return r->state;
}

/* One less than c-ares names at a time: its macro shifts a one into the sign for the last. */
size_t exo_resolver_watch(const exo_resolver *r, struct pollfd list[EXO_RESOLVER_SOCKETS], int *milliseconds) {
  ares_socket_t sockets[EXO_RESOLVER_SOCKETS];
  struct timeval longest = { 60, 0 }, due;
  const struct timeval *next = ares_timeout(r->channel, &longest, &due);
  int mask = ares_getsock(r->channel, sockets, EXO_RESOLVER_SOCKETS);
  size_t count = 0;
  *milliseconds = (int)(next->tv_sec * 1000 + next->tv_usec / 1000) + 1;
  for (int i = 0; i < EXO_RESOLVER_SOCKETS; i++) {
    int events = (ARES_GETSOCK_READABLE(mask, i) ? POLLIN : 0) | (ARES_GETSOCK_WRITABLE(mask, i) ? POLLOUT : 0);
    if (events != 0) list[count++] = (struct pollfd){ .fd = sockets[i], .events = (short)events };
  }
  return count;
}

size_t exo_resolver_records(const exo_resolver *r, const exo_record **records) {
  *records = r->records;
  return r->count;
}

const char *exo_resolver_message(const exo_resolver *r) { return ares_strerror(r->status); }

/* ---- opening and closing ---- */

/* Names are taken as they are: no search list. What others are to be asked is not answered from /etc/hosts. */
static int open_channel(exo_resolver *r, const char *servers) {
  char lookups[] = "b";
  struct ares_options options = { .flags = ARES_FLAG_NOSEARCH, .timeout = TIMEOUT_MS, .tries = TRIES };
  int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES;
  if (servers != NULL) {
    options.lookups = lookups;
    mask |= ARES_OPT_LOOKUPS;
  }
  int status = ares_init_options(&r->channel, &options, mask);
  if (status != ARES_SUCCESS || servers == NULL) return status;
  status = ares_set_servers_ports_csv(r->channel, servers);
  if (status != ARES_SUCCESS) ares_destroy(r->channel);
  return status;
}

/* Once, since c-ares counts it without a lock, and a host may have several threads. It stays for the process. */
static int library_status;
static void open_library(void) { library_status = ares_library_init(ARES_LIB_INIT_ALL); }

exo_resolver *exo_resolver_open(const char *servers, const char **message) {
  static pthread_once_t opened = PTHREAD_ONCE_INIT;
  pthread_once(&opened, open_library);
  int status = library_status;
  exo_resolver *r = status == ARES_SUCCESS ? calloc(1, sizeof *r) : NULL;
  if (status == ARES_SUCCESS) status = r != NULL ? open_channel(r, servers) : ARES_ENOMEM;
  if (status == ARES_SUCCESS) return r;
  free(r);
  *message = ares_strerror(status);
  return NULL;
}

void exo_resolver_close(exo_resolver *r) {
  if (r == NULL) return;
  ares_destroy(r->channel); /* ends its question, which still writes here */
  free(r);
}
