/* Looking for the bridge's socket among those of this machine. */
#ifndef CSHIS_PEER_SEARCH_H
#define CSHIS_PEER_SEARCH_H

#include <stdbool.h>

#include "stream.h"

/* One socket that the system tells of. */
struct cshis_row {
    struct cshis_end local;
    struct cshis_end remote;
    bool listening;
};

enum cshis_trust { CSHIS_UNTOLD, CSHIS_TRUSTED, CSHIS_STRANGER };

/* The two ends of a connection, and what has been found so far: start with zeros. */
struct cshis_search {
    struct cshis_end here;
    struct cshis_end there;
    int rank;
    enum cshis_trust trust;
};

bool cshis_is_v4(const struct cshis_end *end);

/* How much a socket says of the one at the other end; 0: nothing, else more than 1. */
int cshis_rank(const struct cshis_search *search, const struct cshis_row *row);

/* The highest rank counts, among equals the stranger. */
void cshis_consider(struct cshis_search *search, int rank, enum cshis_trust trust);

/* The system's own part. False: it cannot tell. */
bool cshis_look_through_sockets(struct cshis_search *search);

#endif
