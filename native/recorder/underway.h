/* A call under way: it has come from the program and not gone back to it yet. */
#ifndef RECORDER_UNDERWAY_H
#define RECORDER_UNDERWAY_H

#include <stdint.h>

#include "bytes.h"
#include "recorder.h"

/* - stack: where the export keeps its record of the call.
 * - line: what is written of the call so far.
 *   Its "function" and "in", with the comma before them, stand between given_begin and given_end until the
 *   call ends.
 * - began: when the original was entered, in ticks of the performance counter; inside: it has not returned.
 * - noted: exceptions that were reported.
 * - question: for the bridge, NULL for none. */
struct recorder_frame {
    const void *stack;
    const struct recorder_function *function;
    struct cshis_bytes line;
    size_t given_begin, given_end;
    int64_t began;
    long number;
    bool volatile inside;
    unsigned noted;
    struct recorder_question *question;
};

/* Writes the note of an exception: the call's function and "in", and why (ASCII).
 * Asks for no memory of the C runtime. */
void recorder_note_exception(struct recorder_frame *frame, const char *why);

#endif
