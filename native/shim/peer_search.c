#include "peer_search.h"

#include <string.h>

enum { LISTENS_ANYWHERE = 2, LISTENS_HERE = 3, JOINED = 4 };

static bool same(const struct cshis_end *one, const struct cshis_end *other)
{
    return memcmp(one->host, other->host, sizeof one->host) == 0 && one->port == other->port;
}

bool cshis_is_v4(const struct cshis_end *end)
{
    static const uint8_t prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

    return memcmp(end->host, prefix, sizeof prefix) == 0;
}

/* :: or 0.0.0.0 */
static bool is_any(const struct cshis_end *end)
{
    static const uint8_t none[16] = {0};

    return memcmp(end->host, none, sizeof none) == 0 ||
           (cshis_is_v4(end) && memcmp(end->host + 12, none, 4) == 0);
}

int cshis_rank(const struct cshis_search *search, const struct cshis_row *row)
{
    if (!row->listening)
        return same(&row->local, &search->there) && same(&row->remote, &search->here) ? JOINED : 0;
    if (same(&row->local, &search->there))
        return LISTENS_HERE;
    return is_any(&row->local) && row->local.port == search->there.port ? LISTENS_ANYWHERE : 0;
}

void cshis_consider(struct cshis_search *search, int rank, enum cshis_trust trust)
{
    if (rank < search->rank || (rank == search->rank && trust < search->trust))
        return;
    search->rank = rank;
    search->trust = trust;
}
