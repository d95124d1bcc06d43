/*
 * load_host.c - a hospital program that calls the library again and again and compares what it gets.
 *
 *     load_host LIBRARY SCRIPT SEED EPOCH END SEASON [CALLS]
 *
 * EPOCH and END are microseconds of the monotonic clock, SEASON is how many of them a season lasts. The first
 * season after EPOCH is that of the physical card (p), the next that of the virtual one (v), and so on. CALLS
 * is how many calls a program of the same script has made before.
 *
 * SCRIPT, one line each:
 *
 *     op NAME SEASON WEIGHT ARG ARG ...      SEASON: p, v, a for always, or o: always, and before all
 *                                            others, again and again until it gives 0
 *     expect LABEL HEX                       what the buffers of the op before may hold, one behind the other
 *
 *     i:VALUE               a number by value
 *     s:HEX                 a string
 *     c:OFFSET:WIDTH:HEX    a string with the number of the call written
 *                           at an offset, so that each is its own
 *     b:SIZE                a buffer with a guard behind it
 *     l:SIZE                the address of a 16-bit length
 *
 * One line of output for each call:
 *
 *     NAME START END CODE NUMBER FOUND       FOUND: a label, - nothing was written, ! a guard was broken,
 *                                            or ?HEX
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../support/hosts/driver_call.h"

enum { MOST_OPS = 40, MOST_ARGUMENTS = 20, MOST_EXPECTED = 24, GUARD = 16, FILL = 0xA5, GUARD_FILL = 0x5A };
enum { LINE_ROOM = 1 << 16, LEAST_PAUSE = 200000, PAUSE_SPREAD = 400000 };

struct argument {
    char kind;
    uintptr_t value;                 /* i: the number; l: what the variable holds before the call */
    unsigned char *bytes;
    size_t size;                     /* of the string or buffer */
    size_t offset, width;            /* c: where the number stands */
    int16_t length;
};

struct expected {
    char label[24];
    unsigned char *bytes;
    size_t size;
};

struct op {
    char name[48];
    char season;
    int weight, arguments, wanted;
    void *function;
    struct argument argument[MOST_ARGUMENTS];
    struct expected expected[MOST_EXPECTED];
};

static struct op ops[MOST_OPS];
static int op_count;
static long call_number;

static void give_up(const char *what, const char *which)
{
    fprintf(stderr, "load_host: %s: %s\n", what, which);
    exit(2);
}

static int64_t now(void)
{
    struct timespec at;

    clock_gettime(CLOCK_MONOTONIC, &at);
    return (int64_t)at.tv_sec * 1000000 + at.tv_nsec / 1000;
}

/* ---- the script ---- */

static unsigned char *from_hex(const char *text, size_t *size, size_t room)
{
    unsigned char *bytes;
    size_t i;

    *size = strlen(text) / 2;
    bytes = calloc(1, *size + room);
    for (i = 0; bytes != NULL && i < *size; i++) {
        unsigned value;
        if (sscanf(text + 2 * i, "%2x", &value) != 1)
            give_up("no hexadecimal digits", text);
        bytes[i] = (unsigned char)value;
    }
    if (bytes == NULL)
        give_up("no memory for", text);
    return bytes;
}

static void read_argument(struct argument *argument, char *word)
{
    char *rest = word + 2;

    argument->kind = word[0];
    if (word[0] == 'i' || word[0] == 'l') {
        argument->value = (uintptr_t)strtol(rest, NULL, 10);
    } else if (word[0] == 'b') {
        argument->size = (size_t)strtol(rest, NULL, 10);
        argument->bytes = malloc(argument->size + GUARD);
    } else if (word[0] == 's') {
        argument->bytes = from_hex(rest, &argument->size, 1);
    } else if (word[0] == 'c') {
        argument->offset = (size_t)strtol(rest, &rest, 10);
        argument->width = (size_t)strtol(rest + 1, &rest, 10);
        argument->bytes = from_hex(rest + 1, &argument->size, 1);
    } else {
        give_up("unknown argument", word);
    }
}

static void read_op(void *library, char *words)
{
    struct op *op = &ops[op_count++];
    char *word;

    snprintf(op->name, sizeof op->name, "%s", strtok(words, " "));
    op->season = *strtok(NULL, " ");
    op->weight = atoi(strtok(NULL, " "));
    op->function = dlsym(library, op->name);
    if (op->function == NULL)
        give_up("not exported", op->name);
    while ((word = strtok(NULL, " ")) != NULL)
        read_argument(&op->argument[op->arguments++], word);
}

static void read_expected(struct op *op, char *words)
{
    struct expected *expected = &op->expected[op->wanted++];
    char *hex;

    snprintf(expected->label, sizeof expected->label, "%s", strtok(words, " "));
    hex = strtok(NULL, " ");
    expected->bytes = from_hex(hex ? hex : "", &expected->size, 1);
}

