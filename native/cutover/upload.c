#include "upload.h"

#include <string.h>

#include "book.h"
#include "bytes.h"
#include "file.h"
#include "platform.h"
#include "said.h"

static int file_argument(const struct cshis_function *function)
{
    unsigned i;

    for (i = 0; function != NULL && i < function->count; i++)
        if (function->slots[i].kind == CSHIS_FILE)
            return (int)i;
    return -1;
}

/* As it is sent to the bridge: a name that fills its width ends where blanks do. */
static void read_file(const struct cutover_call *call, int argument, struct cshis_bytes *content)
{
    size_t most = call->row->function->slots[argument].most;
    const char *name = call->sent[argument].pointer;
    size_t readable = name != NULL ? cshis_readable(name, most) : 0;
    size_t length = 0;

    while (length < readable && name[length] != '\0')
        length++;
    if (length > 0)
        cshis_put_file(content, name, length, length < readable || name[length - 1] == ' ');
}

static bool is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

/* The side of the visit whose time stands there alone; NO_SIDE for anything else. */
static enum cutover_side side_at(const uint8_t *digits, size_t count)
{
    char time[CUTOVER_VISIT_TIME + 1];

    if (count != CUTOVER_VISIT_TIME)
        return CUTOVER_NO_SIDE;
    memcpy(time, digits, CUTOVER_VISIT_TIME);
    time[CUTOVER_VISIT_TIME] = '\0';
    return cutover_side_of_visit(time);
}

/* Behind the state and the name. */
static struct cshis_cursor content_of(const struct cshis_bytes *file)
{
    struct cshis_cursor cursor = {file->data, file->length, file->length == 0};

    (void)cshis_take_u8(&cursor);
    (void)cshis_take(&cursor, cshis_take_u32(&cursor));
    (void)cshis_take_u32(&cursor);
    return cursor;
}

static void look_for_visits(struct cshis_cursor content, bool found[2])
{
    size_t at, end, length = content.short_of ? 0 : content.left;

    for (at = 0; at < length; at = end + 1) {
        enum cutover_side side;

        for (end = at; end < length && is_digit(content.at[end]); end++)
            continue;
        side = side_at(content.at + at, end - at);
        if (side != CUTOVER_NO_SIDE)
            found[side] = true;
    }
}

enum cutover_side cutover_side_of_upload(const struct cutover_call *call, enum cutover_side otherwise)
{
    bool found[2] = {false, false};
    struct cshis_bytes file = {0};
    int argument = file_argument(call->row->function);

    if (argument >= 0)
        read_file(call, argument, &file);
    look_for_visits(content_of(&file), found);
    cshis_release(&file);
    if (found[CUTOVER_BRIDGE] && found[CUTOVER_ORIGINAL]) {
        cutover_say("upload: the file of %s holds visits of both sides: make one for each", call->row->name);
        return CUTOVER_NO_SIDE;
    }
    if (found[CUTOVER_BRIDGE] || found[CUTOVER_ORIGINAL])
        return found[CUTOVER_ORIGINAL] ? CUTOVER_ORIGINAL : CUTOVER_BRIDGE;
    return otherwise;
}
