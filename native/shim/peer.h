/* Whose the bridge is that was reached. Where no token proves it,
 * only one of the same user (on POSIX also one of root) is to see what a program sends. */
#ifndef CSHIS_PEER_H
#define CSHIS_PEER_H

#include <stdbool.h>

#include "platform.h"

/* Asks the system for the other end of this connection. True also where it cannot tell:
 * another machine's, or a system that says nothing of sockets. */
bool cshis_peer_is_trusted(cshis_socket socket);

#endif
