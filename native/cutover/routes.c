#include "routes.h"

#include <stdio.h>
#include <string.h>

enum section { BEFORE, ROUTES, MOVED };

struct reader {
    enum section section;
    bool has_original, seen;
    unsigned line;
    unsigned char groups[CSHIS_MOST_GROUPS];
    struct cutover_routes *routes;
    const char *fault; /* NULL as long as there is none */
};

static char *trimmed(char *text)
{
    size_t length;

    text += strspn(text, " \t\r");
    length = strlen(text);
    while (length > 0 && strchr(" \t\r", text[length - 1]) != NULL)
        text[--length] = '\0';
    return text;
}

static int row_named(const char *name)
{
    unsigned i;

    for (i = 0; i < cshis_row_count; i++)
        if (strcmp(cshis_rows[i].name, name) == 0)
            return (int)i;
    return -1;
}

static int group_named(const char *name)
{
    unsigned i;

    for (i = 0; i < cshis_group_count; i++)
        if (strcmp(cshis_groups[i].name, name) == 0)
            return (int)i;
    return -1;
}

static enum cutover_route route_named(const char *name)
{
    static const char *const names[] = {
        [CUTOVER_TO_BRIDGE] = "bridge",
        [CUTOVER_TO_ORIGINAL] = "original",
        [CUTOVER_BRIDGE_COMPARED] = "bridge, compared",
        [CUTOVER_ORIGINAL_COMPARED] = "original, compared",
        [CUTOVER_BRIDGE_ELSE_ORIGINAL] = "bridge, original if unreachable",
    };
    unsigned i;

    for (i = CUTOVER_TO_BRIDGE; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], name) == 0)
            return (enum cutover_route)i;
    return CUTOVER_UNSAID;
}

enum cutover_side cutover_side_of(enum cutover_route route)
{
    return route == CUTOVER_TO_ORIGINAL || route == CUTOVER_ORIGINAL_COMPARED ? CUTOVER_ORIGINAL
                                                                              : CUTOVER_BRIDGE;
}

static bool compares(enum cutover_route route)
{
    return route == CUTOVER_BRIDGE_COMPARED || route == CUTOVER_ORIGINAL_COMPARED;
}

static bool kind_takes(enum cshis_group_kind kind, enum cutover_route route)
{
    if (kind == CSHIS_FREE_GROUP)
        return true;
    if (kind == CSHIS_CARD_GROUP)
        return route != CUTOVER_BRIDGE_ELSE_ORIGINAL;
    return !compares(route) && route != CUTOVER_BRIDGE_ELSE_ORIGINAL;
}

static const char *take_group(struct reader *reader, int group, enum cutover_route route)
{
    if (cshis_groups[group].kind == CSHIS_SESSION_GROUP)
        return "this group has no route of its own: it is carried out wherever the others need it";
    if (!kind_takes(cshis_groups[group].kind, route))
        return "this group cannot have that route";
    if (reader->groups[group] != CUTOVER_UNSAID)
        return "it stands there twice";
    reader->groups[group] = (unsigned char)route;
    return NULL;
}

static const char *take_row(struct reader *reader, int index, enum cutover_route route)
{
    const struct cshis_row *row = &cshis_rows[index];
    enum cshis_group_kind kind = cshis_groups[row->group].kind;

    if (kind == CSHIS_SESSION_GROUP || kind == CSHIS_TOGETHER_GROUP)
        return "this function goes with its group";
    if (!kind_takes(kind, route) || (kind != CSHIS_FREE_GROUP && compares(route)))
        return "this function cannot have that route";
    if (compares(route) && !row->comparable)
        return "the answers of this function cannot be compared";
    if (route == CUTOVER_BRIDGE_ELSE_ORIGINAL && row->function == NULL)
        return "6.0 has no such function: its route is original or bridge";
    if (reader->routes->rows[index] != CUTOVER_UNSAID)
        return "it stands there twice";
    reader->routes->rows[index] = (unsigned char)route;
    return NULL;
}

static const char *take_moved(struct reader *reader, int index, enum cutover_route route)
{
    if (cshis_groups[cshis_rows[index].group].kind != CSHIS_CARD_GROUP)
        return "only a function that touches the card is done with the card moved";
    if (route != CUTOVER_TO_BRIDGE && route != CUTOVER_TO_ORIGINAL)
        return "here the route is original or bridge";
    if (reader->routes->moved[index] != CUTOVER_NO_SIDE)
        return "it stands there twice";
    reader->routes->moved[index] = (signed char)cutover_side_of(route);
    return NULL;
}

static const char *take_stage(struct reader *reader, const char *name)
{
    if (strlen(name) >= sizeof reader->routes->stage)
        return "the stage's name is too long";
    strcpy(reader->routes->stage, name);
    return NULL;
}

