#include "routing.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"
#include "original.h"
#include "platform.h"
#include "said.h"

#define INI "cshis-bridge.ini"
#define MOST_INI 65536u

/* Routes stay where they are: a call of another thread may be on its way by them. There are as many as a
 * person changes the file while a program runs. */
struct in_force {
    struct cutover_routes routes;
    bool routed, broken;
    struct in_force *before;
};

static _Atomic(struct in_force *) newest; /* NULL: nobody has looked, or it could not be read yet */
static char *last_text;                   /* as it was read last, accepted or not; the lock guards it */
static const char *last_fault;            /* why it could not be read the last time; likewise */

/* Without a fault and without text there is no such file. A folder that is gone, as one on a server may be
 * for a moment, is no reason to send every call elsewhere: then the library cannot be seen either. */
struct written {
    char *text;
    const char *fault;
};

static const char *why_not_opened(int error)
{
    char path[CUTOVER_MOST_PATH];
    uint64_t size;

    if (error == ENOENT && cshis_library_path(path, sizeof path) && cshis_regular_file(path, &size))
        return NULL;
    return "it cannot be opened";
}

/* An empty one is one that somebody is about to write. */
static const char *why_not_whole(const char *text, size_t length)
{
    if (length == 0)
        return "it is empty";
    if (length > MOST_INI)
        return "it is longer than 65536 bytes";
    return strlen(text) < length ? "it is no plain text: save it as ANSI or UTF-8" : NULL;
}

static struct written read_file(void)
{
    struct written written = {NULL, "its folder is not known"};
    char path[CUTOVER_MOST_PATH];
    FILE *file;

    if (!cshis_library_folder(path, sizeof path - sizeof INI))
        return written;
    strcat(path, INI);
    file = fopen(path, "rb");
    if (file == NULL) {
        written.fault = why_not_opened(errno);
        return written;
    }
    written.fault = "there is no memory for it";
    written.text = calloc(1, MOST_INI + 2);
    if (written.text != NULL) {
        size_t length = fread(written.text, 1, MOST_INI + 1, file);

        written.fault = ferror(file) ? "it cannot be read" : why_not_whole(written.text, length);
    }
    fclose(file);
    return written;
}

/* Without routes until now and without the official library nothing can be sent elsewhere. */
static bool is_harmless(void)
{
    const struct in_force *before = atomic_load(&newest);

    return (before == NULL || !before->routed) && !cutover_original_there();
}

/* Whether it is not what was read last. Takes the text over in any case. */
static bool is_news(char *text)
{
    bool news = (text == NULL) != (last_text == NULL) || (text != NULL && strcmp(text, last_text) != 0);

    free(news ? last_text : text);
    if (news)
        last_text = text;
    return news;
}

static char *copy_of(const char *text)
{
    size_t length = strlen(text) + 1;
    char *copy = malloc(length);

    return copy != NULL ? memcpy(copy, text, length) : NULL;
}

/* The lock is held. What is to be said, into text; empty for nothing. */
static void take(const char *written, char *text, size_t room)
{
    struct in_force *before = atomic_load(&newest);
    struct in_force *fresh = calloc(1, sizeof *fresh);
    char *copy = written != NULL ? copy_of(written) : NULL;
    char why[128];

    text[0] = '\0';
    if (fresh != NULL && (copy != NULL) == (written != NULL)) {
        fresh->before = before;
        switch (copy != NULL
                    ? cutover_read_routes(copy, cutover_original_there(), &fresh->routes, why, sizeof why)
                    : CUTOVER_NOT_ROUTED) {
        case CUTOVER_ROUTED:
            fresh->routed = true;
            (void)snprintf(text, room, "routes: %s is in force%s%s", INI,
                           fresh->routes.stage[0] ? ", stage " : "", fresh->routes.stage);
            break;
        case CUTOVER_NOT_ROUTED:
            if (before != NULL && before->routed)
                (void)snprintf(text, room, "routes: %s has none any more: every call goes to the bridge",
                               INI);
            break;
        case CUTOVER_REFUSED:
            (void)snprintf(text, room, "routes: %s is refused as a whole: %s; %s", INI, why,
                           before != NULL && !before->broken
                               ? "the routes from before stay in force"
                               : "there are none from before, and no call is made");
            fresh->broken = true;
            break;
        }
        if (fresh->broken && before != NULL && !before->broken) {
            free(fresh);
        } else {
            atomic_store(&newest, fresh);
        }
    }
    free(copy);
}

/* The lock is held. */
static void complain(const char *fault, char *text, size_t room)
{
    const struct in_force *before = atomic_load(&newest);

    if (fault != last_fault)
        (void)snprintf(text, room, "routes: %s is refused as a whole: %s; %s", INI, fault,
                       before != NULL && !before->broken
                           ? "the routes from before stay in force"
                           : "there are none from before, and no call is made");
    last_fault = fault;
}

static void look_at_file(void)
{
    char text[320];
    struct written read = read_file();
    bool harmless = read.fault != NULL && is_harmless();

    cutover_lock();
    text[0] = '\0';
    if (read.fault != NULL && !harmless) {
        complain(read.fault, text, sizeof text);
        free(read.text);
    } else {
        last_fault = NULL;
        if (is_news(read.text) || atomic_load(&newest) == NULL)
            take(last_text, text, sizeof text);
    }
    cutover_unlock();
    if (text[0] != '\0')
        cutover_say("%s", text);
}

/* One that could not be read from the beginning is looked at again with every call. */
const struct cutover_routes *cutover_in_force(bool look, bool *broken)
{
    static const struct cutover_routes none;
    const struct in_force *found = atomic_load_explicit(&newest, memory_order_acquire);

    if (look || found == NULL) {
        look_at_file();
        found = atomic_load(&newest);
    }
    *broken = found == NULL || found->broken;
    if (*broken)
        return &none;
    return found->routed ? &found->routes : NULL;
}
