/* The header of a frame (PROTOCOL.md) and the limits that both sides keep. */
#ifndef CSHIS_FRAME_H
#define CSHIS_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bytes.h"

#define CSHIS_VERSION 2u
#define CSHIS_MOST_CALL 12582912u /* a file of 10 MB fits */
#define CSHIS_MOST_REPLY 1048576u
#define CSHIS_HEADER 16u
#define CSHIS_LENGTH_AT 8u
#define CSHIS_TIME_AT CSHIS_HEADER /* in a call: how long its caller still waits */
#define CSHIS_TOKEN 32u

enum cshis_frame_kind {
    CSHIS_CALL_FRAME = 1,
    CSHIS_ANSWER_FRAME = 2,
    CSHIS_REFUSAL_FRAME = 3,
    CSHIS_HELLO_FRAME = 4,
    CSHIS_WELCOME_FRAME = 5,
    CSHIS_PROOF_FRAME = 6,
    CSHIS_EVICTION_FRAME = 7
};

struct cshis_header {
    unsigned kind;
    size_t length;
    uint32_t number;
};

/* Begins a frame; cshis_end_frame says in its header how long it has become. False: memory ran out. */
void cshis_put_header(struct cshis_bytes *frame, unsigned kind, uint32_t number);
bool cshis_end_frame(struct cshis_bytes *frame);

/* Whether the bridge says that it needed the room and took nothing of what came by this connection. */
bool cshis_is_eviction(const struct cshis_header *header);

/* Takes a header. False if it is not one of this version or the frame would be longer than the cap. */
bool cshis_take_header(struct cshis_cursor *cursor, struct cshis_header *header);

#endif
