#include "place.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform.h"
#include "session.h"

#define MOST_PATH 4096
#define MOST_LINE (MOST_PATH + 32)
#define INI "cshis-bridge.ini"
#define DEFAULT_BRIDGE "127.0.0.1:5068"
#define LONGEST_SECONDS 120

/* What the environment and the ini file say; empty where they say nothing. */
struct setting {
    char bridge[80];
    char token_file[MOST_PATH];
};

static char *trimmed(char *text)
{
    size_t length;

    text += strspn(text, " \t\r\n");
    length = strlen(text);
    while (length > 0 && strchr(" \t\r\n", text[length - 1]) != NULL)
        text[--length] = '\0';
    return text;
}

/* An empty place is filled, one that the environment has filled stays. */
static void offer(char *place, size_t room, const char *value)
{
    if (place[0] == '\0' && strlen(value) < room)
        strcpy(place, value);
}

static void take_line(struct setting *setting, char *line)
{
    char *value = strchr(line, '=');
    const char *key;

    if (value == NULL)
        return;
    *value++ = '\0';
    key = trimmed(line);
    value = trimmed(value);
    if (strcmp(key, "bridge") == 0)
        offer(setting->bridge, sizeof setting->bridge, value);
    else if (strcmp(key, "token_file") == 0)
        offer(setting->token_file, sizeof setting->token_file, value);
}

/* Notepad puts three bytes in front of what it saves as UTF-8. */
static void skip_mark(FILE *ini)
{
    char mark[3];

    if (fread(mark, 1, sizeof mark, ini) != sizeof mark || memcmp(mark, "\xEF\xBB\xBF", sizeof mark) != 0)
        rewind(ini);
}

static void take_lines(struct setting *setting, FILE *ini)
{
    char *line = malloc(MOST_LINE); /* not on the stack: the program's threads may have small ones */

    skip_mark(ini);
    while (line != NULL && fgets(line, MOST_LINE, ini) != NULL)
        if (line[0] != ';' && line[0] != '#')
            take_line(setting, line);
    free(line);
}

static FILE *open_ini(void)
{
    char *path = malloc(MOST_PATH + sizeof INI);
    FILE *ini = NULL;

    if (path != NULL && cshis_library_folder(path, MOST_PATH)) {
        strcat(path, INI);
        ini = fopen(path, "r");
    }
    free(path);
    return ini;
}

static void take_ini(struct setting *setting)
{
    FILE *ini = open_ini();

    if (ini == NULL)
        return;
    take_lines(setting, ini);
    fclose(ini);
}

static void take_text(struct setting *setting, char *text)
{
    char *line = text;

    while (line != NULL) {
        char *next = strchr(line, '\n');
        if (next != NULL)
            *next++ = '\0';
        take_line(setting, line);
        line = next;
    }
}

static void take_session(struct setting *setting)
{
    char *text = malloc(MOST_LINE); /* not on the stack, as above */

    if (text != NULL && cshis_session_text(text, MOST_LINE))
        take_text(setting, text);
    free(text);
}

/* What each has said. They are kept off the stack: the program's threads may have small ones. */
struct settings {
    struct setting found, ini, session;
};

/* The stronger first: the environment; an ini file that names another place than the usual one; the bridge of
 * this user and session; the usual place. A token goes with the place that it was given for. */
static void take_all(struct settings *settings)
{
    struct setting *found = &settings->found, *ini = &settings->ini, *session = &settings->session;

    (void)cshis_environment("CSHIS_BRIDGE", found->bridge, sizeof found->bridge);
    (void)cshis_environment("CSHIS_BRIDGE_TOKEN_FILE", found->token_file, sizeof found->token_file);
    take_ini(ini);
    if (found->bridge[0] == '\0' && (ini->bridge[0] == '\0' || strcmp(ini->bridge, DEFAULT_BRIDGE) == 0))
        take_session(session);
    if (session->bridge[0] == '\0')
        session = ini;
    offer(found->bridge, sizeof found->bridge, session->bridge);
    offer(found->bridge, sizeof found->bridge, DEFAULT_BRIDGE);
    offer(found->token_file, sizeof found->token_file, session->token_file);
}

static int hex_digit(int character)
{
    if (character >= '0' && character <= '9')
        return character - '0';
    if (character >= 'a' && character <= 'f')
        return character - 'a' + 10;
    if (character >= 'A' && character <= 'F')
        return character - 'A' + 10;
    return -1;
}

static bool parse_token(FILE *file, uint8_t *token)
{
    size_t i;

    for (i = 0; i < CSHIS_TOKEN; i++) {
        int high = hex_digit(getc(file));
        int low = hex_digit(getc(file));
        if (high < 0 || low < 0)
            return false;
        token[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

static bool read_token(const char *path, uint8_t *token)
{
    FILE *file = fopen(path, "rb");
    bool read;

    if (file == NULL)
        return false;
    read = parse_token(file, token);
    fclose(file);
    return read;
}

/* "127.0.0.1:5068" or "[::1]:5068" */
static bool split(const char *bridge, struct cshis_place *place)
{
    const char *colon = strrchr(bridge, ':');
    const char *host = bridge;
    size_t length;

    if (colon == NULL || colon[1] == '\0' || strlen(colon + 1) >= sizeof place->port)
        return false;
    length = (size_t)(colon - bridge);
    if (length >= 2 && host[0] == '[' && host[length - 1] == ']') {
        host++;
        length -= 2;
    }
    if (length == 0 || length >= sizeof place->host)
        return false;
    memcpy(place->host, host, length);
    place->host[length] = '\0';
    strcpy(place->port, colon + 1);
    if (strcmp(place->host, "localhost") == 0)
        strcpy(place->host, "127.0.0.1");
    return true;
}

bool cshis_find_bridge(struct cshis_place *place)
{
    struct settings *settings = calloc(1, sizeof *settings);
    bool usable = settings != NULL;

    memset(place, 0, sizeof *place);
    if (usable) {
        const struct setting *found = &settings->found;
        take_all(settings);
        usable = (found->token_file[0] == '\0' || read_token(found->token_file, place->token)) &&
                 split(found->bridge, place);
    }
    free(settings);
    return usable;
}

int cshis_timeout(void)
{
    char given[16];
    long seconds;

    if (!cshis_environment("CSHIS_BRIDGE_TIMEOUT", given, sizeof given))
        return LONGEST_SECONDS;
    seconds = strtol(given, NULL, 10);
    return seconds >= 1 && seconds <= LONGEST_SECONDS ? (int)seconds : LONGEST_SECONDS;
}
