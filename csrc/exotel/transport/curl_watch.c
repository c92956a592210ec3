#include "exotel/transport/curl_watch.h"

#ifndef EXO_WITHOUT_EPOLL

#include <sys/epoll.h>
#include <unistd.h>

static uint32_t wanted(int what) {
  return (what & CURL_POLL_IN ? (uint32_t)EPOLLIN : 0u) | (what & CURL_POLL_OUT ? (uint32_t)EPOLLOUT : 0u);
}

/* An error comes with one of the two, or is 0: libcurl looks for itself then. */
static int happened(uint32_t events) {
  return (events & EPOLLIN ? CURL_CSELECT_IN : 0) | (events & EPOLLOUT ? CURL_CSELECT_OUT : 0);
}

/* Says of a socket what libcurl waits for; `known`: that it was said before. No memory for it is not the transfer's
 * end.
 */
static int on_socket(CURL *easy, curl_socket_t fd, int what, void *data, void *known) {
  exo_curl_watch *watch = data;
  struct epoll_event event = { .data.fd = fd, .events = wanted(what) };
  (void)easy;
  if (what == CURL_POLL_REMOVE) {
    epoll_ctl(watch->epoll, EPOLL_CTL_DEL, fd, &event);
    return 0;
  }
  int operation = known != NULL ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
  if (epoll_ctl(watch->epoll, operation, fd, &event) != 0) watch->useless = true;
  else if (known == NULL) curl_multi_assign(watch->multi, fd, watch);
  return 0;
}

void exo_curl_watch_open(exo_curl_watch *watch, CURLM *multi) {
  curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket);
  curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, watch);
  watch->multi = multi;
  watch->epoll = epoll_create1(EPOLL_CLOEXEC);
  watch->useless = watch->epoll < 0;
}

void exo_curl_watch_close(exo_curl_watch *watch) {
  if (watch->epoll >= 0) close(watch->epoll);
  watch->epoll = -1;
}

int exo_curl_watch_wait(const exo_curl_watch *watch, exo_curl_ready ready[EXO_CURL_READY_MAX], int milliseconds) {
  struct epoll_event events[EXO_CURL_READY_MAX];
  int count = epoll_wait(watch->epoll, events, EXO_CURL_READY_MAX, milliseconds);
  for (int i = 0; i < count; i++) ready[i] = (exo_curl_ready){ events[i].data.fd, happened(events[i].events) };
  return count;
}

#else

void exo_curl_watch_open(exo_curl_watch *watch, CURLM *multi) {
  (void)multi;
  *watch = (exo_curl_watch){ .epoll = -1, .useless = true };
}

void exo_curl_watch_close(exo_curl_watch *watch) { (void)watch; }

int exo_curl_watch_wait(const exo_curl_watch *watch, exo_curl_ready ready[EXO_CURL_READY_MAX], int milliseconds) {
  (void)watch, (void)ready, (void)milliseconds;
  return 0;
}

#endif
