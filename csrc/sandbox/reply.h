/* Sends a reply, or does to the connection what the reply says instead. */
#ifndef EXOTEL_SANDBOX_REPLY_H
#define EXOTEL_SANDBOX_REPLY_H

#include "sandbox/exchange.h"

/* To be called from the daemon's request handler once the reply is filled in, and again each time the connection is
 * resumed. Returns what the request handler is to return: MHD_NO closes the connection. */
enum MHD_Result sbx_reply_send(sbx_exchange *exchange, sbx_timers *timers);

#endif
