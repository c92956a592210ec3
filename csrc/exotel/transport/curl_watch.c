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

/* Has epoll wait for `what`, where it waited for `before`. No memory for it is not the transfer's end. */
static void tell_epoll(exo_curl_watch *watch, curl_socket_t fd, int before, int what) {
  struct epoll_event event = { .data.fd = fd, .events = wanted(what) };
  int operation = before == CURL_POLL_REMOVE ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
  if (what == CURL_POLL_REMOVE) operation = EPOLL_CTL_DEL;
  if (epoll_ctl(watch->epoll, operation, fd, &event) != 0 && operation != EPOLL_CTL_DEL) watch->useless = true;
}

/* ---- sockets that are kept: two system calls less for each transfer ---- */

/* There are a few dozen at most. */
static exo_curl_kept *place_of(exo_curl_watch *watch, curl_socket_t fd) {
  for (exo_curl_kept *kept = watch->kept; kept < watch->kept + EXO_CURL_KEPT_MAX; kept++)
    if (kept->fd == fd) return kept;
  return NULL;
}

static void change(exo_curl_watch *watch, exo_curl_kept *kept, int what) {
  if (kept->watched == what) return;
  tell_epoll(watch, kept->fd, kept->watched, what);
  kept->watched = what;
}

/* That a transfer has ended is left for the next one to change, or for what happens before it. */
static void want(exo_curl_watch *watch, exo_curl_kept *kept, int what) {
  kept->wanted = what;
  if (what != CURL_POLL_REMOVE) change(watch, kept, what);
}

void exo_curl_watch_opened(exo_curl_watch *watch, curl_socket_t fd) {
  exo_curl_kept *kept = place_of(watch, CURL_SOCKET_BAD);
  if (kept != NULL) *kept = (exo_curl_kept){ .fd = fd, .wanted = CURL_POLL_REMOVE, .watched = CURL_POLL_REMOVE };
}

/* By closing alone epoll would not forget it where a process that was forked off has it, too. */
void exo_curl_watch_closing(exo_curl_watch *watch, curl_socket_t fd) {
  exo_curl_kept *kept = place_of(watch, fd);
  if (kept == NULL) return;
  change(watch, kept, CURL_POLL_REMOVE);
  kept->fd = CURL_SOCKET_BAD;
}

/* Nobody waits for a connection between two transfers, but its server may close it: watched on, it would wake each wait
 * at once. */
static bool is_wanted(exo_curl_watch *watch, curl_socket_t fd) {
  exo_curl_kept *kept = place_of(watch, fd);
  if (kept == NULL || kept->wanted != CURL_POLL_REMOVE) return true;
  change(watch, kept, CURL_POLL_REMOVE);
  return false;
}

/* ---- watching ---- */

/* Says of a socket what libcurl waits for; `known`: that it was said before, of one that is not kept. */
static int on_socket(CURL *easy, curl_socket_t fd, int what, void *data, void *known) {
  exo_curl_watch *watch = data;
  exo_curl_kept *kept = place_of(watch, fd);
  (void)easy;
  if (kept != NULL) want(watch, kept, what);
  else {
    tell_epoll(watch, fd, known != NULL ? CURL_POLL_NONE : CURL_POLL_REMOVE, what);
    if (known == NULL && what != CURL_POLL_REMOVE) curl_multi_assign(watch->multi, fd, watch);
  }
  return 0;
}

void exo_curl_watch_open(exo_curl_watch *watch, CURLM *multi) {
  for (size_t i = 0; i < EXO_CURL_KEPT_MAX; i++) watch->kept[i].fd = CURL_SOCKET_BAD;
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

int exo_curl_watch_wait(exo_curl_watch *watch, exo_curl_ready ready[EXO_CURL_READY_MAX], int milliseconds) {
  struct epoll_event events[EXO_CURL_READY_MAX];
  int count = epoll_wait(watch->epoll, events, EXO_CURL_READY_MAX, milliseconds), wanted_count = 0;
  for (int i = 0; i < count; i++)
    if (is_wanted(watch, events[i].data.fd))
      ready[wanted_count++] = (exo_curl_ready){ events[i].data.fd, happened(events[i].events) };
  return wanted_count;
}

#else

void exo_curl_watch_open(exo_curl_watch *watch, CURLM *multi) {
  (void)multi;
  *watch = (exo_curl_watch){ .epoll = -1, .useless = true };
}

void exo_curl_watch_close(exo_curl_watch *watch) { (void)watch; }

void exo_curl_watch_opened(exo_curl_watch *watch, curl_socket_t fd) { (void)watch, (void)fd; }
void exo_curl_watch_closing(exo_curl_watch *watch, curl_socket_t fd) { (void)watch, (void)fd; }

int exo_curl_watch_wait(exo_curl_watch *watch, exo_curl_ready ready[EXO_CURL_READY_MAX], int milliseconds) {
  (void)watch, (void)ready, (void)milliseconds;
  return 0;
}

#endif
