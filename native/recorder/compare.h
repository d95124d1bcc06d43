/* Live comparison: the reads that the program puts to the original
 * are put to the bridge as well, later, by a thread of their own. */
#ifndef RECORDER_COMPARE_H
#define RECORDER_COMPARE_H

#include "question.h"

/* Leaves a question (or NULL) to the thread, which starts at the first one.
 * Never waits; what finds no room is counted and dropped. */
void recorder_ask(struct recorder_question *question);

#endif
