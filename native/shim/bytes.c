#include "bytes.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_ROOM 512u

static bool make_room(struct cshis_bytes *bytes, size_t length)
{
    size_t room = bytes->room ? bytes->room : FIRST_ROOM;
    uint8_t *larger;

    if (bytes->failed || length > SIZE_MAX / 4 || bytes->length > SIZE_MAX / 4)
        return false;
    while (room < bytes->length + length)
        room *= 2;
    if (room == bytes->room)
        return true;
    larger = realloc(bytes->data, room);
    if (larger == NULL)
        return false;
    bytes->data = larger;
    bytes->room = room;
    return true;
}

uint8_t *cshis_extend(struct cshis_bytes *bytes, size_t length)
{
    uint8_t *place;

    if (!make_room(bytes, length)) {
        bytes->failed = true;
        return NULL;
    }
    place = bytes->data + bytes->length;
    memset(place, 0, length);
    bytes->length += length;
    return place;
}

void cshis_put(struct cshis_bytes *bytes, const void *from, size_t length)
{
    uint8_t *place = cshis_extend(bytes, length);

    if (place != NULL && length > 0)
        memcpy(place, from, length);
}

void cshis_put_u8(struct cshis_bytes *bytes, unsigned value)
{
    const uint8_t packed[1] = {(uint8_t)(value & 0xFFu)};

    cshis_put(bytes, packed, sizeof packed);
}

void cshis_put_u16(struct cshis_bytes *bytes, unsigned value)
{
    const uint8_t packed[2] = {(uint8_t)(value & 0xFFu), (uint8_t)(value >> 8 & 0xFFu)};

    cshis_put(bytes, packed, sizeof packed);
}

void cshis_put_u32(struct cshis_bytes *bytes, uint32_t value)
{
    uint8_t packed[4];

    cshis_set_u32(packed, value);
    cshis_put(bytes, packed, sizeof packed);
}

void cshis_set_u32(uint8_t *place, uint32_t value)
{
    int i;

    for (i = 0; i < 4; i++)
        place[i] = (uint8_t)(value >> (8 * i) & 0xFFu);
}

void cshis_release(struct cshis_bytes *bytes)
{
    free(bytes->data);
    memset(bytes, 0, sizeof *bytes);
}

const uint8_t *cshis_take(struct cshis_cursor *cursor, size_t length)
{
    const uint8_t *taken = cursor->at;

    if (cursor->short_of || length > cursor->left) {
        cursor->short_of = true;
        return NULL;
    }
    cursor->at += length;
    cursor->left -= length;
    return taken;
}

static uint32_t take_number(struct cshis_cursor *cursor, size_t width)
{
    const uint8_t *taken = cshis_take(cursor, width);
    uint32_t value = 0;

    if (taken == NULL)
        return 0;
    while (width-- > 0)
        value = value << 8 | taken[width];
    return value;
}

unsigned cshis_take_u8(struct cshis_cursor *cursor)
{
    return (unsigned)take_number(cursor, 1);
}

unsigned cshis_take_u16(struct cshis_cursor *cursor)
{
    return (unsigned)take_number(cursor, 2);
}

uint32_t cshis_take_u32(struct cshis_cursor *cursor)
{
    return take_number(cursor, 4);
}

int cshis_signed16(unsigned value)
{
    int low = (int)(value & 0xFFFFu);

    return low < 0x8000 ? low : low - 0x10000;
}
