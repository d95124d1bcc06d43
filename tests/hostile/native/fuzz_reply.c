/* Any bytes as the bridge's reply to any call (call.c, marshal.c, frame.c, bytes.c).
 *
 * Input: shape (caller.h), flags, per record its capacity, the reply frame.
 * The rules of PROTOCOL.md are written down here a second time: code and memory after the call must
 * be exactly what they say, and what is no whole valid answer must leave everything as it was. */
#include "caller.h"
#include "frame.h"
#include "platform.h"
#include "transport.h"

enum { KEEP_NUMBER = 1, KEEP_LENGTH = 2, KEEP_OUTPUTS = 4 };

static const uint8_t *reply_bytes;
static size_t reply_length;
static unsigned flags;
static uint8_t sent_number[4];
static unsigned distrusted;

static uint32_t number_at(const uint8_t *bytes, unsigned width)
{
    uint32_t value = 0;

    while (width-- > 0)
        value = value << 8 | bytes[width];
    return value;
}

/* The first output that is longer than the frame is made to end with it. */
static void put_outputs_right(uint8_t *frame, size_t length)
{
    size_t at = CSHIS_HEADER + 3;

    while (at + 6 <= length) {
        size_t room = length - at - 6;
        if (frame[at + 1] != 1) {
            at += 4;
        } else if (number_at(frame + at + 2, 4) < room) {
            at += 6 + number_at(frame + at + 2, 4);
        } else {
            cshis_set_u32(frame + at + 2, (uint32_t)room);
            return;
        }
    }
}

/* Most inputs are given the right call number and lengths, or nearly all would end at these. */
static void put_right(uint8_t *frame, size_t length)
{
    if (length < CSHIS_HEADER)
        return;
    if (!(flags & KEEP_NUMBER))
        memcpy(frame + 12, sent_number, sizeof sent_number);
    if (!(flags & KEEP_LENGTH))
        cshis_set_u32(frame + CSHIS_LENGTH_AT, (uint32_t)(length - CSHIS_HEADER));
    if (!(flags & KEEP_OUTPUTS))
        put_outputs_right(frame, length);
}

bool cshis_exchange(struct cshis_bytes *request, struct cshis_bytes *reply)
{
    REQUIRE(request->length >= CSHIS_HEADER);
    memcpy(sent_number, request->data + 12, sizeof sent_number);
    cshis_put(reply, reply_bytes, reply_length);
    REQUIRE(!reply->failed);
    put_right(reply->data, reply_length);
    return true;
}

void cshis_distrust(void)
{
    distrusted++;
}

/* ---- the caller: sensible in-arguments, out-arguments of exactly the size that they state ---- */

static void lend_string(struct loan *loan, unsigned index, const struct cshis_slot *slot)
{
    char text[1024];
    size_t length = slot->most < sizeof text - 1 ? slot->most : sizeof text - 1;

    memset(text, slot->kind == CSHIS_TEXT_INOUT ? '7' : ' ', length);
    text[length] = '\0';
    lend(loan, index, text, length + 1, 0);
}

static void lend_room(struct loan *loan, unsigned index, size_t size)
{
    uint8_t *fill = allocated(size);

    memset(fill, 0xA5, size);
    lend(loan, index, fill, size, 0);
    free(fill);
}

static void lend_all(const struct cshis_function *function, struct loan *loan, struct input *input)
{
    unsigned i;

    for (i = 0; i < function->count; i++) {
        const struct cshis_slot *slot = &function->slots[i];
        if (slot->kind == CSHIS_SCALAR) {
            loan->words[i].value = 1;
        } else if (slot->kind == CSHIS_RECORD) {
            unsigned capacity = 1 + take16(input) % 6000;
            lend_room(loan, i, capacity);
            lend_number(loan, (unsigned)slot->length, capacity);
        } else if (slot->kind == CSHIS_TEXT_OUT) {
            lend_room(loan, i, slot->most);
        } else if (slot->kind == CSHIS_COUNT) {
            lend_number(loan, i, 1);
        } else if (slot->kind != CSHIS_LENGTH) {
            lend_string(loan, i, slot);
        } else if (!is_length_of_a_record(function, i)) {
            lend_number(loan, i, 0x7777);
        }
    }
}

/* ---- what PROTOCOL.md says ---- */

/* What the library calls itself: its path, or its file name where that is too long. */
static bool put_own_name(uint8_t *to, size_t most)
{
    char path[4096];
    const char *name = path;

    REQUIRE(cshis_library_path(path, sizeof path));
    if (strlen(path) >= most)
        name = strrchr(path, '/') + 1;
    REQUIRE(strlen(name) < most);
    memcpy(to, name, strlen(name) + 1);
    return true;
}