static void read_script(void *library, const char *path)
{
    static char line[LINE_ROOM];
    FILE *script = fopen(path, "r");

    if (script == NULL)
        give_up("cannot read", path);
    while (fgets(line, sizeof line, script) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (strncmp(line, "op ", 3) == 0 && op_count < MOST_OPS)
            read_op(library, line + 3);
        else if (strncmp(line, "expect ", 7) == 0 && ops[op_count - 1].wanted < MOST_EXPECTED)
            read_expected(&ops[op_count - 1], line + 7);
        else
            give_up("no sense in", line);
    }
    fclose(script);
}

/* ---- a call ---- */

static void lend(struct argument *argument, uintptr_t *word)
{
    char digits[32];

    *word = (uintptr_t)argument->bytes;
    if (argument->kind == 'i') {
        *word = argument->value;
    } else if (argument->kind == 'l') {
        argument->length = (int16_t)argument->value;
        *word = (uintptr_t)&argument->length;
    } else if (argument->kind == 'b') {
        memset(argument->bytes, FILL, argument->size);
        memset(argument->bytes + argument->size, GUARD_FILL, GUARD);
    } else if (argument->kind == 'c') {
        snprintf(digits, sizeof digits, "%0*ld", (int)argument->width, call_number);
        memcpy(argument->bytes + argument->offset, digits, argument->width);
    }
}

/* All buffers one behind the other; 0 where a guard is broken. */
static int gather(const struct op *op, unsigned char *bytes, size_t *size, int *touched)
{
    int i;
    size_t k;

    *size = 0;
    *touched = 0;
    for (i = 0; i < op->arguments; i++) {
        const struct argument *argument = &op->argument[i];
        if (argument->kind != 'b')
            continue;
        for (k = 0; k < argument->size; k++)
            *touched |= argument->bytes[k] != FILL;
        for (k = 0; k < GUARD; k++)
            if (argument->bytes[argument->size + k] != GUARD_FILL)
                return 0;
        memcpy(bytes + *size, argument->bytes, argument->size);
        *size += argument->size;
    }
    return 1;
}

static void print_found(const struct op *op)
{
    static unsigned char bytes[LINE_ROOM];
    size_t size, k;
    int touched, i;

    if (!gather(op, bytes, &size, &touched)) {
        printf("!\n");
        return;
    }
    if (!touched) {
        printf("-\n");
        return;
    }
    for (i = 0; i < op->wanted; i++) {
        if (op->expected[i].size == size && memcmp(op->expected[i].bytes, bytes, size) == 0) {
            printf("%s\n", op->expected[i].label);
            return;
        }
    }
    putchar('?');
    for (k = 0; k < size; k++)
        printf("%02x", bytes[k]);
    putchar('\n');
}

static int run(struct op *op)
{
    uintptr_t words[MOST_ARGUMENTS + 1] = {0};
    int64_t start, end;
    int i, code;

    call_number++;
    for (i = 0; i < op->arguments; i++)
        lend(&op->argument[i], &words[i]);
    start = now();
    code = call_function(op->function, words, op->arguments).code;
    end = now();
    printf("%s %lld %lld %d %ld ", op->name, (long long)start, (long long)end, code, call_number);
    print_found(op);
    return code;
}

/* ---- the day ---- */

static int in_season(const struct op *op, char season)
{
    return op->season == 'a' || op->season == 'o' || op->season == season;
}

static struct op *choose(char season)
{
    int i, sum = 0, drawn;

    for (i = 0; i < op_count; i++)
        if (in_season(&ops[i], season))
            sum += ops[i].weight;
    drawn = rand() % sum;
    for (i = 0; i < op_count; i++)
        if (in_season(&ops[i], season) && (drawn -= ops[i].weight) < 0)
            return &ops[i];
    return &ops[0];
}

static void pause_for(int64_t microseconds)
{
    struct timespec span = {microseconds / 1000000, microseconds % 1000000 * 1000};

    nanosleep(&span, NULL);
}

static void pause_between(void)
{
    pause_for(LEAST_PAUSE + rand() % PAUSE_SPREAD);
}

/* A careful program: what it calls next is for the port that it has opened. */
static void open_first(int64_t end)
{
    int i;

    for (i = 0; i < op_count; i++)
        while (ops[i].season == 'o' && now() < end && run(&ops[i]) != 0)
            pause_between();
}

int main(int argc, char **argv)
{
    int64_t epoch, end, season;
    void *library;

    if (argc != 7 && argc != 8)
        give_up("usage", "load_host LIBRARY SCRIPT SEED EPOCH END SEASON [CALLS]");
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ); /* what it noted stays when it is killed */
    library = dlopen(argv[1], RTLD_NOW);
    if (library == NULL)
        give_up("cannot load", dlerror());
    read_script(library, argv[2]);
    srand((unsigned)atoi(argv[3]));
    epoch = atoll(argv[4]);
    end = atoll(argv[5]);
    season = atoll(argv[6]);
    call_number = argc == 8 ? atol(argv[7]) : 0;
    pause_for(epoch > now() ? epoch - now() + rand() % PAUSE_SPREAD : 0);
    open_first(end);
    while (now() < end) {
        run(choose((now() - epoch) / season % 2 ? 'v' : 'p'));
        pause_between();
    }
    fflush(stdout);
    dlclose(library);
    return 0;
}
