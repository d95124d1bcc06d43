/* What outlives this DLL in its process: a program may load and let
 * it go for every single call, and its trace is one all the same. */
#ifndef RECORDER_PROCESS_STATE_H
#define RECORDER_PROCESS_STATE_H

#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#include <stdint.h>

/* - calls: numbers given so far.
 * - part: the file that is written to, 0 for none yet.
 * - lost: calls that could not be written and of which no note says so yet.
 * - broken: the file ends within a line.
 * - started: when the first call of the process began. */
struct recorder_state {
    volatile LONG calls;
    volatile LONG part;
    volatile LONG lost;
    volatile LONG broken;
    uint64_t started;
};

/* Never NULL. */
struct recorder_state *recorder_state(void);

/* When the DLL is let go. */
void recorder_leave_state(void);

/* The time now, in 100 nanoseconds since 1601, as exact as this Windows has it. */
uint64_t recorder_now(void);

#endif
