/* Live comparison: the reads that the program puts to the original
 * are put to the bridge as well, later, by a thread of their own. */
#ifndef RECORDER_COMPARE_H
#define RECORDER_COMPARE_H

#include "recorder.h"

/* A question to the bridge: copies of all that the program passed, and buffers of its own. */
struct recorder_question;

/* Copies a call. NULL where it is not to be put to the bridge:
 * another mode, a function that changes something, no memory. */
struct recorder_question *recorder_prepare(const struct recorder_function *function,
                                           const recorder_word *words, long number);

/* Leaves a question (or NULL) to the thread, which starts at the first one.
 * Never waits; what finds no room is counted and dropped. */
void recorder_ask(struct recorder_question *question);

/* Forgets a question (or NULL). */
void recorder_drop(struct recorder_question *question);

#endif
