/* Any environment, any cshis-bridge.ini and any token file (place.c).
 *
 * Input:
 * CSHIS_BRIDGE, CSHIS_BRIDGE_TOKEN_FILE, CSHIS_BRIDGE_TIMEOUT and
 * the token file, each ended by a NUL; the rest is the ini file.
 * What is found must be usable as it is: ended strings, a token that stands in the file, or nothing. */
#define _GNU_SOURCE
#include <ctype.h>

#include "caller.h"
#include "place.h"

#define INI "cshis-bridge.ini"

struct part {
    const char *text; /* ended by a NUL */
    size_t length;
};

static struct part bridge, token_file, timeout, token, ini;
static unsigned opened, closed;

/* A copy in memory of its own, so that reading beyond the end is seen. */
static struct part take_part(struct input *input, bool to_the_end)
{
    const uint8_t *end = input->left > 0 && !to_the_end ? memchr(input->at, 0, input->left) : NULL;
    size_t length = end != NULL ? (size_t)(end - input->at) : input->left;
    char *copy = (char *)allocated(length + 1);

    if (length > 0)
        memcpy(copy, input->at, length);
    copy[length] = '\0';
    input->at += end != NULL ? length + 1 : length;
    input->left -= end != NULL ? length + 1 : length;
    return (struct part){copy, length};
}

/* ---- the system as the input wants it ---- */

char *__wrap_getenv(const char *name);
char *__wrap_getenv(const char *name)
{
    if (strcmp(name, "CSHIS_BRIDGE") == 0)
        return (char *)bridge.text;
    if (strcmp(name, "CSHIS_BRIDGE_TOKEN_FILE") == 0)
        return (char *)token_file.text;
    return strcmp(name, "CSHIS_BRIDGE_TIMEOUT") == 0 ? (char *)timeout.text : NULL;
}

/* Names that begin with a slash or a drive are there. The fuzzer writes its findings through here as well. */
FILE *__real_fopen(const char *path, const char *mode);
FILE *__wrap_fopen(const char *path, const char *mode);
FILE *__wrap_fopen(const char *path, const char *mode)
{
    size_t length = strlen(path), tail = strlen(INI);
    bool is_ini = length >= tail && strcmp(path + length - tail, INI) == 0 && strcmp(mode, "r") == 0;
    const struct part *part = is_ini ? &ini : &token;

    if (mode[0] != 'r')
        return __real_fopen(path, mode);
    if (!is_ini && path[0] != '/' && path[0] != 'C')
        return NULL;
    if (part->length == 0)
        return NULL;
    opened++;
    return fmemopen((void *)part->text, part->length, mode);
}

int __real_fclose(FILE *file);
int __wrap_fclose(FILE *file);
int __wrap_fclose(FILE *file)
{
    closed++;
    return __real_fclose(file);
}

/* ---- what must hold of the answer ---- */

static bool is_token(const uint8_t *bytes)
{
    char hex[2 * CSHIS_TOKEN + 1];
    size_t i;

    for (i = 0; i < CSHIS_TOKEN; i++)
        snprintf(hex + 2 * i, 3, "%02x", bytes[i]);
    for (i = 0; i < sizeof hex - 1; i++)
        if (i >= token.length || tolower((unsigned char)token.text[i]) != hex[i])
            return false;
    return true;
}

static bool is_zero(const uint8_t *bytes)
{
    size_t i;

    for (i = 0; i < CSHIS_TOKEN; i++)
        if (bytes[i] != 0)
            return false;
    return true;
}

static void check(const struct cshis_place *place)
{
    REQUIRE(memchr(place->host, 0, sizeof place->host) != NULL && place->host[0] != '\0');
    REQUIRE(memchr(place->port, 0, sizeof place->port) != NULL && place->port[0] != '\0');
    REQUIRE(strcmp(place->host, "localhost") != 0);
    REQUIRE(is_zero(place->token) || is_token(place->token));
    if (token_file.length > 0 && token_file.length < 4096)
        REQUIRE(is_token(place->token)); /* a token was asked for: without it there is no bridge */
    if (bridge.length > 0 && bridge.length < 80 && strncmp(bridge.text, "localhost", 9) != 0)
        REQUIRE(strstr(bridge.text, place->host) != NULL && strstr(bridge.text, place->port) != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    struct cshis_place *place = (struct cshis_place *)allocated(sizeof *place);
    struct part *parts[] = {&bridge, &token_file, &timeout, &token, &ini};
    int seconds;
    size_t i;

    for (i = 0; i < 5; i++)
        *parts[i] = take_part(&input, i == 4);
    opened = closed = 0;
    memset(place, 0xA5, sizeof *place);
    if (cshis_find_bridge(place))
        check(place);
    REQUIRE(opened == closed);
    seconds = cshis_timeout();
    REQUIRE(seconds >= 1 && seconds <= 120);
    for (i = 0; i < 5; i++)
        free((void *)parts[i]->text);
    free(place);
    return 0;
}
