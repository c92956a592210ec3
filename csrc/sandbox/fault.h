/* Sends a reply, or does to the connection what the reply says instead. */
#ifndef EXOTEL_SANDBOX_FAULT_H
#define EXOTEL_SANDBOX_FAULT_H

#include "exchange.h"

/*
 * To be called from the daemon's request handler once the reply is filled in, and again each time the connection is
 * resumed. Returns what the handler is to return: MHD_NO closes the connection.
 */
enum MHD_Result fault_reply(struct exchange *exchange, struct parking *parking);

#endif
