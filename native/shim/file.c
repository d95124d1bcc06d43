#include "file.h"

#include <stdio.h>
#include <string.h>

#include "platform.h"

#define MOST_NAME 1024u
#define MOST_CONTENT 10485760u
#define MOST_EXTENSION 4u
#define USUAL_EXTENSION 3u
#define OTHER_NAMES 2

/* CUT: read, and the name is a beginning of what was given. AMBIGUOUS: several beginnings name files, or none
 * does where the name was not seen to end. */
enum state { READ = 0, UNREADABLE = 1, TOO_LARGE = 2, CUT = 3, AMBIGUOUS = 4 };

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

/* What programs leave behind a name: the blanks of a string of fixed size, the end of a line. */
static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

static size_t without_blanks(const char *name, size_t length)
{
    while (length > 0 && is_blank(name[length - 1]))
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

/* The file whose name is the first length bytes, without blanks at its end. Out: its path as it was found. */
static enum state find_named(const char *name, size_t length, char *path, uint64_t *size)
{
    size_t trimmed = without_blanks(name, length);

    if (trimmed == 0 || trimmed >= MOST_NAME)
        return UNREADABLE;
    memcpy(path, name, trimmed);
    path[trimmed] = '\0';
    return find_by_any_name(path, size);
}

/* No name has them. */
static bool is_control(char byte)
{
    return (unsigned char)byte < ' ' || byte == 127;
}

static bool is_printable(char byte)
{
    return byte >= ' ' && byte < 127;
}

static bool is_letter_or_digit(char byte)
{
    return (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z');
}

/* How many letters the extension has that a name of that length ends with; 0: it has none. */
static size_t extension_of(const char *name, size_t length)
{
    size_t letters = 0;

    while (letters < length && letters < MOST_EXTENSION && is_letter_or_digit(name[length - 1 - letters]))
        letters++;
    return letters < length && name[length - 1 - letters] == '.' ? letters : 0;
}

/* As those of files that are sent do. */
static bool ends_with_extension(const char *name, size_t length)
{
    return extension_of(name, length) > 0;
}

/* Whether the extension of such a beginning may be longer: of a missing UP.10 there may be a UP.1. */
static bool may_go_on(const char *name, size_t beginning)
{
    return extension_of(name, beginning) < USUAL_EXTENSION && is_letter_or_digit(name[beginning]);
}

/* How long a beginning may be so that what follows it is surely no part of a name: it has a control byte, or,
 * where the bytes do not end as the name of a file does, one that is not printable ASCII. Blanks at the end
 * tell nothing: they stand behind names, too. */
static size_t longest_beginning(const char *name, size_t whole)
{
    size_t length = without_blanks(name, whole);
    bool like_a_name = ends_with_extension(name, length);

    while (length > 0 && (like_a_name ? !is_control(name[length - 1]) : is_printable(name[length - 1])))
        length--;
    return length > 0 ? length - 1 : 0;
}

/* The one beginning of the bytes that names a file, for an array that a program did not end with a NUL.
 * Bytes that may be the name of a missing file have none: its neighbour must not be sent for it. */
static enum state find_beginning(const char *name, size_t *length, char *path, uint64_t *size)
{
    size_t most = longest_beginning(name, *length);
    size_t found = 0, end;

    for (end = 1; end <= most; end++)
        if (ends_with_extension(name, end) && find_named(name, end, path, size) != UNREADABLE) {
            if (found > 0)
                return AMBIGUOUS;
            found = end;
        }
    if (found == 0 || may_go_on(name, found))
        return UNREADABLE;
    *length = found;
    return find_named(name, found, path, size);
}

void cshis_put_file(struct cshis_bytes *frame, const char *name, size_t length, bool ended)
{
    char path[MOST_NAME];
    size_t before = frame->length;
    uint64_t size = 0;
    enum state state = ended ? find_named(name, length, path, &size) : UNREADABLE;
    size_t whole = length;
    uint8_t *content;

    if (state == UNREADABLE)
        state = find_beginning(name, &length, path, &size);
    if (state == UNREADABLE && !ended)
        state = AMBIGUOUS;
    if (state == READ) {
        put_head(frame, length < whole ? CUT : READ, name, length, (size_t)size);
        content = cshis_extend(frame, (size_t)size);
        if (frame->failed || read_whole(path, content, (size_t)size))
            return;
        frame->length = before;
        state = UNREADABLE;
    }
    put_head(frame, state, name, length, 0);
}
