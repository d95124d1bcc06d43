#include "frame.h"

#include <string.h>

static const uint8_t magic[4] = {'C', 'S', 'H', 'B'};

void cshis_put_header(struct cshis_bytes *frame, unsigned kind, uint32_t number)
{
    cshis_put(frame, magic, sizeof magic);
    cshis_put_u16(frame, CSHIS_VERSION);
    cshis_put_u16(frame, kind);
    cshis_put_u32(frame, 0); /* the length, set when the frame is complete */
    cshis_put_u32(frame, number);
}

bool cshis_end_frame(struct cshis_bytes *frame)
{
    if (!frame->failed)
        cshis_set_u32(frame->data + CSHIS_LENGTH_AT, (uint32_t)(frame->length - CSHIS_HEADER));
    return !frame->failed;
}

bool cshis_take_header(struct cshis_cursor *cursor, struct cshis_header *header)
{
    const uint8_t *begin = cshis_take(cursor, sizeof magic);
    unsigned version = cshis_take_u16(cursor);

    header->kind = cshis_take_u16(cursor);
    header->length = cshis_take_u32(cursor);
    header->number = cshis_take_u32(cursor);
    return !cursor->short_of && memcmp(begin, magic, sizeof magic) == 0 && version == CSHIS_VERSION &&
           header->length <= CSHIS_MOST_REPLY - CSHIS_HEADER;
}

bool cshis_is_eviction(const struct cshis_header *header)
{
    return header->kind == CSHIS_EVICTION_FRAME && header->length == 0;
}
