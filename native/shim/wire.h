/* Whole frames from a connection. */
#ifndef CSHIS_WIRE_H
#define CSHIS_WIRE_H

#include <stdbool.h>
#include <stdint.h>

#include "frame.h"
#include "stream.h"

/* Receives the next frame into frame, which is empty. False: none came in time, or what came is no frame. */
bool cshis_receive_frame(cshis_socket socket, struct cshis_bytes *frame, struct cshis_header *header,
                         int64_t deadline);

#endif
