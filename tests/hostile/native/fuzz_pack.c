/* Hostile arguments of a program (call.c, marshal.c, file.c, bytes.c): null pointers,
 * strings that do not end, lengths below zero or beyond all memory, memory that runs out.
 *
 * Input: shape (caller.h), which allocation fails, then per argument what it holds.
 * A string ends where its documented width does, mostly without a NUL: one byte further would be caught.
 * What is sent must be exactly what PROTOCOL.md says; nothing lent may change. */
#include "caller.h"
#include "frame.h"
#include "transport.h"

enum { PEEKED = 16, TEXT_ROOM = 65536 };

static const struct shape *shape;
static const struct loan *loan;
static bool is_null[CSHIS_MOST_ARGUMENTS];
static unsigned sent_calls;
static unsigned failing_allocation; /* 0: none, else the how-manieth */
static unsigned allocations;

void *__real_realloc(void *memory, size_t size);

/* Only the frame grows by realloc. */
void *__wrap_realloc(void *memory, size_t size)
{
    return ++allocations == failing_allocation ? NULL : __real_realloc(memory, size);
}

/* ---- what is lent ---- */

/* As many bytes as the library may look at: up to the NUL,
 * at most the documented width. Out: their number. */
static size_t make_string(struct input *input, const struct cshis_slot *slot, char *text)
{
    size_t length = 0, wanted = take16(input) % (slot->most + 16);
    unsigned fill = take8(input);

    REQUIRE(slot->most < TEXT_ROOM);
    while (length < wanted && length < slot->most) {
        text[length] = (char)(length < 24 ? take8(input) : fill);
        if (text[length++] == '\0')
            return length;
    }
    if (length < slot->most)
        text[length++] = '\0';
    return length;
}

static void lend_record(struct loan *to, unsigned index, unsigned variable, struct input *input)
{
    uint8_t content[PEEKED];
    int capacity = (int16_t)take16(input);
    size_t size = capacity <= 0 ? 0 : capacity < PEEKED ? (size_t)capacity : PEEKED;
    size_t i;

    for (i = 0; i < size; i++)
        content[i] = (uint8_t)take8(input);
    lend(to, index, content, size, 0); /* it states more than it has */
    lend_number(to, variable, (unsigned)capacity);
}

static void lend_all(struct loan *to, struct input *input)
{
    static char text[TEXT_ROOM];
    unsigned i;

    for (i = 0; i < shape->function.count; i++) {
        const struct cshis_slot *slot = &shape->function.slots[i];
        if (slot->kind == CSHIS_SCALAR)
            to->words[i].value = (int)(take16(input) | take16(input) << 16);
        else if (slot->kind == CSHIS_RECORD)
            lend_record(to, i, (unsigned)slot->length, input);
        else if (slot->kind == CSHIS_TEXT_OUT)
            lend(to, i, "", 1, 0);
        else if (slot->kind == CSHIS_COUNT ||
                 (slot->kind == CSHIS_LENGTH && !is_length_of_a_record(&shape->function, i)))
            lend_number(to, i, take16(input));
        else if (slot->kind != CSHIS_LENGTH)
            lend(to, i, text, make_string(input, slot, text), 0);
    }
    for (i = 0; i < shape->function.count; i++) {
        is_null[i] = shape->function.slots[i].kind != CSHIS_SCALAR && take8(input) == 0xFF;
        if (is_null[i])
            to->words[i].pointer = NULL;
    }
}

/* ---- what PROTOCOL.md says ---- */

/* Of a block of rows, as much as the caller's number of rows makes. */
static size_t most_of(const struct cshis_slot *slot)
{
    const struct lent *variable;
    int rows;

    if (slot->count < 0)
        return slot->most;
    variable = &loan->lent[slot->count];
    rows = (int16_t)(variable->before[1] | variable->before[2] << 8);
    if (rows <= 0)
        return 0;
    return (size_t)rows * slot->row < slot->most ? (size_t)rows * slot->row : slot->most;
}

static size_t string_length(unsigned index)
{
    const struct cshis_slot *slot = &shape->function.slots[index];
    const char *text = (const char *)loan->lent[index].before;
    size_t length = 0, most = most_of(slot);

    while (length < most && text[length] != '\0')
        length++;
    return length;
}

/* A file's name that fills its width may have been cut off: then it may be another file's. */
static bool is_cut_off(unsigned index)
{
    const struct cshis_slot *slot = &shape->function.slots[index];
    size_t length = string_length(index);

    return slot->kind == CSHIS_FILE && length == slot->most &&
           loan->lent[index].before[length - 1] != ' ';
}

static int capacity_of(unsigned index)
{
    const struct lent *variable = &loan->lent[shape->function.slots[index].length];

    return (int16_t)(variable->before[1] | variable->before[2] << 8);
}

