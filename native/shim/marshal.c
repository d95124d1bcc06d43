#include "marshal.h"

#include <string.h>

#include "file.h"
#include "frame.h"
#include "platform.h"

/* How much of an out-buffer is sent: the ICD-10 pattern
 * that some rows look for stands in its first nine bytes. */
#define PEEK 16

/* As much of a string with digits as is written over. */
#define MOST_DIGITS 256

#define MOST_PATH 4096

enum form { BYTES_FORM = 1, NUMBER_FORM = 2 };

/* One output of an answer; form 0: none for this argument. */
struct output {
    unsigned form;
    const uint8_t *bytes;
    size_t length;
    unsigned number;
};

/* The variables of VB6 and packed structures need not be aligned, hence memcpy. */
static unsigned read16(const void *from)
{
    uint16_t value;

    memcpy(&value, from, sizeof value);
    return value;
}

static void write16(void *to, unsigned number)
{
    uint16_t value = (uint16_t)(number & 0xFFFFu);

    memcpy(to, &value, sizeof value);
}

/* The documented width counts, and nothing behind it is looked at: programs of some languages
 * end an array there, without a NUL. False: no such memory. */
static bool measure(const char *text, size_t most, size_t *length)
{
    size_t readable = cshis_readable(text, most);
    size_t i;

    for (i = 0; i < most && i < readable && text[i] != '\0'; i++)
        continue;
    *length = i;
    return i == most || i < readable;
}

/* How many bytes a string has at most: of a block of rows, as many as the caller's number of rows makes. */
static size_t most_of(const struct cshis_pending *call, const struct cshis_slot *slot)
{
    int rows;
    size_t most;

    if (slot->count < 0)
        return slot->most;
    rows = cshis_signed16(read16(call->words[slot->count].pointer));
    most = rows > 0 ? (size_t)rows * slot->row : 0;
    return most < slot->most ? most : slot->most;
}

static bool pack_string(struct cshis_bytes *frame, size_t most, const char *text)
{
    size_t length;

    if (!measure(text, most, &length))
        return false;
    cshis_put_u32(frame, (uint32_t)length);
    cshis_put(frame, text, length);
    return true;
}

/* A name that fills its width is whole only where blanks end it: cut off, it may be that of another file. */
static void pack_file(struct cshis_bytes *frame, const struct cshis_slot *slot, const char *name)
{
    size_t length;
    bool ended = measure(name, slot->most, &length);

    if (length == slot->most)
        ended = name[length - 1] == ' ';
    cshis_put_file(frame, name, length, ended);
}

static bool pack_record(struct cshis_bytes *frame, const void *buffer, int capacity)
{
    int peek = capacity < PEEK ? capacity : PEEK;

    if (capacity <= 0 || !cshis_writable(buffer, (size_t)peek))
        return false;
    cshis_put_u16(frame, (unsigned)capacity);
    cshis_put_u32(frame, (uint32_t)peek);
    cshis_put(frame, buffer, (size_t)peek);
    return true;
}

static bool pack_argument(struct cshis_pending *call, unsigned index, struct cshis_bytes *frame)
{
    const struct cshis_slot *slot = &call->function->slots[index];
    const union cshis_word word = call->words[index];

    cshis_put_u8(frame, (unsigned)slot->kind);
    switch (slot->kind) {
    case CSHIS_TEXT:
    case CSHIS_BLOCK:
    case CSHIS_TEXT_INOUT:
        return pack_string(frame, most_of(call, slot), word.pointer);
    case CSHIS_FILE:
        pack_file(frame, slot, word.pointer);
        return true;
    case CSHIS_RECORD:
        call->capacities[index] = cshis_signed16(read16(call->words[slot->length].pointer));
        return pack_record(frame, word.pointer, call->capacities[index]);
    case CSHIS_COUNT:
        cshis_put_u16(frame, read16(word.pointer));
        return true;
    case CSHIS_SCALAR:
        cshis_put_u16(frame, (unsigned)word.value & 0xFFFFu);
        return true;
    case CSHIS_LENGTH:
    case CSHIS_TEXT_OUT:
        return true;
    }
    return false;
}

