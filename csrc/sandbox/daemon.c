#include "sandbox/daemon.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sandbox/reply.h"

/* ---- callbacks, in the daemon's thread ---- */

static void *begin_request(void *argument, const char *target, struct MHD_Connection *connection) {
  sbx_exchange *exchange = sbx_exchange_new(target);
  (void)argument;
  if (exchange != NULL) exchange->connection = connection;
  return exchange;
}

static void end_request(void *argument, struct MHD_Connection *connection, void **request,
                        enum MHD_RequestTerminationCode code) {
  (void)argument, (void)connection, (void)code;
  sbx_exchange_free(*request);
  *request = NULL;
}

static enum MHD_Result take_body(sbx_exchange *exchange, const char *data, size_t *length) {
  bool taken = sbx_exchange_append(exchange, data, *length);
  *length = 0;
  return taken ? MHD_YES : MHD_NO;
}

/* Called with the headers, with each piece of the body, at the end of the request, and after each resumption. */
static enum MHD_Result on_request(void *argument, struct MHD_Connection *connection, const char *path,
                                  const char *method, const char *version, const char *data, size_t *length,
                                  void **request) {
  sbx_daemon *daemon = argument;
  sbx_exchange *exchange = *request;
  (void)connection, (void)path, (void)version;
  if (exchange == NULL) return MHD_NO;
  if (!exchange->begun) {
    exchange->begun = true;
    exchange->method = method;
    return MHD_YES;
  }
  if (*length > 0) return take_body(exchange, data, length);
  if (!exchange->answered) sbx_handler_answer(daemon->handler, exchange);
  exchange->answered = true;
  return sbx_reply_send(exchange, &daemon->timers);
}

/* ---- starting and stopping ---- */

static struct sockaddr_in loopback(uint16_t port) {
  struct sockaddr_in address;
  memset(&address, 0, sizeof address);
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

static struct MHD_Daemon *start_http(sbx_daemon *daemon, uint16_t port, const char *certificate, const char *key) {
  struct sockaddr_in address = loopback(port);
  struct MHD_OptionItem tls[] = {
    { MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)(uintptr_t)certificate },
    { MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)(uintptr_t)key },
    { MHD_OPTION_END, 0, NULL },
  };
  unsigned int flags = MHD_USE_POLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME;
  bool with_tls = certificate != NULL;
  return MHD_start_daemon(with_tls ? flags | MHD_USE_TLS : flags, port, NULL, NULL, on_request, daemon,
                          MHD_OPTION_SOCK_ADDR, &address, MHD_OPTION_URI_LOG_CALLBACK, begin_request, NULL,
                          MHD_OPTION_NOTIFY_COMPLETED, end_request, NULL, MHD_OPTION_ARRAY, with_tls ? tls : tls + 2,
                          MHD_OPTION_END);
}

/* What libmicrohttpd leaves in errno is not always the reason: asks the system itself. 0: the port is free. */
static int bind_failure(uint16_t port) {
  struct sockaddr_in address = loopback(port);
  int one = 1, failure = 0, probe = socket(AF_INET, SOCK_STREAM, 0);
  if (probe < 0) return errno;
  setsockopt(probe, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(probe, (struct sockaddr *)&address, sizeof address) != 0) failure = errno;
  close(probe);
  return failure;
}

/* `reported`: what errno said. */
static int failure_to_start(uint16_t port, int reported) {
  int failure = bind_failure(port);
  if (failure == 0) failure = reported;
  return failure != 0 ? failure : EIO;
}

static int start_threads(sbx_daemon *daemon, uint16_t port, const char *certificate, const char *key) {
  int failure = sbx_timers_open(&daemon->timers);
  if (failure != 0) return failure;
  daemon->timers_open = true;
  errno = 0;
  daemon->http = start_http(daemon, port, certificate, key);
  return daemon->http != NULL ? 0 : failure_to_start(port, errno);
}

/* A signal sent to the process is for the host's threads: ours are started with all of them blocked. */
int sbx_daemon_start(sbx_daemon *daemon, sbx_handler *handler, uint16_t port, const char *certificate,
                     const char *key) {
  sigset_t all, before;
  daemon->handler = handler;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int failure = start_threads(daemon, port, certificate, key);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return failure;
}

bool sbx_daemon_running(const sbx_daemon *daemon) { return daemon->http != NULL; }

uint16_t sbx_daemon_port(const sbx_daemon *daemon) {
  const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon->http, MHD_DAEMON_INFO_BIND_PORT);
  return info != NULL ? info->port : 0;
}

void sbx_daemon_stop(sbx_daemon *daemon) {
  if (daemon->timers_open) sbx_timers_close(&daemon->timers);
  if (daemon->http != NULL) MHD_stop_daemon(daemon->http);
  if (daemon->timers_open) sbx_timers_free(&daemon->timers);
  memset(daemon, 0, sizeof *daemon);
}
