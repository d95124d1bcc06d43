/* The calls of one thread that are under way: more than one where
 * the original lets the program call again before it answers. */
#ifndef RECORDER_THREAD_H
#define RECORDER_THREAD_H

#include <stdbool.h>

#include "underway.h"

#define RECORDER_MOST_NESTED 8u

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
