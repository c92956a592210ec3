/* A client on the network: the one place where the engine and libcurl meet. */
#ifndef EXOTEL_ENGINE_OPEN_H
#define EXOTEL_ENGINE_OPEN_H

#include "exotel/engine/client.h"

/* A client on libcurl. `error` says what is wrong with the configuration, or what in the process rules libcurl out. */
exo_result exo_client_open(const exo_config *given, const exo_platform *platform, exo_client **client,
                           exo_error *error);

#endif
