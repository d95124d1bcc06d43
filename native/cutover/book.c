#include "book.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"
#include "platform.h"
#include "said.h"

/* A line is the time, a blank, B or O, and a line end. A file holds the visits of a day. */
#define LINE (CUTOVER_VISIT_TIME + 3)
#define DAY 7
#define MOST_BOOK 1048576u
#define MOST_VISITS 4096u /* of this process: the newest */
#define LOOK_AGAIN 20     /* milliseconds: a program hands no number to another one faster */
#define MOST_SEEN 8u

struct visit {
    char time[CUTOVER_VISIT_TIME + 1];
    enum cutover_side side;
};

/* A day whose file was read: its size then, and when. */
struct seen {
    char day[DAY + 1];
    uint64_t size;
    int64_t looked;
};

static struct visit *visits;
static unsigned known, next;
static struct seen days[MOST_SEEN];
static unsigned next_day;

static struct visit *find(const char *time)
{
    unsigned i;

    for (i = 0; i < known; i++)
        if (strcmp(visits[i].time, time) == 0)
            return &visits[i];
    return NULL;
}

/* The lock is held. The day of a visit that is forgotten is read again when it is asked for. */
static void forget(const char *time)
{
    unsigned i;

    for (i = 0; i < MOST_SEEN; i++)
        if (time[0] != '\0' && strncmp(days[i].day, time, DAY) == 0)
            memset(&days[i], 0, sizeof days[i]);
}

/* The lock is held. The first word counts: a number is taken once. */
static void remember(const char *time, enum cutover_side side)
{
    struct visit *place;

    if (visits == NULL)
        visits = calloc(MOST_VISITS, sizeof *visits);
    if (visits == NULL || find(time) != NULL)
        return;
    place = &visits[next];
    forget(place->time);
    memcpy(place->time, time, CUTOVER_VISIT_TIME + 1);
    place->side = side;
    next = (next + 1) % MOST_VISITS;
    known += known < MOST_VISITS;
}

static bool book_of(const char *day, char *path)
{
    char name[32];

    (void)snprintf(name, sizeof name, "visits-%.*s", DAY, day);
    return cutover_own_file(name, path, CUTOVER_MOST_PATH);
}

void cutover_note_visit(const char *time, enum cutover_side side)
{
    char path[CUTOVER_MOST_PATH], line[LINE + 1];

    cutover_lock();
    remember(time, side);
    cutover_unlock();
    (void)snprintf(line, sizeof line, "%s %c\n", time, side == CUTOVER_ORIGINAL ? 'O' : 'B');
    if (!book_of(time, path) || !cutover_append(path, line, LINE, MOST_BOOK))
        cutover_say("visit: which side gave its number could not be kept: other programs do not know it");
}

/* A line that was cut off by a full disk is lost, and no other one: the next stands behind it. */
static void take_lines(const char *text, size_t length)
{
    char time[CUTOVER_VISIT_TIME + 1];
    size_t end;

    for (end = LINE; end <= length; end++) {
        const char *line = text + end - LINE;
        char side = line[LINE - 2];

        if (line[LINE - 1] != '\n')
            continue;
        memcpy(time, line, CUTOVER_VISIT_TIME);
        time[CUTOVER_VISIT_TIME] = '\0';
        if (line[CUTOVER_VISIT_TIME] == ' ' && (side == 'O' || side == 'B') &&
            strspn(time, "0123456789") == CUTOVER_VISIT_TIME)
            remember(time, side == 'O' ? CUTOVER_ORIGINAL : CUTOVER_BRIDGE);
    }
}

static void read_book(const char *path)
{
    FILE *file = fopen(path, "rb");
    char *text = malloc(MOST_BOOK);
    size_t length = file != NULL && text != NULL ? fread(text, 1, MOST_BOOK, file) : 0;

    cutover_lock();
    take_lines(text, length);
    cutover_unlock();
    if (file != NULL)
        fclose(file);
    free(text);
}

/* The lock is held. */
static struct seen *day_of(const char *time)
{
    unsigned i;

    for (i = 0; i < MOST_SEEN; i++)
        if (strncmp(days[i].day, time, DAY) == 0)
            return &days[i];
    memset(&days[next_day], 0, sizeof days[next_day]);
    memcpy(days[next_day].day, time, DAY);
    i = next_day;
    next_day = (next_day + 1) % MOST_SEEN;
    return &days[i];
}

/* Whether another program may have added to the day's file since it was read. */
static bool has_grown(const char *time, char *path)
{
    int64_t now = cshis_now();
    uint64_t size = 0;
    bool due, grown;

    cutover_lock();
    due = day_of(time)->looked == 0 || now - day_of(time)->looked >= LOOK_AGAIN;
    cutover_unlock();
    if (!due || !book_of(time, path))
        return false;
    (void)cshis_regular_file(path, &size);
    cutover_lock();
    day_of(time)->looked = now;
    grown = size != day_of(time)->size;
    day_of(time)->size = size;
    cutover_unlock();
    return grown;
}

static enum cutover_side known_side(const char *time)
{
    const struct visit *found;
    enum cutover_side side;

    cutover_lock();
    found = find(time);
    side = found != NULL ? found->side : CUTOVER_NO_SIDE;
    cutover_unlock();
    return side;
}

enum cutover_side cutover_side_of_visit(const char *time)
{
    char path[CUTOVER_MOST_PATH];
    enum cutover_side side = known_side(time);

    if (side != CUTOVER_NO_SIDE || !has_grown(time, path))
        return side;
    read_book(path);
    return known_side(time);
}