/* Whether an argument points to nothing that it can be used for, as far as that can be known.
 * Strings are looked at as they are read. */
static bool is_wild(const struct cshis_slot *slot, const union cshis_word word)
{
    if (slot->kind == CSHIS_SCALAR)
        return false;
    if (word.pointer == NULL)
        return true;
    if (slot->kind == CSHIS_LENGTH)
        return !cshis_writable(word.pointer, sizeof(uint16_t));
    if (slot->kind == CSHIS_COUNT)
        return cshis_readable(word.pointer, sizeof(uint16_t)) < sizeof(uint16_t);
    return slot->kind == CSHIS_TEXT_OUT && !cshis_writable(word.pointer, 1);
}

static bool has_wild_pointer(const struct cshis_pending *call)
{
    unsigned i;

    for (i = 0; i < call->function->count; i++)
        if (is_wild(&call->function->slots[i], call->words[i]))
            return true;
    return false;
}

static void pack_prologue(const struct cshis_pending *call, struct cshis_bytes *frame)
{
    size_t name = strlen(call->function->name);

    cshis_put_header(frame, CSHIS_CALL_FRAME, call->number);
    cshis_put_u32(frame, 0); /* the time, set when the frame is sent */
    cshis_put_u32(frame, call->function->signature);
    cshis_put_u8(frame, (unsigned)name);
    cshis_put(frame, call->function->name, name);
    cshis_put_u8(frame, call->function->count);
}

enum cshis_packed cshis_pack(struct cshis_pending *call, struct cshis_bytes *frame)
{
    unsigned i;

    if (has_wild_pointer(call))
        return CSHIS_BAD_ARGUMENT;
    pack_prologue(call, frame);
    for (i = 0; i < call->function->count; i++)
        if (!pack_argument(call, i, frame))
            return CSHIS_BAD_ARGUMENT;
    if (!cshis_end_frame(frame))
        return CSHIS_NO_MEMORY;
    return frame->length > CSHIS_MOST_CALL ? CSHIS_BAD_ARGUMENT : CSHIS_PACKED;
}

static bool belongs_to_record(const struct cshis_function *function, unsigned index)
{
    unsigned i;

    for (i = 0; i < function->count; i++)
        if (function->slots[i].length == (int)index)
            return true;
    return false;
}

/* Whether the caller has a place for this output. */
static bool fits(const struct cshis_pending *call, unsigned index, const struct output *output)
{
    const struct cshis_slot *slot = &call->function->slots[index];

    switch (slot->kind) {
    case CSHIS_RECORD:
        return output->form == BYTES_FORM && output->length <= (size_t)call->capacities[index];
    case CSHIS_TEXT_OUT:
    case CSHIS_TEXT_INOUT:
        return output->form == BYTES_FORM && output->length <= slot->most;
    case CSHIS_LENGTH:
        return output->form == NUMBER_FORM && !belongs_to_record(call->function, index);
    default:
        return false;
    }
}

static bool take_output(const struct cshis_pending *call, struct cshis_cursor *cursor, struct output *outputs)
{
    unsigned index = cshis_take_u8(cursor);
    struct output output = {0};

    output.form = cshis_take_u8(cursor);
    if (output.form == BYTES_FORM) {
        output.length = cshis_take_u32(cursor);
        output.bytes = cshis_take(cursor, output.length);
    } else {
        output.number = cshis_take_u16(cursor);
    }
    if (cursor->short_of || index >= call->function->count || outputs[index].form != 0 ||
        !fits(call, index, &output))
        return false;
    outputs[index] = output;
    return true;
}

/* The path of this library, or its file name where the path is too long. False: neither fits with its NUL. */
static bool write_own_path(char *to, size_t most)
{
    char path[MOST_PATH];
    const char *name;

    if (!cshis_library_path(path, sizeof path))
        return false;
    name = path + strlen(path);
    if (strlen(path) < most)
        name = path;
    else
        while (name > path && name[-1] != '/' && name[-1] != '\\')
            name--;
    if (strlen(name) >= most)
        return false;
    strcpy(to, name);
    return true;
}

