/* What carries a frame to the bridge: a socket (channel.c) or the Python of the same process (embed/).
 * One of them is linked in. */
#ifndef CSHIS_TRANSPORT_H
#define CSHIS_TRANSPORT_H

#include "bytes.h"

/* Sends the request, into which it writes how long the caller still waits,
 * and receives a frame of the length that its header names.
 * False: there is no reply, or none in time. Returns in bounded time. */
bool cshis_exchange(struct cshis_bytes *request, struct cshis_bytes *reply);

/* The last reply of this thread was wrong: what it came through must not carry another call. */
void cshis_distrust(void);

#endif
