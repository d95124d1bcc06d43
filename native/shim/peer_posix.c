#include "peer_linux.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LISTENING 0x0Au
#define ROOT 0u
#define ACCEPTED_BY_NOBODY 1 /* a rank below all others */

/* The kernel writes an address in words of 32 bits, each as the machine holds it. */
static bool take_host(struct cshis_end *end, const char *text)
{
    static const uint8_t v4[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
    size_t words = strlen(text) / 8, i;
    uint8_t *to = end->host + (words == 1 ? sizeof v4 : 0);

    if (words != 1 && words != 4)
        return false;
    memcpy(end->host, v4, sizeof v4);
    for (i = 0; i < words; i++) {
        unsigned value;
        uint32_t word;
        if (sscanf(text + 8 * i, "%8x", &value) != 1)
            return false;
        word = value;
        memcpy(to + 4 * i, &word, sizeof word);
    }
    return true;
}

static bool take_row(const char *line, struct cshis_owned_row *taken)
{
    struct cshis_row *row = &taken->row;
    char local[33], remote[33];
    unsigned state;

    if (sscanf(line, " %*u: %32[0-9A-Fa-f]:%4x %32[0-9A-Fa-f]:%4x %2x %*s %*s %*s %u", local,
               &row->local.port, remote, &row->remote.port, &state, &taken->owner) != 6)
        return false;
    row->listening = state == LISTENING;
    return take_host(&row->local, local) && take_host(&row->remote, remote);
}

/* As long as nobody has accepted a connection, its socket seems to
 * be root's: then the one that listens counts. */
static void consider(struct cshis_search *search, const struct cshis_owned_row *found)
{
    bool trusted = found->owner == ROOT || found->owner == (unsigned)geteuid();
    int rank = cshis_rank(search, &found->row);

    if (rank > 0 && !found->row.listening && found->owner == ROOT)
        rank = ACCEPTED_BY_NOBODY;
    if (rank > 0)
        cshis_consider(search, rank, trusted ? CSHIS_TRUSTED : CSHIS_STRANGER);
}

static bool look_through(struct cshis_search *search, const char *name)
{
    FILE *table = fopen(name, "r");
    struct cshis_owned_row row;
    char line[512];

    if (table == NULL)
        return false;
    while (fgets(line, sizeof line, table) != NULL)
        if (take_row(line, &row))
            consider(search, &row);
    fclose(table);
    return true;
}

bool cshis_look_through_sockets(struct cshis_search *search)
{
    struct cshis_owned_row rows[2];
    int found = cshis_ask_for_sockets(search, rows), i;
    bool v4, v6;

    for (i = 0; i < found; i++)
        consider(search, &rows[i]);
    if (found >= 0)
        return true;
    v4 = look_through(search, "/proc/net/tcp");
    v6 = look_through(search, "/proc/net/tcp6");
    return v4 || v6;
}
