/*
 * driver.c - loads a library and calls its functions as standard input says.
 *
 *     driver LIBRARY
 *
 * One call per line, one answer per line:
 *
 *     NAME ARG ARG ...      ->  CODE ANSWER ANSWER ... [!stack:BYTES]
 *     i:VALUE               ->  i             a machine word holding these 32 bits, decimal or 0x
 *     s:HEX                 ->  s:ok          exactly these bytes, right before an unreadable page
 *                               s:changed
 *     b:SIZE:HEX            ->  b:ok:HEX      a buffer filled with the repeated pattern (A5 without one)
 *                               b:broken      a byte beside it was written
 *     l:VALUE               ->  l:ok:VALUE    the address of a 16-bit variable, guarded on both sides
 *                               l:broken
 *     L:VALUE               ->  L:VALUE       the address of a 32-bit variable, guarded likewise
 *                               L:broken
 *     n                     ->  n             a null pointer
 *     @load, @unload        ->  ok            lets the library go, loads it again
 *     @quit                                   ends the driver
 *
 * CODE is the returned 32-bit number. "!missing" answers a name that the library does not export,
 * "!error TEXT" a line that makes no sense. !stack (32-bit Windows) tells by how many bytes the
 * stack was left too low: a function that does not remove exactly its arguments.
 * A library that cannot be loaded ends the driver with exit code 3.
 */
#define _DEFAULT_SOURCE              /* MAP_ANONYMOUS */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver_system.h"

enum { EXIT_FAILED = 1, EXIT_NO_LIBRARY = 3, EXIT_USAGE = 64 };
enum { MOST_ARGUMENTS = 20, LINE_ROOM = 1 << 20, GUARD_SIZE = 32, DEFAULT_FILL = 0xA5 };

/* ---- arguments ---- */

struct argument {
    char kind;                       /* i s b l L n */
    uintptr_t word;                  /* what is passed */
    unsigned char *memory;           /* what was allocated, or NULL */
    size_t memory_size;
    unsigned char *bytes;            /* where the lent bytes begin in it */
    size_t size;
    unsigned char *kept;             /* s: the bytes as they were */
};

static void give_up(const char *what)
{
    fprintf(stderr, "driver: %s\n", what);
    exit(EXIT_FAILED);
}

static unsigned char *allocate(size_t size)
{
    unsigned char *memory = malloc(size ? size : 1);

    if (memory == NULL)
        give_up("out of memory");
    return memory;
}

/* Each guard byte differs from its neighbours, so that a run of any one byte shows. */
static unsigned char guard_byte(size_t position)
{
    return (unsigned char)(0x5A ^ (position * 7));
}

static void lend_guarded(struct argument *argument, size_t size)
{
    size_t i;

    argument->size = size;
    argument->memory_size = GUARD_SIZE + size + GUARD_SIZE;
    argument->memory = allocate(argument->memory_size);
    for (i = 0; i < argument->memory_size; i++)
        argument->memory[i] = guard_byte(i);
    argument->bytes = argument->memory + GUARD_SIZE;
    argument->word = (uintptr_t)argument->bytes;
}

static int guards_are_whole(const struct argument *argument)
{
    size_t i;

    for (i = 0; i < argument->memory_size; i++) {
        int outside = i < GUARD_SIZE || i >= GUARD_SIZE + argument->size;

        if (outside && argument->memory[i] != guard_byte(i))
            return 0;
    }
    return 1;
}

static int nibble(char digit)
{
    const char *digits = "0123456789abcdef0123456789ABCDEF";
    const char *found = digit ? strchr(digits, digit) : NULL;

    return found ? (int)((found - digits) % 16) : -1;
}

/* Hexadecimal text to bytes; 0 where it is not that. The text has room for them. */
static int parse_hex(const char *hex, unsigned char *bytes)
{
    for (; *hex; hex += 2, bytes++) {
        if (nibble(hex[0]) < 0 || nibble(hex[1]) < 0)
            return 0;
        *bytes = (unsigned char)(nibble(hex[0]) * 16 + nibble(hex[1]));
    }
    return 1;
}

static int parse_number(const char *text, uint32_t *number)
{
    char *end;
    long long value = strtoll(text, &end, 0);

    *number = (uint32_t)value;
    return *text != '\0' && *end == '\0' && value >= INT32_MIN && value <= UINT32_MAX;
}

static int make_scalar(struct argument *argument, const char *text)
{
    uint32_t number;

    if (!parse_number(text, &number))
        return 0;
    argument->word = number;
    return 1;
}

static int make_text(struct argument *argument, const char *hex)
{
    size_t page = page_size(), size = strlen(hex) / 2;

    argument->size = size;
    argument->memory_size = (size + page - 1) / page * page + page;
    argument->memory = fenced_pages(argument->memory_size);
    if (argument->memory == NULL)
        give_up("no fenced memory to be had");
    argument->bytes = argument->memory + argument->memory_size - page - size;
    argument->word = (uintptr_t)argument->bytes;
    argument->kept = allocate(size);
    if (strlen(hex) % 2 != 0 || !parse_hex(hex, argument->bytes))
        return 0;
    memcpy(argument->kept, argument->bytes, size);
    return 1;
}

static int make_buffer(struct argument *argument, char *text)
{
    static unsigned char pattern[LINE_ROOM / 2];
    char *hex = strchr(text, ':');
    size_t i, filled = hex ? strlen(hex + 1) / 2 : 0;
    uint32_t size;

    if (hex)
        *hex++ = '\0';
    if (!parse_number(text, &size) || size > LINE_ROOM || (hex && strlen(hex) % 2 != 0))
        return 0;
    pattern[0] = DEFAULT_FILL;
    if (filled > 0 && !parse_hex(hex, pattern))
        return 0;
    lend_guarded(argument, size);
    for (i = 0; i < size; i++)
        argument->bytes[i] = pattern[i % (filled ? filled : 1)];
    return 1;
}

