#include "exotel/engine/open.h"

#include "exotel/transport/curl_transport.h"

exo_result exo_client_open(const exo_config *given, const exo_platform *platform, exo_client **client,
                           exo_error *error) {
  exo_transport transport;
  exo_result result = exo_client_new(given, platform, client, error);
  if (result != EXO_RESULT_OK) return result;
  result = exo_curl_transport_open(&transport, exo_client_config(*client), exo_client_allocator(*client), error);
  if (result == EXO_RESULT_OK) {
    exo_client_set_transport(*client, &transport);
    return result;
  }
  exo_client_free(*client);
  *client = NULL;
  return result;
}
