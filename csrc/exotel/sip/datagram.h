/* A UDP socket that is connected to one address, so that it gets nothing from others, and learns that a port is
 * closed. It never blocks. */
#ifndef EXOTEL_SIP_DATAGRAM_H
#define EXOTEL_SIP_DATAGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { EXO_DATAGRAM_MAX = 65535, EXO_ADDRESS_MAX = 64 };

/* → the descriptor, or -1 with errno. `address`: of IPv4 or IPv6, without brackets. */
int exo_datagram_open(const char *address, int port);
/* → whether it was sent; errno says why not. */
bool exo_datagram_send(int fd, const char *bytes, size_t length);
/* → bytes, 0 for none there, -1 with errno. */
ssize_t exo_datagram_receive(int fd, char *bytes, size_t size);
/* The address and port that it sends from. */
bool exo_datagram_local(int fd, char address[EXO_ADDRESS_MAX], int *port);

#endif
