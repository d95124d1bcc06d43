#include "values.h"

#include <string.h>

#include "line.h"
#include "platform.h"

/* How far a string is followed beyond its documented width. */
#define BEYOND 4096u
#define MOST_FILE_NAME 1024u

/* A number at an address, read once: how many of its bytes could be. */
struct number {
    size_t bytes;
    uint32_t value;
};

static struct number read_number(const void *from)
{
    struct number number = {0, 0};

    if (from == NULL)
        return number;
    number.bytes = cshis_readable(from, sizeof number.value);
    if (number.bytes >= sizeof number.value)
        memcpy(&number.value, from, sizeof number.value);
    else if (number.bytes >= sizeof(uint16_t))
        memcpy(&number.value, from, sizeof(uint16_t));
    return number;
}

bool recorder_read16(const void *from, int *number)
{
    const struct number found = read_number(from);

    *number = cshis_signed16(found.value);
    return found.bytes >= sizeof(uint16_t);
}

static void put_pair(struct cshis_bytes *line, const struct number *number)
{
    recorder_open_object(line);
    recorder_add_number(line, "i16", cshis_signed16(number->value));
    if (number->bytes >= sizeof number->value)
        recorder_add_number(line, "i32", (int32_t)number->value);
    recorder_close_object(line);
}

static void put_unreadable(struct cshis_bytes *line)
{
    recorder_put_string(line, "unreadable");
}

static void put_number_at(struct cshis_bytes *line, const struct number *number)
{
    if (number->bytes < sizeof(uint16_t))
        put_unreadable(line);
    else
        put_pair(line, number);
}

static void put_bytes(struct cshis_bytes *line, const void *from, size_t wanted)
{
    size_t readable = cshis_readable(from, wanted > 0 ? wanted : 1);

    if (readable == 0)
        put_unreadable(line);
    else
        recorder_put_base64(line, from, readable < wanted ? readable : wanted);
}

bool recorder_measure(const struct cshis_slot *slot, const void *text, size_t *length)
{
    size_t most = slot->terminated ? slot->most + BEYOND : slot->most;
    size_t readable = text == NULL ? 0 : cshis_readable(text, most);
    const char *end = readable > 0 ? memchr(text, '\0', readable) : NULL;

    *length = end != NULL ? (size_t)(end - (const char *)text) : readable;
    return readable > 0;
}

static void put_string(struct cshis_bytes *line, const struct cshis_slot *slot, const void *text)
{
    size_t length;

    if (recorder_measure(slot, text, &length))
        recorder_put_base64(line, text, length);
    else
        put_unreadable(line);
}

/* The name without the blanks behind it must be that of a regular file. */
static bool measure_file(const char *name, size_t length, uint64_t *size)
{
    char path[MOST_FILE_NAME];

    while (length > 0 && name[length - 1] == ' ')
        length--;
    if (length == 0 || length >= sizeof path)
        return false;
    memcpy(path, name, length);
    path[length] = '\0';
    return cshis_regular_file(path, size);
}

static void put_file(struct cshis_bytes *line, const struct cshis_slot *slot, const void *name)
{
    uint64_t size;
    size_t length;

    if (!recorder_measure(slot, name, &length)) {
        put_unreadable(line);
        return;
    }
    recorder_open_object(line);
    recorder_put_key(line, "file");
    recorder_put_base64(line, name, length);
    if (measure_file(name, length, &size))
        recorder_add_number(line, "bytes", (int64_t)size);
    else
        recorder_add_null(line, "bytes");
    recorder_close_object(line);
}

/* What the length variable promises. One that cannot be read or is not positive promises nothing. */
static size_t promised(const struct number *length)
{
    int value = cshis_signed16(length->value);

    return length->bytes >= sizeof(uint16_t) && value > 0 ? (size_t)value : 0;
}

static void put_pointed(struct cshis_bytes *line, const struct cshis_slot *slot, const void *to,
                        const struct number *numbers, unsigned index)
{
    switch (slot->kind) {
    case CSHIS_TEXT:
    case CSHIS_BLOCK:
    case CSHIS_TEXT_INOUT:
        put_string(line, slot, to);
        break;
    case CSHIS_FILE:
        put_file(line, slot, to);
        break;
    case CSHIS_RECORD:
        put_bytes(line, to, promised(&numbers[slot->length]));
        break;
    case CSHIS_TEXT_OUT:
        put_bytes(line, to, slot->most);
        break;
    default:
        put_number_at(line, &numbers[index]);
        break;
    }
}

static void put_value(struct cshis_bytes *line, const struct cshis_slot *slot, recorder_word word,
                      const struct number *numbers, unsigned index)
{
    const struct number whole = {sizeof whole.value, (uint32_t)word};

    if (slot->kind == CSHIS_SCALAR)
        put_pair(line, &whole);
    else if (word == 0)
        recorder_put_null(line);
    else
        put_pointed(line, slot, (const void *)word, numbers, index);
}

static bool comes_back(const struct cshis_slot *slot)
{
    switch (slot->kind) {
    case CSHIS_RECORD:
    case CSHIS_LENGTH:
    case CSHIS_COUNT:
    case CSHIS_TEXT_OUT:
    case CSHIS_TEXT_INOUT:
        return true;
    default:
        return false;
    }
}

/* Numbers at addresses are read once: a length counts for its buffer as it is shown. */
static void read_numbers(const struct recorder_function *function, const recorder_word *words,
                         struct number *numbers)
{
    unsigned i;

    for (i = 0; i < function->count; i++)
        if (function->slots[i].kind == CSHIS_LENGTH || function->slots[i].kind == CSHIS_COUNT)
            numbers[i] = read_number((const void *)words[i]);
}

static void put_values(struct cshis_bytes *line, const struct recorder_function *function,
                       const recorder_word *words, bool after)
{
    struct number numbers[CSHIS_MOST_ARGUMENTS];
    unsigned i;

    read_numbers(function, words, numbers);
    recorder_open_object(line);
    for (i = 0; i < function->count; i++) {
        if (after && !comes_back(&function->slots[i]))
            continue;
        recorder_put_key(line, function->names[i]);
        put_value(line, &function->slots[i], words[i], numbers, i);
    }
    recorder_close_object(line);
}

void recorder_put_given(struct cshis_bytes *line, const struct recorder_function *function,
                        const recorder_word *words)
{
    put_values(line, function, words, false);
}

void recorder_put_answered(struct cshis_bytes *line, const struct recorder_function *function,
                           const recorder_word *words)
{
    put_values(line, function, words, true);
}
