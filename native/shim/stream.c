#define _GNU_SOURCE /* getaddrinfo */
#include "stream.h"

#include <string.h>

#ifndef _WIN32
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#endif

static bool wait_for(cshis_socket socket, bool write, int64_t deadline)
{
    int64_t left = deadline - cshis_now();

    return left > 0 && cshis_poll(socket, write, left) > 0;
}

static bool has_connected(cshis_socket socket, int64_t deadline)
{
    int error = 0;
    socklen_t length = sizeof error;

    return wait_for(socket, true, deadline) &&
           getsockopt(socket, SOL_SOCKET, SO_ERROR, (char *)&error, &length) == 0 && error == 0;
}

static cshis_socket connect_to(const struct addrinfo *address, int64_t deadline)
{
    cshis_socket socket = cshis_new_socket(address->ai_family);
    int on = 1;

    if (socket == CSHIS_NO_SOCKET)
        return CSHIS_NO_SOCKET;
    (void)setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, (const char *)&on, sizeof on);
    if (connect(socket, address->ai_addr, (socklen_t)address->ai_addrlen) == 0)
        return socket;
    if (cshis_would_block() && has_connected(socket, deadline))
        return socket;
    cshis_close_socket(socket);
    return CSHIS_NO_SOCKET;
}

cshis_socket cshis_connect(const char *host, const char *port, int64_t deadline)
{
    struct addrinfo hints;
    struct addrinfo *found = NULL;
    cshis_socket socket;

    memset(&hints, 0, sizeof hints);
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
    if (getaddrinfo(host, port, &hints, &found) != 0 || found == NULL)
        return CSHIS_NO_SOCKET;
    socket = connect_to(found, deadline);
    freeaddrinfo(found);
    return socket;
}

static bool take_end(const struct sockaddr_storage *address, struct cshis_end *end)
{
    static const uint8_t v4[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
    struct sockaddr_in one;
    struct sockaddr_in6 other;

    if (address->ss_family == AF_INET) {
        memcpy(&one, address, sizeof one);
        memcpy(end->host, v4, sizeof v4);
        memcpy(end->host + sizeof v4, &one.sin_addr, sizeof one.sin_addr);
        end->port = ntohs(one.sin_port);
    } else {
        memcpy(&other, address, sizeof other);
        memcpy(end->host, &other.sin6_addr, sizeof end->host);
        end->port = ntohs(other.sin6_port);
    }
    return address->ss_family == AF_INET || address->ss_family == AF_INET6;
}

bool cshis_end_here(cshis_socket socket, struct cshis_end *end)
{
    struct sockaddr_storage address;
    socklen_t length = sizeof address;

    return getsockname(socket, (struct sockaddr *)&address, &length) == 0 && take_end(&address, end);
}

bool cshis_end_there(cshis_socket socket, struct cshis_end *end)
{
    struct sockaddr_storage address;
    socklen_t length = sizeof address;

    return getpeername(socket, (struct sockaddr *)&address, &length) == 0 && take_end(&address, end);
}

bool cshis_send_all(cshis_socket socket, const uint8_t *data, size_t length, int64_t deadline)
{
    size_t sent = 0;

    while (sent < length) {
        long taken = cshis_send_some(socket, data + sent, length - sent);
        if (taken > 0)
            sent += (size_t)taken;
        else if (taken == 0 || !cshis_would_block() || !wait_for(socket, true, deadline))
            return false;
    }
    return true;
}

bool cshis_receive_all(cshis_socket socket, uint8_t *data, size_t length, int64_t deadline)
{
    size_t received = 0;

    while (received < length) {
        long taken = (long)recv(socket, (void *)(data + received), length - received, 0);
        if (taken > 0)
            received += (size_t)taken;
        else if (taken == 0 || !cshis_would_block() || !wait_for(socket, false, deadline))
            return false;
    }
    return true;
}

bool cshis_is_quiet(cshis_socket socket)
{
    return cshis_poll(socket, false, 0) == 0;
}
