/* peer_host ADDRESS PORT: connects, and prints 1 where the library would trust who listens there, else 0.
 * Compiled with WITHOUT_QUESTIONS the kernel answers no question about single sockets, as some do not. */
#include <stdio.h>

#include "peer.h"
#include "peer_linux.h"
#include "stream.h"

#ifdef WITHOUT_QUESTIONS
int cshis_ask_for_sockets(const struct cshis_search *search, struct cshis_owned_row rows[2])
{
    (void)search;
    (void)rows;
    return -1;
}
#endif

int main(int count, char **given)
{
    cshis_socket socket = count > 2 ? cshis_connect(given[1], given[2], cshis_now() + 1000) : CSHIS_NO_SOCKET;

    if (socket == CSHIS_NO_SOCKET)
        return 1;
    printf("%d\n", cshis_peer_is_trusted(socket));
    return 0;
}
