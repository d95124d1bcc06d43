/* What stands before the first call of a connection (PROTOCOL.md):
 * the library says who it is, and each side proves that it knows the token. */
#ifndef CSHIS_GREETING_H
#define CSHIS_GREETING_H

#include <stdint.h>

#include "frame.h"
#include "stream.h"

/* CSHIS_SENT_AWAY: an eviction came; another connection may be tried.
 * CSHIS_NOT_GREETED: who was reached must not be told more. */
enum cshis_greeted { CSHIS_GREETED, CSHIS_SENT_AWAY, CSHIS_NOT_GREETED };

/* token: zeros where none is used; then the other end's user is looked at before anything is sent. */
enum cshis_greeted cshis_greet(cshis_socket socket, const uint8_t token[CSHIS_TOKEN], int64_t deadline);

#endif