static int make_variable(struct argument *argument, const char *text, size_t size)
{
    uint32_t number;
    int16_t narrow;

    if (!parse_number(text, &number))
        return 0;
    narrow = (int16_t)number;
    lend_guarded(argument, size);
    memcpy(argument->bytes, size == sizeof narrow ? (void *)&narrow : (void *)&number, size);
    return 1;
}

static int make_argument(struct argument *argument, char *text)
{
    memset(argument, 0, sizeof *argument);
    argument->kind = text[0];
    if (strcmp(text, "n") == 0)
        return 1;
    if (text[1] != ':')
        return 0;
    switch (text[0]) {
    case 'i': return make_scalar(argument, text + 2);
    case 's': return make_text(argument, text + 2);
    case 'b': return make_buffer(argument, text + 2);
    case 'l': return make_variable(argument, text + 2, sizeof(int16_t));
    case 'L': return make_variable(argument, text + 2, sizeof(int32_t));
    default: return 0;
    }
}

static void release_argument(struct argument *argument)
{
    if (argument->kind == 's' && argument->memory)
        release_pages(argument->memory, argument->memory_size);
    else
        free(argument->memory);
    free(argument->kept);
}

/* ---- answers ---- */

static void print_hex(const unsigned char *bytes, size_t size)
{
    while (size-- > 0)
        printf("%02X", *bytes++);
}

static void print_text(const struct argument *argument)
{
    int changed = memcmp(argument->bytes, argument->kept, argument->size) != 0;

    printf(" s:%s", changed ? "changed" : "ok");
}

static void print_buffer(const struct argument *argument)
{
    printf(" b:ok:");
    print_hex(argument->bytes, argument->size);
}

static void print_short(const struct argument *argument)
{
    int16_t value;

    memcpy(&value, argument->bytes, sizeof value);
    printf(" l:ok:%d", value);
}

static void print_long(const struct argument *argument)
{
    int32_t value;

    memcpy(&value, argument->bytes, sizeof value);
    printf(" L:%ld", (long)value);
}

static void print_argument(const struct argument *argument)
{
    if (argument->kind == 'i' || argument->kind == 'n')
        printf(" %c", argument->kind);
    else if (argument->kind == 's')
        print_text(argument);
    else if (!guards_are_whole(argument))
        printf(" %c:broken", argument->kind);
    else if (argument->kind == 'b')
        print_buffer(argument);
    else if (argument->kind == 'l')
        print_short(argument);
    else
        print_long(argument);
}

static void print_answer(struct outcome outcome, const struct argument *arguments, int count)
{
    int i;

    printf("%ld", (long)outcome.code);
    for (i = 0; i < count; i++)
        print_argument(&arguments[i]);
    if (outcome.stack != 0)
        printf(" !stack:%d", outcome.stack);
    putchar('\n');
}

/* ---- lines ---- */

/* Reads the rest of the line that answer_line began. */
static void call_and_answer(void *function)
{
    struct argument arguments[MOST_ARGUMENTS];
    uintptr_t passed[MOST_ARGUMENTS] = {0};
    const char *fault = NULL;
    int i, count = 0;
    char *word;

    while (fault == NULL && (word = strtok(NULL, " ")) != NULL) {
        if (count == MOST_ARGUMENTS)
            fault = "too many arguments";
        else if (!make_argument(&arguments[count++], word))
            fault = "an argument makes no sense";
    }
    for (i = 0; i < count; i++)
        passed[i] = arguments[i].word;
    if (fault)
        printf("!error %s\n", fault);
    else
        print_answer(call_function(function, passed, count), arguments, count);
    for (i = 0; i < count; i++)
        release_argument(&arguments[i]);
}

static void answer_line(void *library, char *line)
{
    char *name = strtok(line, " ");
    void *function = name && library ? find_function(library, name) : NULL;

    if (name == NULL)
        printf("!error an empty line\n");
    else if (library == NULL)
        printf("!error the library is not loaded\n");
    else if (function == NULL)
        printf("!missing\n");
    else
        call_and_answer(function);
}

static void *load_or_exit(const char *path)
{
    void *library = open_library(path);

    if (library == NULL) {
        fprintf(stderr, "driver: cannot load %s\n", path);
        exit(EXIT_NO_LIBRARY);
    }
    return library;
}

/* @load and @unload; the library as it is afterwards. */
static void *switch_library(void *library, const char *path, const char *order)
{
    if (strcmp(order, "@load") == 0 && library == NULL) {
        library = load_or_exit(path);
    } else if (strcmp(order, "@unload") == 0 && library != NULL) {
        close_library(library);
        library = NULL;
    } else {
        printf("!error %s does not apply\n", order);
        return library;
    }
    printf("ok\n");
    return library;
}

int main(int argc, char **argv)
{
    static char line[LINE_ROOM];
    void *library;

    if (argc != 2) {
        fprintf(stderr, "usage: driver LIBRARY\n");
        return EXIT_USAGE;
    }
    no_crash_window();
    library = load_or_exit(argv[1]);
    while (fgets(line, sizeof line, stdin) != NULL) {
        if (strchr(line, '\n') == NULL)
            give_up("a line is too long or not ended");
        line[strcspn(line, "\r\n")] = '\0';
        if (strcmp(line, "@quit") == 0)
            break;
        if (line[0] == '@')
            library = switch_library(library, argv[1], line);
        else
            answer_line(library, line);
        fflush(stdout);
    }
    if (library)
        close_library(library);
    return 0;
}
