/* The transport of the client build: one connection per
 * thread, opened at its first call and kept for the next ones. */
#include <stdlib.h>
#include <string.h>

#include "greeting.h"
#include "place.h"
#include "platform.h"
#include "stream.h"
#include "transport.h"
#include "wire.h"

#define CONNECT_MILLISECONDS 1500
#define GREETING_MILLISECONDS 10000 /* a bridge that is there may be busy */
#define MOST_EVICTIONS 8
#define FIRST_PAUSE_MILLISECONDS 5 /* then twice as long each time; together longer than a stranger stays */

struct connection {
    cshis_socket socket;
    unsigned long owner; /* the process that opened it: a fork's child must not talk on it */
};

static void drop(struct connection *connection)
{
    if (connection->socket != CSHIS_NO_SOCKET)
        cshis_close_socket(connection->socket);
    connection->socket = CSHIS_NO_SOCKET;
}

static void thread_gone(void *value)
{
    drop(value);
    free(value);
}

static struct connection *own_connection(void)
{
    struct connection *connection;

    if (!cshis_platform_start(thread_gone))
        return NULL;
    connection = cshis_thread_value();
    if (connection != NULL)
        return connection;
    connection = calloc(1, sizeof *connection);
    if (connection == NULL)
        return NULL;
    connection->socket = CSHIS_NO_SOCKET;
    if (cshis_set_thread_value(connection))
        return connection;
    free(connection);
    return NULL;
}

static int64_t within(int64_t milliseconds, int64_t deadline)
{
    int64_t end = cshis_now() + milliseconds;

    return deadline < end ? deadline : end;
}

/* Where many threads call at once, those that were sent
 * away must not come back together and send others away. */
static bool pause_before(int tries, int64_t deadline)
{
    if (tries > 0)
        cshis_pause(within((int64_t)FIRST_PAUSE_MILLISECONDS << (tries - 1), deadline) - cshis_now());
    return cshis_now() < deadline;
}

static enum cshis_greeted open_once(struct connection *connection, int64_t deadline)
{
    enum cshis_greeted greeted;
    struct cshis_place place;

    drop(connection);
    if (!cshis_find_bridge(&place))
        return CSHIS_NOT_GREETED;
    connection->socket = cshis_connect(place.host, place.port, within(CONNECT_MILLISECONDS, deadline));
    connection->owner = cshis_process();
    if (connection->socket == CSHIS_NO_SOCKET)
        return CSHIS_NOT_GREETED;
    greeted = cshis_greet(connection->socket, place.token, within(GREETING_MILLISECONDS, deadline));
    if (greeted != CSHIS_GREETED)
        drop(connection);
    return greeted;
}

static bool reopen(struct connection *connection, int64_t deadline)
{
    enum cshis_greeted greeted = CSHIS_SENT_AWAY;
    int tries;

    for (tries = 0; tries <= MOST_EVICTIONS && greeted == CSHIS_SENT_AWAY; tries++)
        greeted = pause_before(tries, deadline) ? open_once(connection, deadline) : CSHIS_NOT_GREETED;
    return greeted == CSHIS_GREETED;
}

static bool is_usable(const struct connection *connection)
{
    return connection->socket != CSHIS_NO_SOCKET && connection->owner == cshis_process() &&
           cshis_is_quiet(connection->socket);
}

static bool send_request(const struct connection *connection, struct cshis_bytes *request, int64_t deadline)
{
    int64_t left = deadline - cshis_now();

    cshis_set_u32(request->data + CSHIS_TIME_AT, left > 0 ? (uint32_t)left : 0);
    return cshis_send_all(connection->socket, request->data, request->length, deadline);
}

/* Only a frame that the other side cannot have whole is
 * sent again, and only if the connection was an old one. */
static bool send_or_resend(struct connection *connection, struct cshis_bytes *request, int64_t deadline)
{
    if (is_usable(connection) && send_request(connection, request, deadline))
        return true;
    return reopen(connection, deadline) && send_request(connection, request, deadline);
}

bool cshis_exchange(struct cshis_bytes *request, struct cshis_bytes *reply)
{
    int64_t deadline = cshis_now() + (int64_t)cshis_timeout() * 1000;
    struct connection *connection = own_connection();
    struct cshis_header header;
    int evictions = 0;

    if (connection == NULL)
        return false;
    while (send_or_resend(connection, request, deadline) &&
           cshis_receive_frame(connection->socket, reply, &header, deadline)) {
        if (!cshis_is_eviction(&header))
            return true;
        drop(connection);
        cshis_release(reply);
        if (++evictions > MOST_EVICTIONS || !pause_before(evictions, deadline))
            return false;
    }
    drop(connection); /* a reply that comes too late must not be taken for that of the next call */
    return false;
}

void cshis_distrust(void)
{
    struct connection *connection = cshis_thread_value();

    if (connection != NULL)
        drop(connection);
}
