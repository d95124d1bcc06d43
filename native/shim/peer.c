#include "peer.h"

#include <string.h>

#include "peer_search.h"

static bool is_this_machine(const struct cshis_end *end)
{
    static const uint8_t one[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};

    return memcmp(end->host, one, sizeof one) == 0 || (cshis_is_v4(end) && end->host[12] == 127);
}

bool cshis_peer_is_trusted(cshis_socket socket)
{
    struct cshis_search search;

    memset(&search, 0, sizeof search);
    if (!cshis_end_here(socket, &search.here) || !cshis_end_there(socket, &search.there))
        return false;
    if (!cshis_look_through_sockets(&search))
        return true;
    if (search.rank == 0) /* the other end of a connection within this machine must be there */
        return !is_this_machine(&search.there);
    return search.trust != CSHIS_STRANGER;
}
