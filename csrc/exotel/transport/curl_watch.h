/* Watches libcurl's sockets: one system call for all of them, where curl_multi_perform looks at each. Where that is not
 * to be had (no memory, no descriptor, no epoll in this system), libcurl looks itself. */
#ifndef EXOTEL_TRANSPORT_CURL_WATCH_H
#define EXOTEL_TRANSPORT_CURL_WATCH_H

#include <curl/curl.h>
#include <stdbool.h>

/* EXO_WITHOUT_EPOLL=1 builds as on a system that has none. */
#if !defined EXO_WITHOUT_EPOLL && !defined __linux__
#define EXO_WITHOUT_EPOLL 1
#endif

/* A connection's socket, which stays in epoll from one transfer to the next. */
typedef struct exo_curl_kept {
  curl_socket_t fd; /* CURL_SOCKET_BAD: a free place */
  int wanted;       /* what libcurl waits for, as CURL_POLL_ bits; CURL_POLL_REMOVE: nothing */
  int watched;      /* what epoll waits for, in the same way */
} exo_curl_kept;

/* As many connections as a client has, and some that are being closed. Others are added and removed each time. */
enum { EXO_CURL_KEPT_MAX = 64 };

typedef struct exo_curl_watch {
  CURLM *multi;
  int epoll;    /* -1: none */
  bool useless; /* a socket may be unwatched: libcurl has to look itself */
  exo_curl_kept kept[EXO_CURL_KEPT_MAX];
} exo_curl_watch;

enum { EXO_CURL_READY_MAX = 64 };

/* A socket with what has happened to it, as CURL_CSELECT_ bits. */
typedef struct exo_curl_ready {
  curl_socket_t socket;
  int events;
} exo_curl_ready;

/* Has a multi handle tell this watch of its sockets. The watch has to stay where it is. */
void exo_curl_watch_open(exo_curl_watch *watch, CURLM *multi);
void exo_curl_watch_close(exo_curl_watch *watch);
/* libcurl has opened a connection's socket, and is about to close one: its number may come again for another. */
void exo_curl_watch_opened(exo_curl_watch *watch, curl_socket_t fd);
void exo_curl_watch_closing(exo_curl_watch *watch, curl_socket_t fd);
/* Waits for sockets. → how many are ready. */
int exo_curl_watch_wait(exo_curl_watch *watch, exo_curl_ready ready[EXO_CURL_READY_MAX], int milliseconds);

#endif
