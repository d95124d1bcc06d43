/* The transport of the client build: one connection per
 * thread, opened at its first call and kept for the next ones. */
#include <stdlib.h>
#include <string.h>

#include "place.h"
#include "platform.h"
#include "stream.h"
#include "transport.h"

#define CONNECT_MILLISECONDS 1500

struct connection {
    cshis_socket socket;
    unsigned long owner; /* the process that opened it: a fork's child must not talk on it */
    uint8_t token[CSHIS_TOKEN];
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

static bool reopen(struct connection *connection, int64_t deadline)
{
    int64_t connect_deadline = cshis_now() + CONNECT_MILLISECONDS;
    struct cshis_place place;

    drop(connection);
    if (!cshis_find_bridge(&place))
        return false;
    connection->socket =
        cshis_connect(place.host, place.port, deadline < connect_deadline ? deadline : connect_deadline);
    connection->owner = cshis_process();
    memcpy(connection->token, place.token, sizeof connection->token);
    return connection->socket != CSHIS_NO_SOCKET;
}

static bool is_usable(const struct connection *connection)
{
    return connection->socket != CSHIS_NO_SOCKET && connection->owner == cshis_process() &&
           cshis_is_quiet(connection->socket);
}

static bool send_request(const struct connection *connection, struct cshis_bytes *request, int64_t deadline)
{
    memcpy(request->data + CSHIS_HEADER, connection->token, CSHIS_TOKEN);
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

static bool receive_reply(cshis_socket socket, struct cshis_bytes *reply, int64_t deadline)
{
    uint8_t *place = cshis_extend(reply, CSHIS_HEADER);
    struct cshis_cursor cursor = {place, CSHIS_HEADER, false};
    struct cshis_header header;

    if (place == NULL || !cshis_receive_all(socket, place, CSHIS_HEADER, deadline) ||
        !cshis_take_header(&cursor, &header))
        return false;
    place = cshis_extend(reply, header.length);
    return place != NULL && cshis_receive_all(socket, place, header.length, deadline);
}

bool cshis_exchange(struct cshis_bytes *request, struct cshis_bytes *reply)
{
    int64_t deadline = cshis_now() + (int64_t)cshis_timeout() * 1000;
    struct connection *connection = own_connection();

    if (connection == NULL)
        return false;
    if (send_or_resend(connection, request, deadline) && receive_reply(connection->socket, reply, deadline))
        return true;
    drop(connection); /* a reply that comes too late must not be taken for that of the next call */
    return false;
}

void cshis_distrust(void)
{
    struct connection *connection = cshis_thread_value();

    if (connection != NULL)
        drop(connection);
}
