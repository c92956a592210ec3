/* What the headers of an answer say, as fields of the reply. */
#ifndef EXOTEL_TRANSPORT_RESPONSE_H
#define EXOTEL_TRANSPORT_RESPONSE_H

#include "exotel/transport/transport.h"

/* Takes in one header line, as it came and without a NUL behind it. */
void exo_response_header(exo_reply *reply, const char *line, size_t length);

#endif
