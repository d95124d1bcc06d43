#include "routing.h"

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

static _Atomic(struct in_force *) newest; /* NULL: nobody has looked */
static char *last_text;                   /* as it was read last, accepted or not; the lock guards it */

/* NULL: there is no such file, or no memory. */
static char *read_file(void)
{
    char path[CUTOVER_MOST_PATH];
    char *text = NULL;
    FILE *file;

    if (!cshis_library_folder(path, sizeof path - sizeof INI))
        return NULL;
    strcat(path, INI);
    file = fopen(path, "rb");
    if (file == NULL)
        return NULL;
    text = calloc(1, MOST_INI + 1);
    if (text != NULL)
        text[fread(text, 1, MOST_INI, file)] = '\0';
    fclose(file);
    return text;
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
    if (fresh != NULL) {
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

static void look_at_file(void)
{
    char text[320];
    char *read = read_file();

    cutover_lock();
    text[0] = '\0';
    if (is_news(read) || atomic_load(&newest) == NULL)
        take(last_text, text, sizeof text);
    cutover_unlock();
    if (text[0] != '\0')
        cutover_say("%s", text);
}

const struct cutover_routes *cutover_in_force(bool look, bool *broken)
{
    const struct in_force *found = atomic_load_explicit(&newest, memory_order_acquire);

    if (look || found == NULL) {
        look_at_file();
        found = atomic_load(&newest);
    }
    *broken = found != NULL && found->broken;
    return found != NULL && (found->routed || found->broken) ? &found->routes : NULL;
}
