/* A growing run of bytes to write little-endian numbers to, and a cursor to take them back.
 * No reading or writing beyond the end. */
#ifndef CSHIS_BYTES_H
#define CSHIS_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Start with all zero. failed: memory ran out; nothing more was added, the rest is not usable. */
struct cshis_bytes {
    uint8_t *data;
    size_t length;
    size_t room;
    bool failed;
};

/* Adds length zero bytes and gives their place, NULL without memory.
 * The place is valid until the next addition. */
uint8_t *cshis_extend(struct cshis_bytes *bytes, size_t length);
void cshis_put(struct cshis_bytes *bytes, const void *from, size_t length);
void cshis_put_u8(struct cshis_bytes *bytes, unsigned value);
void cshis_put_u16(struct cshis_bytes *bytes, unsigned value);
void cshis_put_u32(struct cshis_bytes *bytes, uint32_t value);
void cshis_release(struct cshis_bytes *bytes);

/* Overwrites four bytes at a place that exists. */
void cshis_set_u32(uint8_t *place, uint32_t value);

/* What has not been taken yet. short_of: more was asked for than
 * there was; from then on every number is 0, every place NULL. */
struct cshis_cursor {
    const uint8_t *at;
    size_t left;
    bool short_of;
};

const uint8_t *cshis_take(struct cshis_cursor *cursor, size_t length);
unsigned cshis_take_u8(struct cshis_cursor *cursor);
unsigned cshis_take_u16(struct cshis_cursor *cursor);
uint32_t cshis_take_u32(struct cshis_cursor *cursor);

/* 16 bits as a signed number. */
int cshis_signed16(unsigned value);

#endif
