#include "exotel/base/notifier.h"

#include <stddef.h>

#if defined __linux__ && !defined EXO_WITHOUT_EPOLL

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "exotel/base/environment.h"
#include "exotel/base/process.h"

struct exo_notifier {
  unsigned keepers;
  long process;
  int epoll;  /* -1: none */
  int socket; /* it listens, until it is connected; -1: none */
  bool runs;
  pthread_t thread;
  char folder[64]; /* empty: none */
  struct sockaddr_un address;
};

/* ---- the thread ---- */

static void send_byte(int to) {
  ssize_t sent = send(to, "", 1, MSG_DONTWAIT | MSG_NOSIGNAL); /* a full socket wakes its reader as well */
  (void)sent;
}

/* Until the connection is shut, by either side. Each descriptor is told of once, until it is watched again. */
static void *wait_and_tell(void *data) {
  const exo_notifier *notifier = data;
  struct epoll_event event;
  for (;;) {
    int count = epoll_wait(notifier->epoll, &event, 1, -1);
    if (count < 0 && errno != EINTR) return NULL;
    if (count == 1 && event.data.fd == notifier->socket) return NULL;
    if (count == 1) send_byte(notifier->socket);
  }
}

/* The host's signals are for its own threads. */
static bool start_thread(exo_notifier *notifier) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  notifier->runs = pthread_create(&notifier->thread, NULL, wait_and_tell, notifier) == 0;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return notifier->runs;
}

/* ---- the connection ---- */

static bool make_folder(exo_notifier *notifier) {
  const char *parent = exo_environment("TMPDIR");
  int room = (int)sizeof notifier->folder;
  if (parent == NULL || snprintf(notifier->folder, sizeof notifier->folder, "%s/exotel-XXXXXX", parent) >= room)
    snprintf(notifier->folder, sizeof notifier->folder, "/tmp/exotel-XXXXXX");
  if (mkdtemp(notifier->folder) != NULL) return true;
  notifier->folder[0] = '\0';
  return false;
}

static void remove_folder(exo_notifier *notifier) {
  if (notifier->folder[0] == '\0') return;
  unlink(notifier->address.sun_path);
  rmdir(notifier->folder);
  notifier->folder[0] = '\0';
}

static bool listen_in_folder(exo_notifier *notifier) {
  struct sockaddr_un *address = &notifier->address;
  if (!make_folder(notifier)) return false;
  address->sun_family = AF_UNIX;
  snprintf(address->sun_path, sizeof address->sun_path, "%s/notifier", notifier->folder);
  notifier->socket = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  return notifier->socket >= 0 && bind(notifier->socket, (struct sockaddr *)address, sizeof *address) == 0 &&
         listen(notifier->socket, 1) == 0;
}

static bool take_connection(exo_notifier *notifier) {
  int listener = notifier->socket;
  notifier->socket = accept(listener, NULL, NULL);
  close(listener);
  remove_folder(notifier);
  return notifier->socket >= 0 && fcntl(notifier->socket, F_SETFD, FD_CLOEXEC) == 0;
}

exo_notifier *exo_notifier_open(void) {
  exo_notifier *notifier = calloc(1, sizeof *notifier);
  if (notifier == NULL) return NULL;
  notifier->keepers = 1;
  notifier->process = exo_process_id();
  notifier->socket = -1;
  notifier->epoll = epoll_create1(EPOLL_CLOEXEC);
  if (notifier->epoll >= 0 && listen_in_folder(notifier)) return notifier;
  exo_notifier_release(notifier);
  return NULL;
}

const char *exo_notifier_path(const exo_notifier *notifier) { return notifier->address.sun_path; }

/* Of the connection only its end is waited for, which epoll tells without being asked. */
bool exo_notifier_start(exo_notifier *notifier) {
  struct epoll_event end = { .events = 0 };
  if (notifier->runs || notifier->socket < 0 || !take_connection(notifier)) return false;
  end.data.fd = notifier->socket;
  return epoll_ctl(notifier->epoll, EPOLL_CTL_ADD, notifier->socket, &end) == 0 && start_thread(notifier);
}

static bool is_here(const exo_notifier *notifier) { return notifier->runs && notifier->process == exo_process_id(); }

/* A descriptor that was closed is no longer known, though its number may be. */
bool exo_notifier_watch(const exo_notifier *notifier, int descriptor) {
  struct epoll_event event = { .events = (uint32_t)EPOLLIN | (uint32_t)EPOLLONESHOT, .data.fd = descriptor };
  if (!is_here(notifier)) return false;
  if (epoll_ctl(notifier->epoll, EPOLL_CTL_MOD, descriptor, &event) == 0) return true;
  return errno == ENOENT && epoll_ctl(notifier->epoll, EPOLL_CTL_ADD, descriptor, &event) == 0;
}

void exo_notifier_notify(const exo_notifier *notifier) {
  if (is_here(notifier)) send_byte(notifier->socket);
}

static void close_descriptor(int *descriptor) {
  if (*descriptor >= 0) close(*descriptor);
  *descriptor = -1;
}

void exo_notifier_stop(exo_notifier *notifier) {
  if (is_here(notifier)) {
    shutdown(notifier->socket, SHUT_RDWR);
    pthread_join(notifier->thread, NULL);
  }
  if (notifier->process == exo_process_id()) remove_folder(notifier);
  notifier->runs = false;
  close_descriptor(&notifier->socket);
  close_descriptor(&notifier->epoll);
}

exo_notifier *exo_notifier_keep(exo_notifier *notifier) {
  notifier->keepers++;
  return notifier;
}

void exo_notifier_release(exo_notifier *notifier) {
  if (notifier == NULL || --notifier->keepers > 0) return;
  exo_notifier_stop(notifier);
  free(notifier);
}

#else

exo_notifier *exo_notifier_open(void) { return NULL; }
const char *exo_notifier_path(const exo_notifier *notifier) { return (void)notifier, ""; }
bool exo_notifier_start(exo_notifier *notifier) { return (void)notifier, false; }
bool exo_notifier_watch(const exo_notifier *notifier, int descriptor) {
  return (void)notifier, (void)descriptor, false;
}
void exo_notifier_notify(const exo_notifier *notifier) { (void)notifier; }
void exo_notifier_stop(exo_notifier *notifier) { (void)notifier; }
exo_notifier *exo_notifier_keep(exo_notifier *notifier) { return notifier; }
void exo_notifier_release(exo_notifier *notifier) { (void)notifier; }

#endif
