/* A loopback TCP connection with a deadline on everything.
 * Deadlines are times of cshis_now(), in milliseconds. */
#ifndef CSHIS_STREAM_H
#define CSHIS_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platform.h"

/* Where a connection begins or ends: an address of IPv6, one of IPv4 as ::ffff:127.0.0.1, and a port. */
struct cshis_end {
    uint8_t host[16];
    unsigned port;
};

bool cshis_end_here(cshis_socket socket, struct cshis_end *end);
bool cshis_end_there(cshis_socket socket, struct cshis_end *end);

/* host and port are numeric. CSHIS_NO_SOCKET if nobody accepts in time. */
cshis_socket cshis_connect(const char *host, const char *port, int64_t deadline);

/* True once the system has taken every byte. False: the frame is not complete on the other side. */
bool cshis_send_all(cshis_socket socket, const uint8_t *data, size_t length, int64_t deadline);

bool cshis_receive_all(cshis_socket socket, uint8_t *data, size_t length, int64_t deadline);

/* Whether a connection that waits for its next call is still
 * good: open, and nothing has come that nobody asked for. */
bool cshis_is_quiet(cshis_socket socket);

#endif