/* Writes to `before` what the caller's memory must hold after this output. */
static bool apply(const struct cshis_function *function, struct loan *loan, unsigned index, unsigned form,
                  const uint8_t *bytes, size_t length)
{
    const struct cshis_slot *slot = &function->slots[index];
    struct lent *lent = &loan->lent[index];
    uint8_t *to;

    if (lent->memory == NULL)
        return false;
    to = lent->before + lent->offset;
    if (form == 2) {
        if (slot->kind != CSHIS_LENGTH || is_length_of_a_record(function, index))
            return false;
        memcpy(to, bytes, 2);
    } else if (slot->kind == CSHIS_RECORD) {
        struct lent *variable = &loan->lent[slot->length];
        if (length > lent->size)
            return false;
        memcpy(to, bytes, length);
        variable->before[1] = (uint8_t)(length & 0xFFu);
        variable->before[2] = (uint8_t)(length >> 8);
    } else if (slot->kind == CSHIS_TEXT_OUT) {
        if (length > slot->most)
            return false;
        if (slot->own_path)
            return put_own_name(to, slot->most);
        memcpy(to, bytes, length);
        if (length < slot->most)
            to[length] = 0;
    } else if (slot->kind == CSHIS_TEXT_INOUT) {
        if (length > slot->most)
            return false;
        memset(to, ' ', lent->size - 1);
        memcpy(to, bytes, length);
    } else {
        return false;
    }
    return true;
}

/* The outputs of an answer, one after the other.
 * False where anything is wrong; `before` may then be half written. */
static bool apply_all(const struct cshis_function *function, struct loan *loan, const uint8_t *at,
                      size_t left)
{
    bool seen[256] = {false};
    unsigned count = at[2];

    at += 3;
    left -= 3;
    while (count-- > 0) {
        unsigned index, form;
        size_t length, head;

        if (left < 2)
            return false;
        index = at[0];
        form = at[1];
        head = form == 1 ? 6 : 2;
        if (left < head)
            return false;
        length = form == 1 ? number_at(at + 2, 4) : 2;
        if (form != 1 && form != 2)
            return false;
        if (length > left - head || index >= function->count || seen[index] ||
            !apply(function, loan, index, form, at + head, length))
            return false;
        seen[index] = true;
        at += head + length;
        left -= head + length;
    }
    return left == 0;
}

/* Whether the frame is a reply that counts, and its code.
 * Changes the `before` of the loan to what its memory must hold. */
static bool expect(const struct cshis_function *function, struct loan *loan, const uint8_t *frame,
                   size_t length, int *code)
{
    size_t payload = length - CSHIS_HEADER;
    uint8_t *kept[CSHIS_MOST_ARGUMENTS] = {NULL};
    bool right;
    unsigned i;

    if (length < CSHIS_HEADER || memcmp(frame, "CSHB", 4) != 0 || number_at(frame + 4, 2) != 2 ||
        length > CSHIS_MOST_REPLY)
        return false;
    if (number_at(frame + 8, 4) != payload || memcmp(frame + 12, sent_number, 4) != 0 || payload < 2)
        return false;
    *code = (int16_t)number_at(frame + 16, 2);
    if (number_at(frame + 6, 2) == 3)
        return payload == 2 && *code != 0;
    if (number_at(frame + 6, 2) != 2 || payload < 3)
        return false;
    for (i = 0; i < function->count; i++) {
        kept[i] = allocated(loan->lent[i].size);
        if (loan->lent[i].size > 0)
            memcpy(kept[i], loan->lent[i].before, loan->lent[i].size);
    }
    right = apply_all(function, loan, frame + CSHIS_HEADER, payload);
    for (i = 0; i < function->count; i++) {
        if (!right && loan->lent[i].size > 0)
            memcpy(loan->lent[i].before, kept[i], loan->lent[i].size);
        free(kept[i]);
    }
    return right;
}

static uint8_t *as_it_was_sent(void)
{
    uint8_t *frame = allocated(reply_length);

    if (reply_length > 0)
        memcpy(frame, reply_bytes, reply_length);
    put_right(frame, reply_length);
    return frame;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    struct shape shape;
    struct loan loan;
    uint8_t *frame;
    int code, expected = 0;
    bool counts;

    memset(&loan, 0, sizeof loan);
    choose_shape(&input, &shape);
    flags = take8(&input);
    lend_all(&shape.function, &loan, &input);
    reply_bytes = input.at;
    reply_length = input.left;
    distrusted = 0;
    code = cshis_call(&shape.function, loan.words);
    frame = as_it_was_sent();
    counts = expect(&shape.function, &loan, frame, reply_length, &expected);
    REQUIRE(code == (counts ? expected : shape.function.unreachable));
    REQUIRE(distrusted == !counts);
    REQUIRE(all_untouched(&loan)); /* or written exactly as the answer says */
    free(frame);
    take_back(&loan);
    return 0;
}
