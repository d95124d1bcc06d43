/* What the generated exports hand to the hand-written runtime:
 * - a constant description of the function,
 * - its arguments as words. */
#ifndef CSHIS_RUNTIME_H
#define CSHIS_RUNTIME_H

#include <stdbool.h>
#include <stdint.h>

#define CSHIS_MOST_ARGUMENTS 32

/* The kinds of arguments, numbered as in PROTOCOL.md. */
enum cshis_kind {
    CSHIS_TEXT = 1,
    CSHIS_BLOCK = 2,
    CSHIS_RECORD = 3,
    CSHIS_LENGTH = 4,
    CSHIS_COUNT = 5,
    CSHIS_SCALAR = 6,
    CSHIS_TEXT_OUT = 7,
    CSHIS_FILE = 8,
    CSHIS_TEXT_INOUT = 9
};

/* One argument.
 * - most: documented bytes of a string, bytes that may be written to a text_out.
 * - terminated: a NUL or blanks should follow a text of full width. Only the recorder looks there.
 * - length: index of a record's length variable, else -1.
 * - count: index of the argument with the number of rows of a block, else -1; row: bytes of one row.
 * - own_path: a text_out that gets the path of this library, or its file name where that is too long. */
struct cshis_slot {
    enum cshis_kind kind;
    uint32_t most;
    bool terminated;
    int length;
    bool own_path;
    int count;
    uint32_t row;
};

/* One export.
 * - signature: signature_hash() of the table.
 * - unreachable, bad_argument: legacy codes of this row, never 0. */
struct cshis_function {
    const char *name;
    uint32_t signature;
    int unreachable;
    int bad_argument;
    unsigned count;
    const struct cshis_slot *slots;
};

/* One argument as it came: a pointer, or a number by value of which the low 16 bits count; whole: a word of
 * which nothing but its place is known. */
union cshis_word {
    void *pointer;
    int value;
    uintptr_t whole;
};

/* Makes the call. Out: a legacy code.
 * - It writes to the caller's memory only after a whole, valid answer.
 * - Any thread may call. */
int cshis_call(const struct cshis_function *function, const union cshis_word *words);

/* The same. False: the bridge gave no whole answer, and the code is the row's unreachable one. */
bool cshis_try(const struct cshis_function *function, const union cshis_word *words, int *code);

#endif
