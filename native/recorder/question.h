/* A question to the bridge: copies of all that the program passed, and buffers of its own. */
#ifndef RECORDER_QUESTION_H
#define RECORDER_QUESTION_H

#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#include "bytes.h"
#include "recorder.h"

/* memory holds what the words point to. */
struct recorder_question {
    struct recorder_question *next;
    const struct recorder_function *function;
    long number;
    ULONGLONG asked;
    struct cshis_bytes memory;
    size_t places[CSHIS_MOST_ARGUMENTS];
    union cshis_word words[CSHIS_MOST_ARGUMENTS];
};

/* Copies a call. NULL where it is not to be put to the bridge:
 * another mode, a function that changes something, no memory. */
struct recorder_question *recorder_prepare(const struct recorder_function *function,
                                           const recorder_word *words, long number);

/* Forgets a question (or NULL). */
void recorder_drop(struct recorder_question *question);

#endif
