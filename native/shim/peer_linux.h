/* Asking Linux for single sockets; reading its whole table takes a hundred times as long. */
#ifndef CSHIS_PEER_LINUX_H
#define CSHIS_PEER_LINUX_H

#include "peer_search.h"

/* One socket and the number of its user. */
struct cshis_owned_row {
    struct cshis_row row;
    unsigned owner;
};

/* Finds the other end of the connection, and the socket that listens for it.
 * Out: how many of them there are, -1 where the system does not answer such questions. */
int cshis_ask_for_sockets(const struct cshis_search *search, struct cshis_owned_row rows[2]);

#endif
