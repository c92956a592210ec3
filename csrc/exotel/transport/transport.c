#include "exotel/transport/transport.h"

void exo_exchange_init(exo_exchange *exchange, const exo_request *request, const exo_allocator *allocator) {
  *exchange = (exo_exchange){ .request = request };
  exchange->reply.retry_after = exchange->reply.retry_at = exchange->reply.rate_remaining = -1;
  exchange->reply.rate_reset = exchange->reply.server_time = -1;
  exo_buffer_init(&exchange->reply.body, allocator);
  exo_buffer_init(&exchange->reply.headers, allocator);
}

void exo_exchange_free(exo_exchange *exchange) {
  exo_buffer_free(&exchange->reply.body);
  exo_buffer_free(&exchange->reply.headers);
}