static const char *take_pair(struct reader *reader, const char *key, const char *value)
{
    enum cutover_route route = route_named(value);
    int row = row_named(key), group = group_named(key);

    if (reader->section == ROUTES && strcmp(key, "stage") == 0)
        return take_stage(reader, value);
    if (row < 0 && (group < 0 || reader->section == MOVED))
        return "there is no such function or group";
    if (route == CUTOVER_UNSAID)
        return "there is no such route";
    if (reader->section == MOVED)
        return take_moved(reader, row, route);
    return row >= 0 ? take_row(reader, row, route) : take_group(reader, group, route);
}

static const char *take_section(struct reader *reader, char *line)
{
    if (strcmp(line, "[routes]") == 0)
        reader->section = ROUTES;
    else if (strcmp(line, "[moved]") == 0)
        reader->section = MOVED;
    else if (reader->has_original || reader->seen)
        return "the sections are [routes] and [moved]";
    else
        return NULL;
    reader->seen = true;
    return NULL;
}

static const char *take_line(struct reader *reader, char *line)
{
    char *value;

    line = trimmed(line);
    if (line[0] == '\0' || line[0] == ';' || line[0] == '#')
        return NULL;
    if (line[0] == '[')
        return take_section(reader, line);
    if (reader->section == BEFORE)
        return NULL; /* place.c reads these */
    value = strchr(line, '=');
    if (value == NULL)
        return "a line is FUNCTION=ROUTE";
    *value++ = '\0';
    return take_pair(reader, trimmed(line), trimmed(value));
}

/* What nobody has said: the bridge; the original for what 6.0 dropped. */
static enum cutover_route group_route(const struct reader *reader, const struct cshis_row *row)
{
    enum cutover_route said = (enum cutover_route)reader->groups[row->group];

    if (said == CUTOVER_UNSAID)
        return row->function != NULL ? CUTOVER_TO_BRIDGE : CUTOVER_TO_ORIGINAL;
    if ((compares(said) && !row->comparable) || row->function == NULL)
        return cutover_side_of(said) == CUTOVER_ORIGINAL ? CUTOVER_TO_ORIGINAL : CUTOVER_TO_BRIDGE;
    return said;
}

static void need(struct cutover_routes *routes, enum cutover_route route)
{
    routes->needs_bridge |= route != CUTOVER_TO_ORIGINAL;
    routes->needs_original |= route != CUTOVER_TO_BRIDGE;
}

static void complete(struct reader *reader)
{
    struct cutover_routes *routes = reader->routes;
    enum cshis_group_kind kind;
    unsigned i;

    routes->card = CUTOVER_BRIDGE;
    for (i = 0; i < cshis_group_count; i++)
        if (cshis_groups[i].kind == CSHIS_CARD_GROUP && reader->groups[i] != CUTOVER_UNSAID)
            routes->card = cutover_side_of((enum cutover_route)reader->groups[i]);
    for (i = 0; i < cshis_row_count; i++) {
        kind = cshis_groups[cshis_rows[i].group].kind;
        if (routes->rows[i] == CUTOVER_UNSAID)
            routes->rows[i] = (unsigned char)group_route(reader, &cshis_rows[i]);
        if (kind != CSHIS_SESSION_GROUP && (cshis_rows[i].function != NULL || reader->has_original))
            need(routes, (enum cutover_route)routes->rows[i]);
        if (routes->moved[i] != CUTOVER_NO_SIDE)
            need(routes, routes->moved[i] == CUTOVER_ORIGINAL ? CUTOVER_TO_ORIGINAL : CUTOVER_TO_BRIDGE);
    }
}

static void read_lines(struct reader *reader, char *text)
{
    char *line, *next;

    if (strncmp(text, "\xEF\xBB\xBF", 3) == 0) /* Notepad's mark */
        text += 3;
    for (line = text; line != NULL && reader->fault == NULL; line = next) {
        next = strchr(line, '\n');
        if (next != NULL)
            *next++ = '\0';
        reader->line++;
        reader->fault = take_line(reader, line);
    }
}

enum cutover_reading cutover_read_routes(char *text, bool has_original, struct cutover_routes *routes,
                                         char *why, size_t room)
{
    struct reader reader = {.has_original = has_original, .routes = routes};

    memset(routes, 0, sizeof *routes);
    memset(routes->moved, CUTOVER_NO_SIDE, sizeof routes->moved);
    read_lines(&reader, text);
    if (reader.fault != NULL) {
        (void)snprintf(why, room, "line %u: %s", reader.line, reader.fault);
        return CUTOVER_REFUSED;
    }
    if (!reader.seen)
        return CUTOVER_NOT_ROUTED;
    complete(&reader);
    return CUTOVER_ROUTED;
}
