#include "sandbox/reply.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* A body that is cut or comes byte by byte. It lives as long as the response, which outlives the request handler. */
typedef struct slow_body {
  sbx_exchange *exchange;
  sbx_timers *timers;
} slow_body;

/* Dissolving the association makes the kernel send an RST at once, and leaves the daemon its descriptor to close. */
static enum MHD_Result reset_connection(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  struct sockaddr nowhere;
  memset(&nowhere, 0, sizeof nowhere);
  nowhere.sa_family = AF_UNSPEC;
  if (info != NULL) (void)connect(info->connect_fd, &nowhere, sizeof nowhere);
  return MHD_NO;
}

static size_t bytes_to_send(const sbx_reply *reply, size_t position, size_t capacity) {
  size_t end = reply->is_cut && reply->cut < reply->body.length ? reply->cut : reply->body.length;
  size_t left = position < end ? end - position : 0;
  if (reply->drip > 0 && left > 1) left = 1;
  return left < capacity ? left : capacity;
}

/* True when the byte at `position` must wait: the connection is suspended then, or `*failed` says that it can't be. */
static bool pause_before(slow_body *body, uint64_t position, bool *failed) {
  sbx_exchange *exchange = body->exchange;
  if (exchange->reply.drip <= 0 || position == 0) return false;
  exchange->waited = !exchange->waited;
  if (!exchange->waited) return false;
  *failed = !sbx_timers_suspend(body->timers, &exchange->timer, exchange->connection, exchange->reply.drip);
  return true;
}

static ssize_t read_slow_body(void *argument, uint64_t position, char *buffer, size_t capacity) {
  slow_body *body = argument;
  const sbx_reply *reply = &body->exchange->reply;
  size_t count = bytes_to_send(reply, (size_t)position, capacity);
  bool failed = false;
  if (count == 0) return (ssize_t)MHD_CONTENT_READER_END_WITH_ERROR;
  if (pause_before(body, position, &failed)) return failed ? (ssize_t)MHD_CONTENT_READER_END_WITH_ERROR : 0;
  memcpy(buffer, reply->body.data + position, count);
  return (ssize_t)count;
}

static void free_slow_body(void *argument) { free(argument); }

/* The Content-Length is that of the whole body, also where it is cut. */
static struct MHD_Response *slow_response(sbx_exchange *exchange, sbx_timers *timers) {
  slow_body *body = malloc(sizeof *body);
  if (body == NULL) return NULL;
  *body = (slow_body){ .exchange = exchange, .timers = timers };
  struct MHD_Response *response = MHD_create_response_from_callback(exchange->reply.body.length, 4096, read_slow_body,
                                                                    body, free_slow_body);
  if (response == NULL) free(body);
  return response;
}

static struct MHD_Response *make_response(sbx_exchange *exchange, sbx_timers *timers) {
  const sbx_reply *reply = &exchange->reply;
  if ((reply->is_cut || reply->drip > 0) && reply->body.length > 0) return slow_response(exchange, timers);
  return MHD_create_response_from_buffer(reply->body.length, reply->body.data, MHD_RESPMEM_MUST_COPY);
}

static enum MHD_Result queue_response(sbx_exchange *exchange, sbx_timers *timers) {
  const sbx_reply *reply = &exchange->reply;
  struct MHD_Response *response = make_response(exchange, timers);
  if (response == NULL) return MHD_NO;
  for (size_t i = 0; i < reply->header_count; i++)
    MHD_add_response_header(response, reply->headers[i].name, reply->headers[i].value);
  exchange->waited = false;
  enum MHD_Result result = MHD_queue_response(exchange->connection, reply->status, response);
  MHD_destroy_response(response);
  return result;
}

static enum MHD_Result suspend(sbx_exchange *exchange, sbx_timers *timers, double seconds) {
  exchange->waited = true;
  return sbx_timers_suspend(timers, &exchange->timer, exchange->connection, seconds) ? MHD_YES : MHD_NO;
}

enum MHD_Result sbx_reply_send(sbx_exchange *exchange, sbx_timers *timers) {
  const sbx_reply *reply = &exchange->reply;
  if (!exchange->waited && reply->hang) return suspend(exchange, timers, HUGE_VAL);
  if (!exchange->waited && reply->delay > 0) return suspend(exchange, timers, reply->delay);
  if (exchange->waited && sbx_timers_closed(timers)) return MHD_NO;
  if (reply->reset) return reset_connection(exchange->connection);
  if (reply->drop || reply->status == 0) return MHD_NO;
  return queue_response(exchange, timers);
}
