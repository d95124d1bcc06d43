/* What stands before the first call of a connection (PROTOCOL.md):
 * the library says who it is, and each side proves that it knows the token. */
#ifndef CSHIS_GREETING_H
#define CSHIS_GREETING_H

#include <stdbool.h>
#include <stdint.h>

#include "frame.h"
#include "stream.h"

/* token: zeros where none is used; then the other end's user is looked at before anything is sent.
 * False: who was reached must not be told more; close the connection. */
bool cshis_greet(cshis_socket socket, const uint8_t token[CSHIS_TOKEN], int64_t deadline);

#endif