static bool is_string(enum cshis_kind kind)
{
    return kind == CSHIS_TEXT || kind == CSHIS_BLOCK || kind == CSHIS_TEXT_INOUT || kind == CSHIS_FILE;
}

static bool is_good(unsigned index)
{
    if (is_null[index])
        return false;
    return shape->function.slots[index].kind != CSHIS_RECORD || capacity_of(index) > 0;
}

static bool all_good(void)
{
    unsigned i;

    for (i = 0; i < shape->function.count; i++)
        if (!is_good(i))
            return false;
    return true;
}

static void require_number(struct cshis_cursor *sent, uint32_t number, unsigned width)
{
    const uint8_t *at = cshis_take(sent, width);
    unsigned i;

    REQUIRE(at != NULL);
    for (i = 0; i < width; i++)
        REQUIRE(at[i] == (uint8_t)(number >> 8 * i));
}

static void require_bytes(struct cshis_cursor *sent, const void *bytes, size_t length)
{
    const uint8_t *at;

    require_number(sent, (uint32_t)length, 4);
    at = cshis_take(sent, length);
    REQUIRE(at != NULL && (length == 0 || memcmp(at, bytes, length) == 0));
}

static void require_argument(struct cshis_cursor *sent, unsigned index)
{
    const struct cshis_slot *slot = &shape->function.slots[index];
    const struct lent *lent = &loan->lent[index];

    require_number(sent, slot->kind, 1);
    if (is_string(slot->kind)) {
        size_t length = string_length(index);
        if (slot->kind == CSHIS_FILE)
            require_number(sent, is_cut_off(index) ? 4 : 1, 1); /* nobody can say which, no such file */
        require_bytes(sent, lent->before, length);
        if (slot->kind == CSHIS_FILE)
            require_number(sent, 0, 4);
    } else if (slot->kind == CSHIS_RECORD) {
        int capacity = capacity_of(index);
        require_number(sent, (uint32_t)capacity, 2);
        require_bytes(sent, lent->before, capacity < PEEKED ? (size_t)capacity : PEEKED);
    } else if (slot->kind == CSHIS_COUNT) {
        require_number(sent, (uint32_t)(lent->before[1] | lent->before[2] << 8), 2);
    } else if (slot->kind == CSHIS_SCALAR) {
        require_number(sent, (uint32_t)loan->words[index].value, 2);
    }
}

bool cshis_exchange(struct cshis_bytes *request, struct cshis_bytes *reply)
{
    const struct cshis_function *function = &shape->function;
    struct cshis_cursor sent = {request->data, request->length, false};
    size_t name = strlen(function->name);
    unsigned i;

    (void)reply;
    sent_calls++;
    REQUIRE(memcmp(cshis_take(&sent, 4), "CSHB", 4) == 0);
    require_number(&sent, 2, 2);
    require_number(&sent, 1, 2);
    require_number(&sent, (uint32_t)(request->length - CSHIS_HEADER), 4);
    REQUIRE(cshis_take(&sent, 4) != NULL);
    require_number(&sent, 0, 4); /* the time, set when the frame is sent */
    require_number(&sent, function->signature, 4);
    require_number(&sent, (uint32_t)name, 1);
    REQUIRE(memcmp(cshis_take(&sent, name), function->name, name) == 0);
    require_number(&sent, function->count, 1);
    for (i = 0; i < function->count; i++)
        require_argument(&sent, i);
    REQUIRE(sent.left == 0 && !sent.short_of);
    return false;
}

void cshis_distrust(void)
{
    REQUIRE(false); /* there was no reply */
}

/* No file of this machine is read. */
bool __wrap_cshis_regular_file(const char *path, uint64_t *size);
bool __wrap_cshis_regular_file(const char *path, uint64_t *size)
{
    (void)path;
    (void)size;
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    struct shape chosen;
    struct loan lent;
    int code;

    memset(&lent, 0, sizeof lent);
    choose_shape(&input, &chosen);
    failing_allocation = take8(&input) % 32;
    shape = &chosen;
    loan = &lent;
    lend_all(&lent, &input);
    allocations = sent_calls = 0;
    code = cshis_call(&chosen.function, lent.words);
    if (allocations >= failing_allocation && failing_allocation > 0) {
        REQUIRE(sent_calls == 0);
        REQUIRE(code == chosen.function.unreachable || (code == chosen.function.bad_argument && !all_good()));
    } else if (all_good()) {
        REQUIRE(sent_calls == 1 && code == chosen.function.unreachable);
    } else {
        REQUIRE(sent_calls == 0 && code == chosen.function.bad_argument);
    }
    REQUIRE(all_untouched(&lent));
    take_back(&lent);
    return 0;
}
