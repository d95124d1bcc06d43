#include "file.h"

#include <stdio.h>
#include <string.h>

#include "platform.h"

#define MOST_NAME 1024u
#define MOST_CONTENT 10485760u
#define OTHER_NAMES 2

enum state { READ = 0, UNREADABLE = 1, TOO_LARGE = 2 };

/* Only regular files are opened: a pipe or a device would hold the caller up for ever. */
static enum state find(const char *path, uint64_t *size)
{
    if (!cshis_regular_file(path, size))
        return UNREADABLE;
    return *size > MOST_CONTENT ? TOO_LARGE : READ;
}

/* A file that became shorter or longer since it was measured counts as unreadable. */
static bool read_whole(const char *path, uint8_t *to, size_t size)
{
    FILE *file = fopen(path, "rb");
    bool whole;

    if (file == NULL)
        return false;
    whole = fread(to, 1, size, file) == size && fgetc(file) == EOF && !ferror(file);
    fclose(file);
    return whole;
}

static void put_head(struct cshis_bytes *frame, enum state state, const char *name, size_t length,
                     size_t content)
{
    cshis_put_u8(frame, state);
    cshis_put_u32(frame, (uint32_t)length);
    cshis_put(frame, name, length);
    cshis_put_u32(frame, (uint32_t)content);
}

static size_t without_blanks(const char *name, size_t length)
{
    while (length > 0 && name[length - 1] == ' ')
        length--;
    return length;
}

/* The file under its name as it was given, else under one of its other names, which replaces it. */
static enum state find_by_any_name(char *path, uint64_t *size)
{
    char other[MOST_NAME];
    enum state state = find(path, size);
    unsigned attempt;

    for (attempt = 0; state == UNREADABLE && attempt < OTHER_NAMES; attempt++)
        if (cshis_other_name(attempt, path, other, sizeof other)) {
            state = find(other, size);
            if (state != UNREADABLE)
                strcpy(path, other);
        }
    return state;
}

void cshis_put_file(struct cshis_bytes *frame, const char *name, size_t length)
{
    char path[MOST_NAME];
    size_t trimmed = without_blanks(name, length);
    size_t before = frame->length;
    uint64_t size = 0;
    enum state state = UNREADABLE;
    uint8_t *content;

    if (trimmed > 0 && trimmed < sizeof path) {
        memcpy(path, name, trimmed);
        path[trimmed] = '\0';
        state = find_by_any_name(path, &size);
    }
    if (state == READ) {
        put_head(frame, READ, name, length, (size_t)size);
        content = cshis_extend(frame, (size_t)size);
        if (frame->failed || read_whole(path, content, (size_t)size))
            return;
        frame->length = before;
        state = UNREADABLE;
    }
    put_head(frame, state, name, length, 0);
}
