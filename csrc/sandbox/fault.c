#include "fault.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* What the body's reader needs: it outlives the handler's call. */
struct trickle {
  struct exchange *exchange;
  struct parking *parking;
};

/* Dissolving the association makes the kernel send an RST at once, and leaves the daemon its descriptor to close. */
static enum MHD_Result reset_connection(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  struct sockaddr nowhere;

  memset(&nowhere, 0, sizeof nowhere);
  nowhere.sa_family = AF_UNSPEC;
  if (info) (void)connect(info->connect_fd, &nowhere, sizeof nowhere);
  return MHD_NO;
}

static size_t bytes_to_send(const struct reply *reply, size_t position, size_t room) {
  size_t end = reply->is_cut && reply->cut < reply->body.length ? reply->cut : reply->body.length;
  size_t left = position < end ? end - position : 0;
  if (reply->drip > 0 && left > 1) left = 1;
  return left < room ? left : room;
}

/* True when the byte at `position` must wait: the connection is suspended then, or `*failed` says that it can't be. */
static bool pause_before(struct trickle *trickle, uint64_t position, bool *failed) {
  struct exchange *exchange = trickle->exchange;

  if (exchange->reply.drip <= 0 || position == 0) return false;
  exchange->waited = !exchange->waited;
  if (!exchange->waited) return false;
  *failed = !parking_park(trickle->parking, &exchange->parked, exchange->connection, exchange->reply.drip);
  return true;
}

static ssize_t read_body(void *argument, uint64_t position, char *buffer, size_t room) {
  struct trickle *trickle = argument;
  struct reply *reply = &trickle->exchange->reply;
  size_t count = bytes_to_send(reply, (size_t)position, room);
  bool failed = false;

  if (count == 0) return MHD_CONTENT_READER_END_WITH_ERROR;
  if (pause_before(trickle, position, &failed)) return failed ? MHD_CONTENT_READER_END_WITH_ERROR : 0;
  memcpy(buffer, reply->body.data + position, count);
  return (ssize_t)count;
}

static void free_trickle(void *argument) { free(argument); }

/* A body that is cut or drips: its Content-Length is that of the whole. */
static struct MHD_Response *make_trickle(struct exchange *exchange, struct parking *parking) {
  struct trickle *trickle = malloc(sizeof *trickle);
  struct MHD_Response *response;

  if (!trickle) return NULL;
  trickle->exchange = exchange;
  trickle->parking = parking;
  response = MHD_create_response_from_callback(exchange->reply.body.length, 4096, read_body, trickle, free_trickle);
  if (!response) free(trickle);
  return response;
}

static struct MHD_Response *make_response(struct exchange *exchange, struct parking *parking) {
  struct reply *reply = &exchange->reply;

  if ((reply->is_cut || reply->drip > 0) && reply->body.length > 0) return make_trickle(exchange, parking);
  return MHD_create_response_from_buffer(reply->body.length, reply->body.data, MHD_RESPMEM_MUST_COPY);
}

static enum MHD_Result send_reply(struct exchange *exchange, struct parking *parking) {
  struct reply *reply = &exchange->reply;
  struct MHD_Response *response = make_response(exchange, parking);
  enum MHD_Result result;

  if (!response) return MHD_NO;
  for (size_t i = 0; i < reply->header_count; i++)
    MHD_add_response_header(response, reply->headers[i].name, reply->headers[i].value);
  exchange->waited = false;
  result = MHD_queue_response(exchange->connection, reply->status, response);
  MHD_destroy_response(response);
  return result;
}

static enum MHD_Result wait_for(struct exchange *exchange, struct parking *parking, double seconds) {
  exchange->waited = true;
  return parking_park(parking, &exchange->parked, exchange->connection, seconds) ? MHD_YES : MHD_NO;
}

enum MHD_Result fault_reply(struct exchange *exchange, struct parking *parking) {
  struct reply *reply = &exchange->reply;

  if (!exchange->waited && reply->hang) return wait_for(exchange, parking, HUGE_VAL);
  if (!exchange->waited && reply->delay > 0) return wait_for(exchange, parking, reply->delay);
  if (exchange->waited && parking_is_closed(parking)) return MHD_NO;
  if (reply->reset) return reset_connection(exchange->connection);
  if (reply->drop || !reply->status) return MHD_NO;
  return send_reply(exchange, parking);
}