static void write_text(char *to, const struct output *output, size_t most)
{
    memcpy(to, output->bytes, output->length);
    if (output->length < most)
        to[output->length] = '\0';
}

/* How many bytes of a string with digits are surely the caller's: an array without a NUL ends with them. */
static size_t digits_and_blanks(const char *text, size_t most)
{
    size_t length = 0;

    while (length < most && (text[length] == ' ' || (text[length] >= '0' && text[length] <= '9')))
        length++;
    return length;
}

/* Digits over the caller's own, blank-padded over the blanks behind them, within the documented width.
 * Nothing where they do not fit: it may be a constant. */
static void write_over(char *to, const struct output *output, size_t most)
{
    char text[MOST_DIGITS];
    size_t length = digits_and_blanks(to, most < sizeof text ? most : sizeof text);

    if (output->length > length)
        return;
    memset(text, ' ', length);
    memcpy(text, output->bytes, output->length);
    cshis_overwrite(to, text, length);
}

/* A program may claim more room than it has; that does no harm where the record is short enough. */
static bool can_be_written(const struct cshis_pending *call, unsigned index, const struct output *output)
{
    const struct cshis_slot *slot = &call->function->slots[index];
    size_t length = output->length;

    if (slot->kind != CSHIS_RECORD && slot->kind != CSHIS_TEXT_OUT)
        return true;
    if (slot->kind == CSHIS_TEXT_OUT && length < slot->most)
        length++; /* the NUL */
    if (slot->own_path)
        length = slot->most;
    return cshis_writable(call->words[index].pointer, length);
}

static bool can_write_all(const struct cshis_pending *call, const struct output *outputs)
{
    unsigned i;

    for (i = 0; i < call->function->count; i++)
        if (outputs[i].form != 0 && !can_be_written(call, i, &outputs[i]))
            return false;
    return true;
}

static void write_output(const struct cshis_pending *call, unsigned index, const struct output *output)
{
    const struct cshis_slot *slot = &call->function->slots[index];
    void *to = call->words[index].pointer;

    if (slot->kind == CSHIS_LENGTH) {
        write16(to, output->number);
    } else if (slot->kind == CSHIS_TEXT_INOUT) {
        write_over(to, output, slot->most);
    } else if (slot->kind == CSHIS_TEXT_OUT) {
        if (!slot->own_path || !write_own_path(to, slot->most))
            write_text(to, output, slot->most);
    } else {
        memcpy(to, output->bytes, output->length);
        write16(call->words[slot->length].pointer, (unsigned)output->length);
    }
}

static bool unpack_answer(const struct cshis_pending *call, struct cshis_cursor *cursor, int *code)
{
    struct output outputs[CSHIS_MOST_ARGUMENTS] = {{0}};
    int answered = cshis_signed16(cshis_take_u16(cursor));
    unsigned count = cshis_take_u8(cursor);
    unsigned i;

    for (i = 0; i < count; i++)
        if (!take_output(call, cursor, outputs))
            return false;
    if (cursor->short_of || cursor->left != 0)
        return false;
    if (!can_write_all(call, outputs)) {
        *code = call->function->bad_argument;
        return true;
    }
    for (i = 0; i < call->function->count; i++)
        if (outputs[i].form != 0)
            write_output(call, i, &outputs[i]);
    *code = answered;
    return true;
}

static bool unpack_refusal(struct cshis_cursor *cursor, int *code)
{
    int refused = cshis_signed16(cshis_take_u16(cursor));

    if (cursor->short_of || cursor->left != 0 || refused == 0)
        return false;
    *code = refused;
    return true;
}

bool cshis_unpack(const struct cshis_pending *call, const struct cshis_bytes *frame, int *code)
{
    struct cshis_cursor cursor = {frame->data, frame->length, false};
    struct cshis_header header;

    if (!cshis_take_header(&cursor, &header) || header.length != cursor.left || header.number != call->number)
        return false;
    if (header.kind == CSHIS_ANSWER_FRAME)
        return unpack_answer(call, &cursor, code);
    return header.kind == CSHIS_REFUSAL_FRAME && unpack_refusal(&cursor, code);
}
