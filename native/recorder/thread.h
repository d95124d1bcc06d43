/* The calls of one thread that are under way: more than one where the original lets the program call again before it answers. */
#ifndef RECORDER_THREAD_H
#define RECORDER_THREAD_H

#include <stdint.h>

#include "bytes.h"
#include "recorder.h"

#define RECORDER_MOST_NESTED 8u

/* stack: where the export keeps its record of the call. line: what is written of the call so far; its "function" and "in" stand between
 * given_begin and given_end, and are kept there until the call ends. began: when the original was entered, in ticks of the performance
 * counter; inside: it has not returned. noted: exceptions told of. question: for the bridge, NULL for none. */
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

struct recorder_thread {
    unsigned depth;
    bool noting; /* an exception is being noted: one within that is not */
    struct recorder_frame frames[RECORDER_MOST_NESTED];
};

/* The calling thread's, made if need be; NULL without memory. */
struct recorder_thread *recorder_thread(void);

/* The same, NULL where it has made no call yet. Takes no memory and no lock. */
struct recorder_thread *recorder_known_thread(void);

/* When the DLL is let go: those of all threads. */
void recorder_leave_threads(void);

#endif
