#define WIN32_LEAN_AND_MEAN
#include "line.h"

#include <windows.h>

#include <string.h>

#define MOST_DIGITS 20
#define PER_SECOND 10000000u /* 100 nanoseconds each */

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char hex[] = "0123456789abcdef";

void recorder_open_object(struct cshis_bytes *line)
{
    cshis_put_u8(line, '{');
}

void recorder_close_object(struct cshis_bytes *line)
{
    cshis_put_u8(line, '}');
}

void recorder_end_line(struct cshis_bytes *line)
{
    recorder_close_object(line);
    cshis_put_u8(line, '\n');
}

void recorder_put_key(struct cshis_bytes *line, const char *key)
{
    bool first = line->length > 0 && line->data[line->length - 1] == '{';
    size_t length = strlen(key);
    uint8_t *place = cshis_extend(line, (first ? 0 : 1) + length + 3);

    if (place == NULL)
        return;
    if (!first)
        *place++ = ',';
    *place++ = '"';
    memcpy(place, key, length);
    memcpy(place + length, "\":", 2);
}

void recorder_add_string(struct cshis_bytes *line, const char *key, const char *string)
{
    recorder_put_key(line, key);
    recorder_put_string(line, string);
}

void recorder_add_number(struct cshis_bytes *line, const char *key, int64_t number)
{
    recorder_put_key(line, key);
    recorder_put_number(line, number);
}

void recorder_add_time(struct cshis_bytes *line, const char *key, uint64_t time)
{
    recorder_put_key(line, key);
    recorder_put_time(line, time);
}

void recorder_add_null(struct cshis_bytes *line, const char *key)
{
    recorder_put_key(line, key);
    recorder_put_null(line);
}

void recorder_put_null(struct cshis_bytes *line)
{
    cshis_put(line, "null", 4);
}

static void put_character(struct cshis_bytes *line, unsigned char character)
{
    char escaped[6] = {'\\', 'u', '0', '0', '0', '0'};

    if (character == '"' || character == '\\') {
        cshis_put_u8(line, '\\');
        cshis_put_u8(line, character);
    } else if (character < 0x20) {
        escaped[4] = hex[character >> 4];
        escaped[5] = hex[character & 15];
        cshis_put(line, escaped, sizeof escaped);
    } else {
        cshis_put_u8(line, character);
    }
}

void recorder_put_string(struct cshis_bytes *line, const char *utf8)
{
    cshis_put_u8(line, '"');
    while (*utf8 != '\0')
        put_character(line, (unsigned char)*utf8++);
    cshis_put_u8(line, '"');
}

void recorder_put_wide(struct cshis_bytes *line, const wchar_t *text)
{
    char utf8[4 * MAX_PATH];
    int length = WideCharToMultiByte(CP_UTF8, 0, text, -1, utf8, sizeof utf8, NULL, NULL);

    recorder_put_string(line, length > 0 ? utf8 : "?");
}

/* Writes the digits that end before end; gives where they begin. */
static char *digits(char *end, uint64_t number)
{
    do
        *--end = (char)('0' + number % 10);
    while ((number /= 10) > 0);
    return end;
}

void recorder_put_number(struct cshis_bytes *line, int64_t number)
{
    char text[MOST_DIGITS];
    char *begin = digits(text + sizeof text, number < 0 ? 0 - (uint64_t)number : (uint64_t)number);

    if (number < 0)
        cshis_put_u8(line, '-');
    cshis_put(line, begin, (size_t)(text + sizeof text - begin));
}

void recorder_put_tenths(struct cshis_bytes *line, int64_t tenths)
{
    recorder_put_number(line, tenths / 10);
    cshis_put_u8(line, '.');
    cshis_put_u8(line, '0' + (unsigned)(tenths % 10));
}

/* Both letters of each 12 bits, so that three bytes take two steps.
 * Filled at the first use, by whoever comes first: all write the same. */
static uint16_t pairs[4096];
static volatile LONG filled;

static void fill_pairs(void)
{
    unsigned bits;

    for (bits = 0; bits < 4096; bits++) {
        const char pair[2] = {letters[bits >> 6], letters[bits & 63]};
        memcpy(&pairs[bits], pair, sizeof pair);
    }
    InterlockedExchange(&filled, 1);
}

static void encode_last(char *to, const uint8_t *from, size_t left)
{
    unsigned bits = (unsigned)from[0] << 16 | (left > 1 ? (unsigned)from[1] << 8 : 0);

    to[0] = letters[bits >> 18];
    to[1] = letters[bits >> 12 & 63];
    to[2] = left > 1 ? letters[bits >> 6 & 63] : '=';
    to[3] = '=';
}

static void encode(char *to, const uint8_t *from, size_t length)
{
    unsigned bits;

    for (; length >= 3; length -= 3, from += 3, to += 4) {
        bits = (unsigned)from[0] << 16 | (unsigned)from[1] << 8 | from[2];
        memcpy(to, &pairs[bits >> 12], 2);
        memcpy(to + 2, &pairs[bits & 0xFFF], 2);
    }
    if (length > 0)
        encode_last(to, from, length);
}

void recorder_put_base64(struct cshis_bytes *line, const void *data, size_t length)
{
    size_t letters_needed = (length + 2) / 3 * 4;
    char *to = (char *)cshis_extend(line, letters_needed + 2);

    if (to == NULL)
        return;
    if (!filled)
        fill_pairs();
    to[0] = '"';
    encode(to + 1, data, length);
    to[letters_needed + 1] = '"';
}

/* As many digits as asked for, with zeros in front, and what follows them. */
static void put_padded(struct cshis_bytes *line, unsigned number, unsigned width, char after)
{
    char text[MOST_DIGITS];
    unsigned i;

    for (i = width; i > 0; i--, number /= 10)
        text[i - 1] = (char)('0' + number % 10);
    text[width] = after;
    cshis_put(line, text, width + 1);
}

void recorder_put_time(struct cshis_bytes *line, uint64_t time)
{
    FILETIME file = {(DWORD)time, (DWORD)(time >> 32)};
    SYSTEMTIME parts = {0};

    (void)FileTimeToSystemTime(&file, &parts);
    cshis_put_u8(line, '"');
    put_padded(line, parts.wYear, 4, '-');
    put_padded(line, parts.wMonth, 2, '-');
    put_padded(line, parts.wDay, 2, 'T');
    put_padded(line, parts.wHour, 2, ':');
    put_padded(line, parts.wMinute, 2, ':');
    put_padded(line, parts.wSecond, 2, '.');
    put_padded(line, (unsigned)(time % PER_SECOND / 10), 6, 'Z');
    cshis_put_u8(line, '"');
}
